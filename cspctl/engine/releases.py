"""Rows for bindings whose manifest is gone: removing a manifest never ends anything."""

from __future__ import annotations

from collections.abc import Callable

from cspctl.engine.canonical import plain
from cspctl.engine.draft import Draft
from cspctl.engine.identity import binding_of
from cspctl.engine.situation import Situation
from cspctl.model.address import Address
from cspctl.model.binding import Binding
from cspctl.model.change import Action, Cause, Change, Finding, Timing, When

PHASE_BINDING = 5
PROTECTED = Finding(
    code="E-PROTECTED",
    severity="error",
    message="it is protected; a plan never releases it",
    hint="bring the manifest back with lifecycle.protect: false, apply, then remove it",
)


def add_releases(draft: Draft, kind_name: str, note: Callable[[Binding], str]) -> None:
    """A removal counts only when the whole root was read and nothing narrows the run."""
    situation = draft.situation
    if not situation.complete or situation.narrowing.active:
        return
    for address, binding in orphans(situation, kind_name):
        draft.changes.append(_release(situation, address, binding, note(binding)))


def orphans(situation: Situation, kind_name: str) -> list[tuple[Address, Binding]]:
    """Bindings that no manifest declares and none takes over by `previousNames`, by address."""
    renamed = [r for r in situation.view.resources.of_kind(kind_name).values() if r.previous_names]
    moved = {binding_of(situation, r.address)[1] for r in renamed}
    return [
        (address, binding)
        for address, binding in situation.bindings_of(kind_name).items()
        if binding.state == "bound" and situation.resource(address) is None and address not in moved
    ]


def _release(situation: Situation, address: Address, binding: Binding, note: str) -> Change:
    protected = bool(binding.memory.get("protect"))
    return Change(
        address=str(address),
        action=Action.BLOCKED if protected else Action.RELEASE,
        timing=Timing(when=When.BLOCKED, rule="E-PROTECTED") if protected else Timing(when=When.NOW),
        cause=Cause(type="manifest"),
        before=plain(binding.applied),
        findings=(PROTECTED,) if protected else (),
        reason=f"no manifest declares it any more: {note}",
        live_id=binding.live_id,
        scope=binding.scope,
        scope_label=situation.labels.get(binding.scope, ""),
        phase=PHASE_BINDING,
        binding={"realm": binding.realm, "memory": plain(binding.memory)},
    )
