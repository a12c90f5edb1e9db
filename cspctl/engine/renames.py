"""A release and a create of the same tenant, product and SKU in one plan: most likely a rename, never carried out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cspctl.model.change import Action, Change, Finding, Timing, When


def block_renames(changes: list[Change]) -> list[Change]:
    """Both rows of such a pair become blocked."""
    released = {_twin(c.before, c.scope): c for c in changes if c.action is Action.RELEASE and c.scope}
    created = {_twin(c.after, c.scope): c for c in changes if c.action is Action.CREATE}
    pairs = {key: (released[key], created[key]) for key in released.keys() & created.keys()}
    involved = {id(c) for pair in pairs.values() for c in pair}
    if not involved:
        return changes
    return [_blocked(c, pairs) if id(c) in involved else c for c in changes]


def _twin(attributes: Mapping[str, Any] | None, scope: str) -> tuple[Any, ...]:
    values = attributes or {}
    return (scope, values.get("product"), values.get("sku"))


def _blocked(change: Change, pairs: Mapping[tuple[Any, ...], tuple[Change, Change]]) -> Change:
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
