"""Products, SKUs and availabilities, by country and by customer. The catalogue is read-only; seeding writes it.

Source: Partner Center docs, pages get-a-list-of-products, get-a-list-of-skus-for-a-product,
get-a-list-of-availabilities-for-a-sku and their by-customer twins, product-resources (Oct 2023).
Links inside by-customer answers point to the country form. The by-customer pages print POST; GET is what is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec
from cspctl.emulator.currencies import market_currency, symbol
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner.customers import customer_of, partner_of
from cspctl.emulator.settings import DEFAULTS
from cspctl.emulator.trade.catalogue_terms import terms_of
from cspctl.emulator.trade.offers import SEGMENTS, Offer, find_product, find_sku, generation, offers_of, sold_in
from cspctl.emulator.trade.product_views import SAVINGS_PLAN, in_scope, is_benefit, scope_of, sub_type_of, view_of
from cspctl.emulator.wire.shapes import collection, link, query_value


class View:
    """Who looks: a country, and the segments that may be seen from there."""

    def __init__(self, request: Request, ctx: Context) -> None:
        customer_id = request.path_params.get("customer_id")
        wanted = query_value(request, "targetSegment")
        if wanted and wanted.lower() not in SEGMENTS:
            raise ApiError(400, 900126, f"Unable to parse enum: {wanted}.")
        self.ctx = ctx
        self.scope = scope_of(query_value(request, "reservationScope"))
        self.customer = customer_of(ctx, customer_id) if customer_id else None
        if self.customer is not None:
            self.country = str(self.customer["_market"])
            self.currency = str(self.customer["_currency"])
            allowed = self.customer.get("_segments", ["commercial"])
            if wanted and wanted.lower() not in allowed:
                raise ApiError(403, 400030, f"Access to the requested targetSegment is not allowed: {wanted}.")
            self.segments = [wanted.lower()] if wanted else list(allowed)
            return
        country = query_value(request, "country") or ""
        if len(country) != 2 or not country.isalpha():
            raise ApiError(400, 800002, "Invalid request input: country must be a two-letter code.")
        self.country = country.upper()
        partner = partner_of(ctx)
        home = self.country == partner.get("market")
        self.currency = str(partner.get("currency")) if home else market_currency(self.country)
        # every segment except nonprofit, which has to be asked for (page get-a-list-of-availabilities-for-a-sku)
        self.segments = [wanted.lower()] if wanted else [name for name in SEGMENTS if name != "nonprofit"]

    def product(self, product: dict[str, Any]) -> dict[str, Any]:
        path = f"/products/{product['id']}"
        links = {"skus": link(f"{path}/skus?country={self.country}"), "self": link(f"{path}?country={self.country}")}
        return {**{k: v for k, v in product.items() if not k.startswith("_")}, "links": links}

    def sku(self, product: dict[str, Any], sku: dict[str, Any]) -> dict[str, Any]:
        path = f"/products/{product['id']}/skus/{sku['id']}"
        links = {
            "availabilities": link(f"{path}/availabilities?country={self.country}"),
            "self": link(f"{path}?country={self.country}"),
        }
        return {**{k: v for k, v in sku.items() if not k.startswith("_")}, "links": links}

    def availability(self, offer: Offer) -> dict[str, Any]:
        terms = terms_of(offer)
        renewable = not is_benefit(offer.product) and any("duration" in term for term in terms)
        body: dict[str, Any] = {
            "id": offer.availability_id,
            "productId": offer.product_id,
            "skuId": offer.sku_id,
            "catalogItemId": offer.catalog_item_id,
            "defaultCurrency": {"code": self.currency, "symbol": symbol(self.currency)},
            "segment": offer.segment,
            "country": self.country,
            "isPurchasable": offer.purchasable,
            "isRenewable": renewable,
            "includedQuantityOptions": offer.sku.get("_includedQuantityOptions"),
        }
        if renewable:
            target = str(offer.sku.get("_convertsTo") or f"{offer.product_id}:{offer.sku_id}")
            option = {"renewToId": target, "isAutoRenewable": True}
            body["renewalInstructions"] = [
                {"applicableTermIds": [term["id"]], "renewalOptions": [option]} for term in terms
            ]
        elif sub_type_of(offer.product) == SAVINGS_PLAN:
            body["renewalInstructions"] = []  # so in the samples of savings plans; other goods leave it out
        path = f"/products/{offer.product_id}/skus/{offer.sku_id}/availabilities/{offer.availability_id}"
        return {
            **body,
            "terms": terms,
            "product": self.product(offer.product),
            "sku": self.sku(offer.product, offer.sku),
            "links": {"self": link(f"{path}?country={self.country}")},
        }

    def offers(self, product: dict[str, Any], sku: dict[str, Any]) -> Iterator[Offer]:
        """The segments to be seen; none where the SKU is not sold."""
        if not sold_in(sku, self.country):
            return iter(())
        number = generation(self.ctx.store, self.ctx.settings, self.ctx.clock.now())
        return (offer for offer in offers_of(product, sku, number) if offer.segment in self.segments)

    def shows(self, sku: dict[str, Any]) -> bool:
        return sold_in(sku, self.country) and any(segment in self.segments for segment in sku["_segments"])

    def lists(self, product: dict[str, Any]) -> list[dict[str, Any]]:
        """The SKUs of a product that a list shows."""
        return [sku for sku in product["_skus"] if self.shows(sku)] if in_scope(product, self.scope) else []

    def require_sold(self, skus: Iterable[dict[str, Any]]) -> None:
        """Raises 200/400072 unless one of the SKUs is sold here, to a customer in a segment of theirs."""
        wanted = self.shows if self.customer is not None else lambda sku: sold_in(sku, self.country)
        if not any(wanted(sku) for sku in skus):
            raise ApiError(200, 400072, "This item isn't available.")


def _self(request: Request) -> str:
    query = f"?{request.url.query}" if request.url.query else ""
    return request.url.path.removeprefix("/v1") + query


async def list_products(request: Request, ctx: Context) -> Answer:
    view = View(request, ctx)
    wanted = query_value(request, "targetView")
    if not wanted:
        raise ApiError(400, 800002, "Invalid request input: targetView is required.")
    inside = view_of(wanted, partner_of(ctx), by_customer=view.customer is not None)
    items = [view.product(p) for p in ctx.store.list("product", "") if inside(p) and view.lists(p)]
    return Answer(200, collection(items, _self(request)))


async def get_product(request: Request, ctx: Context) -> Answer:
    view = View(request, ctx)
    product = find_product(ctx.store, request.path_params["product_id"])
    view.require_sold(product["_skus"])
    return Answer(200, view.product(product))


async def list_skus(request: Request, ctx: Context) -> Answer:
    view = View(request, ctx)
    product = find_product(ctx.store, request.path_params["product_id"])
    return Answer(200, collection([view.sku(product, sku) for sku in view.lists(product)], _self(request)))


async def get_sku(request: Request, ctx: Context) -> Answer:
    view = View(request, ctx)
    product = find_product(ctx.store, request.path_params["product_id"])
    sku = find_sku(product, request.path_params["sku_id"])
    view.require_sold([sku])
    return Answer(200, view.sku(product, sku))


async def list_availabilities(request: Request, ctx: Context) -> Answer:
    view = View(request, ctx)
    product = find_product(ctx.store, request.path_params["product_id"])
    sku = find_sku(product, request.path_params["sku_id"])
    found = view.offers(product, sku) if in_scope(product, view.scope) else iter(())
    items = [view.availability(offer) for offer in found]
    return Answer(200, collection(items, _self(request)))


async def get_availability(request: Request, ctx: Context) -> Answer:
    """By id every segment answers; an id of an earlier generation is 404/400019 (rule 21)."""
    view = View(request, ctx)
    if view.customer is None:
        view.segments = list(SEGMENTS)
    product = find_product(ctx.store, request.path_params["product_id"])
    sku = find_sku(product, request.path_params["sku_id"])
    view.require_sold([sku])
    wanted = request.path_params["availability_id"].upper()
    for offer in view.offers(product, sku):
        if offer.availability_id == wanted:
            return Answer(200, view.availability(offer))
    raise ApiError(404, 400019, f"Availability not found: {product['id']}:{sku['id']}:{wanted}.")


def _twins(suffix: str, handler: Any, name: str) -> list[RouteSpec]:
    """The by-customer pages print POST for a read; it answers like GET."""
    mine, roles = f"/v1/customers/{{customer_id}}/products{suffix}", DEFAULTS.reading_roles
    return [
        RouteSpec("GET", f"/v1/products{suffix}", handler, name=name),
        RouteSpec("GET", mine, handler, name=f"{name} (by customer)"),
        RouteSpec("POST", mine, handler, name=f"{name} (by customer)", roles=roles),
    ]


_ONE = "/{product_id}"
_SKU = f"{_ONE}/skus/{{sku_id}}"
ROUTES: list[RouteSpec] = [
    *_twins("", list_products, "get a list of products"),
    *_twins(_ONE, get_product, "get a product by id"),
    *_twins(f"{_ONE}/skus", list_skus, "get a list of skus for a product"),
    *_twins(_SKU, get_sku, "get a sku by id"),
    *_twins(f"{_SKU}/availabilities", list_availabilities, "get a list of availabilities for a sku"),
    *_twins(f"{_SKU}/availabilities/{{availability_id}}", get_availability, "get an availability by id"),
]
