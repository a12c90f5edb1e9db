"""From a situation to a plan. Pure: no clock, no files, no network, no ledger."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from cspctl.engine import guards
from cspctl.engine.canonical import canonical_json, digest, plain
from cspctl.engine.diff import attribute_changes
from cspctl.engine.fingerprint import of_absence, of_object
from cspctl.engine.identity import Claims, Identity, binding_of, claims, identify
from cspctl.engine.ordering import in_order
from cspctl.engine.situation import Situation
from cspctl.kinds.contract import Desired, Kind, Proposal, RemoteKind
from cspctl.model.address import Address
from cspctl.model.binding import Binding
from cspctl.model.change import Action, AttributeChange, Cause, Change, Finding, Timing, When
from cspctl.model.live import LiveObject
from cspctl.model.plan import GapRow, Plan, Unmanaged
from cspctl.model.resource import Resource

PLAN_LIFE = timedelta(hours=24)
PHASE_LOCAL, PHASE_BINDING = 0, 5
PROTECTED_ACTIONS = frozenset({Action.SUSPEND, Action.CANCEL})
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


class _Draft:
    """Collects changes while the kinds are walked."""

    def __init__(self, situation: Situation) -> None:
        self.situation = situation
        self.changes: list[Change] = []
        self.refreshed: list[Binding] = []
        self.unmanaged: list[Unmanaged] = []
        self.seats: dict[str, int] = {}
        self.desired_remote = 0
        self.living_unbound = 0
        self.valid_until: list[datetime] = []


def plan(situation: Situation) -> Planning:
    draft = _Draft(situation)
    for kind in situation.kinds:
        if kind.remote is None:
            _local(draft, kind)
        else:
            _remote(draft, kind)  # type: ignore[arg-type] # a kind with a remote half implements RemoteKind
    changes = [c for c in draft.changes if situation.narrowing.shows(c.addr, situation.resource(c.addr))]
    changes = list(in_order(_looks_renamed(changes, situation)))
    shown = {c.address for c in changes}
    fleet = guards.Fleet(
        bound=sum(1 for a, b in situation.bindings.items() if b.state == "bound" and _is_remote(situation, a)),
        desired=draft.desired_remote,
        living_unbound=draft.living_unbound,
        ledger_empty=not any(_is_remote(situation, a) for a in situation.bindings),
        seats={a: n for a, n in draft.seats.items() if a in shown},
    )
    results = guards.evaluate(changes, fleet, situation.limits, situation.allow)
    return Planning(_assemble(draft, changes, results), tuple(draft.refreshed))


def _is_remote(situation: Situation, address: Address) -> bool:
    return any(k.name == address.kind and k.remote is not None for k in situation.kinds)


def _assemble(draft: _Draft, changes: list[Change], results: Any) -> Plan:
    situation = draft.situation
    expires = min([situation.now + PLAN_LIFE, *draft.valid_until])
    made = Plan(
        id=str(uuid.uuid4()),
        created_at=situation.now,
        expires_at=expires,
        as_of=situation.now,
        desired_digest=situation.desired_digest,
        policy_digest=digest({"guards": vars_of(situation.limits)}),
        project=situation.project,
        realm=situation.realm_of("global", ""),
        scope=situation.narrowing.describe(),
        changes=tuple(changes),
        gaps=tuple(GapRow(scope=g.scope, reason=g.reason, affects=g.affects) for g in situation.live.gaps),
        findings=(NOT_COMPUTED,) if any(c.steps for c in changes) else (),
        guards=results,
        unmanaged=tuple(sorted(draft.unmanaged, key=lambda u: (u.scope_label, u.live_id))),
        refresh=situation.refresh,
    )
    return made.model_copy(update={"digest": plan_digest(made), "summary": {"actions": made.counts()}})


def vars_of(limits: guards.GuardLimits) -> dict[str, int]:
    return {"changes": limits.changes, "percent": limits.percent, "seats": limits.seats}


def plan_digest(made: Plan) -> str:
    """The hash of the canonical changes (ids and instants of the plan itself left out) and the policy digest."""
    changes = [c.model_dump(mode="json", by_alias=True) for c in made.changes]
    return digest({"changes": changes, "policy": made.policy_digest, "realm": made.realm})


# --- local kinds -------------------------------------------------------------------------------------------------


def _local(draft: _Draft, kind: Kind) -> None:
    situation = draft.situation
    for resource in situation.view.resources.of_kind(kind.name).values():
        binding, moved_from = binding_of(situation, resource.address)
        applied = binding.applied if binding and binding.state == "bound" else None
        wanted = plain(resource.spec)
        if applied is not None and moved_from is None and canonical_json(applied) == canonical_json(wanted):
            continue
        draft.changes.append(_local_change(situation, resource, wanted, applied, moved_from))
    _releases(draft, kind.name, lambda binding: "only the ledger knew it; nothing is sent")


def _local_change(
    situation: Situation,
    resource: Resource,
    wanted: dict[str, Any],
    applied: Mapping[str, Any] | None,
    moved_from: Address | None,
) -> Change:
    reason = "first noted" if applied is None else "edited"
    return Change(
        address=str(resource.address),
        action=Action.LOCAL,
        timing=Timing(when=When.NOW),
        cause=Cause.manifest(situation.pos(resource.address)),
        attributes=attribute_changes(applied, wanted) if applied is not None else (),
        before=applied,
        after=wanted,
        reason=f"renamed from {moved_from}" if moved_from else reason,
        phase=PHASE_LOCAL,
        live_id=f"local:{resource.name}",
        binding=_binding(situation, "", "", {}, moved_from),
    )


def _binding(
    situation: Situation, cloud: str, account: str, memory: Mapping[str, Any], moved_from: Address | None
) -> dict[str, Any]:
    """What apply needs to write the binding without the manifests at hand."""
    data: dict[str, Any] = {"realm": situation.realm_of(cloud or "global", account), "memory": plain(memory)}
    if moved_from is not None:
        data["movedFrom"] = str(moved_from)
    return data


def _releases(draft: _Draft, kind_name: str, note: Any) -> None:
    """Removing a manifest never ends anything; it counts only when the whole root was read and nothing narrows."""
    situation = draft.situation
    if not situation.complete or situation.narrowing.active:
        return
    moved = {
        str(Address(r.kind, name))
        for r in situation.view.resources.of_kind(kind_name).values()
        for name in r.previous_names
    }
    for address, binding in sorted(situation.bindings.items()):
        gone = address.kind == kind_name and binding.state == "bound" and situation.resource(address) is None
        if gone and str(address) not in moved:
            draft.changes.append(_release(situation, address, binding, note(binding)))


def _release(situation: Situation, address: Address, binding: Binding, note: str) -> Change:
    protected = bool(binding.memory.get("protect"))
    finding = Finding(
        code="E-PROTECTED",
        severity="error",
        message="it is protected; a plan never releases it",
        hint="bring the manifest back with lifecycle.protect: false, apply, then remove it",
    )
    return Change(
        address=str(address),
        action=Action.BLOCKED if protected else Action.RELEASE,
        timing=Timing(when=When.BLOCKED, rule="E-PROTECTED") if protected else Timing(when=When.NOW),
        cause=Cause(type="manifest"),
        before=plain(binding.applied),
        findings=(finding,) if protected else (),
        reason=f"no manifest declares it any more: {note}",
        live_id=binding.live_id,
        scope=binding.scope,
        scope_label=situation.labels.get(binding.scope, ""),
        phase=PHASE_BINDING,
        binding={"realm": binding.realm, "memory": plain(binding.memory)},
    )


# --- remote kinds ------------------------------------------------------------------------------------------------


def _remote(draft: _Draft, kind: RemoteKind) -> None:
    situation = draft.situation
    resources = situation.view.resources.of_kind(kind.name)
    desired = {r.address: kind.desire(r, situation.view) for r in resources.values()}
    draft.desired_remote += len(desired)
    taken = claims(situation, kind, desired)
    adopted: set[str] = set()
    for address, want in desired.items():
        adopted |= _one(draft, kind, address, want, taken)
    _releases(draft, kind.name, lambda b: kind.release_note(b, situation.live.objects.get((kind.name, b.live_id))))
    _unowned(draft, kind, taken, adopted)


def _one(draft: _Draft, kind: RemoteKind, address: Address, want: Desired, taken: Claims) -> set[str]:
    """Plans one manifest; returns the live id it adopts, if any."""
    situation = draft.situation
    stop = _unknown(situation, address, want)
    if stop is not None:
        draft.changes.append(_blocked(situation, want, stop))
        return set()
    identity = identify(situation, kind, want, taken)
    if identity.problem is not None:
        draft.changes.append(_blocked(situation, want, identity.problem))
    elif identity.buy:
        _buy(draft, kind, want, identity, taken)
    elif identity.live is not None:
        _converge(draft, kind, want, identity, identity.live)
        return set() if identity.binding else {identity.live.live_id}
    return set()


def _unknown(situation: Situation, address: Address, want: Desired) -> Finding | None:
    """What keeps this from being planned: an unsettled write or a gap."""
    if address in situation.unsettled:
        return Finding(
            code="E-UNSETTLED",
            severity="error",
            message=situation.unsettled[address],
            hint="`cspctl apply` settles it by reading before it does anything else",
        )
    gap = situation.live.gap_for(want.scope)
    if gap is None:
        return None
    message = f"tenant {want.scope_label} could not be read: {gap.reason}"
    return Finding(code="E-GAP", severity="error", message=message, hint="unknown is not absent: nothing is planned")


def _blocked(situation: Situation, want: Desired, finding: Finding) -> Change:
    return _change(
        situation,
        want,
        Proposal(
            action=Action.BLOCKED,
            timing=Timing(when=When.BLOCKED, rule=finding.code),
            findings=(finding,),
            reason=finding.message,
        ),
        live=None,
        fingerprint="",
    )


def _buy(draft: _Draft, kind: RemoteKind, want: Desired, identity: Identity, taken: Claims) -> None:
    situation = draft.situation
    proposal = kind.propose_create(want, now=situation.now)
    if proposal is None:
        return
    twins = [o for o in situation.live.in_scope(kind.name, want.scope) if kind.twin_key(o) == want.twin_key]
    if proposal.action is not Action.BLOCKED:
        draft.seats[str(want.resource.address)] = kind.seats(want, None)
    _note_validity(draft, proposal)
    draft.changes.append(
        _change(
            situation,
            want,
            proposal,
            live=None,
            fingerprint=of_absence(kind, twins),
            moved_from=identity.moved_from,
        )
    )


def _note_validity(draft: _Draft, proposal: Proposal) -> None:
    if proposal.valid_until is not None:
        draft.valid_until.append(proposal.valid_until)


def _converge(draft: _Draft, kind: RemoteKind, want: Desired, identity: Identity, live: LiveObject) -> None:
    situation, binding = draft.situation, identity.binding
    address = want.resource.address
    fingerprint = of_object(kind, live)
    if binding is None or binding.state != "bound" or identity.moved_from:
        draft.changes.append(_taking(situation, want, live, identity, fingerprint))
    proposals = kind.propose_update(want, live, binding, now=situation.now)
    guarded = _protected(want, binding)
    for proposal in proposals:
        if guarded and proposal.action in PROTECTED_ACTIONS:
            draft.changes.append(_blocked(situation, want, guarded))
            continue
        _note_validity(draft, proposal)
        draft.changes.append(_change(situation, want, proposal, live=live, fingerprint=fingerprint, binding=binding))
        if proposal.action is not Action.BLOCKED and any(a.path == "quantity" for a in proposal.attributes):
            draft.seats[str(address)] = kind.seats(want, live)
    if binding is not None and binding.state == "bound" and not identity.moved_from:
        _memory(draft, want, binding, live, bool(proposals))


def _protected(want: Desired, binding: Binding | None) -> Finding | None:
    """Protection in the manifest or remembered in the binding; taking it off is an apply of its own."""
    if not (want.memory.get("protect") or (binding and binding.memory.get("protect"))):
        return None
    return Finding(
        code="E-PROTECTED",
        severity="error",
        message="it is protected: a plan never suspends or cancels it",
        hint="set lifecycle.protect: false and apply that by itself first",
    )


def _taking(situation: Situation, want: Desired, live: LiveObject, identity: Identity, fingerprint: str) -> Change:
    moved = identity.moved_from
    if moved:
        action, reason = Action.MOVE, f"renamed from {moved}; the binding follows"
    elif identity.binding is not None:
        action, reason = Action.ADOPT, "its manifest is back: the released binding is taken up again"
    else:
        how = "named by subscriptionId" if want.adopt_id else "the only live subscription that matches"
        action, reason = Action.ADOPT, f"{how}; nothing is sent"
    proposal = Proposal(action=action, timing=Timing(when=When.NOW), reason=reason, phase=PHASE_BINDING)
    change = _change(situation, want, proposal, live=live, fingerprint=fingerprint, moved_from=moved)
    seen = {k: live.attributes.get(k) for k in want.attributes}
    return change.model_copy(update={"binding": {**(change.binding or {}), "applied": plain(seen)}})


def _memory(draft: _Draft, want: Desired, binding: Binding, live: LiveObject, differs: bool) -> None:
    """Protection changes are rows of their own; everything else a binding remembers is noted silently."""
    situation = draft.situation
    was, now = bool(binding.memory.get("protect")), bool(want.memory.get("protect"))
    if was != now:
        change = AttributeChange(path="lifecycle.protect", before=was, after=now)
        proposal = Proposal(
            action=Action.LOCAL,
            timing=Timing(when=When.NOW),
            attributes=(change,),
            reason="protection is remembered in the ledger",
            phase=PHASE_LOCAL,
        )
        row = _change(situation, want, proposal, live=live, fingerprint="", binding=binding)
        draft.changes.append(row)
    applied = dict(binding.applied)
    if not differs:
        applied = {k: live.attributes.get(k) for k in want.attributes}
    memory = {**plain(want.memory), "protect": was}
    if canonical_json(memory) != canonical_json(binding.memory) or canonical_json(applied) != canonical_json(
        binding.applied
    ):
        draft.refreshed.append(replace(binding, memory=memory, applied=plain(applied)))


def _change(
    situation: Situation,
    want: Desired,
    proposal: Proposal,
    *,
    live: LiveObject | None,
    fingerprint: str,
    binding: Binding | None = None,
    moved_from: Address | None = None,
) -> Change:
    address = want.resource.address
    cause = _cause(situation, want, proposal, binding)
    return Change(
        address=str(address),
        action=proposal.action,
        timing=proposal.timing,
        cause=cause,
        attributes=proposal.attributes,
        before=plain(live.attributes) if live else None,
        after=plain(want.attributes),
        steps=proposal.steps,
        side_effects=proposal.side_effects,
        findings=proposal.findings,
        reason=proposal.reason,
        live_id=live.live_id if live else None,
        scope=want.scope,
        scope_label=want.scope_label,
        phase=proposal.phase,
        requires=want.requires,
        fingerprint=fingerprint,
        binding=_binding(situation, want.cloud, want.account, want.memory, moved_from),
    )


def _cause(situation: Situation, want: Desired, proposal: Proposal, binding: Binding | None) -> Cause:
    """`drift` where the manifest still says what was applied and only the live side moved."""
    if binding is not None and proposal.attributes:
        drifted = all(
            plain(binding.applied.get(a.path)) == plain(want.attributes.get(a.path)) for a in proposal.attributes
        )
        if drifted:
            return Cause(type="drift")
    path: tuple[str | int, ...] = (
        ("spec", proposal.attributes[0].path.split(".")[0]) if binding and proposal.attributes else ("metadata", "name")
    )
    return Cause.manifest(situation.pos(want.resource.address, path))


def _looks_renamed(changes: list[Change], situation: Situation) -> list[Change]:
    """A release and a create of the same tenant, product and SKU in one plan are both blocked."""
    released = {_twin(c.before, c.scope): c for c in changes if c.action is Action.RELEASE and c.scope}
    created = {_twin(c.after, c.scope): c for c in changes if c.action is Action.CREATE}
    pairs = {key: (released[key], created[key]) for key in released.keys() & created.keys()}
    involved = {id(c) for pair in pairs.values() for c in pair}
    if not involved:
        return changes
    return [_renamed(c, pairs) if id(c) in involved else c for c in changes]


def _twin(attributes: Mapping[str, Any] | None, scope: str) -> tuple[Any, ...]:
    values = attributes or {}
    return (scope, values.get("product"), values.get("sku"))


def _renamed(change: Change, pairs: Mapping[tuple[Any, ...], tuple[Change, Change]]) -> Change:
    old, new = pairs[_twin(change.before if change.action is Action.RELEASE else change.after, change.scope)]
    finding = Finding(
        code="E-LOOKS-RENAMED",
        severity="error",
        message=f"{old.address} would be released and {new.address} bought: the same product in the same tenant",
        hint=f"if it was renamed, add previousNames: [{old.addr.name}] to {new.address}; else do it in two applies",
    )
    return change.model_copy(
        update={
            "action": Action.BLOCKED,
            "timing": Timing(when=When.BLOCKED, rule=finding.code),
            "steps": (),
            "findings": (*change.findings, finding),
            "reason": finding.message,
        }
    )


def _unowned(draft: _Draft, kind: RemoteKind, taken: Claims, adopted: set[str]) -> None:
    situation = draft.situation
    for live in _living(situation, kind):
        if live.live_id in taken.bound:
            continue
        if kind.is_managed(live):
            draft.living_unbound += live.live_id not in adopted
        if live.live_id not in adopted:
            draft.unmanaged.append(
                Unmanaged(
                    scope=live.scope,
                    scope_label=situation.labels.get(live.scope, ""),
                    live_id=live.live_id,
                    title=kind.title(live),
                    quantity=live.attributes.get("quantity"),
                )
            )


def _living(situation: Situation, kind: RemoteKind) -> Iterator[LiveObject]:
    for (name, _), live in sorted(situation.live.objects.items()):
        if name == kind.name and kind.is_living(live):
            yield live
