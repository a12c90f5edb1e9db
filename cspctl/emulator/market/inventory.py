"""Inventory of SKUs that can run out; items that the catalogue of the country does not have are left out silently.

Source: Partner Center docs, page check-inventory (Oct 2023).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.store import Store
from cspctl.emulator.trade.offers import Offer, sold_in
from cspctl.emulator.wire.requests import country_of, invalid, objects, text_of

Document = dict[str, Any]


async def check(request: Request, ctx: Context) -> Answer:
    country = country_of(request)
    body = body_of(request)
    context = body.get("inventoryContext") or {}
    if not isinstance(context, dict):
        raise invalid("inventoryContext must be an object")
    given = {key.lower() for key, value in context.items() if value}
    answer = []
    for item in objects(body.get("targetItems"), "targetItems"):
        for product_id, sku in _skus(ctx.store, text_of(item, "productId"), item.get("skuId"), country):
            missing = [name for name in sku.get("inventoryVariables") or [] if name.lower() not in given]
            if missing:
                raise invalid(f"inventoryContext needs {', '.join(missing)} for {product_id}:{sku['id']}")
            answer.append(_line(product_id, sku))
    return Answer(200, answer)


def _skus(store: Store, product_id: str, sku_id: object, country: str) -> Iterator[tuple[str, Document]]:
    """No skuId means all SKUs of the product."""
    product = store.get("product", "", product_id.upper())
    for sku in (product or {}).get("_skus", []):
        if sold_in(sku, country) and (sku_id is None or sku["id"].upper() == str(sku_id).upper()):
            yield product_id.upper(), sku


def _line(product_id: str, sku: Document) -> Document:
    restrictions = [_restriction(str(one["type"]), str(one["values"])) for one in sku.get("_restrictions") or []]
    if sku.get("_inventory") is not None and int(sku["_inventory"]) <= 0:
        restrictions.append(_restriction("Quantity", "0"))  # (impl.) only restrictions of a location are documented
    return {
        "productId": product_id,
        "skuId": sku["id"],
        "isRestricted": bool(restrictions),
        "restrictions": restrictions,
    }


def _restriction(kind: str, values: str) -> Document:
    return {
        "reasonCode": "NotAvailableForSubscription",
        "description": f"Restriction identified of type '{kind}' with values '{values}'.",
        "properties": {"type": kind, "values": values},
    }


def take(store: Store, offer: Offer, quantity: int) -> None:
    """Take bought units out of the inventory of a SKU that has one."""
    product = store.get("product", "", offer.product_id)
    if offer.sku.get("_inventory") is None or product is None:
        return
    for sku in product["_skus"]:
        if sku["id"] == offer.sku_id:
            sku["_inventory"] = int(sku["_inventory"]) - quantity
    store.put("product", "", offer.product_id, product)


ROUTES: list[RouteSpec] = [
    RouteSpec("POST", "/v1/extensions/product/checkInventory", check, name="check inventory"),
]
