"""Orders: place, list, get, and what a PATCH of a new-commerce order may not do.

Source: Partner Center docs, pages create-an-order, get-all-of-a-customer-s-orders, get-an-order-by-id,
cancel-an-order-from-the-integration-sandbox (cancel matrix), order-resources (Oct 2023).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.fulfilment.cancellation import cancelled
from cspctl.emulator.fulfilment.families import LEGACY, family_of
from cspctl.emulator.legacy.purchases import add_to_order, change_cycle, is_legacy_purchase, place_legacy_order
from cspctl.emulator.market.inventory import take
from cspctl.emulator.partner.customers import customer_of
from cspctl.emulator.subscription.document import Purchase, new_subscription
from cspctl.emulator.terms import CYCLE_NAMES, cycle_of
from cspctl.emulator.trade.cart_lines import check_lines
from cspctl.emulator.trade.coterm import customer_subscriptions
from cspctl.emulator.trade.order_document import is_listed, new_order, order_wire
from cspctl.emulator.trade.participants import ADDITIONAL, RESELLER, require_attestation
from cspctl.emulator.trade.selling import require_may_buy, require_no_upgrade, require_resellers, require_room
from cspctl.emulator.wire.requests import objects
from cspctl.emulator.wire.shapes import collection, new_guid, new_order_id, query_value


def place_order(ctx: Context, customer: dict[str, Any], bought: Sequence[Purchase]) -> dict[str, Any]:
    """Store one order and its subscriptions and leave the audit record; answers the stored order."""
    now, settings = ctx.clock.now(), ctx.settings
    provisioned = now + timedelta(seconds=settings.provisioning_lag_seconds)
    listed = now + timedelta(seconds=settings.order_list_lag_seconds)
    order_id = new_order_id(ctx.store)
    pairs = [(purchase, new_guid(ctx.store, "subscription")) for purchase in bought]
    order = new_order(order_id, bought[0].customer, pairs, now, provisioned, listed)
    if settings.require_purchase_order:
        order["status"] = "pending_po_upload"
    ctx.store.put("order", ctx.partner, order_id, order, parent=customer["id"])
    for purchase, sub_id in pairs:
        document = new_subscription(purchase, sub_id, order_id, now, provisioned, settings)
        ctx.store.put("subscription", ctx.partner, sub_id, document, parent=customer["id"])
        take(ctx.store, purchase.offer, purchase.quantity)
    ctx.audit.record(
        operation="create_order",
        resource_type="order",
        customer_id=customer["id"],
        new=order_wire(order, provisioned),
        customized=_customized(order),
    )
    return order


def _customized(order: dict[str, Any]) -> list[dict[str, Any]]:
    """The keys of the sample record: per order, then per line item with its number as suffix."""
    pairs: list[tuple[str, Any]] = [("OrderId", order["id"]), ("BillingCycle", order["billingCycle"].capitalize())]
    for line in order["lineItems"]:
        suffix = f"-{line['lineItemNumber']}"
        pairs += [
            (f"OfferId{suffix}", line["offerId"]),
            (f"SubscriptionId{suffix}", line["subscriptionId"]),
            (f"SubscriptionName{suffix}", line["friendlyName"]),
            (f"Quantity{suffix}", str(line["quantity"])),
            (f"PartnerOnRecord{suffix}", line["partnerIdOnRecord"]),
        ]
    return [{"key": key, "value": value} for key, value in pairs]


def order_of(ctx: Context, customer: dict[str, Any], order_id: str) -> dict[str, Any]:
    """Raises 404/20000 for an order that this customer does not have."""
    order = ctx.store.get("order", ctx.partner, order_id)
    if order is None or order["referenceCustomerId"] != customer["id"]:
        raise ApiError(404, 20000, f"Order ID not found: {order_id}.")
    return order


async def create_order(request: Request, ctx: Context) -> Answer:
    """Direct purchase. Two calls with two MS-RequestIds are two orders (rule 28). All lines or none.

    Raises 403/900329 when an application alone orders for the customer of a reseller.
    """
    customer = customer_of(ctx, request.path_params["customer_id"])
    body = body_of(request)
    require_attestation(ctx, body)
    _check_customer(customer, body)
    require_may_buy(ctx, customer)
    given = objects(body.get("lineItems"), "lineItems")
    resellers = [str(line["partnerIdOnRecord"]) for line in given if line.get("partnerIdOnRecord")]
    if resellers and ctx.app_only:  # page create-an-order-for-a-customer-of-an-indirect-reseller: App+User
        raise ApiError(403, 900329, "This resource does not support application-only authentication.")
    require_resellers(ctx, resellers)
    require_room(ctx, customer, len(given))
    require_no_upgrade(ctx, customer, [line.get("offerId") for line in given])
    _check_numbers(given)
    if is_legacy_purchase(given):
        return Answer(201, order_wire(place_legacy_order(ctx, customer, body), ctx.clock.now()))
    lines = check_lines(ctx, customer, _as_cart_lines(given, body), customer_subscriptions(ctx, customer["id"]))
    for line in lines:
        if line.error is not None:
            raise line.error.http
        if line.legacy is not None:
            raise ApiError(
                400, 800004, f"Invalid offer ID: {line.given['offerId']} is no item of the modern catalogue."
            )
    with ctx.store.transaction():
        order = place_order(ctx, customer, [line.purchase for line in lines if line.purchase is not None])
    return Answer(201, order_wire(order, ctx.clock.now()))


def _check_numbers(lines: list[dict[str, Any]]) -> None:
    """lineItemNumber counts from 0 and names every line once. Raises 400/800071."""
    numbers = [line.get("lineItemNumber", index) for index, line in enumerate(lines)]
    if sorted(map(str, numbers)) != sorted(map(str, range(len(lines)))):
        raise ApiError(400, 800071, "Line Item number should be from 0 to number of line items count.")


def _as_cart_lines(lines: list[dict[str, Any]], body: dict[str, Any]) -> list[dict[str, Any]]:
    """Order lines name the item offerId and the resellers by two properties; cycle and currency are the order's."""
    order = {"billingCycle": cycle_of(str(body.get("billingCycle") or "monthly"))}
    if body.get("currencyCode"):
        order["currencyCode"] = str(body["currencyCode"])
    return [{**line, **order, **_names(line, index)} for index, line in enumerate(lines)]


def _names(line: dict[str, Any], index: int) -> dict[str, Any]:
    people = [{"key": RESELLER, "value": line["partnerIdOnRecord"]}] if line.get("partnerIdOnRecord") else []
    more = line.get("additionalPartnerIdsOnRecord") or []
    people += [{"key": ADDITIONAL, "value": value} for value in (more if isinstance(more, list) else [more])]
    return {"id": line.get("lineItemNumber", index), "catalogItemId": line.get("offerId"), "participants": people}


async def list_orders(request: Request, ctx: Context) -> Answer:
    customer = customer_of(ctx, request.path_params["customer_id"])
    now = ctx.clock.now()
    orders = [o for o in ctx.store.list("order", ctx.partner, parent=customer["id"]) if is_listed(o, now)]
    wanted = query_value(request, "billingType")
    if wanted and cycle_of(wanted) not in CYCLE_NAMES:
        raise ApiError(400, 900126, f"Unable to parse enum: {wanted}.")
    if wanted:
        orders = [order for order in orders if order["billingCycle"] == cycle_of(wanted)]
    uri = f"/customers/{customer['id']}/orders" + (f"?{request.url.query}" if request.url.query else "")
    return Answer(200, collection([order_wire(order, now) for order in orders], uri))


async def get_order(request: Request, ctx: Context) -> Answer:
    """At once, also while the list still waits (rule 27)."""
    customer = customer_of(ctx, request.path_params["customer_id"])
    return Answer(200, order_wire(order_of(ctx, customer, request.path_params["order_id"]), ctx.clock.now()))


async def patch_order(request: Request, ctx: Context) -> Answer:
    """Cancel by the matrix; for legacy orders also add-ons and the billing cycle (rules 29, 42, 43).

    An order of new-commerce licences is never changed, its subscriptions are. Raises 400/800063, 400/900141 and what
    cancellation and legacy purchases raise.
    """
    customer = customer_of(ctx, request.path_params["customer_id"])
    order = order_of(ctx, customer, request.path_params["order_id"])
    body = body_of(request)
    _check_names(customer, order, body)
    if str(body.get("status", "")).lower() in ("cancelled", "canceled"):
        after = cancelled(ctx, customer, order, body)
        _keep_changed(ctx, customer, order, after)
        return Answer(200, order_wire(after, ctx.clock.now()))
    families = {family_of(ctx.store, line["offerId"], line.get("termDuration")) for line in order["lineItems"]}
    if families != {LEGACY}:
        text = "This operation isn't supported: new-commerce subscriptions are changed one by one."
        raise ApiError(400, 900141, text)
    wanted = str(body.get("billingCycle") or order["billingCycle"])
    if cycle_of(wanted) != order["billingCycle"] and cycle_of(wanted) != "none":
        lines = objects(body.get("lineItems"), "lineItems")
        return Answer(200, order_wire(change_cycle(ctx, customer, order, wanted, lines), ctx.clock.now()))
    held = {line["subscriptionId"] for line in order["lineItems"]}
    lines = objects(body.get("lineItems"), "lineItems")
    added = [one for one in lines if str(one.get("subscriptionId") or "").lower() not in held]
    if not added:
        return Answer(200, order_wire(order, ctx.clock.now()))
    return Answer(200, order_wire(add_to_order(ctx, customer, order, added), ctx.clock.now()))


def _check_names(customer: dict[str, Any], order: dict[str, Any], body: dict[str, Any]) -> None:
    """Order and customer that a body names must be those of the path. Raises 400/800002, 400/900118."""
    if body.get("id") and str(body["id"]) != order["id"]:
        raise ApiError(400, 800002, "Invalid request input: the id of the body must be the id of the path.")
    _check_customer(customer, body)


def _check_customer(customer: dict[str, Any], body: dict[str, Any]) -> None:
    if body.get("referenceCustomerId") and str(body["referenceCustomerId"]).lower() != customer["id"]:
        raise ApiError(400, 900118, "Invalid Customer ID: referenceCustomerId must be the customer of the path.")


def _keep_changed(ctx: Context, customer: dict[str, Any], before: dict[str, Any], after: dict[str, Any]) -> None:
    now = ctx.clock.now()
    ctx.store.put("order", ctx.partner, after["id"], after)
    ctx.audit.record(
        operation="update_order",
        resource_type="order",
        customer_id=customer["id"],
        old=order_wire(before, now),
        new=order_wire(after, now),
        customized=[{"key": "OrderId", "value": after["id"]}],
    )


_ORDERS, _ORDER = "/v1/customers/{customer_id}/orders", "/v1/customers/{customer_id}/orders/{order_id}"
ROUTES: list[RouteSpec] = [
    RouteSpec("POST", _ORDERS, create_order, name="create an order", throttle="orders", creates=True),
    RouteSpec("GET", _ORDERS, list_orders, name="get all of a customer's orders", throttle="orders"),
    RouteSpec("GET", _ORDER, get_order, name="get an order by id", throttle="orders"),
    RouteSpec("PATCH", _ORDER, patch_order, name="update an order", throttle="orders"),
]
