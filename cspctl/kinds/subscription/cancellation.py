"""Ending a subscription: at once inside its window, or with its term."""

from __future__ import annotations

from datetime import datetime

from cspctl.commerce import rules as commercial
from cspctl.kinds.contract import Proposal
from cspctl.kinds.subscription import attributes as shape
from cspctl.kinds.subscription import phases
from cspctl.kinds.subscription.blocks import blocked
from cspctl.kinds.subscription.case import Case
from cspctl.kinds.subscription.suspension import changeable
from cspctl.model.change import Action, AttributeChange, Timing, When


def propose_cancel(case: Case) -> None:
    """`state: cancelled`. Source: Partner Center docs, create-a-new-subscription (Oct 2023): only in the window."""
    if case.live.facts.get("status") in shape.ENDED:
        return
    if not changeable(case):
        return
    if case.live.facts.get("isTrial"):
        message = "the status of a trial cannot be changed"
        case.proposals.append(blocked("E-TRIAL-STATE", message, attributes=case.changes(["state"])))
        return
    until = case.live.facts.get("cancelUntil")
    deadline = datetime.fromisoformat(until) if until else None
    if deadline and case.now <= deadline:
        step = case.patch({"status": "deleted"}, "cancel the subscription for good", "cancel")
        effects = ("cannot be undone; the licences stop working", "deletes scheduled changes")
        case.add_now(Action.CANCEL, phases.CANCEL, [step], ["state"], side_effects=effects, valid_until=deadline)
    elif case.desired.memory.get("whenCancelNotAllowed") == "end-of-term":
        propose_end(case, "state")
    else:
        case.proposals.append(_window_closed(case, deadline))


def _window_closed(case: Case, deadline: datetime | None) -> Proposal:
    when = f"on {deadline:%Y-%m-%d %H:%M} UTC" if deadline else "or never existed"
    return blocked(
        "E-CANCEL-WINDOW",
        f"the cancellation window closed {when}; the commitment runs until {case.end}",
        hint="use whenCancelNotAllowed: end-of-term, or endOfTerm.action",
        first_legal=case.after_end,
        attributes=case.changes(["state"]),
    )


def propose_end(case: Case, key: str) -> None:
    """How a subscription is told to end with its term is a dated rule; since extended terms it has no call."""
    entry = commercial.rule("auto-renew-off", case.now.date())
    if entry.value != "ends":
        case.proposals.append(_no_call(case, key, entry.says))
    elif case.have.get("autoRenew"):
        step = case.patch({"autoRenewEnabled": False}, "switch auto-renew off", "end")
        case.proposals.append(
            Proposal(
                action=Action.CANCEL,
                timing=Timing(when=When.AT_RENEWAL, on=case.end),
                attributes=(AttributeChange(path="autoRenew", before=True, after=False),),
                steps=(step,),
                side_effects=(f"ends on {case.end}", "deletes scheduled changes"),
                phase=phases.CANCEL,
            )
        )


def _no_call(case: Case, key: str, says: str) -> Proposal:
    return blocked(
        "E-CANCEL-AT-END",
        f"{says} Partner Center documents no call that ends it with the term",
        hint=f"cancel it by hand to the end of the term ({case.end}), then add lifecycle.ignore: [{key}]",
        first_legal=case.after_end,
        attributes=case.changes([key]),
    )


def propose_end_of_term(case: Case) -> None:
    """`endOfTerm.action` extend or cancel: auto-renew is not wanted."""
    if case.want.get("autoRenew") is not False:
        return
    if case.desired.memory.get("endOfTerm") == "cancel":
        propose_end(case, "autoRenew")
    elif case.differs("autoRenew"):
        step = case.patch({"autoRenewEnabled": False}, "switch auto-renew off", "end")
        entry = commercial.rule("auto-renew-off", case.now.date())
        case.proposals.append(
            Proposal(
                action=Action.UPDATE,
                timing=Timing(when=When.AT_RENEWAL, on=case.end),
                attributes=case.changes(["autoRenew"]),
                steps=(step,),
                side_effects=(entry.says, "deletes scheduled changes"),
                phase=phases.CANCEL,
            )
        )
