"""A longer term, now. Source: Partner Center docs, create-a-new-subscription (Oct 2023): never a shorter one."""

from __future__ import annotations

from cspctl.commerce import rules as commercial
from cspctl.commerce.terms import term_months
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
    elif term_months(new) > term_months(old):
        _extend(case, new, keys)
    else:
        case.proposals.append(_term_blocked(case, keys))


def _extend(case: Case, new: str, keys: list[str]) -> None:
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
