"""Rows of kinds that exist only in the project: first noted, edited or renamed. Nothing is ever sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cspctl.engine.canonical import plain, same
from cspctl.engine.change_rows import binding_data
from cspctl.engine.diff import attribute_changes
from cspctl.engine.draft import Draft
from cspctl.engine.identity import binding_of
from cspctl.engine.releases import add_releases
from cspctl.engine.situation import Situation
from cspctl.kinds.contract import Kind, Mutability
from cspctl.model.address import Address
from cspctl.model.change import Action, Cause, Change, Finding, Timing, When
from cspctl.model.resource import Resource

PHASE_LOCAL = 0


def add_local(draft: Draft, kind: Kind) -> None:
    situation = draft.situation
    for resource in situation.view.resources.of_kind(kind.name).values():
        binding, moved_from = binding_of(situation, resource.address)
        applied = binding.applied if binding and binding.state == "bound" else None
        wanted = plain(resource.spec)
        if applied is not None and moved_from is None and same(applied, wanted):
            continue
        made = _local_change(situation, resource, wanted, applied, moved_from)
        draft.changes.append(_never(kind, made) or made)
    add_releases(draft, kind.name, lambda binding: "only the ledger knew it; nothing is sent")


def _never(kind: Kind, made: Change) -> Change | None:
    """The same row, blocked, where a field would change that never may; None where none would."""
    fixed = [a.path for a in made.attributes if mutability_of(kind, a.path) is Mutability.NEVER]
    if not fixed:
        return None
    message = f"{', '.join(fixed)} can never change: it would be another {kind.name}"
    hint = f"declare another {kind.name} under a name of its own, and point to that one"
    finding = Finding(code="E-NEVER", severity="error", message=message, hint=hint)
    timing = Timing(when=When.BLOCKED, rule=finding.code)
    return made.model_copy(
        update={"action": Action.BLOCKED, "timing": timing, "findings": (finding,), "reason": message}
    )


def mutability_of(kind: Kind, path: str) -> Mutability | None:
    """Of the field or its nearest parent that states one."""
    parts = path.replace("[", ".[").split(".")
    for length in range(len(parts), 0, -1):
        found = kind.mutability.get(".".join(p for p in parts[:length] if not p.startswith("[")))
        if found is not None:
            return found
    return None


def _local_change(
    situation: Situation,
    resource: Resource,
    wanted: dict[str, Any],
    applied: Mapping[str, Any] | None,
    moved_from: Address | None,
) -> Change:
    reason = "first noted" if applied is None else "edited"
    was, now = (applied or {}).get("reseller"), wanted.get("reseller")
    repointed = resource.kind == "TenantMapping" and was is not None and was != now
    if repointed:
        reason = f"moves from reseller {was} to {now}; nothing is sent"
    return Change(
        address=str(resource.address),
        action=Action.MOVE if repointed else Action.LOCAL,
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
