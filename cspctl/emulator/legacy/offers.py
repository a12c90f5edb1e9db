"""The legacy catalogue: offers, their add-ons, their categories; by country and by customer. Seeding writes it.

Source: Partner Center docs, pages get-a-list-of-offers-for-a-market, get-an-offer-by-id, get-add-ons-for-an-offer-id,
get-a-list-of-offer-categories-by-market, offer-resources (Oct 2023). The by-customer calls are SDK operations.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner.customers import customer_of
from cspctl.emulator.store import Store
from cspctl.emulator.wire.requests import country_of, self_uri
from cspctl.emulator.wire.shapes import collection, link, split_catalog_item, stable_guid

Document = dict[str, Any]
_PRODUCT = re.compile(r"[A-Z0-9]{12}(:[A-Z0-9]{4})?")  # P or P:S of the modern catalogue


def offer_document(entry: Document) -> tuple[str, Document]:
    """(key, stored offer) of a seed entry. Raises ValueError without an id."""
    id = str(entry.get("id") or "").strip()
    if not id:
        raise ValueError("legacy offer has no id")
    name = str(entry.get("name") or id)
    usage = entry.get("billing") == "usage"
    category = str(entry.get("category") or "Enterprise")
    document: Document = {
        "id": id,
        "name": name,
        "description": str(entry.get("description") or name),
        "minimumQuantity": int(entry.get("minimumQuantity") or 1),
        "maximumQuantity": int(entry.get("maximumQuantity") or 10_000_000),
        "rank": int(entry.get("rank") or 1),
        "category": {"id": f"{category.replace(' ', '')}_Key", "name": category, "rank": 20},
        "prerequisiteOffers": [str(one) for one in entry.get("prerequisiteOffers") or []],
        "isAddOn": bool(entry.get("isAddOn")),
        "isAvailableForPurchase": bool(entry.get("isAvailableForPurchase", True)),
        "billing": "usage" if usage else "license",
        "isAutoRenewable": bool(entry.get("isAutoRenewable", not usage)),
        "isInternal": False,
        "isTrial": bool(entry.get("isTrial")),
        "conversionTargetOffers": [str(one) for one in entry.get("conversionTargetOffers") or []],
        "partnerQualifications": ["none"],
        "supportedBillingCycles": list(entry.get("billingCycles") or ["monthly", "annual"]),
        "product": {"id": stable_guid("legacy product", id), "name": name, "unit": "Licenses"},
        "unitType": "Usage-based" if usage else "Licenses",
        "salesGroupId": "1",
        "_upgradeTargets": [str(one) for one in entry.get("upgradeTargetOffers") or []],
        "_unitPrice": _price(entry),
        "_equivalent": entry.get("equivalent"),  # "P:S" of new commerce, for migrations
        "_migrationFails": bool(entry.get("migrationFails")),
    }
    return id.lower(), document


def _price(entry: Document) -> str | None:
    """`unitPrice`: decimal text, the partner's price of one unit and month, as the legacy price list has it."""
    if entry.get("unitPrice") is None:
        return None
    try:
        amount = Decimal(str(entry["unitPrice"]))
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0:
        raise ValueError(f"legacy offer {entry['id']}: unitPrice {entry['unitPrice']!r} is not a price")
    return str(amount)


def term_price(offer: Document) -> str | None:
    """Price of one unit for the year of a legacy term; None where the offer has none."""
    return None if offer.get("_unitPrice") is None else str(Decimal(offer["_unitPrice"]) * 12)


def find_offer(store: Store, id: str) -> Document | None:
    return store.get("offer", "", id.lower())


def legacy_offer(store: Store, id: str) -> Document:
    """Raises 400/2100 for an item of the modern catalogue, 400/800004 for an unknown offer."""
    found = find_offer(store, id)
    if found is not None:
        return found
    if split_catalog_item(id) or _PRODUCT.fullmatch(id.upper()) or store.get("product", "", id.split(":")[0].upper()):
        text = f"The Offers API doesn't support item with ID {id}. Try using the Products and/or SKUs APIs."
        raise ApiError(400, 2100, text)
    raise ApiError(400, 800004, f"Invalid offer ID: {id}.")


class _View:
    """A country and a language, from the query or from the customer."""

    def __init__(self, request: Request, ctx: Context) -> None:
        customer_id = request.path_params.get("customer_id")
        customer = customer_of(ctx, customer_id) if customer_id else None
        self.country = str(customer["_market"]) if customer else country_of(request)
        self.locale = request.headers.get("x-locale", "en-us").strip('"')
        self.ctx = ctx

    def offers(self) -> list[Document]:
        return [self.wire(one) for one in self.ctx.store.list("offer", "")]

    def wire(self, offer: Document) -> Document:
        return offer_wire(offer, self.country, self.locale, self.ctx.partner)

    def category(self, category: Document) -> Document:
        return _category(category, self.country, self.locale)


def offer_wire(offer: Document, country: str, locale: str, partner: str) -> Document:
    learn = "https://aka.ms/learnmore"
    body = {key: value for key, value in offer.items() if not key.startswith("_")}
    return {
        **body,
        "uri": f"/{partner}/Offers/{offer['id']}",
        "locale": locale,
        "country": country,
        "category": _category(offer["category"], country, locale),
        "links": {"learnMore": link(learn), "self": link(f"/offers/{offer['id']}?country={country}")},
        "attributes": {"objectType": "Offer"},
    }


def _category(category: Document, country: str, locale: str) -> Document:
    return {**category, "locale": locale, "country": country, "attributes": {"objectType": "OfferCategory"}}


async def list_offers(request: Request, ctx: Context) -> Answer:
    return Answer(200, collection(_View(request, ctx).offers(), self_uri(request)))


async def get_offer(request: Request, ctx: Context) -> Answer:
    view = _View(request, ctx)
    return Answer(200, view.wire(legacy_offer(ctx.store, request.path_params["offer_id"])))


async def list_addons(request: Request, ctx: Context) -> Answer:
    """Add-ons whose prerequisite this offer is."""
    view = _View(request, ctx)
    parent = legacy_offer(ctx.store, request.path_params["offer_id"])["id"].lower()
    found = [one for one in view.offers() if parent in [id.lower() for id in one["prerequisiteOffers"]]]
    return Answer(200, collection(found, self_uri(request)))


async def list_categories(request: Request, ctx: Context) -> Answer:
    view = _View(request, ctx)
    known = {one["category"]["id"]: one["category"] for one in ctx.store.list("offer", "")}
    return Answer(200, collection([view.category(one) for one in known.values()]))


_CUSTOMER = "/v1/customers/{customer_id}"
ROUTES: list[RouteSpec] = [
    RouteSpec("GET", "/v1/offers", list_offers, name="get a list of offers for a market"),
    RouteSpec("GET", "/v1/offers/{offer_id}", get_offer, name="get an offer by id"),
    RouteSpec("GET", "/v1/offers/{offer_id}/addons", list_addons, name="get add-ons for an offer id"),
    RouteSpec("GET", "/v1/offercategories", list_categories, name="get a list of offer categories by market"),
    RouteSpec("GET", f"{_CUSTOMER}/offers", list_offers, name="get offers for a customer"),
    RouteSpec("GET", f"{_CUSTOMER}/offercategories", list_categories, name="get offer categories for a customer"),
]
