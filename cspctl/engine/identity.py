"""Which live object a manifest means: bound, named, uniquely matching, or none.

Terms. A *candidate* is an unbound, living object of the same tenant with the same twin key (product and SKU).
A *match* is a candidate that agrees on everything that identifies a subscription. Premise: buying twice cannot be
undone, so wherever a candidate exists and it is not certain that it is a different thing, nothing is bought.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cspctl.engine.situation import Situation
from cspctl.kinds.contract import Desired, RemoteKind
from cspctl.model.address import Address
from cspctl.model.binding import Binding
from cspctl.model.change import Finding
from cspctl.model.live import LiveObject


@dataclass(frozen=True, slots=True)
class Identity:
    """Exactly one of the outcomes: `live` (with `binding`, or to be adopted), `buy`, or `problem`."""

    live: LiveObject | None = None
    binding: Binding | None = None
    moved_from: Address | None = None
    buy: bool = False
    problem: Finding | None = None


@dataclass(frozen=True, slots=True)
class Claims:
    """Live ids that already belong to someone, and how many manifests would take each one.

    `named` counts manifests that state the id or come back to it, `seeking` those that only match it.
    """

    bound: Mapping[str, Address]
    named: Counter[str] = field(default_factory=Counter)
    seeking: Counter[str] = field(default_factory=Counter)


def claims(situation: Situation, kind: RemoteKind, desired: Mapping[Address, Desired]) -> Claims:
    bound = {b.live_id: a for a, b in situation.bindings_of(kind.name).items() if b.state == "bound"}
    named: Counter[str] = Counter()
    seeking: Counter[str] = Counter()
    for address, want in desired.items():
        binding = binding_of(situation, address)[0]
        if binding is not None and not _gives_way(situation, kind, want, binding):
            named.update([binding.live_id] if binding.state == "released" else [])
        elif _names_another(want, binding):
            named.update([str(want.adopt_id)])
        else:
            seeking.update(o.live_id for o in candidates(situation, kind, want, bound) if _fits(kind, want, o))
    return Claims(bound, named, seeking)


def binding_of(situation: Situation, address: Address) -> tuple[Binding | None, Address | None]:
    """The binding of an address, following `previousNames`; second: the address it is moved from.

    What is bound goes before what was released: a tombstone never hides the binding that a rename brings along.
    """
    resource = situation.resource(address)
    if resource is None or not resource.previous_names:
        return situation.bindings.get(address), None
    old = [Address(address.kind, name) for name in resource.previous_names]
    places: list[tuple[Address, Address | None]] = [(address, None)]
    places += [(o, o) for o in old if situation.resource(o) is None]
    found = [(b, moved) for place, moved in places if (b := situation.bindings.get(place)) is not None]
    return next((f for f in found if f[0].state == "bound"), found[0] if found else (None, None))


def candidates(situation: Situation, kind: RemoteKind, want: Desired, bound: Mapping[str, Address]) -> list[LiveObject]:
    return [
        o
        for o in situation.live.in_scope(kind.name, want.scope)
        if kind.is_living(o) and o.live_id not in bound and kind.twin_key(o) == want.twin_key
    ]


def _fits(kind: RemoteKind, want: Desired, live: LiveObject) -> bool:
    return kind.is_managed(live) and kind.matches(want, live)


def _names_another(want: Desired, binding: Binding | None) -> bool:
    return want.adopt_id is not None and (binding is None or want.adopt_id != binding.live_id)


def _gives_way(situation: Situation, kind: RemoteKind, want: Desired, binding: Binding) -> bool:
    """Whether the manifest says what takes the place of the object it had: another one, or a new purchase."""
    if binding.state == "released" and _names_another(want, binding):
        return True
    live = situation.live.objects.get((kind.name, binding.live_id))
    if live is None or live.scope != want.scope or kind.is_living(live) or _wants_none(want):
        return False
    return _names_another(want, binding) or want.generation > int(binding.memory.get("generation") or 1)


def _wants_none(want: Desired) -> bool:
    return want.attributes.get("state") == "cancelled"


def identify(situation: Situation, kind: RemoteKind, want: Desired, taken: Claims) -> Identity:
    binding, moved_from = binding_of(situation, want.resource.address)
    if binding is not None and not _gives_way(situation, kind, want, binding):
        return _bound(situation, kind, want, binding, moved_from, taken)
    found = _named if _names_another(want, binding) else _unbound
    return replace(found(situation, kind, want, taken), moved_from=moved_from)


def _bound(
    situation: Situation,
    kind: RemoteKind,
    want: Desired,
    binding: Binding,
    moved_from: Address | None,
    taken: Claims,
) -> Identity:
    live = situation.live.objects.get((kind.name, binding.live_id))
    problem: Finding | None = None
    if live is None:
        problem = _missing(binding)
    elif live.scope != want.scope:
        problem = _moved_tenant(binding, want)
    elif _names_another(want, binding):
        problem = _names_two(binding, want)
    elif binding.state == "released" and (binding.live_id in taken.bound or taken.named[binding.live_id] > 1):
        problem = _taken(binding.live_id, taken)
    elif not kind.is_living(live) and not _wants_none(want):
        problem = _ended(binding, live, want.generation)
    if problem is not None:
        return Identity(problem=problem)
    return Identity(live=live, binding=binding, moved_from=moved_from)


def _named(situation: Situation, kind: RemoteKind, want: Desired, taken: Claims) -> Identity:
    assert want.adopt_id is not None, "the caller made sure"
    live = situation.live.objects.get((kind.name, want.adopt_id))
    if want.adopt_id in taken.bound or taken.named[want.adopt_id] > 1:
        return Identity(problem=_taken(want.adopt_id, taken))
    if live is None or live.scope != want.scope:
        message = f"subscriptionId {want.adopt_id} does not exist in tenant {want.scope_label}"
        return Identity(problem=_error("E-ADOPT-MISSING", message))
    if kind.twin_key(live) != want.twin_key:
        has, says = ":".join(kind.twin_key(live)), ":".join(want.twin_key)
        message = f"subscriptionId {want.adopt_id} is {has}, the manifest says {says}"
        return Identity(problem=_error("E-ADOPT-OTHER", message))
    if not kind.is_living(live):
        message = f"subscriptionId {want.adopt_id} has already ended ({live.facts.get('status')})"
        return Identity(problem=_error("E-ENDED", message))
    if not kind.is_managed(live):
        message = f"subscriptionId {want.adopt_id} is no licence-based new-commerce subscription"
        return Identity(problem=_error("E-ADOPT-UNMANAGED", message, "such subscriptions are only listed"))
    return Identity(live=live)


def _unbound(situation: Situation, kind: RemoteKind, want: Desired, taken: Claims) -> Identity:
    found = candidates(situation, kind, want, taken.bound)
    if want.resource.lifecycle.allow_twin:  # what bears its own name is no twin: a ledger that was lost knew it
        found = [o for o in found if kind.bears_name(want, o)]
    if not found or _wants_none(want):
        return Identity(buy=True)
    matches = [o for o in found if _fits(kind, want, o)]
    if len(matches) == 1 and taken.seeking[matches[0].live_id] == 1 and not taken.named[matches[0].live_id]:
        return Identity(live=matches[0])
    ids = ", ".join(o.live_id for o in found)
    if matches:
        message = f"{len(matches)} live subscriptions match, or several manifests match the same one: {ids}"
        return Identity(problem=_error("E-AMBIGUOUS", message, "name the right one with spec.subscriptionId"))
    message = f"tenant {want.scope_label} already holds {':'.join(want.twin_key)}, which no manifest owns: {ids}"
    hint = "adopt it with spec.subscriptionId, or set lifecycle.allowTwin: true to buy another one"
    if want.resource.lifecycle.allow_twin:
        hint = "it bears the name that a purchase would get: adopt it with spec.subscriptionId, or choose another name"
    return Identity(problem=_error("E-UNBOUND-TWIN", message, hint))


def _error(code: str, message: str, hint: str | None = None) -> Finding:
    return Finding(code=code, severity="error", message=message, hint=hint)


def _taken(live_id: str, taken: Claims) -> Finding:
    owner = taken.bound.get(live_id)
    who = f"already belongs to {owner}" if owner else "is claimed by several manifests"
    return _error("E-ADOPT-TAKEN", f"{live_id} {who}", "one manifest owns one subscription: correct subscriptionId")


def _names_two(binding: Binding, want: Desired) -> Finding:
    message = f"it is bound to {binding.live_id}, but the manifest names {want.adopt_id}"
    hint = "correct subscriptionId, or remove the binding with `cspctl state rm` first"
    return _error("E-ADOPT-BOUND", message, hint)


def _missing(binding: Binding) -> Finding:
    message = f"{binding.live_id} is bound, but its tenant's list does not show it; unknown is not absent"
    return _error("E-MISSING", message, "if it is gone for good, remove the binding with `cspctl state rm`")


def _moved_tenant(binding: Binding, want: Desired) -> Finding:
    message = f"{binding.live_id} lives in tenant {binding.scope}, the manifest says {want.scope_label}"
    return _error(
        "E-TENANT-CHANGED", message, "a subscription cannot move to another tenant; write a new manifest instead"
    )


def _ended(binding: Binding, live: LiveObject, generation: int) -> Finding:
    message = f"{binding.live_id} has ended ({live.facts.get('status')}); it is never bought again by itself"
    hint = f"set spec.generation: {generation + 1} to buy a new one, or state: cancelled to say that it may be gone"
    return _error("E-ENDED", message, hint)
