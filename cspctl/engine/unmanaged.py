"""Living objects of mapped tenants that no manifest owns: listed, never touched."""

from __future__ import annotations

from collections.abc import Iterator

from cspctl.engine.draft import Draft
from cspctl.engine.identity import Claims
from cspctl.engine.situation import Situation
from cspctl.kinds.contract import RemoteKind
from cspctl.model.live import LiveObject
from cspctl.model.plan import Unmanaged


def add_unmanaged(draft: Draft, kind: RemoteKind, taken: Claims, adopted: set[str]) -> None:
    situation = draft.situation
    for live in _living(situation, kind):
        if live.live_id in taken.bound:
            continue
        draft.living_unbound += kind.is_managed(live)
        if live.live_id in adopted:
            continue
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
