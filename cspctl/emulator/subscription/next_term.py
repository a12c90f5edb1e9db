"""scheduledNextTermInstructions: what the next term shall be, checked when it is set.

Source: Partner Center docs, pages create-scheduled-changes and update-a-subscription-by-id (2023). Needs an active
subscription that renews; every part must exist in the catalogue of the day.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from cspctl.emulator.context import Context
from cspctl.emulator.errors import ApiError
from cspctl.emulator.subscription.document import Document, term_day
from cspctl.emulator.terms import cycle_of, day_stamp, parse_day, term_end
from cspctl.emulator.trade.coterm import LATE_DAYS, allowed_dates, customer_subscriptions, day_of, too_late_for_months
from cspctl.emulator.trade.offers import Offer, check_quantity, check_term, generation, offer_by_item
from cspctl.emulator.wire.shapes import catalog_item


def same_instructions(one: Document | None, other: Document | None) -> bool:
    """Whether two instructions say the same, whatever the case of the cycle or the form of the date."""
    return bool(_normal(one) == _normal(other))


def _normal(given: Document | None) -> Any:
    if not given:
        return None
    product = given.get("product") or {}
    end = given.get("customTermEndDate")
    try:
        day = parse_day(str(end)) if end else None
    except ValueError:
        day = None
    names = ("productId", "skuId", "availabilityId", "termDuration", "promotionId")
    cycle = cycle_of(str(product.get("billingCycle") or ""))
    return ([str(product.get(name) or "").upper() for name in names], cycle, given.get("quantity"), day)


def check_instructions(ctx: Context, subscription: Document, given: object) -> Document:
    """The instructions in the form of the answer.

    Raises 404/400013, 400018, 400019 (product, SKU, availability), 400/900270, 800121, 900269 (term and cycle),
    400/2002 (quantity), 400/900244 to 900246 (end date), 400/27007 (promotion), 400/800002 (form).
    """
    if not isinstance(given, dict) or not isinstance(given.get("product"), dict):
        raise ApiError(400, 800002, "Invalid request input: scheduledNextTermInstructions needs a product.")
    product: Document = given["product"]
    parts = [str(product.get(name) or "") for name in ("productId", "skuId", "availabilityId")]
    if not all(parts):
        text = "Invalid request input: scheduledNextTermInstructions.product needs productId, skuId, availabilityId."
        raise ApiError(400, 800002, text)
    offer = offer_by_item(ctx.store, catalog_item(*parts), generation(ctx.store, ctx.settings, ctx.clock.now()))
    duration = str(product.get("termDuration") or "").upper()
    billing = cycle_of(str(product.get("billingCycle") or ""))
    check_term(offer, duration, billing)
    quantity = given.get("quantity", subscription["quantity"])
    if not isinstance(quantity, int) or isinstance(quantity, bool):
        raise ApiError(400, 2002, f"Subscription quantity isn't within minimum and maximum: {quantity!r}.")
    check_quantity(offer, quantity)
    end = _check_end(ctx, subscription, offer, duration, given.get("customTermEndDate"))
    promotion = product.get("promotionId")
    if promotion and ctx.store.get("promotion", "", str(promotion).lower()) is None:
        raise ApiError(400, 27007, f"Invalid promotion code: {promotion}.")
    target = {
        "productId": offer.product_id,
        "skuId": offer.sku_id,
        "availabilityId": offer.availability_id,
        "billingCycle": billing,
        "termDuration": duration,
        **({"promotionId": promotion} if promotion else {}),
    }
    return {"product": target, "quantity": quantity, **({"customTermEndDate": day_stamp(end)} if end else {})}


def _check_end(ctx: Context, subscription: Document, offer: Offer, duration: str, wanted: object) -> date | None:
    if not wanted:
        return None
    if not offer.is_licence:
        text = "The custom term end date specified on the scheduled next term instructions is only valid for "
        raise ApiError(400, 900244, text + "OnlineServicesNCE products.")
    day, start = day_of(wanted), term_day(subscription) + timedelta(days=1)
    if not start <= day <= term_end(start, duration) or too_late_for_months(duration, day):
        text = "The custom term end date specified on the scheduled next term instructions must be within the first "
        text += "term duration after renewal. Also monthly term products cannot align with a subscription ending on the"
        raise ApiError(400, 900245, text + f" {LATE_DAYS}")
    others = [one for one in customer_subscriptions(ctx, subscription["_customer"]) if one["id"] != subscription["id"]]
    allowed = allowed_dates(others, start, duration, ctx.settings)
    if day.isoformat() not in {item["allowedCustomTermEndDate"][:10] for item in allowed}:
        text = "The custom term end date specified on the scheduled next term instructions does not match with the end "
        raise ApiError(
            400, 900246, text + "date of any active non-trial OnlineServicesNCE subscription or align with the end "
            "of the calendar month.",
        )  # fmt: skip  # one sentence
    return day
