"""Provisioning status of orders and subscriptions (rules 27 and 54): app+user only, behind an admin relationship.

Source: Partner Center docs, pages get-order-provisioning-status, get-subscription-provisioning-status (Oct 2023).
The wire shows `fulfilled`; the other two names are the table's in the same spelling rule.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner.admin_access import require_admin
from cspctl.emulator.partner.customers import customer_of
from cspctl.emulator.partner.entra_roles import PROVISIONING
from cspctl.emulator.subscription.document import is_visible, settled
from cspctl.emulator.trade.offers import find_product, find_sku
from cspctl.emulator.trade.order_document import is_provisioned
from cspctl.emulator.trade.orders import order_of
from cspctl.emulator.wire.shapes import collection, is_guid, split_catalog_item


async def order_status(request: Request, ctx: Context) -> Answer:
    customer = customer_of(ctx, request.path_params["customer_id"])
    require_admin(ctx, customer, PROVISIONING)
    order = order_of(ctx, customer, request.path_params["order_id"])
    done = is_provisioned(order, ctx.clock.now())
    return Answer(200, collection([_line(ctx, line, done) for line in order["lineItems"]]))


def _line(ctx: Context, line: dict[str, Any], done: bool) -> dict[str, Any]:
    subscription = ctx.store.get("subscription", ctx.partner, line["subscriptionId"])
    cancelled = subscription is not None and subscription["status"] == "deleted"
    status = "unfulfilled" if cancelled else "fulfilled" if done else "prefulfillment_pending"
    return {
        "orderLineItemId": line["lineItemNumber"],
        "lineItemNumber": line["lineItemNumber"],
        "status": status,
        "quantityProvisioningInformation": [{"quantity": line["quantity"], "status": status}],
    }


async def subscription_status(request: Request, ctx: Context) -> Answer:
    """`pending` before the subscription appears and while an accepted PATCH has not landed."""
    customer = customer_of(ctx, request.path_params["customer_id"])
    require_admin(ctx, customer, PROVISIONING)
    wanted, now = request.path_params["subscription_id"], ctx.clock.now()
    if not is_guid(wanted):
        raise ApiError(400, 800002, f"Invalid request input: {wanted} is not a subscription ID.")
    document = ctx.store.get("subscription", ctx.partner, wanted.lower())
    if document is None or document["_customer"] != customer["id"]:
        raise ApiError(404, 20003, f"Subscription with ID {wanted} not found.")
    document = settled(document, now)
    parts = split_catalog_item(document["offerId"])
    sku = find_sku(find_product(ctx.store, parts[0]), parts[1]) if parts else None
    pending = not is_visible(document, now) or document.get("_pending")
    body = {
        "skuId": sku["dynamicAttributes"]["provisioningId"] if sku else document["offerId"],
        "status": "pending" if pending else "success",
        "quantity": document["quantity"],
        "endDate": document["commitmentEndDate"],
        "attributes": {"objectType": "SubscriptionProvisioningStatus"},
    }
    return Answer(200, body)


_CUSTOMER = "/v1/customers/{customer_id}"
ROUTES: list[RouteSpec] = [
    RouteSpec(
        "GET", f"{_CUSTOMER}/orders/{{order_id}}/provisioningstatus", order_status, auth="U",
        name="get order provisioning status", throttle="orders",
    ),
    RouteSpec(
        "GET", f"{_CUSTOMER}/subscriptions/{{subscription_id}}/provisioningstatus", subscription_status, auth="U",
        name="get subscription provisioning status", throttle="subscriptions",
    ),
]  # fmt: skip  # one route, two lines
