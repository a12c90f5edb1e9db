"""Subscriptions: list, get, and the PATCH that carries every change.

Source: Partner Center docs, pages get-all-of-a-customer-s-subscriptions, get-a-list-of-subscriptions-by-order,
get-all-subscriptions-by-partner, get-a-subscription-by-id, update-a-subscription-by-id (2023).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.requests import Request

from cspctl.emulator.ageing.agenda import accept
from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.legacy.changes import legacy_changed
from cspctl.emulator.legacy.wire import is_legacy
from cspctl.emulator.partner.customers import customer_of
from cspctl.emulator.subscription.changes import changed, changes_cycle
from cspctl.emulator.subscription.document import Document, etag, is_visible, settled, wire_form
from cspctl.emulator.subscription.next_term import same_instructions
from cspctl.emulator.subscription.update_gate import require_free, require_renewed
from cspctl.emulator.subscription.windows import RUNNING, is_charging
from cspctl.emulator.terms import stamp
from cspctl.emulator.trade import coterm
from cspctl.emulator.trade.coterm import customer_subscriptions
from cspctl.emulator.wire.etags import check_if_match
from cspctl.emulator.wire.shapes import collection, is_guid, query_value


def subscription_of(ctx: Context, customer: dict[str, Any], subscription_id: str) -> Document:
    """The subscription as it stands now. Raises 400/800002 (no GUID), 404/20003 (unknown, or not provisioned yet)."""
    if not is_guid(subscription_id):
        raise ApiError(400, 800002, f"Invalid request input: {subscription_id} is not a subscription ID.")
    now = ctx.clock.now()
    document = ctx.store.get("subscription", ctx.partner, subscription_id.lower())
    if document is None or document["_customer"] != customer["id"] or not is_visible(document, now):
        raise ApiError(404, 20003, f"Subscription with ID {subscription_id} not found.")
    return settled(document, now)


async def list_subscriptions(request: Request, ctx: Context) -> Answer:
    """All states; `order_id` and `mpn_id` narrow. Not paged in the docs."""
    customer = customer_of(ctx, request.path_params["customer_id"])
    now = ctx.clock.now()
    order_id, mpn_id = query_value(request, "order_id"), query_value(request, "mpn_id")
    items = [
        wire_form(one, ctx.settings, now)
        for one in customer_subscriptions(ctx, customer["id"])
        if is_visible(one, now)
        and (order_id is None or one["orderId"] == order_id)
        and (mpn_id is None or one["partnerId"] == mpn_id)
    ]
    query = f"?{request.url.query}" if request.url.query else ""
    return Answer(200, collection(items, f"/customers/{customer['id']}/subscriptions{query}"))


async def get_subscription(request: Request, ctx: Context) -> Answer:
    customer = customer_of(ctx, request.path_params["customer_id"])
    document = subscription_of(ctx, customer, request.path_params["subscription_id"])
    return Answer(200, wire_form(document, ctx.settings, ctx.clock.now()))


async def update_subscription(request: Request, ctx: Context) -> Answer:
    """Full resource in, changed resource out; 202 with Location when the settings defer the effect (rule 11)."""
    customer = customer_of(ctx, request.path_params["customer_id"])
    current = subscription_of(ctx, customer, request.path_params["subscription_id"])
    settings, now = ctx.settings, ctx.clock.now()
    if settings.subscription_etags or is_legacy(current):
        check_if_match(request, etag(current, settings), settings)
    body = body_of(request)
    _require_updatable(ctx, current, body)
    _require_settled_term(ctx, current, body)
    after = legacy_changed(ctx, current, body) if is_legacy(current) else changed(ctx, current, body)
    _require_settled_charge(ctx, current, after)
    if after == current:
        return Answer(200, wire_form(current, settings, now))
    after["_updates"] = current["_updates"] + 1
    ctx.audit.record(
        operation="update_subscription",
        resource_type="subscription",
        customer_id=customer["id"],
        old=wire_form(current, settings, now),
        new=wire_form(after, settings, now),
        customized=[{"key": "SubscriptionId", "value": current["id"]}],
    )
    if settings.patch_mode == "accepted":
        due = stamp(now + timedelta(seconds=settings.patch_delay_seconds))
        waiting = accept(ctx.store, ctx.partner, current, after, due)
        location = f"/customers/{customer['id']}/subscriptions/{current['id']}"
        return Answer(202, wire_form(waiting, settings, now), {"Location": location})
    ctx.store.put("subscription", ctx.partner, current["id"], after)
    return Answer(200, wire_form(after, settings, now))


def _require_updatable(ctx: Context, current: Document, body: dict[str, Any]) -> None:
    """Rules 31 and 41. Raises 400/800002, 400/2011, 400/900279, 409/900278, 400/900311."""
    if str(body.get("id", "")).lower() != current["id"]:
        raise ApiError(400, 800002, "Invalid request input: the id of the body must be the id of the path.")
    if current["status"] == "deleted":
        raise ApiError(400, 2011, f"Subscription with ID {current['id']} and deleted status can't be updated.")
    if current["status"] not in RUNNING:
        raise ApiError(400, 900279, "Update operations are no longer allowed for this subscription.")
    require_free(current, ctx.settings)


def _require_settled_term(ctx: Context, current: Document, body: dict[str, Any]) -> None:
    """Rule 38: while a renewal waits, its inputs are read-only, and by the settings everything. Raises 409/800082."""
    if ctx.settings.renewal_wait == "all" or _changes_renewal(current, body):
        require_renewed(current, ctx.clock.now())


def _require_settled_charge(ctx: Context, current: Document, after: Document) -> None:
    """While a charge cycle begins, what waits for the next one is read-only. Raises 409/800082."""
    if not is_charging(current, ctx.settings, ctx.clock.now()):
        return
    if after.get("nextChargeInstructions") != current.get("nextChargeInstructions"):
        text = "The subscription is being charged and isn't ready for this update. Please try again in two minutes."
        raise ApiError(409, 800082, text)


def _changes_renewal(current: Document, body: dict[str, Any]) -> bool:
    """Whether a body touches auto-renew, the scheduled changes, the term, or suspends or reactivates."""
    status = str(body.get("status") or current["status"]).lower()
    before = current.get("scheduledNextTermInstructions")
    return (
        (body.get("autoRenewEnabled") is True) != current["autoRenewEnabled"]
        or {status, current["status"]} == {"active", "suspended"}
        or any(changes_cycle(current, body, name) for name in ("termDuration", "billingCycle"))
        or not same_instructions(body.get("scheduledNextTermInstructions"), before)
    )


_ALL = "/v1/customers/{customer_id}/subscriptions"
_ONE = f"{_ALL}/{{subscription_id}}"
ROUTES: list[RouteSpec] = [
    *coterm.ROUTES,
    RouteSpec("GET", _ALL, list_subscriptions, name="get all of a customer's subscriptions", throttle="subscriptions"),
    RouteSpec("GET", _ONE, get_subscription, name="get a subscription by id", throttle="subscriptions"),
    RouteSpec("PATCH", _ONE, update_subscription, name="update a subscription by id", throttle="subscriptions"),
]
