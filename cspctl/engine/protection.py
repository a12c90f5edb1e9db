"""`lifecycle.protect` and the rest of a binding's memory."""

from __future__ import annotations

from dataclasses import replace

from cspctl.engine.canonical import plain, same
from cspctl.engine.change_rows import row
from cspctl.engine.draft import Draft
from cspctl.engine.local_changes import PHASE_LOCAL
from cspctl.kinds.contract import Desired, Proposal
from cspctl.model.binding import Binding
from cspctl.model.change import Action, AttributeChange, Finding, Timing, When
from cspctl.model.live import LiveObject

PROTECTED_ACTIONS = frozenset({Action.SUSPEND, Action.CANCEL})


def protection(want: Desired, binding: Binding | None) -> Finding | None:
    """Protection in the manifest or remembered in the binding; taking it off is an apply of its own."""
    if not (want.memory.get("protect") or (binding and binding.memory.get("protect"))):
        return None
    return Finding(
        code="E-PROTECTED",
        severity="error",
        message="it is protected: a plan never suspends or cancels it",
        hint="set lifecycle.protect: false and apply that by itself first",
    )


def note_memory(draft: Draft, want: Desired, binding: Binding, live: LiveObject, *, differs: bool, held: bool) -> None:
    """Protection changes are rows of their own; everything else a binding remembers is noted silently.

    `held`: protection holds something back in this very plan, so taking it off is left to another one.
    """
    was, now = bool(binding.memory.get("protect")), bool(want.memory.get("protect"))
    if was != now and not held:
        proposal = Proposal(
            action=Action.LOCAL,
            timing=Timing(when=When.NOW),
            attributes=(AttributeChange(path="lifecycle.protect", before=was, after=now),),
            reason="protection is remembered in the ledger",
            phase=PHASE_LOCAL,
        )
        draft.changes.append(row(draft.situation, want, proposal, live=live, fingerprint="", binding=binding))
    applied = dict(binding.applied)
    if not differs:
        applied = {k: live.attributes.get(k) for k in want.attributes}
    memory = {**want.memory, "protect": was, **binding.lasting}
    if not (same(memory, binding.memory) and same(applied, binding.applied)):
        draft.refreshed.append(replace(binding, memory=plain(memory), applied=plain(applied)))
