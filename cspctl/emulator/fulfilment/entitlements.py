"""Activation links of an order line, and what a customer is entitled to by software and reservations.

Source: Partner Center docs, pages get-activation-link-by-order-line-item, get-a-collection-of-entitlements,
entitlement-resources (Oct 2023). The link itself is made up: the samples hide it.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec
from cspctl.emulator.errors import ApiError
from cspctl.emulator.fulfilment.artifacts import reservation_artifact
from cspctl.emulator.fulfilment.families import PERPETUAL, RESERVATION, SOFTWARE, family_of
from cspctl.emulator.partner.customers import customer_of
from cspctl.emulator.trade.order_document import is_provisioned
from cspctl.emulator.trade.orders import order_of
from cspctl.emulator.wire.requests import invalid, self_uri
from cspctl.emulator.wire.shapes import collection, link, query_value

Document = dict[str, Any]
_TYPES = {SOFTWARE: "software", PERPETUAL: "software", RESERVATION: "reservedInstance"}
_OLDER = {"virtualmachinereservedinstance": "reservedinstance"}  # what older callers ask for


async def activation_links(request: Request, ctx: Context) -> Answer:
    """Raises 400/800071 for a line the order does not have."""
    customer = customer_of(ctx, request.path_params["customer_id"])
    order = order_of(ctx, customer, request.path_params["order_id"])
    number = request.path_params["line_number"]
    if number not in {str(line["lineItemNumber"]) for line in order["lineItems"]}:
        raise ApiError(400, 800071, "Line Item number should be from 0 to number of line items count.")
    uri = f"https://activate.example/orders/{order['id']}/lineitems/{number}"
    return Answer(200, collection([{"lineItemNumber": int(number), "link": link(uri)}], self_uri(request)))


async def entitlements(request: Request, ctx: Context) -> Answer:
    """`entitlementType` narrows; expiry dates only with `showExpiry=true`."""
    customer = customer_of(ctx, request.path_params["customer_id"])
    wanted = (query_value(request, "entitlementType") or "").lower()
    wanted = _OLDER.get(wanted, wanted)
    if wanted and wanted not in {name.lower() for name in _TYPES.values()}:
        raise invalid(f"entitlementType {wanted} is none of software, reservedInstance")
    expiry = (query_value(request, "showExpiry") or "").lower() == "true"
    now = ctx.clock.now()
    items = []
    for order in ctx.store.list("order", ctx.partner, parent=customer["id"]):
        for line in order["lineItems"] if is_provisioned(order, now) else []:
            kind = _TYPES.get(family_of(ctx.store, line["offerId"], line.get("termDuration")))
            if kind and line["quantity"] and (not wanted or kind.lower() == wanted):
                items.append(_entitlement(ctx, order, line, kind, expiry))
    return Answer(200, collection(items, self_uri(request)))


def _entitlement(ctx: Context, order: Document, line: Document, kind: str, expiry: bool) -> Document:
    subscription = ctx.store.get("subscription", ctx.partner, line["subscriptionId"]) or {}
    reserved = kind == "reservedInstance"
    item = _item(ctx, order, line, line["offerId"], kind)
    return {
        **item,
        "quantityDetails": [{"quantity": line["quantity"], "status": "active"}],
        "entitledArtifacts": [reservation_artifact(order, line)] if reserved else [],
        "includedEntitlements": [_item(ctx, order, line, one, kind) for one in _included(ctx, line["offerId"])],
        "expiryDate": subscription.get("commitmentEndDate") if expiry else None,
        "dynamicAttributes": {"reservationType": _reserved(ctx, item["productId"])} if reserved else {},
    }


def _item(ctx: Context, order: Document, line: Document, offer_id: str, kind: str) -> Document:
    product_id, sku_id = offer_id.split(":")[:2]
    return {
        "referenceOrder": {
            "id": order["id"],
            "lineItemId": str(line["lineItemNumber"]),
            "alternateId": order["alternateId"],
        },
        "productId": product_id,
        "skuId": sku_id,
        "skuTitle": _sku(ctx, product_id, sku_id).get("title"),
        "quantity": line["quantity"],
        "entitlementType": kind,
        "entitledArtifacts": [],
        "includedEntitlements": [],
    }


def _sku(ctx: Context, product_id: str, sku_id: str) -> Document:
    product = ctx.store.get("product", "", product_id) or {"_skus": []}
    return next((one for one in product["_skus"] if one["id"] == sku_id), {})


def _included(ctx: Context, offer_id: str) -> list[str]:
    """ "P:S" of what comes with a SKU, as the catalogue was seeded."""
    product_id, sku_id = offer_id.split(":")[:2]
    return list(_sku(ctx, product_id, sku_id).get("_includes") or [])


def _reserved(ctx: Context, product_id: str) -> str:
    """What is reserved: virtualmachines, sqldatabases, ..."""
    kind = (ctx.store.get("product", "", product_id) or {}).get("productType") or {}
    return str((kind.get("subType") or kind).get("id") or "virtualmachines").lower()


_CUSTOMER = "/v1/customers/{customer_id}"
ROUTES: list[RouteSpec] = [
    RouteSpec(
        "GET", f"{_CUSTOMER}/orders/{{order_id}}/lineitems/{{line_number}}/activationlinks", activation_links,
        name="get activation link by order line item", throttle="orders",
    ),
    RouteSpec("GET", f"{_CUSTOMER}/entitlements", entitlements, auth="U", name="get a collection of entitlements"),
]  # fmt: skip  # one route, two lines
