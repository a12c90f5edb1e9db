"""Carrying out a plan: journal the intent, perform, find out what happened, note it. At most one purchase an intent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cspctl.engine import bookkeeping
from cspctl.engine.canonical import canonical_json
from cspctl.engine.fingerprint import of_object
from cspctl.engine.journal import Journal, realm_of, unit_of
from cspctl.engine.settlement import IN_FLIGHT
from cspctl.errors import AccessError, ConflictError, CspctlError, LeaseHeldError, UnknownOutcomeError
from cspctl.kinds.contract import Actuator, Observer, RemoteKind
from cspctl.model.address import Address
from cspctl.model.binding import Binding
from cspctl.model.change import Action, Change, Step, When
from cspctl.model.ports import Clock, Intent, Lease, Progress
from cspctl.model.realm import Realm
from cspctl.model.result import ChangeResult, ChangeStatus, StepOutcome, StepStatus

log = logging.getLogger("cspctl.engine.executor")

SETTLE_PAUSE = 5.0
PENDING_PAUSE = 30.0
# A step that is found not done is repeated at most this often; then it is parked.
REPEATS = 2
# The code of a row that nobody could carry out yet.
DEFERRED = "I-DEFERRED"


@dataclass(frozen=True, slots=True)
class Hands:
    """One kind's remote half."""

    kind: RemoteKind
    observer: Observer
    actuator: Actuator


@dataclass(slots=True)
class Execution:
    """`readers` and `writers` are by account. `earlier`: intents of this very plan from an unfinished run.

    `prepared`: finished steps of an interrupted purchase that must be built on. `unsettled`: addresses with a write
    of another plan of which nobody knows yet what became of it. `owed`: planned steps of earlier runs that a step
    which completes its unit settles. `stop` turns true on a signal.
    """

    journal: Journal
    lease: Lease
    clock: Clock
    hands: Mapping[str, Hands]
    writers: Mapping[str, Any]
    bindings: dict[Address, Binding]
    progress: Progress
    stop: Callable[[], bool]
    settle_seconds: float = 60.0
    concurrency: int = 8
    earlier: Sequence[Intent] = ()
    prepared: Mapping[Address, tuple[Intent, ...]] = field(default_factory=dict)
    unsettled: Mapping[Address, str] = field(default_factory=dict)
    owed: Mapping[Address, tuple[Intent, ...]] = field(default_factory=dict)
    results: list[ChangeResult] = field(default_factory=list)
    access_failed: bool = False
    _planned: dict[Address, list[Intent]] = field(default_factory=dict)

    async def run(self, changes: Sequence[Change]) -> list[ChangeResult]:
        """Every change gets exactly one result. Tenants run in parallel, a tenant's changes in order."""
        tenants: dict[str, list[Change]] = {}
        for change in changes:
            tenants.setdefault(change.scope, []).append(change)
        gate = asyncio.Semaphore(self.concurrency)
        self.progress.start("applying", len(changes))
        try:
            for change in tenants.pop("", []):
                self._finish(await self._one(change, _Tenant()))
            await asyncio.gather(*(self._tenant(gate, rows) for rows in tenants.values()))
        finally:
            self.progress.finish()
        return self.results

    async def _tenant(self, gate: asyncio.Semaphore, changes: Sequence[Change]) -> None:
        async with gate:
            tenant = _Tenant()
            for change in changes:
                self._finish(await self._one(change, tenant))

    def _finish(self, result: ChangeResult) -> None:
        self.results.append(result)
        self.progress.advance()

    async def _one(self, change: Change, tenant: _Tenant) -> ChangeResult:
        refusal = self._refusal(change, tenant)
        if refusal is not None:
            waits = change.action is Action.BLOCKED or change.timing.when is When.DEFERRED
            (tenant.waiting if waits else tenant.failed).add(change.address)
            return refusal
        try:
            self.lease.check()
            result = await self._carry_out(change)
        except LeaseHeldError as error:
            tenant.parked = error.message
            result = _result(change, ChangeStatus.NOT_TRIED, error.message, error.code)
        except Exception as error:  # one tenant's surprise must not stop the others; it is reported and logged
            log.exception("apply.change.failed", extra={"event": "apply.change.failed", "address": change.address})
            code = error.code if isinstance(error, CspctlError) else "E-UNEXPECTED"
            self.access_failed |= isinstance(error, AccessError)
            result = _result(change, ChangeStatus.FAILED, str(error) or type(error).__name__, code)
        if result.status is not ChangeStatus.DONE:
            tenant.failed.add(change.address)
        if result.status is ChangeStatus.UNKNOWN:
            tenant.parked = f"an earlier write in this tenant is unsettled: {result.message}"
        return result

    def _refusal(self, change: Change, tenant: _Tenant) -> ChangeResult | None:
        if change.action is Action.BLOCKED:
            return _result(change, ChangeStatus.BLOCKED, change.reason, change.timing.rule)
        if change.timing.when is When.DEFERRED:
            return _result(change, ChangeStatus.NOT_TRIED, f"deferred until {change.timing.on}", DEFERRED)
        if self.stop():
            return _result(change, ChangeStatus.NOT_TRIED, "stopped before it was started", "E-CANCELLED")
        if tenant.parked:
            return _result(change, ChangeStatus.NOT_TRIED, tenant.parked, "E-PARKED")
        if change.addr in self.unsettled:
            return _result(change, ChangeStatus.NOT_TRIED, self.unsettled[change.addr], "E-UNSETTLED")
        missing = [a for a in (change.address, *change.requires) if a in tenant.failed]
        missing += [a for a in change.requires if a in tenant.waiting and not self._exists(a)]
        if missing:
            return _result(change, ChangeStatus.NOT_TRIED, f"{missing[0]} did not succeed", "E-REQUIRES")
        return None

    def _exists(self, address: str) -> bool:
        binding = self.bindings.get(Address.parse(address))
        return binding is not None and binding.state == "bound"

    async def _carry_out(self, change: Change) -> ChangeResult:
        if not change.steps:
            return self._note_only(change)
        late = self._in_flight(change)
        if late is not None:
            message = f"an earlier purchase for this address ('{late.step.get('summary')}') may still be under way"
            return _result(change, ChangeStatus.NOT_TRIED, message, "E-IN-FLIGHT")
        inputs: dict[str, Any] = {"bindings": {str(a): b.live_id for a, b in self.bindings.items()}}
        if change.live_id:
            inputs["liveId"] = change.live_id
        planned = self._announce(change)
        for ordinal, step in enumerate(change.steps):
            outcome = await self._step(change, ordinal, step, inputs)
            inputs |= dict(outcome.outputs)
            if outcome.status is not StepStatus.DONE:
                unknown = outcome.status is StepStatus.UNKNOWN
                if not unknown:
                    self._give_up(planned, ordinal)
                status = ChangeStatus.UNKNOWN if unknown else ChangeStatus.FAILED
                return _result(change, status, outcome.message, outcome.code, inputs.get("liveId"))
        binding = bookkeeping.after_change(change, self._binding(change), str(inputs["liveId"]), self.journal)
        with self.journal.ledger.transaction():
            self._leave_old_name(change)
            self._remember(change, binding, "change", f"{change.action.value} done")
        return _result(change, ChangeStatus.DONE, "", None, binding.live_id)

    def _announce(self, change: Change) -> list[Intent]:
        """Steps that complete a unit are durable before the step that makes them necessary is sent."""
        late = [(n, s) for n, s in enumerate(change.steps) if n and s.completes]
        found = [self.journal.intend(change, n, s, status="planned") for n, s in late]
        self._planned[change.addr] = [*self._planned.get(change.addr, ()), *found]
        return found

    def _give_up(self, planned: Sequence[Intent], failed: int) -> None:
        """What follows a step that failed is not due; the failed step itself still is if it completes its unit."""
        moot = StepOutcome(StepStatus.SKIPPED, "the step before it did not happen")
        for intent in planned:
            if intent.ordinal > failed:
                self.journal.ledger.settle_intent(intent.id, moot, at=self.clock.now())

    def _binding(self, change: Change) -> Binding | None:
        return self.bindings.get(change.addr)

    def _note_only(self, change: Change) -> ChangeResult:
        """Adopt, move, release and local: the ledger alone changes."""
        binding = bookkeeping.without_steps(change, self.bindings, self.journal)
        with self.journal.ledger.transaction():
            self._leave_old_name(change)
            self._remember(change, binding, change.action.value, change.reason)
        return _result(change, ChangeStatus.DONE, change.reason, None, binding.live_id)

    def _leave_old_name(self, change: Change) -> None:
        """After a rename the binding is kept under the new name alone."""
        moved = (change.binding or {}).get("movedFrom")
        if moved:
            self.bindings.pop(Address.parse(moved), None)
            self.journal.ledger.delete_binding(Address.parse(moved))

    def _remember(self, change: Change, binding: Binding, event: str, message: str) -> None:
        self.journal.bind(change, binding, event=event, outcome="done", message=message)
        self.bindings[binding.address] = binding

    # --- one step ---------------------------------------------------------------------------------------------

    async def _step(self, change: Change, ordinal: int, step: Step, inputs: Mapping[str, Any]) -> StepOutcome:
        prior = self._prior(change, ordinal, step)
        if prior is not None and prior.status == "done":
            self.journal.carry(change, ordinal, step, prior)
            return StepOutcome(StepStatus.DONE, "done by an earlier run", outputs=prior.outputs)
        if prior is not None and prior.status in ("intent", "unknown"):
            outcome = await self._wait_and_settle(change, prior, step, {**inputs, **prior.outputs})
            if outcome.status is not StepStatus.SKIPPED:
                self._settle(change, prior, step, outcome)
                return outcome
            return await self._perform(change, prior, step, inputs)
        return await self._perform(change, self.journal.intend(change, ordinal, step), step, inputs)

    def _prior(self, change: Change, ordinal: int, step: Step) -> Intent | None:
        """The newest intent for this step, from an unfinished run of this plan or an interrupted purchase."""
        unit = unit_of(change, step)
        data = canonical_json(step.model_dump(mode="json", by_alias=True))
        earlier = [i for i in self.earlier if i.status != "planned"]
        same = [i for i in earlier if (i.address, i.unit, i.ordinal) == (change.address, unit, ordinal)]
        ready = [
            i for i in self.prepared.get(change.addr, ()) if i.ordinal == ordinal and canonical_json(i.step) == data
        ]
        found = same or ready
        return found[-1] if found else None

    def _in_flight(self, change: Change) -> Intent | None:
        """A just interrupted purchase that this change would not build on, because the manifest differs now."""
        if not any(s.establishes for s in change.steps):
            return None
        planned = {canonical_json(s.model_dump(mode="json", by_alias=True)) for s in change.steps}
        for intent in self.prepared.get(change.addr, ()):
            young = self.clock.now() - (intent.created_at or self.clock.now()) < IN_FLIGHT
            if young and canonical_json(intent.step) not in planned:
                return intent
        return None

    async def _perform(self, change: Change, intent: Intent, step: Step, inputs: Mapping[str, Any]) -> StepOutcome:
        outcome = StepOutcome(StepStatus.UNKNOWN, "not sent")
        for _ in range(REPEATS):
            outcome = await self._send(change, intent, step, inputs)
            if outcome.status is not StepStatus.UNKNOWN:
                break
            self.journal.ledger.settle_intent(intent.id, outcome, at=self.clock.now())
            outcome = await self._wait_and_settle(change, intent, step, {**inputs, **outcome.outputs})
            if outcome.status is not StepStatus.SKIPPED:
                break
        if outcome.status is StepStatus.SKIPPED:
            outcome = StepOutcome(StepStatus.UNKNOWN, outcome.message, code="E-UNKNOWN-OUTCOME")
        self._settle(change, intent, step, outcome)
        return outcome

    async def _send(self, change: Change, intent: Intent, step: Step, inputs: Mapping[str, Any]) -> StepOutcome:
        hands, writer = self._hands(change)
        waited, conflicts = 0.0, 0
        while True:
            try:
                return await hands.actuator.perform(writer, step, inputs, self.journal.context(intent))
            except UnknownOutcomeError as error:
                return StepOutcome(StepStatus.UNKNOWN, error.message, code=error.code)
            except ConflictError as error:
                if error.code == "E-STALE-ETAG" and conflicts == 0 and await self._unchanged(change):
                    conflicts += 1
                    continue
                if error.code == "E-STALE-ETAG" or waited >= self.settle_seconds:
                    return StepOutcome(StepStatus.FAILED, error.message, code=error.code)
                await self.clock.sleep(PENDING_PAUSE)
                waited += PENDING_PAUSE
            except AccessError as error:
                self.access_failed = True
                return StepOutcome(StepStatus.FAILED, error.message, code=error.code)
            except CspctlError as error:
                return StepOutcome(StepStatus.FAILED, error.message, code=error.code)

    async def _unchanged(self, change: Change) -> bool:
        """After a stale ETag: whether what the change was planned on still stands."""
        hands, writer = self._hands(change)
        if not change.live_id:
            return True
        live = await hands.observer.observe_one(writer, change.scope, change.live_id, now=self.clock.now())
        return live is not None and of_object(hands.kind, live) == change.fingerprint

    async def _wait_and_settle(
        self, change: Change, intent: Intent, step: Step, inputs: Mapping[str, Any]
    ) -> StepOutcome:
        """Reads until the outcome is known or the budget is used up."""
        waited = 0.0
        while True:
            outcome = await self._settled(change, intent, step, inputs)
            if outcome.status is not StepStatus.UNKNOWN or waited >= self.settle_seconds:
                return outcome
            await self.clock.sleep(SETTLE_PAUSE)
            waited += SETTLE_PAUSE

    async def _settled(self, change: Change, intent: Intent, step: Step, inputs: Mapping[str, Any]) -> StepOutcome:
        hands, writer = self._hands(change)
        started = intent.created_at or self.clock.now()
        try:
            return await hands.actuator.settle(writer, step, inputs, started_at=started, now=self.clock.now())
        except CspctlError as error:
            return StepOutcome(StepStatus.UNKNOWN, error.message, code=error.code)

    def _settle(self, change: Change, intent: Intent, step: Step, outcome: StepOutcome) -> None:
        """A purchase is bound in the same transaction that says it happened."""
        binding = None
        live_id = outcome.outputs.get("liveId")
        if outcome.status is StepStatus.DONE and step.establishes and live_id:
            binding = bookkeeping.bought(change, step, str(live_id), self.journal)
            self.bindings[change.addr] = binding
        over: tuple[Intent, ...] = ()
        if outcome.status is StepStatus.DONE and step.completes:
            over = (*self.owed.get(change.addr, ()), *self._planned.pop(change.addr, ()))
        self.journal.settle(change, intent, outcome, binding, over)

    def _hands(self, change: Change) -> tuple[Hands, Any]:
        return self.hands[change.addr.kind], self.writers[Realm.parse(realm_of(change)).account]


@dataclass(slots=True)
class _Tenant:
    """What happened so far in one tenant. `waiting`: addresses with a row that is blocked or not due yet, which
    says nothing about their other rows."""

    failed: set[str] = field(default_factory=set)
    waiting: set[str] = field(default_factory=set)
    parked: str = ""


def _result(
    change: Change, status: ChangeStatus, message: str, code: str | None = None, live_id: Any = None
) -> ChangeResult:
    shown = str(live_id) if live_id else change.live_id
    return ChangeResult(change.address, change.action.value, status, message, code, shown)
