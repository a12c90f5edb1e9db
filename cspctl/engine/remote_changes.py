"""Rows of kinds whose objects live at Partner Center: buy, take up, converge, or say why not."""

from __future__ import annotations

from dataclasses import replace

from cspctl.engine.canonical import plain
from cspctl.engine.change_rows import blocked_row, row
from cspctl.engine.draft import Draft
from cspctl.engine.fingerprint import of_absence, of_object
from cspctl.engine.identity import Claims, Identity, claims, identify
from cspctl.engine.protection import PROTECTED_ACTIONS, note_memory, protection
from cspctl.engine.releases import PHASE_BINDING, add_releases
from cspctl.engine.situation import Situation
from cspctl.engine.unmanaged import add_unmanaged
from cspctl.kinds.contract import Desired, Proposal, RemoteKind
from cspctl.model.address import Address
from cspctl.model.change import Action, Change, Finding, Timing, When
from cspctl.model.live import LiveObject


def add_remote(draft: Draft, kind: RemoteKind) -> None:
    situation = draft.situation
    desired = situation.desired(kind)
    draft.desired_remote += len(desired)
    taken = claims(situation, kind, desired)
    adopted: set[str] = set()
    for address, want in desired.items():
        adopted |= _one(draft, kind, address, want, taken)
    add_releases(draft, kind.name, lambda b: kind.release_note(b, situation.live.objects.get((kind.name, b.live_id))))
    add_unmanaged(draft, kind, taken, adopted)


def _one(draft: Draft, kind: RemoteKind, address: Address, want: Desired, taken: Claims) -> set[str]:
    """Plans one manifest; returns the live id that is its own, or becomes so."""
    situation = draft.situation
    stop = _unknown(situation, address, want)
    if stop is not None:
        draft.changes.append(blocked_row(situation, want, stop))
        return set()
    identity = identify(situation, kind, want, taken)
    if identity.problem is not None:
        draft.changes.append(blocked_row(situation, want, identity.problem))
    elif identity.buy:
        _buy(draft, kind, want, identity)
    elif identity.live is not None:
        _converge(draft, kind, want, identity, identity.live)
        return {identity.live.live_id}
    return set()


def _unknown(situation: Situation, address: Address, want: Desired) -> Finding | None:
    """What keeps this from being planned: an unsettled write or a gap."""
    if address in situation.unsettled:
        return Finding(
            code="E-UNSETTLED",
            severity="error",
            message=situation.unsettled[address],
            hint="`cspctl apply` settles it by reading before it does anything else",
        )
    gap = situation.live.gap_for(want.scope)
    if gap is None and want.scope in situation.live.scopes_read:
        return None
    message = f"tenant {want.scope_label} could not be read: {gap.reason if gap else 'nobody read it'}"
    return Finding(code="E-GAP", severity="error", message=message, hint="unknown is not absent: nothing is planned")


def _buy(draft: Draft, kind: RemoteKind, want: Desired, identity: Identity) -> None:
    situation = draft.situation
    proposal = kind.propose_create(want, now=situation.now)
    if proposal is None:
        return
    twins = [o for o in situation.live.in_scope(kind.name, want.scope) if kind.twin_key(o) == want.twin_key]
    if proposal.action is not Action.BLOCKED:
        draft.seats[str(want.resource.address)] = kind.seats(want, None)
    draft.rely_on(proposal)
    fingerprint = of_absence(kind, twins)
    draft.changes.append(
        row(situation, want, proposal, live=None, fingerprint=fingerprint, moved_from=identity.moved_from)
    )


def _converge(draft: Draft, kind: RemoteKind, want: Desired, identity: Identity, live: LiveObject) -> None:
    situation, binding = draft.situation, identity.binding
    takes = binding is None or binding.state != "bound" or identity.moved_from is not None
    owed = situation.owed.get(identity.moved_from or want.resource.address)
    if owed and binding is not None:
        want = replace(want, owed=owed)
    proposals = kind.propose_update(want, live, binding, now=situation.now)
    fingerprint = of_object(kind, live) if takes or proposals else ""
    if takes:
        draft.changes.append(_taking(situation, want, live, identity, fingerprint))
    draft.remarks += kind.remarks(want, live, now=situation.now)
    guarded = protection(want, binding)
    for proposal in proposals:
        if guarded and proposal.action in PROTECTED_ACTIONS:
            draft.changes.append(blocked_row(situation, want, guarded))
            continue
        draft.rely_on(proposal)
        draft.changes.append(row(situation, want, proposal, live=live, fingerprint=fingerprint, binding=binding))
        draft.count_seats(str(want.resource.address), proposal)
    if binding is not None and binding.state == "bound" and not identity.moved_from:
        held = guarded is not None and any(p.action in PROTECTED_ACTIONS for p in proposals)
        note_memory(draft, want, binding, live, differs=bool(proposals), held=held)


def _taking(situation: Situation, want: Desired, live: LiveObject, identity: Identity, fingerprint: str) -> Change:
    moved = identity.moved_from
    if moved and identity.binding is not None:
        action, reason = Action.MOVE, f"renamed from {moved}; the binding follows"
    elif identity.binding is not None:
        action, reason = Action.ADOPT, "its manifest is back: the released binding is taken up again"
    else:
        how = "named by subscriptionId" if want.adopt_id else "the only live subscription that matches"
        action, reason = Action.ADOPT, f"{how}; nothing is sent"
    proposal = Proposal(action=action, timing=Timing(when=When.NOW), reason=reason, phase=PHASE_BINDING)
    change = row(situation, want, proposal, live=live, fingerprint=fingerprint, moved_from=moved)
    seen = {k: live.attributes.get(k) for k in want.attributes}
    return change.model_copy(update={"binding": {**(change.binding or {}), "applied": plain(seen)}})
