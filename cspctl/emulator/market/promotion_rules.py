"""What keeps a customer from a promotion: dates, country, SKU, term, seats, redemptions, first purchase, ownership.

Limits count every seat and every redemption the customer ever had of the promoted SKU, cancelled ones included.
Source: Partner Center docs, pages verify-promotion-eligibility, promotion-eligibilities-resources,
new-commerce-promotions (Oct 2023).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cspctl.emulator.errors import ApiError
from cspctl.emulator.market.promotions import promotion_of, runs, sold_in, wire
from cspctl.emulator.store import Store
from cspctl.emulator.terms import CYCLE_NAMES, cycle_of
from cspctl.emulator.trade.offers import Offer

Document = dict[str, Any]


def applies(promotion: Document, customer: Document, offer: Offer, now: datetime) -> bool:
    """Whether a promotion runs, is for the SKU and is sold to the customer; only the commercial segment has any."""
    if offer.segment != "commercial" or not terms_of(promotion, offer):
        return False
    return runs(promotion, now) and sold_in(promotion, str(customer["_market"]))


def terms_of(promotion: Document, offer: Offer) -> list[tuple[str, str]]:
    """(duration, cycle) pairs the promotion is for on this SKU; [] when it is for another SKU."""
    key = (offer.product_id, offer.sku_id)
    return [
        (str(one["term"].get("duration")), cycle_of(str(one["term"].get("billingCycle"))))
        for one in wire(promotion)["requiredProducts"]
        if (one["productId"], one["skuId"]) == key
    ]


def errors_of(
    promotion: Document, offer: Offer, quantity: int, term: tuple[str, str], owned: list[Document]
) -> list[Document]:
    """Why a customer with these subscriptions does not get the promotion; [] when it does."""
    errors = []
    allowed = terms_of(promotion, offer)
    if term not in allowed:
        terms = [{"billingCycle": CYCLE_NAMES.get(cycle, cycle), "duration": duration} for duration, cycle in allowed]
        errors.append(refusal("Term", "The term of the item is not eligible.", eligibleTerms=terms))
    return errors + limits_of(promotion, offer, quantity, owned)


def limits_of(promotion: Document, offer: Offer, quantity: int, owned: list[Document]) -> list[Document]:
    """The part of the errors that does not depend on the term."""
    rules = promotion.get("promotionConstraints") or {}
    mine = [one for one in owned if _sku(one) == f"{offer.product_id}:{offer.sku_id}"]
    errors = [error for one in rules.get("seatConstraints") or [] if (error := _seats(one, quantity, mine))]
    redeemed = sum(str(one.get("promotionId") or "").lower() == promotion["id"].lower() for one in mine)
    for limit in rules.get("assetOwnershipLimits") or []:
        most = limit.get("maxAssets")
        if most is not None and redeemed >= most:
            left = {"maxPromotionRedemptionCount": most, "remainingPromotionRedemptionCount": 0}
            errors.append(refusal("RedemptionLimit", "The promotion was redeemed as often as it can be.", **left))
    first = any(one.get("isApplicable") for one in rules.get("eligibilityConstraints") or [])
    if first and mine:
        errors.append(refusal("OfferPurchasedPreviously", "The customer purchased or tried this offer before."))
    groups = rules.get("productOwnershipConstraints") or []
    held = {_sku(one) for one in owned if one["status"] == "active"}
    if groups and not any(all(one["bigId"].replace("/", ":") in held for one in group) for group in groups):
        errors.append(refusal("PrerequisiteProductOwnership", "The customer does not own the required product."))
    return errors


def _seats(rule: Document, quantity: int, mine: list[Document]) -> Document | None:
    least, most = int(rule.get("minSeats", 1)), rule.get("maxSeats")
    used = sum(_ever(one) for one in mine)
    left = None if most is None else max(0, int(most) - used)
    if quantity >= least and (left is None or quantity <= left):
        return None
    limits = {"minimumRequiredSeats": least, "maximumRequiredSeats": most, "availableSeats": left}
    return refusal("SeatCount", "The number of seats is outside what the promotion allows.", **limits)


def _ever(subscription: Document) -> int:
    """The most seats a subscription ever had: what was returned or cancelled still counts."""
    return max([int(event.get("after", 0)) for event in subscription.get("_events", [])] + [subscription["quantity"]])


def _sku(subscription: Document) -> str:
    return ":".join(str(subscription["offerId"]).split(":")[:2])


def refusal(kind: str, text: str, **more: Any) -> Document:
    return {"type": kind, "description": text, **more}


def require_room(store: Store, subscription: Document, more: int, owned: list[Document]) -> None:
    """A discounted subscription does not grow beyond the seats of its promotion. Raises 400/27006."""
    promotion = promotion_of(store, str(subscription.get("promotionId") or ""))
    if promotion is None:
        return
    used = sum(_ever(one) for one in owned if _sku(one) == _sku(subscription))
    for rule in (promotion.get("promotionConstraints") or {}).get("seatConstraints") or []:
        if rule.get("maxSeats") is not None and used + more > int(rule["maxSeats"]):
            raise ApiError(400, 27006, f"Use limit is exceeded for Offer ID {subscription['offerId']}.")
