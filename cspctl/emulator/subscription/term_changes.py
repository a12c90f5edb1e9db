"""Term and charge cycle of a running subscription (rule 39).

Source: Partner Center docs, page create-a-new-subscription, error-codes 800097, 800107, 800121, 900267, 900270 (2023).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from cspctl.emulator.ageing.conditions import reprice
from cspctl.emulator.context import Context
from cspctl.emulator.errors import ApiError
from cspctl.emulator.subscription.document import Document, record, set_term
from cspctl.emulator.subscription.windows import open_windows
from cspctl.emulator.terms import MONTHS, cycle_of, longer_cycle_than_term, stamp, term_end
from cspctl.emulator.trade.offers import check_term, sold_offer


def set_term_and_cycle(ctx: Context, after: Document, body: dict[str, Any]) -> None:
    """Rule 39: a longer term at once, with any cycle it has; of cycles alone only the P3Y monthly/annual switch."""
    duration = str(body.get("termDuration") or after["termDuration"]).upper()
    billing = cycle_of(str(body.get("billingCycle") or after["billingCycle"]))
    if (duration, billing) == (after["termDuration"], after["billingCycle"]):
        return
    if after["isTrial"]:
        raise ApiError(400, 800107, "Term changes are not supported for trial offers.")
    if duration not in MONTHS:
        raise ApiError(400, 800121, f"The term duration provided is invalid: {duration}.")
    if longer_cycle_than_term(billing, duration):
        raise ApiError(400, 900270, "The billing cycle cannot be longer than the term.")
    if not ctx.settings.mid_term_changes:
        raise ApiError(400, 900280, "Update operations are currently not allowed for this subscription.")
    if duration == after["termDuration"]:
        _plan_cycle(ctx, after, billing)
        return
    if MONTHS[duration] < MONTHS.get(after["termDuration"], 0):
        text = "The target term duration cannot be shorter than the current term duration."
        raise ApiError(400, ctx.settings.shorter_term_code, text)
    check_term(sold_offer(ctx, after), duration, billing)
    now = ctx.clock.now()
    before, extended = after["quantity"], after.get("_extended")
    after.update(termDuration=duration, billingCycle=billing, effectiveStartDate=stamp(now), _extended=None)
    set_term(after, now.date(), term_end(now.date(), duration))
    if extended:  # (impl.) a standard term begins like a purchase; the extension's own right to cancel ends
        open_windows(after, now, ctx.settings)
    reprice(ctx.store, ctx.settings, after, now, promotion=after.get("promotionId"))  # it may be lost by the change
    record(after, "extendTerm", now, before=before, term=duration, billing=billing)


def _plan_cycle(ctx: Context, after: Document, billing: str) -> None:
    """A switch of the cycle alone waits for the next charge, visible in nextChargeInstructions."""
    until = date.fromisoformat(ctx.settings.triennial_cycle_change_until)
    pair = {after["billingCycle"], billing}
    if after["termDuration"] != "P3Y" or pair != {"monthly", "annual"} or ctx.clock.now().date() > until:
        raise ApiError(400, 800097, "Can't update the billing cycle for this subscription.")
    check_term(sold_offer(ctx, after), "P3Y", billing)
    product_id, sku_id, availability = after["offerId"].split(":")
    product = {
        "productId": product_id, "skuId": sku_id, "availabilityId": availability,
        "billingCycle": billing, "termDuration": "P3Y",
    }  # fmt: skip  # one shape
    after["nextChargeInstructions"] = {"product": product, "quantity": after["quantity"]}
