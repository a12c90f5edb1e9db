"""An apply from lease to report."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from cspctl.engine import planfile
from cspctl.engine.executor import DEFERRED, Execution
from cspctl.engine.fingerprint import of_absence, of_object
from cspctl.engine.journal import Journal
from cspctl.engine.narrowing import Narrowing
from cspctl.engine.planner import Planning, plan
from cspctl.engine.settlement import Settlement
from cspctl.errors import CancelledError, RefusedError, StalePlanError, first_exit_code
from cspctl.ledger.lease import Heartbeat
from cspctl.model.address import Address
from cspctl.model.change import Action, Change
from cspctl.model.live import LiveState
from cspctl.model.plan import Plan
from cspctl.model.ports import Intent, RunRecord
from cspctl.model.result import ChangeResult, ChangeStatus, RunReport, StepOutcome, StepStatus
from cspctl.workspace import observing
from cspctl.workspace.actor import actor
from cspctl.workspace.remotes import hands, step_types
from cspctl.workspace.run import Run


@dataclass(frozen=True, slots=True)
class ApplyRequest:
    """`saved` is a plan file; without it a fresh plan is made. `review` shows the plan and may refuse it."""

    saved: Path | None = None
    narrowing: Narrowing = field(default_factory=Narrowing)
    allow: frozenset[str] = frozenset()
    settle_seconds: float = 60.0
    approvals: tuple[str, ...] = ()
    review: Callable[[Plan], None] = lambda _plan: None
    stop: Callable[[], bool] = lambda: False


async def apply(run: Run, request: ApplyRequest) -> tuple[Plan, RunReport]:
    """Raises StalePlanError, RefusedError, LeaseHeldError; what goes wrong per change is in the report."""
    record = RunRecord(
        id=str(uuid.uuid4()), plan_id="", digest="", actor=actor(run.settings.environ), started_at=run.clock.now()
    )
    lease = run.ledger.lease(record.actor)
    with ExitStack() as stack:
        lease.acquire()
        stack.callback(lease.release)
        stack.enter_context(Heartbeat(lease))
        journal = Journal(run.ledger, record, request.approvals, run.clock.now)
        settlement = await settled(run, journal)
        planning, live = await _planned(run, request, settlement)
        made = planning.plan
        _refuse(run, request, made)
        request.review(made)
        _note_refreshed(run, planning)
        if request.saved is None:
            settlement = _without_lapsed(journal, made, request.narrowing, settlement)
        if made.empty:
            return made, RunReport(record.id, made.id, made.digest, (), 3 if made.gaps else 0)
        _refuse_guards(made, request.allow)
        earlier = run.ledger.intents(plan_id=made.id) if request.saved else ()
        await _still_true(run, made, live, earlier)
        journal.run = replace(record, plan_id=made.id, digest=made.digest)
        return made, await _execute(run, request, journal, lease, made, settlement, earlier)


async def settle_only(run: Run) -> None:
    """Under the lease: find out what became of unknown writes, and write it down."""
    who = actor(run.settings.environ)
    record = RunRecord(id=str(uuid.uuid4()), plan_id="", digest="", actor=who, started_at=run.clock.now())
    lease = run.ledger.lease(who)
    with ExitStack() as stack:
        lease.acquire()
        stack.callback(lease.release)
        stack.enter_context(Heartbeat(lease))
        await settled(run, Journal(run.ledger, record, (), run.clock.now))


async def settled(run: Run, journal: Journal) -> Settlement:
    """Whatever an earlier run left unknown is found out and written down before anything else."""
    settlement = await run.settlement()
    with run.ledger.transaction():
        for one in settlement.settled:
            if not one.late:
                journal.settle_earlier(one.intent, one.outcome)
        for binding in settlement.bindings:
            run.ledger.put_binding(binding)
            journal.note("binding", "recovered", realm=binding.realm, address=str(binding.address))
    for old in run.ledger.runs(limit=1000):
        if old.status == "running":
            run.ledger.finish_run(old.id, status="interrupted", exit_code=1, at=run.clock.now())
    return settlement


async def _planned(run: Run, request: ApplyRequest, settlement: Settlement) -> tuple[Planning, LiveState | None]:
    if request.saved is not None:
        return Planning(planfile.read_plan(request.saved, step_types()), ()), None
    live = await run.observed()
    situation = run.situation(
        live,
        settlement,
        narrowing=request.narrowing,
        allow=request.allow,
        now=run.clock.now(),
        refresh="full",
    )
    return plan(situation), live


def _refuse(run: Run, request: ApplyRequest, made: Plan) -> None:
    """A plan file that is used, over, or from elsewhere."""
    if request.saved is None:
        return
    if any(r.status == "done" for r in run.ledger.runs_of_plan(made.id)):
        raise StalePlanError(
            "this plan was already carried out", code="E-PLAN-USED", hint="plan again; an empty plan is good news"
        )
    planfile.check_fresh(made, now=run.clock.now(), realm=run.realm("global", ""))


def _refuse_guards(made: Plan, allow: frozenset[str]) -> None:
    """A saved plan may have been made before the guard was overridden."""
    refusing = [g for g in made.guards if g.refused and not g.allowed and g.name not in allow]
    if refusing:
        names = ", ".join(g.name for g in refusing)
        reasons = "; ".join(g.message for g in refusing)
        raise RefusedError(reasons, code="E-GUARD", hint=f"if it is meant, repeat with --allow {names}")


def _note_refreshed(run: Run, planning: Planning) -> None:
    with run.ledger.transaction():
        for binding in planning.refreshed:
            run.ledger.put_binding(binding)


def _without_lapsed(journal: Journal, made: Plan, narrowing: Narrowing, settlement: Settlement) -> Settlement:
    """A step that was owed, but that a whole plan does not ask for any more, is over: its time has passed."""
    if narrowing.active:
        return settlement
    kept = {c.address for c in made.changes if c.blocked or any(s.completes for s in c.steps)}
    lapsed = StepOutcome(StepStatus.SKIPPED, "not due any more: what is live or the manifest says otherwise")
    for address, owed in settlement.owed.items():
        for intent in owed if str(address) not in kept else ():
            journal.settle_earlier(intent, lapsed)
    return replace(settlement, owed={a: o for a, o in settlement.owed.items() if str(a) in kept})


async def _still_true(run: Run, made: Plan, live: LiveState | None, earlier: Sequence[Intent]) -> None:
    """Re-reads what the steps touch; own journaled writes are not staleness."""
    if live is None:
        live = await run.observed()
    own = {str(i.outputs["liveId"]) for i in earlier if i.outputs.get("liveId")}
    touched = {i.address for i in earlier}
    known = hands()
    for change in made.changes:
        if not change.fingerprint or change.address in touched or change.action is Action.BLOCKED:
            continue
        if _fingerprint(known[change.addr.kind].kind, change, live, own) != change.fingerprint:
            raise StalePlanError(
                f"{change.address} is no longer as it was when the plan was made",
                hint="plan again and review what is different",
            )


def _fingerprint(kind: object, change: Change, live: LiveState, own: set[str]) -> str:
    from cspctl.kinds.contract import RemoteKind

    remote: RemoteKind = kind  # type: ignore[assignment] # only remote kinds have hands
    if live.gap_for(change.scope):
        return "unreadable"
    if change.live_id:
        found = live.objects.get((remote.name, change.live_id))
        return of_object(remote, found) if found else "missing"
    wanted = change.after or {}
    twins = [
        o
        for o in live.in_scope(remote.name, change.scope)
        if all(o.attributes.get(k) == wanted.get(k) for k in ("product", "sku"))
    ]
    return of_absence(remote, twins, own=own)


async def _execute(
    run: Run,
    request: ApplyRequest,
    journal: Journal,
    lease: object,
    made: Plan,
    settlement: Settlement,
    earlier: Sequence[Intent],
) -> RunReport:
    record = journal.run
    run.ledger.begin_run(record)
    realm = run.realm("global", "")
    journal.note("run", "started", realm=realm, detail={"plan": made.id, "changes": len(made.changes)})
    execution = Execution(
        journal=journal,
        lease=lease,  # type: ignore[arg-type] # a LedgerLease satisfies the port
        clock=run.clock,
        hands=hands(),
        writers=run.connections.clients,
        bindings=dict(run.ledger.bindings()),
        progress=run.settings.progress,
        stop=request.stop,
        settle_seconds=request.settle_seconds,
        concurrency=run.place.file.concurrency,
        earlier=earlier,
        prepared=settlement.prepared,
        unsettled=_of_others(run, made, settlement),
        owed=settlement.owed,
    )
    touched = {c.scope for c in made.changes if c.steps}
    observing.expect_writes(run, touched)
    results = await execution.run(made.changes)
    results.sort(key=lambda r: (r.address, r.action))
    code = exit_code(results, cancelled=request.stop(), access_failed=execution.access_failed, gaps=bool(made.gaps))
    status = run_status(results, cancelled=request.stop())
    with run.ledger.transaction():
        run.ledger.finish_run(record.id, status=status, exit_code=code, at=run.clock.now())
        journal.note("run", status, realm=realm, detail={"exitCode": code})
    if not request.stop():
        await observing.read_outcome(run, touched)
    return RunReport(record.id, made.id, made.digest, tuple(results), code, request.stop())


def _of_others(run: Run, made: Plan, settlement: Settlement) -> dict[Address, str]:
    """Unsettled writes of other plans: a saved plan knows nothing of them. Its own ones it settles itself."""
    unknown = [i for i in run.ledger.intents(open_only=True) if i.status != "planned"]
    others = {Address.parse(i.address) for i in unknown if i.plan_id != made.id}
    return {address: reason for address, reason in settlement.unsettled.items() if address in others}


def run_status(results: Sequence[ChangeResult], *, cancelled: bool) -> str:
    """`done` when nothing is left that a repetition could do."""
    if all(_is_deferred(r) or r.status in (ChangeStatus.DONE, ChangeStatus.BLOCKED) for r in results):
        return "done"
    return "cancelled" if cancelled else "partial"


def exit_code(results: Sequence[ChangeResult], *, cancelled: bool, access_failed: bool, gaps: bool = False) -> int:
    codes = [0]
    due = [r for r in results if not _is_deferred(r)]
    if cancelled and any(r.status is ChangeStatus.NOT_TRIED for r in due):
        codes.append(CancelledError.exit_code)
    if access_failed:
        codes.append(6)
    if gaps or any(r.status is not ChangeStatus.DONE for r in due):
        codes.append(3)
    if len(due) < len(results):
        codes.append(8)
    return first_exit_code(*codes)


def _is_deferred(result: ChangeResult) -> bool:
    return result.status is ChangeStatus.NOT_TRIED and result.code == DEFERRED
