"""Inventory of SKUs that can run out; items that the catalogue does not have are left out silently.

Source: Partner Center docs, page check-inventory (Oct 2023).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.requests import country_of, invalid, objects, text_of


async def check(request: Request, ctx: Context) -> Answer:
    country_of(request)
    body = body_of(request)
    context = body.get("inventoryContext") or {}
    if not isinstance(context, dict):
        raise invalid("inventoryContext must be an object")
    given = {key.lower() for key, value in context.items() if value}
    answer = []
    for item in objects(body.get("targetItems"), "targetItems"):
        for product_id, sku in _skus(ctx, text_of(item, "productId"), item.get("skuId")):
            missing = [name for name in sku.get("inventoryVariables") or [] if name.lower() not in given]
            if missing:
                raise invalid(f"inventoryContext needs {', '.join(missing)} for {product_id}:{sku['id']}")
            answer.append(_line(product_id, sku))
    return Answer(200, answer)


def _skus(ctx: Context, product_id: str, sku_id: object) -> Iterator[tuple[str, dict[str, Any]]]:
    """No skuId means all SKUs of the product."""
    product = ctx.store.get("product", "", product_id.upper())
    for sku in (product or {}).get("_skus", []):
        if sku_id is None or sku["id"].upper() == str(sku_id).upper():
            yield product_id.upper(), sku


def _line(product_id: str, sku: dict[str, Any]) -> dict[str, Any]:
    restrictions = [
        {
            "reasonCode": "NotAvailableForSubscription",
            "description": f"Restriction identified of type '{one['type']}' with values '{one['values']}'.",
            "properties": {"type": one["type"], "values": one["values"]},
        }
        for one in sku.get("_restrictions") or []
    ]
    return {
        "productId": product_id,
        "skuId": sku["id"],
        "isRestricted": bool(restrictions),
        "restrictions": restrictions,
    }


ROUTES: list[RouteSpec] = [
    RouteSpec("POST", "/v1/extensions/product/checkInventory", check, name="check inventory"),
]
