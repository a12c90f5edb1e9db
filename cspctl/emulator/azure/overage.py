"""Overage of phone services on an Azure subscription of the customer.

Source: Partner Center docs, pages get-and-update-overage-state (2023), error-codes. All three errors are 403.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from cspctl.emulator.azure.plan_status import entitlements_of, is_azure_plan
from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.legacy.wire import is_legacy
from cspctl.emulator.partner.customers import customer_of, partner_of
from cspctl.emulator.trade.coterm import customer_subscriptions
from cspctl.emulator.trade.participants import check_reseller
from cspctl.emulator.wire.requests import invalid, self_uri, text_of
from cspctl.emulator.wire.shapes import collection

Document = dict[str, Any]


async def get_overage(request: Request, ctx: Context) -> Answer:
    customer = customer_of(ctx, request.path_params["customer_id"])
    kept = ctx.store.get("overage", ctx.partner, customer["id"])
    return Answer(200, collection([kept] if kept else [], self_uri(request)))


async def put_overage(request: Request, ctx: Context) -> Answer:
    """Raises 403/800112 (legacy Azure), 403/800114 (no such Azure subscription), 403/800115 (held by another)."""
    customer = customer_of(ctx, request.path_params["customer_id"])
    body = body_of(request)
    enabled = body.get("overageEnabled")
    if not isinstance(enabled, bool):
        raise invalid("overageEnabled must be true or false")
    entitlement = text_of(body, "azureEntitlementId").lower()
    owned = customer_subscriptions(ctx, customer["id"])
    if any(is_legacy(one) and one["billingType"] == "usage" and one["status"] == "active" for one in owned):
        raise ApiError(403, 800112, "Overage can't be set as the customer has legacy Azure subscriptions.")
    plans = [one for one in owned if is_azure_plan(one) and one["status"] == "active"]
    if entitlement not in {one["id"] for plan in plans for one in entitlements_of(ctx.store, ctx.partner, plan)}:
        raise ApiError(403, 800114, "You aren't eligible to manage overage for this customer.")
    before = ctx.store.get("overage", ctx.partner, customer["id"])
    holder = ctx.store.find("overage", customer["id"])
    if before is None and holder is not None and holder[1]["overageEnabled"]:
        text = "Overage is already assigned to another tenant. Contact your customer to resolve ownership questions."
        raise ApiError(403, 800115, text)
    two_tier = not str(partner_of(ctx).get("tier", "direct")).startswith("direct")
    after: Document = {
        "azureEntitlementId": entitlement,
        "partnerId": check_reseller(ctx, body.get("partnerId")) if two_tier else None,
        "type": "PhoneServices",
        "overageEnabled": enabled,
        "attributes": {"objectType": "Overage"},
    }
    ctx.store.put("overage", ctx.partner, customer["id"], after, parent=customer["id"])
    ctx.audit.record(
        operation="manage_overage", resource_type="subscription", customer_id=customer["id"], old=before, new=after
    )
    return Answer(200, after)


_PATH = "/v1/customers/{customer_id}/subscriptions/overage"
ROUTES: list[RouteSpec] = [
    RouteSpec("GET", _PATH, get_overage, name="get overage state of a customer"),
    RouteSpec("PUT", _PATH, put_overage, name="update overage state of a customer"),
]
