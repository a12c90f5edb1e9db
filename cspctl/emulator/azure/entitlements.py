"""Azure subscriptions under an Azure plan, and the registration of a plan for reservations.

Every plan has one Azure subscription, made when it is first asked for (impl.): further ones are created in Azure.
Source: Partner Center docs, pages get-an-azure-entitlement-for-a-subscription, cancel-an-azure-subscription,
reactivate-an-azure-entitlement, register-a-subscription, get-subscription-registration-status (2023).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.requests import Request

from cspctl.emulator.azure.plan_status import KIND, entitlements_of, is_azure_plan
from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner.customers import customer_of
from cspctl.emulator.subscription.subscriptions import subscription_of
from cspctl.emulator.terms import parse_moment, stamp
from cspctl.emulator.wire.shapes import collection, link

Document = dict[str, Any]


def _plan(request: Request, ctx: Context) -> tuple[Document, Document]:
    """(customer, Azure plan). Raises 400/800011 for any other subscription."""
    customer = customer_of(ctx, request.path_params["customer_id"])
    plan = subscription_of(ctx, customer, request.path_params["subscription_id"])
    if not is_azure_plan(plan):
        raise ApiError(400, 800011, "This subscription isn't a valid Azure subscription.")
    return customer, plan


def _wire(plan: Document, entitlement: Document) -> Document:
    uri = f"/customers/{plan['_customer']}/subscriptions/{plan['id']}/azureEntitlements/{entitlement['id']}"
    return {**entitlement, "links": {"self": link(uri)}}


def _one(request: Request, ctx: Context, plan: Document) -> Document:
    wanted = request.path_params["entitlement_id"].lower()
    for one in entitlements_of(ctx.store, ctx.partner, plan):
        if one["id"] == wanted:
            return one
    raise ApiError(404, 800111, f"Azure subscription with the given entitlement ID isn't found: {wanted}.")


async def list_entitlements(request: Request, ctx: Context) -> Answer:
    _, plan = _plan(request, ctx)
    items = [_wire(plan, one) for one in entitlements_of(ctx.store, ctx.partner, plan)]
    return Answer(200, collection(items))


async def get_entitlement(request: Request, ctx: Context) -> Answer:
    """The page prints POST for it, its sample GET; both answer."""
    _, plan = _plan(request, ctx)
    return Answer(200, _wire(plan, _one(request, ctx, plan)))


async def cancel(request: Request, ctx: Context) -> Answer:
    """The answer still shows the state before, as the sample does. Raises 400/900307, 400/800012."""
    customer, plan = _plan(request, ctx)
    entitlement = _one(request, ctx, plan)
    reason = body_of(request).get("cancellationReason")
    if reason is not None and str(reason).lower() != "compromise":
        raise ApiError(400, 900307, f"Cancellation reason '{reason}' is invalid.")
    if entitlement["status"] != "active":
        raise ApiError(400, 800012, "This subscription isn't an active subscription.")
    _keep(ctx, customer, plan, entitlement, "inactive")
    return Answer(200, _wire(plan, entitlement))


async def reactivate(request: Request, ctx: Context) -> Answer:
    """202 without a body. Raises 400/900337 for one that is not cancelled."""
    customer, plan = _plan(request, ctx)
    entitlement = _one(request, ctx, plan)
    if entitlement["status"] == "active":
        raise ApiError(400, 900337, f"Partner cannot reactivate Azure entitlement with ID {entitlement['id']}.")
    _keep(ctx, customer, plan, entitlement, "active")
    return Answer(202)


def _keep(ctx: Context, customer: Document, plan: Document, entitlement: Document, status: str) -> None:
    after = {**entitlement, "status": status}
    ctx.store.put(KIND, ctx.partner, after["id"], after, parent=plan["id"])
    idle = all(one["status"] != "active" for one in entitlements_of(ctx.store, ctx.partner, plan))
    ctx.store.put("subscription", ctx.partner, plan["id"], {**plan, "_idle": idle})  # then it may be cancelled
    ctx.audit.record(
        operation="update_subscription",
        resource_type="subscription",
        customer_id=customer["id"],
        old=entitlement,
        new=after,
        customized=[{"key": "SubscriptionId", "value": plan["id"]}, {"key": "EntitlementId", "value": after["id"]}],
    )


async def register(request: Request, ctx: Context) -> Answer:
    """Raises 400/800012 for a plan that is not active."""
    customer, plan = _plan(request, ctx)
    if plan["status"] != "active":
        raise ApiError(400, 800012, "This subscription isn't an active subscription.")
    due = ctx.clock.now() + timedelta(seconds=ctx.settings.registration_seconds)
    if ctx.store.get("registration", ctx.partner, plan["id"]) is None:
        ctx.store.put("registration", ctx.partner, plan["id"], {"id": plan["id"], "due": stamp(due)})
        ctx.audit.record(
            operation="update_subscription",
            resource_type="subscription",
            customer_id=customer["id"],
            new={"subscriptionId": plan["id"], "status": "Registering"},
            customized=[{"key": "SubscriptionId", "value": plan["id"]}],
        )
    path = f"/customers/{customer['id']}/subscriptions/{plan['id']}/registrationstatus"
    return Answer(202, None, {"Location": path})


async def registration_status(request: Request, ctx: Context) -> Answer:
    _, plan = _plan(request, ctx)
    kept = ctx.store.get("registration", ctx.partner, plan["id"])
    status = "NotRegistered"
    if kept is not None:
        status = "Registered" if parse_moment(kept["due"]) <= ctx.clock.now() else "Registering"
    kind = {"objectType": "SubscriptionRegistrationStatus"}
    return Answer(200, {"subscriptionId": plan["id"], "status": status, "attributes": kind})


_ONE = "/v1/customers/{customer_id}/subscriptions/{subscription_id}"
_ENTITLEMENT = f"{_ONE}/azureEntitlements/{{entitlement_id}}"
_NAME = "get an azure entitlement for a subscription"
ROUTES: list[RouteSpec] = [
    RouteSpec("GET", f"{_ONE}/azureEntitlements", list_entitlements, name="get azure entitlements of a subscription",
              throttle="subscriptions"),
    RouteSpec("GET", _ENTITLEMENT, get_entitlement, name=_NAME, throttle="subscriptions"),
    RouteSpec("POST", _ENTITLEMENT, get_entitlement, name=_NAME, throttle="subscriptions"),
    RouteSpec("POST", f"{_ENTITLEMENT}/cancel", cancel, name="cancel an azure subscription"),
    RouteSpec("POST", f"{_ENTITLEMENT}/reactivate", reactivate, name="reactivate an azure entitlement"),
    RouteSpec("POST", f"{_ONE}/registrations", register, name="register a subscription"),
    RouteSpec("GET", f"{_ONE}/registrationstatus", registration_status, name="get subscription registration status"),
]  # fmt: skip  # one route, one or two lines
