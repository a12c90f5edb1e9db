"""Cancelling an order or lines of it, by the cancel matrix (rule 29).

Source: Partner Center docs, pages cancel-an-order-from-the-integration-sandbox, cancel-software-purchases
(Oct 2023): sandbox reservations and software, production software; perpetual software for 30 days.
"""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

from cspctl.emulator.context import Context
from cspctl.emulator.errors import ApiError
from cspctl.emulator.fulfilment.families import (
    LEGACY,
    LICENCE,
    MARKETPLACE,
    PERPETUAL,
    RESERVATION,
    SOFTWARE,
    family_of,
)
from cspctl.emulator.partner.customers import partner_of
from cspctl.emulator.subscription.document import record, settled
from cspctl.emulator.subscription.update_gate import require_free
from cspctl.emulator.terms import parse_moment
from cspctl.emulator.wire.requests import objects

Document = dict[str, Any]


def cancelled(ctx: Context, customer: Document, order: Document, body: Document) -> Document:
    """The order with the lines of the body cancelled, all lines without any. Raises what the matrix refuses."""
    if order["status"] == "cancelled":
        raise ApiError(400, 800061, "Order can't be canceled: it is cancelled already.")
    chosen = _lines(order, body)
    for line in chosen:
        _check(ctx, customer, order, line)
        _require_free(ctx, line)
    after = copy.deepcopy(order)
    numbers = {line["lineItemNumber"] for line in chosen}
    for line in after["lineItems"]:
        if line["lineItemNumber"] in numbers:
            line["quantity"] = 0
            _end(ctx, line["subscriptionId"])
    after["status"] = "completed" if any(line["quantity"] for line in after["lineItems"]) else "cancelled"
    return after


def _lines(order: Document, body: Document) -> list[Document]:
    if not body.get("lineItems"):
        return [line for line in order["lineItems"] if line["quantity"]]
    known = {line["lineItemNumber"]: line for line in order["lineItems"]}
    chosen = []
    for given in objects(body["lineItems"], "lineItems"):
        line = known.get(given.get("lineItemNumber"))
        if line is None or (given.get("offerId") or line["offerId"]).upper() != line["offerId"].upper():
            raise ApiError(400, 800071, "Line Item number should be from 0 to number of line items count.")
        chosen.append(line)
    return chosen


def _check(ctx: Context, customer: Document, order: Document, line: Document) -> None:
    """Raises 400/800063, 403/800077, 403/800019, 400/800061, 400/900117, by the matrix and its windows."""
    family, settings = family_of(ctx.store, line["offerId"], line.get("termDuration")), ctx.settings
    if family in (LICENCE, LEGACY):
        path = f"PATCH /customers/{customer['id']}/subscriptions/<subscriptionId>"
        text = f"This order {order['id']} can't be canceled. Use {path} to suspend subscriptions."
        raise ApiError(400, 800063, text)
    if family == MARKETPLACE:
        text = "Cancelling of seat-based SaaS isn't supported via patch order. Use patch subscription instead."
        raise ApiError(403, 800077, text)
    sandbox = bool(partner_of(ctx).get("sandbox"))
    if family == RESERVATION and not sandbox:
        text = "Non-Sandbox tenants aren't allowed to cancel purchases other than software subscriptions and perpetual"
        raise ApiError(403, 800019, text + " software.")
    if family not in (SOFTWARE, PERPETUAL, RESERVATION):
        raise ApiError(400, 800061, "Order can't be canceled.")
    days = settings.order_cancel_days if family == PERPETUAL else settings.software_window_days
    if sandbox:
        days = settings.sandbox_order_cancel_days
    if not line["quantity"]:
        raise ApiError(400, 800061, "Order can't be canceled: the line is cancelled already.")
    if ctx.clock.now() > parse_moment(order["creationDate"]) + timedelta(days=days):
        text = f"You have passed your {days}-day cancellation window. We are unable to cancel your purchase."
        raise ApiError(400, 800061 if sandbox else 900117, text)


def _require_free(ctx: Context, line: Document) -> None:
    """Raises 409/900278 while the subscription of a line is changed or transferred."""
    document = ctx.store.get("subscription", ctx.partner, line["subscriptionId"])
    if document is not None:
        require_free(settled(document, ctx.clock.now()), ctx.settings)


def _end(ctx: Context, subscription_id: str) -> None:
    document = ctx.store.get("subscription", ctx.partner, subscription_id)
    if document is None or document["status"] == "deleted":
        return
    now = ctx.clock.now()
    after = copy.deepcopy(settled(document, now))
    seats = after["quantity"]
    after.update(status="deleted", autoRenewEnabled=False, scheduledNextTermInstructions=None, _batches=[])
    record(after, "cancelImmediate", now, before=seats, returned=seats)
    ctx.store.put("subscription", ctx.partner, subscription_id, after)
