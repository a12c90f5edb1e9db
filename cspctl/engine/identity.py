"""Which live object a manifest means: bound, named, uniquely matching, or none.

Terms. A *candidate* is an unbound, living object of the same tenant with the same twin key (product and SKU).
A *match* is a candidate that agrees on everything that identifies a subscription. Premise: buying twice cannot be
undone, so wherever a candidate exists and it is not certain that it is a different thing, nothing is bought.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

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
    """Live ids that already belong to someone, and the manifests that look for one."""

    bound: Mapping[str, Address]
    seeking: Counter[str] = field(default_factory=Counter)


def claims(situation: Situation, kind: RemoteKind, desired: Mapping[Address, Desired]) -> Claims:
    bound = {b.live_id: a for a, b in situation.bindings.items() if a.kind == kind.name and b.state == "bound"}
    seeking: Counter[str] = Counter()
    for address, want in desired.items():
        if binding_of(situation, address)[0] is None and not want.adopt_id:
            seeking.update(o.live_id for o in candidates(situation, kind, want, bound) if kind.matches(want, o))
    return Claims(bound, seeking)


def binding_of(situation: Situation, address: Address) -> tuple[Binding | None, Address | None]:
    """The binding of an address, following `previousNames`; second: the address it is moved from."""
    own = situation.bindings.get(address)
    if own is not None:
        return own, None
    resource = situation.resource(address)
    for name in resource.previous_names if resource else ():
        old = Address(address.kind, name)
        if old in situation.bindings and situation.resource(old) is None:
            return situation.bindings[old], old
    return None, None


def candidates(situation: Situation, kind: RemoteKind, want: Desired, bound: Mapping[str, Address]) -> list[LiveObject]:
    return [
        o
        for o in situation.live.in_scope(kind.name, want.scope)
        if kind.is_living(o) and o.live_id not in bound and kind.twin_key(o) == want.twin_key
    ]


def identify(situation: Situation, kind: RemoteKind, want: Desired, taken: Claims) -> Identity:
    address = want.resource.address
    binding, moved_from = binding_of(situation, address)
    if binding is not None:
        return _bound(situation, kind, want, binding, moved_from)
    if want.adopt_id:
        return _named(situation, kind, want, taken)
    return _unbound(situation, kind, want, taken)


def _bound(
    situation: Situation, kind: RemoteKind, want: Desired, binding: Binding, moved_from: Address | None
) -> Identity:
    live = situation.live.objects.get((kind.name, binding.live_id))
    if live is None or live.scope != want.scope:
        if live is not None:
            return Identity(problem=_moved_tenant(binding, want))
        return Identity(problem=_missing(binding))
    if kind.is_living(live) or want.attributes.get("state") == "cancelled":
        return Identity(live=live, binding=binding, moved_from=moved_from)
    if want.generation > int(binding.memory.get("generation") or 1):
        return Identity(buy=True, binding=binding, moved_from=moved_from)
    return Identity(problem=_ended(binding, live, want.generation))


def _named(situation: Situation, kind: RemoteKind, want: Desired, taken: Claims) -> Identity:
    assert want.adopt_id is not None
    live = situation.live.objects.get((kind.name, want.adopt_id))
    if want.adopt_id in taken.bound:
        message = f"{want.adopt_id} already belongs to {taken.bound[want.adopt_id]}"
        return Identity(problem=Finding(code="E-ADOPT-TAKEN", severity="error", message=message))
    if live is None or live.scope != want.scope:
        message = f"subscriptionId {want.adopt_id} does not exist in tenant {want.scope_label}"
        return Identity(problem=Finding(code="E-ADOPT-MISSING", severity="error", message=message))
    if kind.twin_key(live) != want.twin_key:
        message = (
            f"subscriptionId {want.adopt_id} is {':'.join(kind.twin_key(live))}, "
            f"the manifest says {':'.join(want.twin_key)}"
        )
        return Identity(problem=Finding(code="E-ADOPT-OTHER", severity="error", message=message))
    if not kind.is_living(live):
        message = f"subscriptionId {want.adopt_id} has already ended ({live.facts.get('status')})"
        return Identity(problem=Finding(code="E-ENDED", severity="error", message=message))
    return Identity(live=live)


def _unbound(situation: Situation, kind: RemoteKind, want: Desired, taken: Claims) -> Identity:
    found = candidates(situation, kind, want, taken.bound)
    if not found or want.resource.lifecycle.allow_twin:
        return Identity(buy=True)
    matches = [o for o in found if kind.matches(want, o)]
    if len(matches) == 1 and taken.seeking[matches[0].live_id] == 1:
        return Identity(live=matches[0])
    ids = ", ".join(o.live_id for o in found)
    if matches:
        message = f"{len(matches)} live subscriptions match, or several manifests match the same one: {ids}"
        hint = "name the right one with spec.subscriptionId"
        return Identity(problem=Finding(code="E-AMBIGUOUS", severity="error", message=message, hint=hint))
    message = f"tenant {want.scope_label} already holds {':'.join(want.twin_key)}, which no manifest owns: {ids}"
    hint = "adopt it with spec.subscriptionId, or set lifecycle.allowTwin: true to buy another one"
    return Identity(problem=Finding(code="E-UNBOUND-TWIN", severity="error", message=message, hint=hint))


def _missing(binding: Binding) -> Finding:
    message = f"{binding.live_id} is bound, but its tenant's list does not show it; unknown is not absent"
    hint = "if it is gone for good, remove the binding with `cspctl state rm`"
    return Finding(code="E-MISSING", severity="error", message=message, hint=hint)


def _moved_tenant(binding: Binding, want: Desired) -> Finding:
    message = f"{binding.live_id} lives in tenant {binding.scope}, the manifest says {want.scope_label}"
    hint = "a subscription cannot move to another tenant; write a new manifest instead"
    return Finding(code="E-TENANT-CHANGED", severity="error", message=message, hint=hint)


def _ended(binding: Binding, live: LiveObject, generation: int) -> Finding:
    message = f"{binding.live_id} has ended ({live.facts.get('status')}); it is never bought again by itself"
    hint = f"set spec.generation: {generation + 1} to buy a new one, or state: cancelled to say that it may be gone"
    return Finding(code="E-ENDED", severity="error", message=message, hint=hint)
