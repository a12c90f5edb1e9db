"""From a situation to a plan. Pure: no clock, no files, no network, no ledger."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from cspctl.engine import guards
from cspctl.engine.canonical import digest
from cspctl.engine.draft import Draft
from cspctl.engine.local_changes import add_local
from cspctl.engine.ordering import in_order
from cspctl.engine.remote_changes import add_remote
from cspctl.engine.renames import block_renames
from cspctl.engine.situation import Situation
from cspctl.model.address import Address
from cspctl.model.binding import Binding
from cspctl.model.change import Change, Finding
from cspctl.model.plan import GapRow, GuardResult, Plan

PLAN_LIFE = timedelta(hours=24)
REMARKS_SHOWN = 20
NOT_COMPUTED = Finding(
    code="I-NOT-COMPUTED",
    severity="info",
    message="not-computed: money and regret are not computed by this version",
)


@dataclass(frozen=True, slots=True)
class Planning:
    """The plan, and bindings whose memory or converged values should be noted at the next apply."""

    plan: Plan
    refreshed: tuple[Binding, ...]


def plan(situation: Situation) -> Planning:
    draft = Draft(situation)
    for kind in situation.kinds:
        if kind.remote is None:
            add_local(draft, kind)
        else:
            add_remote(draft, kind)  # type: ignore[arg-type] # a kind with a remote half implements RemoteKind
    changes = [c for c in draft.changes if situation.narrowing.shows(c.addr, situation.resource(c.addr))]
    changes = list(in_order(block_renames(changes, situation)))
    results = guards.evaluate(changes, _fleet(draft, changes), situation.limits, situation.allow)
    return Planning(_assemble(draft, changes, results), tuple(draft.refreshed))


def _fleet(draft: Draft, changes: Sequence[Change]) -> guards.Fleet:
    situation = draft.situation
    remote = [b for a, b in situation.bindings.items() if _is_remote(situation, a)]
    shown = {c.address for c in changes}
    return guards.Fleet(
        bound=sum(1 for b in remote if b.state == "bound"),
        desired=draft.desired_remote,
        living_unbound=draft.living_unbound,
        ledger_empty=not remote,
        seats={a: n for a, n in draft.seats.items() if a in shown},
    )


def _is_remote(situation: Situation, address: Address) -> bool:
    return any(k.name == address.kind and k.remote is not None for k in situation.kinds)


def _assemble(draft: Draft, changes: Sequence[Change], results: tuple[GuardResult, ...]) -> Plan:
    situation = draft.situation
    made = Plan(
        id=str(uuid.uuid4()),
        created_at=situation.now,
        expires_at=min([situation.now + PLAN_LIFE, *draft.valid_until]),
        as_of=situation.now,
        desired_digest=situation.desired_digest,
        policy_digest=digest({"guards": vars_of(situation.limits)}),
        project=situation.project,
        realm=situation.realm_of("global", ""),
        scope=situation.narrowing.describe(),
        changes=tuple(changes),
        gaps=_gaps(situation, changes),
        findings=(*situation.notes, *_few(draft.remarks), *((NOT_COMPUTED,) if any(c.steps for c in changes) else ())),
        guards=results,
        unmanaged=tuple(sorted(draft.unmanaged, key=lambda u: (u.scope_label, u.live_id))),
        refresh=situation.refresh,
    )
    return made.model_copy(update={"digest": plan_digest(made), "summary": {"actions": made.counts()}})


def _few(remarks: Sequence[Finding]) -> Iterator[Finding]:
    """Of each code the first ones: what is true of a whole fleet must not hide everything else."""
    counts = Counter(r.code for r in remarks)
    seen: Counter[str] = Counter()
    for remark in remarks:
        seen[remark.code] += 1
        if seen[remark.code] <= REMARKS_SHOWN:
            yield remark
        elif seen[remark.code] == REMARKS_SHOWN + 1:
            more = f"and {counts[remark.code] - REMARKS_SHOWN} more like this"
            yield Finding(code=remark.code, severity=remark.severity, message=more)


def _gaps(situation: Situation, changes: Sequence[Change]) -> tuple[GapRow, ...]:
    """Tenants that could not be read, and bound objects that their tenant does not list."""
    rows = [(g.scope, g.reason, g.affects) for g in situation.live.gaps]
    rows += [(c.scope, c.reason, (c.address,)) for c in changes if c.timing.rule == "E-MISSING"]
    return tuple(
        GapRow(scope=scope, scope_label=situation.labels.get(scope, ""), reason=reason, affects=affects)
        for scope, reason, affects in rows
    )


def vars_of(limits: guards.GuardLimits) -> dict[str, int]:
    return {"changes": limits.changes, "percent": limits.percent, "seats": limits.seats}


def plan_digest(made: Plan) -> str:
    """The hash of the canonical changes (ids and instants of the plan itself left out) and the policy digest."""
    changes = [c.model_dump(mode="json", by_alias=True) for c in made.changes]
    return digest({"changes": changes, "policy": made.policy_digest, "realm": made.realm})
