"""What buying a subscription takes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from cspctl.commerce import rules as commercial
from cspctl.commerce.terms import calendar_alignment, last_day
from cspctl.kinds.contract import Desired, Proposal
from cspctl.kinds.subscription import phases
from cspctl.kinds.subscription.blocks import blocked
from cspctl.kinds.subscription.steps import (
    CartLine,
    CheckoutCart,
    CreateCart,
    PatchSubscription,
    ScheduleNextTerm,
)
from cspctl.model.change import Action, AttributeChange, Finding, Step, Timing, When


def propose(desired: Desired, now: datetime) -> Proposal | None:
    want = desired.bought
    if want.get("state") == "cancelled":
        return None
    end, align_to = _alignment(desired, now)
    refusal = _refusal(desired, now, end)
    if refusal is not None:
        return refusal
    line = _line(desired, end, align_to)
    return Proposal(
        action=Action.CREATE,
        timing=Timing(when=When.NOW),
        attributes=tuple(AttributeChange(path=k, after=want[k]) for k in sorted(want) if want[k] is not None),
        steps=_steps(desired, line, now),
        findings=_findings(desired, now),
        side_effects=_side_effects(desired, now, end),
        phase=phases.DEPENDANT if desired.requires or align_to else phases.CREATE,
        requires=(align_to,) if align_to else (),
    )


def _refusal(desired: Desired, now: datetime, end: date | None) -> Proposal | None:
    """Why it cannot be bought like this."""
    want, on = desired.bought, desired.memory.get("on")
    if desired.resource.effective.get("upgradeFrom"):
        return blocked(
            "E-UPGRADE",
            "upgradeFrom is not carried out by this version, and a purchase would pay for the seats twice",
            hint="upgrade in the portal, then adopt the result with spec.subscriptionId",
        )
    if desired.resource.effective.get("trial"):
        return blocked(
            "E-TRIAL",
            "trials are not started by this version: they become a paid year by themselves",
            hint="start it in the portal, then adopt it with spec.subscriptionId",
        )
    expected = (desired.resource.effective.get("promotion") or {}).get("expect", "allowed")
    if expected != "allowed":
        return blocked(
            "E-PROMOTION",
            f"promotion.expect is {expected}, but this version does not ask whether the customer is eligible",
            hint="use expect: allowed, and check the price in the cart",
        )
    if want.get("next") and on and end and on != end.isoformat():
        return blocked(
            "E-NEXT-ON",
            f"endOfTerm.on is {on}, but bought now the commitment would end on {end}",
            hint=f"set endOfTerm.on to {end} or align the end date",
        )
    longest = last_day(str(want["term"]), now.date())
    if end is not None and not now.date() <= end <= longest:
        # Source: Partner Center docs, align-subscription-end-dates (2023): within the first term.
        message = f"endDate.alignTo is {end}, but a {want['term']} bought now runs until {longest} at most"
        return blocked("E-ALIGN-DATE", message, hint=f"choose a day from today until {longest}")
    return None


def _alignment(desired: Desired, now: datetime) -> tuple[date | None, str | None]:
    """(end of the first term, address of the subscription to co-term with)."""
    target = desired.memory.get("alignTo")
    term = str(desired.bought["term"])
    if target is None:
        return last_day(term, now.date()), None
    if target == "calendar-month":
        return calendar_alignment(term, now.date()), None
    try:
        return date.fromisoformat(target), None
    except ValueError:
        return None, f"{desired.resource.kind}/{target}"


def marker(desired: Desired) -> str:
    """The friendly name that a purchase gives its subscription: the manifest's, else its resource name."""
    return str(desired.bought.get("friendlyName") or desired.resource.name)


def _line(desired: Desired, end: date | None, align_to: str | None) -> CartLine:
    want = desired.bought
    aligned = end if desired.memory.get("alignTo") and end else None
    return CartLine(
        product=want["product"],
        sku=want["sku"],
        segment=desired.memory["segment"],
        term=want["term"],
        billing=want["billing"],
        quantity=want["quantity"],
        friendly_name=marker(desired),
        end_date=aligned.isoformat() if aligned else None,
        align_to=align_to,
        reseller_mpn=want.get("resellerMpn"),
        promotion=desired.memory.get("promotion"),
    )


def _steps(desired: Desired, line: CartLine, now: datetime) -> tuple[Step, ...]:
    scope, unit = desired.scope, "purchase"
    what = f"{line.quantity} x {line.product}:{line.sku} {line.term} {line.billing}"
    steps: list[Step] = [
        CreateCart(scope=scope, unit=unit, summary=f"put {what} into a cart", line=line),
        CheckoutCart(scope=scope, unit=unit, summary=f"check the cart out: buys {what}", line=line),
    ]
    want = desired.bought
    if want.get("autoRenew") is False and (desired.memory.get("endOfTerm") == "extend" or _ends_by_itself(now)):
        steps.append(_patch(desired, {"autoRenewEnabled": False}, "switch auto-renew off"))
    if want.get("next"):
        steps.append(schedule_step(desired, "", unit))
    if want.get("state") == "suspended":
        steps.append(_patch(desired, {"status": "suspended"}, "suspend the new subscription"))
    return tuple(steps)


def _ends_by_itself(now: datetime) -> bool:
    """Whether auto-renew off ends a subscription with its term, by the rule of the day."""
    return bool(commercial.rule("auto-renew-off", now.date()).value == "ends")


def _patch(desired: Desired, changes: dict[str, Any], summary: str) -> PatchSubscription:
    return PatchSubscription(scope=desired.scope, unit="purchase", summary=summary, changes=changes)


def schedule_step(desired: Desired, subscription: str, unit: str) -> ScheduleNextTerm:
    wanted = desired.bought["next"]
    return ScheduleNextTerm(
        scope=desired.scope,
        unit=unit,
        summary=f"schedule {wanted['quantity']} x {wanted['product']}:{wanted['sku']} for the next term",
        subscription=subscription,
        product=wanted["product"],
        sku=wanted["sku"],
        segment=desired.memory["segment"],
        term=wanted["term"],
        billing=wanted["billing"],
        quantity=wanted["quantity"],
        end_date=wanted.get("endDate"),
        on=desired.memory.get("on"),
    )


def _findings(desired: Desired, now: datetime) -> tuple[Finding, ...]:
    if desired.memory.get("endOfTerm") != "cancel" or _ends_by_itself(now):
        return ()
    entry = commercial.rule("auto-renew-off", now.date())
    message = f"the purchase is made, but its end is not arranged: {entry.says}"
    hint = "a later plan shows the manual step; Partner Center has no documented call for it"
    return (Finding(code="W-CANCEL-AT-END", severity="warning", message=message, hint=hint),)


def _side_effects(desired: Desired, now: datetime, end: date | None) -> tuple[str, ...]:
    days = commercial.rule("cancel-window-days", now.date()).value
    until = (now + timedelta(days=int(days))).date()
    effects = [f"commits until {end}" if end else "commits until the end of the subscription it is aligned with"]
    effects.append(f"can be cancelled until about {until}, not later")
    if desired.bought.get("autoRenew"):
        effects.append("renews by itself at the end of the term")
    return tuple(effects)
