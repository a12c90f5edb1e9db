"""The hours after a term ended, until its renewal is through.

Source: Partner Center docs, create-a-new-subscription (Oct 2023): queued from 00:00 UTC of the day after the
commitment end and done up to 24 hours later; until then auto-renew, scheduled changes, suspending and reactivating are
read-only.
"""

from __future__ import annotations

from cspctl.kinds.contract import Proposal
from cspctl.kinds.subscription.blocks import blocked
from cspctl.kinds.subscription.case import RENEWAL, Case
from cspctl.kinds.subscription.steps import ClearSchedule, PatchSubscription, ScheduleNextTerm
from cspctl.model.change import Step


def after_renewal(case: Case) -> list[Proposal]:
    """The proposals, those that would touch what is read-only blocked until the renewal must be through."""
    if not case.renewing:
        return case.proposals
    return [_waiting(case, p) if any(_is_locked(s) for s in p.steps) else p for p in case.proposals]


def _is_locked(step: Step) -> bool:
    if isinstance(step, PatchSubscription):
        return "autoRenewEnabled" in step.changes or step.changes.get("status") in ("active", "suspended")
    return isinstance(step, ScheduleNextTerm | ClearSchedule)


def _waiting(case: Case, proposal: Proposal) -> Proposal:
    message = f"the term ended on {case.end} and its renewal is still under way"
    first = case.end + RENEWAL if case.end else None
    hint = "plan again when the new term runs"
    return blocked("E-RENEWING", message, hint=hint, first_legal=first, attributes=proposal.attributes)
