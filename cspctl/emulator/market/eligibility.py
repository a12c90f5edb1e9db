"""Which promotions a purchase would get, and why not the others. Ineligibility is a 200 (rule 30).

Limits count every seat and every redemption the customer ever had of the promoted SKU, cancelled ones included.
Source: Partner Center docs, pages verify-promotion-eligibility, promotion-eligibilities-resources,
new-commerce-promotions (Oct 2023).
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.coterm import customer_subscriptions
from cspctl.emulator.customers import customer_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.market.promotions import ROLES, promotion_of, runs, wire
from cspctl.emulator.offers import Offer, generation, offer_by_item
from cspctl.emulator.requests import objects, text_of, whole
from cspctl.emulator.shapes import collection
from cspctl.emulator.terms import CYCLE_NAMES, cycle_of

Document = dict[str, Any]


async def verify(request: Request, ctx: Context) -> Answer:
    customer = customer_of(ctx, request.path_params["customer_id"])
    items = objects(body_of(request).get("items"), "items")
    owned = customer_subscriptions(ctx, customer["id"])
    return Answer(200, collection([_item(ctx, one, index, owned) for index, one in enumerate(items)]))


def _item(ctx: Context, given: Document, index: int, owned: list[Document]) -> Document:
    item, quantity = text_of(given, "catalogItemId"), whole(given.get("quantity"), "of the item")
    duration, billing = text_of(given, "termDuration").upper(), cycle_of(text_of(given, "billingCycle"))
    number = str(given.get("id"))
    body: Document = {
        "id": int(number) if number.isdecimal() else index,
        "catalogItemId": item,
        "quantity": quantity,
        "billingCycle": billing,
        "termDuration": duration,
        "eligibilities": _eligibilities(ctx, item, quantity, (duration, billing), given.get("promotionId"), owned),
        "attributes": {"objectType": "PromotionEligibilities"},
    }
    return body


def _eligibilities(
    ctx: Context, item: str, quantity: int, term: tuple[str, str], wanted: str | None, owned: list[Document]
) -> list[Document]:
    now = ctx.clock.now()
    try:
        offer = offer_by_item(ctx.store, item, generation(ctx.store, ctx.settings, now))
    except ApiError as error:
        return [_refused(wanted, [_error("InvalidCatalogItemId", error.description)])]
    if wanted:
        named = promotion_of(ctx.store, wanted)
        if named is None or not runs(named, now) or not terms_of(named, offer):
            return [_refused(wanted, [_error("InvalidPromotion", f"The promotion {wanted} is not valid.")])]
        candidates = [named]
    else:
        every = ctx.store.list("promotion", "")
        candidates = [one for one in every if runs(one, now) and terms_of(one, offer)]
    if not candidates:
        return [_refused(None, [_error("NoPromotionsAvailable", "There are no promotions for this item.")])]
    found = [(one, errors_of(one, offer, quantity, term, owned)) for one in candidates]
    return [
        _refused(one["id"], errors) if errors else {"promotionId": one["id"], "isEligible": True}
        for one, errors in found
    ]


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
        errors.append(_error("Term", "The term of the item is not eligible.", eligibleTerms=terms))
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
            errors.append(_error("RedemptionLimit", "The promotion was redeemed as often as it can be.", **left))
    first = any(one.get("isApplicable") for one in rules.get("eligibilityConstraints") or [])
    if first and mine:
        errors.append(_error("OfferPurchasedPreviously", "The customer purchased or tried this offer before."))
    groups = rules.get("productOwnershipConstraints") or []
    held = {_sku(one) for one in owned if one["status"] == "active"}
    if groups and not any(all(one["bigId"].replace("/", ":") in held for one in group) for group in groups):
        errors.append(_error("PrerequisiteProductOwnership", "The customer does not own the required product."))
    return errors


def _seats(rule: Document, quantity: int, mine: list[Document]) -> Document | None:
    least, most = int(rule.get("minSeats", 1)), rule.get("maxSeats")
    used = sum(_ever(one) for one in mine)
    left = None if most is None else max(0, int(most) - used)
    if quantity >= least and (left is None or quantity <= left):
        return None
    limits = {"minimumRequiredSeats": least, "maximumRequiredSeats": most, "availableSeats": left}
    return _error("SeatCount", "The number of seats is outside what the promotion allows.", **limits)


def _ever(subscription: Document) -> int:
    """The most seats a subscription ever had: what was returned or cancelled still counts."""
    return max([int(event.get("after", 0)) for event in subscription.get("_events", [])] + [subscription["quantity"]])


def _sku(subscription: Document) -> str:
    return ":".join(str(subscription["offerId"]).split(":")[:2])


def _error(kind: str, text: str, **more: Any) -> Document:
    return {"type": kind, "description": text, **more}


def _refused(promotion: str | None, errors: list[Document]) -> Document:
    return {"promotionId": promotion, "isEligible": False, "errors": errors}


ROUTES: list[RouteSpec] = [
    RouteSpec(
        "POST", "/v1/customers/{customer_id}/promotionEligibilities", verify,
        name="verify promotion eligibility", roles=ROLES,
    )
]  # fmt: skip  # one route
