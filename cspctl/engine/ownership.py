"""Which live objects belong to a manifest already, and which are left alone although none does. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from cspctl.engine.identity import binding_of
from cspctl.engine.situation import Situation
from cspctl.kinds.contract import RemoteKind
from cspctl.model.address import Address
from cspctl.model.binding import Binding
from cspctl.model.change import Action, Change
from cspctl.model.live import LiveObject

# A manifest that could mean one of several, or that stands beside something alike: a person must say which.
UNCLEAR = frozenset({"E-AMBIGUOUS", "E-UNBOUND-TWIN"})


@dataclass(slots=True)
class Ownership:
    """Live ids. `dropped`: its manifest was removed, whether or not that was applied yet.

    `unclear`: a manifest could mean it.
    """

    owned: dict[str, Address] = field(default_factory=dict)
    dropped: dict[str, Address] = field(default_factory=dict)
    unclear: dict[str, Address] = field(default_factory=dict)


def ownership(situation: Situation, kind: RemoteKind, changes: Iterable[Change]) -> Ownership:
    """`changes` are the rows of a plan of this situation."""
    found = Ownership()
    desired = {
        a: kind.desire(r, situation.view)
        for a, r in ((r.address, r) for r in situation.view.resources.of_kind(kind.name).values())
    }
    bound: set[Address] = set()
    for address, want in desired.items():
        binding, moved = binding_of(situation, address)
        if binding is not None:
            bound.add(moved or address)
            if binding.state == "bound":
                found.owned[binding.live_id] = address
        if want.adopt_id is not None:
            found.owned.setdefault(want.adopt_id, address)
    for address, binding in situation.bindings.items():
        if address.kind == kind.name and address not in bound:
            found.dropped.setdefault(binding.live_id, address)
    for change in changes:
        if change.addr.kind != kind.name:
            continue
        if change.action is Action.ADOPT and change.live_id:
            found.owned.setdefault(change.live_id, change.addr)
        elif change.timing.rule in UNCLEAR and change.addr in desired:
            want = desired[change.addr]
            for live in situation.live.in_scope(kind.name, want.scope):
                if kind.is_living(live) and kind.twin_key(live) == want.twin_key:
                    found.unclear.setdefault(live.live_id, change.addr)
    return found


def remembered(binding: Binding | None) -> dict[str, object] | None:
    """What an import noted of this object; None where no import wrote its manifest."""
    known = binding.lasting.get("imported") if binding is not None else None
    return dict(known) if isinstance(known, dict) else None


def bound_to(situation: Situation, address: Address) -> Binding | None:
    """The binding behind a manifest, renames followed, unless it was released."""
    binding = binding_of(situation, address)[0]
    return binding if binding is not None and binding.state == "bound" else None


def living(live: Iterable[LiveObject], kind: RemoteKind) -> list[LiveObject]:
    """Managed objects that run, in a stable order."""
    return sorted((o for o in live if kind.is_living(o) and kind.is_managed(o)), key=lambda o: (o.scope, o.live_id))
