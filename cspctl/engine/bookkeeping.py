"""What a binding says after a change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cspctl.engine.journal import Journal, realm_of
from cspctl.model.address import Address
from cspctl.model.binding import Binding
from cspctl.model.change import Action, Change, Step


def bought(change: Change, step: Step, live_id: str, journal: Journal) -> Binding:
    return _new(change, live_id, dict(step.establishes), journal)


def after_change(change: Change, current: Binding | None, live_id: str, journal: Journal) -> Binding:
    """What was applied before, with the attributes of this change laid over it."""
    before = dict(current.applied) if current is not None and current.live_id == live_id else {}
    applied = before | {a.path: a.after for a in change.attributes}
    binding = _lasting(_new(change, live_id, applied, journal), current)
    if current is not None and current.live_id == live_id and "protect" in current.memory:
        # Protection changes only by a row of its own.
        binding = replace(binding, memory={**binding.memory, "protect": current.memory["protect"]})
    return binding


def without_steps(change: Change, bindings: Mapping[Address, Binding], journal: Journal) -> Binding:
    """For adopt, move, release and local."""
    data = change.binding or {}
    current = bindings.get(change.addr)
    if change.action is Action.RELEASE and current is not None:
        return replace(current, state="released", applied_at=journal.now(), run_id=journal.run.id)
    if change.action is Action.LOCAL and change.scope and current is not None:
        memory = {**current.memory, "protect": bool((data.get("memory") or {}).get("protect"))}
        return replace(current, memory=memory, applied_at=journal.now(), run_id=journal.run.id)
    applied = data.get("applied", change.after) or {}
    old = bindings.get(Address.parse(data["movedFrom"])) if data.get("movedFrom") else current
    if change.action is Action.MOVE and data.get("movedFrom"):
        applied = dict(old.applied) if old is not None else applied
    return _lasting(_new(change, str(change.live_id), dict(applied), journal), old)


def _lasting(binding: Binding, before: Binding | None) -> Binding:
    """With what no manifest says; of another object nothing is taken over."""
    if before is None or not before.lasting or (before.scope and before.live_id != binding.live_id):
        return binding
    return replace(binding, memory={**binding.memory, **before.lasting})


def _new(change: Change, live_id: str, applied: Mapping[str, Any], journal: Journal) -> Binding:
    return Binding(
        address=change.addr,
        live_id=live_id,
        scope=change.scope,
        applied=applied,
        applied_at=journal.now(),
        run_id=journal.run.id,
        memory=dict((change.binding or {}).get("memory") or {}),
        realm=realm_of(change),
    )
