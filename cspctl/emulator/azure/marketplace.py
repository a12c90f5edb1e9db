"""Activation of a marketplace subscription in the sandbox.

Source: Partner Center docs, page activate-sandbox-subscription-azure-marketplace-products (2023).
"""

from __future__ import annotations

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner.customers import customer_of, partner_of
from cspctl.emulator.subscription.subscriptions import subscription_of


async def activate(request: Request, ctx: Context) -> Answer:
    """Raises 400/900127 outside the sandbox, 400/900141 for other products, 400/800041 the second time."""
    customer = customer_of(ctx, request.path_params["customer_id"])
    current = subscription_of(ctx, customer, request.path_params["subscription_id"])
    if not partner_of(ctx).get("sandbox"):
        raise ApiError(400, 900127, "This operation isn't supported in this environment.")
    if current["productType"]["id"] != "SaaS":
        raise ApiError(400, 900141, "This operation isn't supported for this product.")
    if current.get("_activated"):
        raise ApiError(400, 800041, "This item has already been activated.")
    ctx.store.put("subscription", ctx.partner, current["id"], {**current, "_activated": True})
    ctx.audit.record(
        operation="update_subscription",
        resource_type="subscription",
        customer_id=customer["id"],
        new={"id": current["id"], "status": "active"},
        customized=[{"key": "SubscriptionId", "value": current["id"]}],
    )
    return Answer(200, {"subscriptionId": current["id"], "status": "Success"})


ROUTES: list[RouteSpec] = [
    RouteSpec(
        "POST", "/v1/customers/{customer_id}/subscriptions/{subscription_id}/activate", activate,
        name="activate a sandbox subscription for commercial marketplace products",
    )
]  # fmt: skip  # one route
