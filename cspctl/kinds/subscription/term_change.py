"""A longer term, now. Source: Partner Center docs, create-a-new-subscription (Oct 2023): never a shorter one."""

from __future__ import annotations

from cspctl.commerce import rules as commercial
from cspctl.commerce.terms import TERM_MONTHS, last_day, term_months
from cspctl.kinds.contract import Proposal
from cspctl.kinds.subscription import phases
from cspctl.kinds.subscription.blocks import blocked
from cspctl.kinds.subscription.case import Case
from cspctl.model.change import Action, Step


def propose_term(case: Case) -> None:
    keys = [k for k in ("term", "billing") if case.differs(k)]
    if not keys:
        return
    old, new = str(case.have.get("term")), str(case.want["term"])
    if case.live.facts.get("isTrial"):
        case.proposals.append(blocked("E-TRIAL-TERM", "a trial cannot change its term", attributes=case.changes(keys)))
    elif old not in TERM_MONTHS:
        message = f"the running term {old} is not one that this version knows"
        case.proposals.append(blocked("E-TERM-UNKNOWN", message, attributes=case.changes(keys)))
    elif term_months(new) > term_months(old):
        _extend(case, new, keys)
    elif _may_switch(case):
        _switch(case)
    else:
        case.proposals.append(_term_blocked(case, keys))


def _may_switch(case: Case) -> bool:
    """Only P3Y between monthly and annual, and only as long as the rule of the day allows it."""
    cycles = {case.want["billing"], case.have.get("billing")}
    if case.differs("term") or case.want["term"] != "P3Y" or cycles != {"monthly", "annual"}:
        return False
    return bool(commercial.rule("triennial-cycle-switch", case.now.date()).value == "allowed")


def _switch(case: Case) -> None:
    """Nothing while a switch already waits for the next charge cycle."""
    if case.live.facts.get("pendingCharge"):
        return
    step = case.patch({"billingCycle": case.want["billing"]}, f"bill {case.want['billing']}", "term")
    effects = ["takes effect with the next charge cycle; the end of the term stays"]
    case.add_now(Action.UPDATE, phases.TERM, [step], ["billing"], side_effects=effects)


def _extend(case: Case, new: str, keys: list[str]) -> None:
    on, end = case.desired.memory.get("on"), last_day(new, case.now.date())
    if case.want.get("next") and on and on != end.isoformat():
        message = f"a {new} term begun today ends on {end}, but endOfTerm.on is {on}"
        hint = "change the term first, and declare endOfTerm.next for the new end afterwards"
        case.proposals.append(blocked("E-NEXT-ON", message, hint=hint, attributes=case.changes(keys)))
        return
    body = {"termDuration": new, "billingCycle": case.want["billing"]}
    steps: list[Step] = [case.patch(body, f"change to {new} billed {case.want['billing']}", "term")]
    steps += case.restoration("term")
    effects = (
        "starts a new commitment at once; it cannot be shortened again",
        "deletes scheduled changes",
    )
    case.add_now(Action.EXTEND_TERM, phases.TERM, steps, keys, side_effects=effects)


def _term_blocked(case: Case, keys: list[str]) -> Proposal:
    if case.differs("term"):
        code, message = "E-TERM-SHORTER", "a running term cannot become shorter"
    else:
        code, message = "E-BILLING-SWITCH", "the billing cycle of a running term cannot be changed"
        if case.want["term"] == "P3Y":
            message += f" ({commercial.rule('triennial-cycle-switch', case.now.date()).says})"
    hint = f"declare it under endOfTerm.next with on: {case.end}"
    return blocked(code, message, hint=hint, first_legal=case.after_end, attributes=case.changes(keys))
