"""Rows of kinds that exist only in the project: first noted, edited or renamed. Nothing is ever sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cspctl.engine.canonical import canonical_json, plain
from cspctl.engine.change_rows import binding_data
from cspctl.engine.diff import attribute_changes
from cspctl.engine.draft import Draft
from cspctl.engine.identity import binding_of
from cspctl.engine.releases import add_releases
from cspctl.engine.situation import Situation
from cspctl.kinds.contract import Kind
from cspctl.model.address import Address
from cspctl.model.change import Action, Cause, Change, Timing, When
from cspctl.model.resource import Resource

PHASE_LOCAL = 0


def add_local(draft: Draft, kind: Kind) -> None:
    situation = draft.situation
    for resource in situation.view.resources.of_kind(kind.name).values():
        binding, moved_from = binding_of(situation, resource.address)
        applied = binding.applied if binding and binding.state == "bound" else None
        wanted = plain(resource.spec)
        if applied is not None and moved_from is None and canonical_json(applied) == canonical_json(wanted):
            continue
        draft.changes.append(_local_change(situation, resource, wanted, applied, moved_from))
    add_releases(draft, kind.name, lambda binding: "only the ledger knew it; nothing is sent")


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
        binding=binding_data(situation, "", "", {}, moved_from),
    )
