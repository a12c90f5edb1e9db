"""Scheduled instructions for the next term, written last because everything before may delete them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cspctl.kinds.contract import Proposal
from cspctl.kinds.subscription import phases
from cspctl.kinds.subscription.blocks import blocked
from cspctl.kinds.subscription.case import Case
from cspctl.kinds.subscription.steps import ClearSchedule, ScheduleNextTerm
from cspctl.model.change import Action, AttributeChange, Timing, When


def propose_next_term(case: Case) -> None:
    if "next" in case.ignored:
        _restore(case)
    if case.restores or not case.differs("next") or case.want.get("autoRenew") is False:
        return
    want = case.want["next"]
    if want is None:
        _clear(case)
    elif not case.renews:
        message = "scheduled changes need auto-renew, which is off and which lifecycle.ignore leaves to others"
        case.proposals.append(blocked("E-NEXT-RENEW", message, attributes=case.changes(["next"])))
    elif case.off_date:
        message = f"endOfTerm.on is {case.desired.memory.get('on')}, but the commitment ends on {case.end}"
        hint = f"set endOfTerm.on: {case.end}"
        case.proposals.append(blocked("E-NEXT-ON", message, hint=hint, attributes=case.changes(["next"])))
    else:
        case.proposals.append(scheduled(case, want, ""))


def _restore(case: Case) -> None:
    """What an interrupted run deleted and had yet to write again; nobody else's scheduled change is replaced."""
    standing = case.owed
    if standing is None or case.restores:
        return
    case.proposals.append(
        Proposal(
            action=Action.SCHEDULE,
            timing=Timing(when=When.AT_RENEWAL, on=case.end),
            steps=(case.keep(standing, "schedule", case.end),),
            reason="an interrupted apply deleted the scheduled change and had yet to write it again",
            phase=phases.SCHEDULE,
        )
    )


def _clear(case: Case) -> None:
    """On a trial there always is one: what it becomes."""
    if case.live.facts.get("isTrial"):
        return
    step = ClearSchedule(
        scope=case.desired.scope,
        unit="schedule",
        summary="remove the scheduled change",
        subscription=case.live.live_id,
    )
    case.add_now(Action.UPDATE, phases.SCHEDULE, [step], ["next"])


def scheduled(case: Case, following: Mapping[str, Any], reason: str) -> Proposal:
    desired = case.desired
    step = ScheduleNextTerm(
        scope=desired.scope,
        unit="schedule",
        summary=f"schedule {following['quantity']} seats for the next term",
        subscription=case.live.live_id,
        product=following["product"],
        sku=following["sku"],
        segment=desired.memory["segment"],
        term=following["term"],
        billing=following["billing"],
        quantity=following["quantity"],
        end_date=following.get("endDate"),
        on=case.end.isoformat() if case.end else desired.memory.get("on"),
    )
    return Proposal(
        action=Action.SCHEDULE,
        timing=Timing(when=When.AT_RENEWAL, on=case.end),
        attributes=(AttributeChange(path="next", before=case.have.get("next"), after=dict(following)),),
        steps=(step,),
        reason=reason,
        side_effects=(f"all seats stay billed until {case.end}",),
        phase=phases.SCHEDULE,
    )
