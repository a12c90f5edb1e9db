"""What can be done at once on a running subscription: its name, auto-renew on, and seats.

Source: Partner Center docs, create-a-new-subscription (Oct 2023): seats go up at any time and down only out of
open refund tranches; either deletes scheduled changes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from cspctl.kinds.subscription import attributes as shape
from cspctl.kinds.subscription import phases
from cspctl.kinds.subscription.blocks import blocked
from cspctl.kinds.subscription.case import Case
from cspctl.kinds.subscription.next_term import scheduled
from cspctl.kinds.subscription.steps import PatchSubscription
from cspctl.model.change import Action, Step


@dataclass(slots=True)
class _Row:
    """The one row that all of it goes into."""

    steps: list[Step] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    effects: list[str] = field(default_factory=list)
    phase: int = phases.UPDATE
    valid_until: datetime | None = None


def propose_update(case: Case, *, seats: bool) -> None:
    row = _Row()
    if case.differs("friendlyName"):
        row.steps.append(_rename_step(case))
        row.keys.append("friendlyName")
    if case.want.get("autoRenew") and case.differs("autoRenew") and not case.differs("state"):
        row.steps.append(case.patch({"autoRenewEnabled": True}, "switch auto-renew on", "update"))
        row.keys.append("autoRenew")
    if seats and case.differs("quantity") and not _refused(case):
        _seats(case, row)
    if row.steps:
        case.add_now(
            Action.UPDATE, row.phase, row.steps, row.keys, side_effects=row.effects, valid_until=row.valid_until
        )


def _rename_step(case: Case) -> PatchSubscription:
    return case.patch({"friendlyName": case.want["friendlyName"]}, "rename", "update")


def _refused(case: Case) -> bool:
    """Whether the seats cannot be touched at all; the row that says so is added."""
    change = case.changes(["quantity"])
    if case.live.facts.get("isTrial"):
        # Source: Partner Center docs, create-a-new-subscription (Oct 2023).
        case.proposals.append(blocked("E-TRIAL-QUANTITY", "the seats of a trial cannot be changed", attributes=change))
    elif case.have.get("quantity") is None:
        message = "Partner Center did not say how many seats it has; unknown is not none"
        case.proposals.append(blocked("E-QUANTITY-UNKNOWN", message, attributes=change))
    elif case.off_date and case.have.get("next"):
        message = "a change of seats deletes the scheduled change, and endOfTerm.on does not fit to restore it"
        hint = f"set endOfTerm.on: {case.end}"
        case.proposals.append(blocked("E-NEXT-ON", message, hint=hint, attributes=change))
    else:
        return False
    return True


def _seats(case: Case, row: _Row) -> None:
    delta = int(case.want["quantity"]) - int(case.have["quantity"])
    allowed, closes = shape.refundable_now(case.live, case.now)
    if delta < 0 and -delta > allowed:
        _decrease_later(case, allowed)
        return
    summary = f"set {case.want['quantity']} seats ({delta:+d})"
    row.steps.append(case.patch({"quantity": case.want["quantity"]}, summary, "update"))
    row.steps += case.restoration("update")
    row.keys += ["quantity", "next"] if case.differs("next") else ["quantity"]
    row.effects.append("deletes scheduled changes")
    if delta < 0:
        row.phase, row.valid_until = phases.DECREASE, closes
    else:
        row.effects.append("opens a new refund window for the added seats")


def _decrease_later(case: Case, allowed: int) -> None:
    """Blocked with the first legal day, or scheduled where the manifest says so; nothing where it already stands."""
    change = case.changes(["quantity"])
    have = int(case.have.get("quantity") or 0)
    message = f"only {allowed} of {have} seats can be given back now, {have - int(case.want['quantity'])} would have to"
    if case.have.get("state") == "suspended":
        message += "; what can be given back is not shown while it is suspended"
    if case.desired.memory.get("whenDecreaseNotRefundable") != "schedule" or not case.renews:
        hint = f"use endOfTerm.next with on: {case.end}, or whenDecreaseNotRefundable: schedule"
        case.proposals.append(
            blocked("E-DECREASE-WINDOW", message, hint=hint, first_legal=case.after_end, attributes=change)
        )
        return
    if case.want.get("next"):
        message += "; endOfTerm.next already says what follows"
        case.proposals.append(blocked("E-DECREASE-NEXT", message, first_legal=case.after_end, attributes=change))
        return
    following = {k: case.target(k) for k in ("product", "sku", "term", "billing", "quantity")} | {"endDate": None}
    case.restores = True
    if case.have.get("next") != following:
        case.proposals.append(scheduled(case, following, message))
