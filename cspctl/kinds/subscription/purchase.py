"""Cart and checkout, and how to find out whether a purchase happened.

A checkout repeated on the same cart answers the first result again (Partner Center docs, checkout-a-cart, Oct
2023), so once a checkout may have been sent its cart is the only one this purchase may ever use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from cspctl.commerce import rules as commercial
from cspctl.errors import CspctlError, NotFoundError, RemoteError
from cspctl.kinds.subscription import attributes as shape
from cspctl.kinds.subscription.availability import resolve_availability
from cspctl.kinds.subscription.steps import CartLine, CheckoutCart, CreateCart
from cspctl.model.ports import WriteContext
from cspctl.model.result import StepOutcome, StepStatus
from cspctl.partnercenter.client import ReaderClient, WriterClient

CLOCK_SKEW = timedelta(minutes=5)
ALREADY_SUBMITTED = "800065"


async def create_cart(
    writer: WriterClient, step: CreateCart, inputs: Mapping[str, Any], context: WriteContext
) -> StepOutcome:
    """Output: cartId, and the ids of same-product subscriptions that existed before the purchase."""
    line = step.line
    known = {_live_id(b) for b in await _siblings(writer, step.scope, line)}
    availability = await resolve_availability(
        writer, step.scope, line.product, line.sku, line.segment, line.term, line.billing
    )
    body = {
        "partnerOnRecordAttestationAccepted": True,
        "lineItems": [await _wire_line(writer, step, availability, inputs)],
    }
    answer = await writer.create_cart(step.scope, body, context)
    answered = StepOutcome(StepStatus.DONE, request_ids=(answer.request_id,), correlation_id=answer.correlation_id)
    for made in answer.body.get("lineItems") or ():
        error = made.get("error")
        if error and str(error.get("errorCode")) not in ("0", "None"):
            text = f"the cart line was refused: {error.get('errorCode')} {error.get('errorDescription') or ''}".strip()
            return replace(answered, status=StepStatus.FAILED, message=text, code="E-CART-LINE")
    outputs = {"cartId": str(answer.body["id"]), "known": sorted(known)}
    return replace(answered, message=step.summary, outputs=outputs)


async def _wire_line(
    reader: ReaderClient, step: CreateCart, availability: str, inputs: Mapping[str, Any]
) -> dict[str, Any]:
    line = step.line
    wire: dict[str, Any] = {
        "id": 0,
        "catalogItemId": f"{line.product}:{line.sku}:{availability}",
        "quantity": line.quantity,
        "billingCycle": line.billing,
        "termDuration": line.term,
        "friendlyName": line.friendly_name,
    }
    if line.reseller_mpn:
        wire["participants"] = [{"key": "transaction_reseller", "value": line.reseller_mpn}]
    if line.promotion:
        wire["promotionId"] = line.promotion
    end = line.end_date or await _aligned_end(reader, step, inputs)
    if end:
        wire["customTermEndDate"] = f"{end}T00:00:00Z"
    return wire


async def _aligned_end(reader: ReaderClient, step: CreateCart, inputs: Mapping[str, Any]) -> str | None:
    """The commitment end of the subscription to co-term with, which may have been bought a moment ago."""
    if step.line.align_to is None:
        return None
    live_id = (inputs.get("bindings") or {}).get(step.line.align_to)
    if not live_id:
        raise NotFoundError(
            f"{step.line.align_to} has no live subscription to take the end date from",
            status=404,
            code="E-ALIGN",
            hint="apply that subscription first",
        )
    body = await reader.subscription(step.scope, live_id)
    return str(shape.live_facts(body)["commitmentEnd"])


async def checkout(
    writer: WriterClient, step: CheckoutCart, inputs: Mapping[str, Any], context: WriteContext
) -> StepOutcome:
    """Output: orderId, and liveId as soon as the service has given one."""
    try:
        answer = await writer.checkout_cart(step.scope, str(inputs["cartId"]), context)
    except RemoteError as error:
        if error.remote_code == ALREADY_SUBMITTED:
            # Already done, says the service: which order it became is found by reading.
            return StepOutcome(StepStatus.UNKNOWN, "the cart was already checked out", code=error.code)
        raise
    answered = StepOutcome(StepStatus.DONE, request_ids=(answer.request_id,), correlation_id=answer.correlation_id)
    errors = answer.body.get("orderErrors") or ()
    if errors:
        text = "; ".join(f"{e.get('code')} {e.get('description') or ''}".strip() for e in errors)
        return replace(answered, status=StepStatus.FAILED, message=f"the order was refused: {text}", code="E-ORDER")
    orders = answer.body.get("orders") or ()
    outputs = _order_outputs(orders, step.line, set(inputs.get("known") or ()))
    if outputs is None or not outputs.get("liveId"):
        message = "ordered; the subscription is still being provisioned"
        return replace(
            answered, status=StepStatus.UNKNOWN, message=message, outputs=outputs or {}, code="E-PROVISIONING"
        )
    return replace(answered, message=step.summary, outputs=outputs)


def _order_outputs(orders: Sequence[Mapping[str, Any]], line: CartLine, known: set[str]) -> dict[str, Any] | None:
    """(order, subscription) of exactly one matching line, None where there is none or more than one."""
    found = [
        {"orderId": str(order.get("id")), "liveId": _lower(item.get("subscriptionId"))}
        for order in orders
        for item in order.get("lineItems") or ()
        if _is_line(item, line) and _lower(item.get("subscriptionId")) not in known
    ]
    return found[0] if len(found) == 1 else None


def _is_line(item: Mapping[str, Any], line: CartLine) -> bool:
    offer = str(item.get("offerId") or "")
    same = offer.startswith(f"{line.product}:{line.sku}:") and int(item.get("quantity") or 0) == line.quantity
    name = item.get("friendlyName")
    return same and (name is None or name == line.friendly_name)


def _lower(text: Any) -> str | None:
    return str(text).lower() if text else None


async def _siblings(reader: ReaderClient, customer: str, line: CartLine) -> list[dict[str, Any]]:
    """The tenant's subscriptions of the same product and SKU."""
    prefix = f"{line.product}:{line.sku}:"
    return [b for b in await reader.subscriptions(customer) if str(b.get("offerId") or "").startswith(prefix)]


def _live_id(body: Mapping[str, Any]) -> str:
    return str(body["id"]).lower()


def _is_bought(body: Mapping[str, Any], line: CartLine) -> bool:
    """The friendly name is the marker that an order carries over to its subscription."""
    return int(body.get("quantity") or 0) == line.quantity and body.get("friendlyName") == line.friendly_name


def settle_cart(step: CreateCart) -> StepOutcome:
    """A cart buys nothing: one whose answer was lost is left to expire."""
    return StepOutcome(StepStatus.SKIPPED, f"{step.summary}: a cart alone buys nothing")


async def settle_checkout(
    reader: ReaderClient,
    step: CheckoutCart,
    inputs: Mapping[str, Any],
    *,
    started_at: datetime,
    now: datetime,
) -> StepOutcome:
    """DONE with the subscription id, SKIPPED where the cart is provably not checked out, else UNKNOWN."""
    cart_status = await _cart_status(reader, step, inputs)
    if cart_status == "active":
        return StepOutcome(StepStatus.SKIPPED, "the cart was not checked out")
    known = set(inputs.get("known") or ())
    recent = [o for o in await reader.orders(step.scope) if _is_recent(o, started_at)]
    outputs = _order_outputs(recent, step.line, known)
    if outputs is None or not outputs.get("liveId"):
        fresh = [b for b in await _siblings(reader, step.scope, step.line) if _live_id(b) not in known]
        mine = [b for b in fresh if _is_bought(b, step.line)]
        if len(mine) == 1:
            outputs = {**(outputs or {}), "liveId": _live_id(mine[0])}
    if outputs and outputs.get("liveId"):
        return StepOutcome(StepStatus.DONE, "found: the purchase happened", outputs=outputs)
    delay = timedelta(minutes=int(commercial.rule("order-list-delay-minutes", now.date()).value))
    if cart_status != "ordered" and outputs is None and now - started_at > delay:
        return StepOutcome(StepStatus.SKIPPED, "no order appeared within the documented delay")
    return StepOutcome(StepStatus.UNKNOWN, "the purchase cannot be seen yet", outputs=outputs or {})


async def _cart_status(reader: ReaderClient, step: CheckoutCart, inputs: Mapping[str, Any]) -> str | None:
    """`active`, `ordered`, or None where the cart cannot be read (reading carts is not documented)."""
    try:
        cart = await reader.cart(step.scope, str(inputs["cartId"]))
    except CspctlError:
        return None
    return str(cart.get("status") or "").lower() or None


def _is_recent(order: Mapping[str, Any], started_at: datetime) -> bool:
    created = shape.parse_instant(order.get("creationDate"))
    return created is None or created >= started_at - CLOCK_SKEW
