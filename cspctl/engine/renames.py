"""A binding without manifest and a create of the same tenant, product and SKU: most likely a rename, never carried out.

It does not matter whether the release is in the plan: a run may be narrowed, or the binding protected. A manifest that
waits to be told which subscription it means counts as a create: once released, the old one would be its only match.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cspctl.engine.ownership import UNCLEAR
from cspctl.engine.releases import orphans
from cspctl.engine.situation import Situation
from cspctl.model.address import Address
from cspctl.model.change import Action, Change, Finding, Timing, When

Twin = tuple[Any, ...]


def block_renames(changes: Sequence[Change], situation: Situation) -> list[Change]:
    """Every create that has such a counterpart, and every such release, become blocked."""
    created: dict[Twin, Change] = {}
    for change in changes:
        if change.action is Action.CREATE or change.timing.rule in UNCLEAR:
            created.setdefault(_twin(change.after, change.scope), change)
    if not created:
        return list(changes)
    lost: dict[Twin, Address] = {}
    for kind in situation.kinds:
        for address, binding in orphans(situation, kind.name):
            if binding.scope:
                lost.setdefault(_twin(binding.applied, binding.scope), address)
    return [_checked(change, created, lost) for change in changes]


def _twin(attributes: Mapping[str, Any] | None, scope: str) -> Twin:
    values = attributes or {}
    return (scope, values.get("product"), values.get("sku"))


def _checked(change: Change, created: Mapping[Twin, Change], lost: Mapping[Twin, Address]) -> Change:
    if change.action is Action.CREATE:
        old = lost.get(_twin(change.after, change.scope))
        return _blocked(change, old, change) if old is not None else change
    if change.action is Action.RELEASE and change.scope:
        new = created.get(_twin(change.before, change.scope))
        return _blocked(change, change.addr, new) if new is not None else change
    return change


def _blocked(change: Change, old: Address, new: Change) -> Change:
    """`change` as a blocked row; it is the release of `old`, or the `new` one itself."""
    if new.action is Action.CREATE:
        fate, way_out = "bought", "else do it in two applies"
    else:
        fate, way_out = "waits to be told which one it means", "else settle that first"
    finding = Finding(
        code="E-LOOKS-RENAMED",
        severity="error",
        message=f"{old} would be released and {new.addr} {fate}: the same product in the same tenant",
        hint=f"if it was renamed, add previousNames: [{old.name}] to {new.addr}; {way_out}",
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
