"""From what is live to what the manifest says, in legal steps.

Premises (Partner Center docs, create-a-new-subscription and update-a-subscription-by-id, Oct 2023):
one change per PATCH; any change of quantity or term, a suspension and auto-renew off delete scheduled
instructions, so they are restored right after in the same unit; seats go down only out of open refund tranches;
a term only gets longer; a cancellation only happens inside its window.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cspctl.kinds.contract import Desired, Proposal
from cspctl.kinds.subscription import attributes as shape
from cspctl.kinds.subscription.cancellation import propose_cancel, propose_end_of_term
from cspctl.kinds.subscription.case import Case
from cspctl.kinds.subscription.fixed import propose_fixed
from cspctl.kinds.subscription.next_term import propose_next_term
from cspctl.kinds.subscription.renewal import after_renewal
from cspctl.kinds.subscription.seats import propose_update
from cspctl.kinds.subscription.suspension import changeable, propose_locked, propose_state
from cspctl.kinds.subscription.term_change import propose_term
from cspctl.model.live import LiveObject


def propose(desired: Desired, live: LiveObject, now: datetime) -> list[Proposal]:
    """Every row needed; empty when converged."""
    case = Case(desired, live, now, _wanted(desired, live, now), live.attributes)
    if case.want.get("state") == "cancelled":
        propose_cancel(case)
    else:
        _converge(case)
    return after_renewal(case)


def _converge(case: Case) -> None:
    if not changeable(case):
        return
    propose_state(case)
    propose_fixed(case)
    if case.live.facts.get("status") == "suspended" and case.want.get("state", "suspended") == "suspended":
        propose_locked(case)
    elif not (case.differs("product") or case.differs("sku")):
        # Seats, terms and what follows are declared for the product that the manifest names, not for what runs.
        propose_update(case, seats=propose_term(case))
        propose_end_of_term(case)
        propose_next_term(case)


def _wanted(desired: Desired, live: LiveObject, now: datetime) -> dict[str, Any]:
    """The manifest's attributes; after a scheduled change landed its `next` overrides them."""
    want = dict(desired.attributes)
    following = want.get("next")
    if following and shape.scheduled_landed(desired.memory.get("on"), live, now):
        landed: dict[str, Any] = {
            k: following[k] for k in ("product", "sku", "term", "billing", "quantity") if k in want
        }
        want |= {**landed, "next": None}
    return want
