"""A longer term, now. Source: Partner Center docs, create-a-new-subscription (Oct 2023): never a shorter one."""

from __future__ import annotations

from cspctl.commerce import rules as commercial
from cspctl.commerce.terms import TERM_MONTHS, last_day, term_months
from cspctl.kinds.contract import Proposal
from cspctl.kinds.subscription import phases
from cspctl.kinds.subscription.blocks import blocked
from cspctl.kinds.subscription.case import Case
from cspctl.model.change import Action, AttributeChange, Step


def propose_term(case: Case) -> bool:
    """Whether term and billing are, or become, what the manifest says; if not, its seats are not for what runs."""
    keys = [k for k in ("term", "billing") if case.differs(k)]
    if not keys:
        return True
    blocking = _term_blocked(case, keys)
    if blocking is not None:
        case.proposals.append(blocking)
    elif case.differs("term"):
        _extend(case, keys)
    elif not case.live.facts.get("pendingCharge"):
        _switch(case)
    return blocking is None


def _term_blocked(case: Case, keys: list[str]) -> Proposal | None:
    old, new = str(case.have.get("term")), str(case.target("term"))
    attributes = case.with_seats(keys)
    if case.live.facts.get("isTrial"):
        return blocked("E-TRIAL-TERM", "a trial cannot change its term", attributes=attributes)
    if old not in TERM_MONTHS:
        message = f"the running term {old} is not one that this version knows"
        return blocked("E-TERM-UNKNOWN", message, attributes=attributes)
    if term_months(new) > term_months(old):
        return _off_date(case, new, attributes)
    if _may_switch(case):
        return None
    if case.differs("term"):
        code, message = "E-TERM-SHORTER", "a running term cannot become shorter"
    else:
        code, message = "E-BILLING-SWITCH", "the billing cycle of a running term cannot be changed"
        if new == "P3Y":
            message += f" ({commercial.rule('triennial-cycle-switch', case.now.date()).says})"
    hint = f"declare it under endOfTerm.next with on: {case.end}"
    return blocked(code, message, hint=hint, first_legal=case.after_end, attributes=attributes)


def _off_date(case: Case, new: str, attributes: tuple[AttributeChange, ...]) -> Proposal | None:
    """A longer term ends on another day, so the scheduled change that it deletes could not be written again."""
    on, end = case.desired.memory.get("on"), last_day(new, case.now.date())
    if not case.want.get("next") or not on or on == end.isoformat():
        return None
    message = f"a {new} term begun today ends on {end}, but endOfTerm.on is {on}"
    hint = "change the term first, and declare endOfTerm.next for the new end afterwards"
    return blocked("E-NEXT-ON", message, hint=hint, attributes=attributes)


def _may_switch(case: Case) -> bool:
    """Only P3Y between monthly and annual, and only as long as the rule of the day allows it."""
    cycles = {case.target("billing"), case.have.get("billing")}
    if case.differs("term") or case.target("term") != "P3Y" or cycles != {"monthly", "annual"}:
        return False
    return bool(commercial.rule("triennial-cycle-switch", case.now.date()).value == "allowed")


def _switch(case: Case) -> None:
    step = case.patch({"billingCycle": case.want["billing"]}, f"bill {case.want['billing']}", "term")
    effects = ["takes effect with the next charge cycle; the end of the term stays"]
    case.add_now(Action.UPDATE, phases.TERM, [step], ["billing"], side_effects=effects)


def _extend(case: Case, keys: list[str]) -> None:
    new, billing = str(case.target("term")), case.target("billing")
    body = {"termDuration": new, "billingCycle": billing}
    steps: list[Step] = [case.patch(body, f"change to {new} billed {billing}", "term")]
    steps += case.restoration("term", end=last_day(new, case.now.date()))
    effects = (
        "starts a new commitment at once; it cannot be shortened again",
        "deletes scheduled changes",
    )
    case.add_now(Action.EXTEND_TERM, phases.TERM, steps, keys, side_effects=effects)
