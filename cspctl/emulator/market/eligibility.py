"""Which promotions a purchase would get, and why not the others. Ineligibility is a 200 (rule 30).

Source: Partner Center docs, pages verify-promotion-eligibility, promotion-eligibilities-resources,
new-commerce-promotions (Oct 2023).
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.market.promotion_rules import applies, errors_of, refusal
from cspctl.emulator.market.promotions import ROLES, promotion_of
from cspctl.emulator.partner.customers import customer_of
from cspctl.emulator.terms import CYCLE_NAMES, cycle_of
from cspctl.emulator.trade.coterm import customer_subscriptions
from cspctl.emulator.trade.offers import generation, offer_by_item
from cspctl.emulator.wire.requests import objects, text_of, whole
from cspctl.emulator.wire.shapes import collection

Document = dict[str, Any]


async def verify(request: Request, ctx: Context) -> Answer:
    customer = customer_of(ctx, request.path_params["customer_id"])
    items = objects(body_of(request).get("items"), "items")
    owned = customer_subscriptions(ctx, customer["id"])
    return Answer(200, collection([_item(ctx, customer, one, index, owned) for index, one in enumerate(items)]))


def _item(ctx: Context, customer: Document, given: Document, index: int, owned: list[Document]) -> Document:
    item, quantity = text_of(given, "catalogItemId"), whole(given.get("quantity"), "of the item")
    duration, billing = text_of(given, "termDuration").upper(), cycle_of(text_of(given, "billingCycle"))
    if billing not in CYCLE_NAMES:
        raise ApiError(400, 900269, f"The billing cycle is invalid: {billing}.")
    number = str(given.get("id"))
    body: Document = {
        "id": int(number) if number.isdecimal() else index,
        "catalogItemId": item,
        "quantity": quantity,
        "billingCycle": billing,
        "termDuration": duration,
        "attributes": {"objectType": "PromotionEligibilities"},
    }
    wanted = str(given.get("promotionId") or "")
    body["eligibilities"] = _eligibilities(ctx, customer, body, wanted or None, owned)
    return body


def _eligibilities(
    ctx: Context, customer: Document, asked: Document, wanted: str | None, owned: list[Document]
) -> list[Document]:
    """One result for the wanted promotion, or one for each that runs for the item."""
    now = ctx.clock.now()
    try:
        offer = offer_by_item(ctx.store, asked["catalogItemId"], generation(ctx.store, ctx.settings, now))
    except ApiError as error:
        return [_refused(wanted, [refusal("InvalidCatalogItemId", error.description)])]
    if wanted:
        named = promotion_of(ctx.store, wanted)
        if named is None or not applies(named, customer, offer, now):
            return [_refused(wanted, [refusal("InvalidPromotion", f"The promotion {wanted} is not valid.")])]
        candidates = [named]
    else:
        every = ctx.store.list("promotion", "")
        candidates = [one for one in every if applies(one, customer, offer, now)]
    if not candidates:
        return [_refused(None, [refusal("NoPromotionsAvailable", "There are no promotions for this item.")])]
    term = (asked["termDuration"], asked["billingCycle"])
    found = [(one, errors_of(one, offer, asked["quantity"], term, owned)) for one in candidates]
    return [
        _refused(one["id"], errors) if errors else {"promotionId": one["id"], "isEligible": True}
        for one, errors in found
    ]


def _refused(promotion: str | None, errors: list[Document]) -> Document:
    return {"promotionId": promotion, "isEligible": False, "errors": errors}


ROUTES: list[RouteSpec] = [
    RouteSpec(
        "POST", "/v1/customers/{customer_id}/promotionEligibilities", verify,
        name="verify promotion eligibility", roles=ROLES,
    )
]  # fmt: skip  # one route
