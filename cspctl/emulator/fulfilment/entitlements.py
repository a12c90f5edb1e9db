"""Activation links of an order line, and what a customer is entitled to by software and reservations.

Source: Partner Center docs, pages get-activation-link-by-order-line-item, get-a-collection-of-entitlements,
entitlement-resources (Oct 2023). The link itself is made up: the samples hide it.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec
from cspctl.emulator.customers import customer_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.fulfilment.families import PERPETUAL, RESERVATION, SOFTWARE, family_of
from cspctl.emulator.order_document import is_provisioned
from cspctl.emulator.orders import order_of
from cspctl.emulator.requests import invalid, self_uri
from cspctl.emulator.shapes import collection, link, query_value

_TYPES = {SOFTWARE: "software", PERPETUAL: "software", RESERVATION: "reservedInstance"}


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


def _entitlement(ctx: Context, order: dict[str, Any], line: dict[str, Any], kind: str, expiry: bool) -> dict[str, Any]:
    product_id, sku_id, _ = line["offerId"].split(":")
    subscription = ctx.store.get("subscription", ctx.partner, line["subscriptionId"]) or {}
    artifact = {
        "link": link(f"/customers/{order['referenceCustomerId']}/artifacts/{line['subscriptionId']}"),
        "resourceId": line["subscriptionId"],
        "artifactType": "virtual_machine_reserved_instance" if kind == "reservedInstance" else "software_download",
    }
    return {
        "referenceOrder": {
            "id": order["id"],
            "lineItemId": str(line["lineItemNumber"]),
            "alternateId": order["alternateId"],
        },
        "productId": product_id,
        "skuId": sku_id,
        "quantity": line["quantity"],
        "quantityDetails": [{"quantity": line["quantity"], "status": "active"}],
        "entitlementType": kind,
        "entitledArtifacts": [artifact],
        "includedEntitlements": [],
        "expiryDate": subscription.get("commitmentEndDate") if expiry else None,
        "dynamicAttributes": {},
    }


_CUSTOMER = "/v1/customers/{customer_id}"
ROUTES: list[RouteSpec] = [
    RouteSpec(
        "GET", f"{_CUSTOMER}/orders/{{order_id}}/lineitems/{{line_number}}/activationlinks", activation_links,
        name="get activation link by order line item", throttle="orders",
    ),
    RouteSpec("GET", f"{_CUSTOMER}/entitlements", entitlements, auth="U", name="get a collection of entitlements"),
]  # fmt: skip  # one route, two lines
