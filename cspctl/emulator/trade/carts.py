"""Carts: create, read, replace, check out.

Source: Partner Center docs, pages create-a-cart, update-a-cart, checkout-a-cart, cart-resources (Oct 2023).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.legacy.purchases import place_bundles
from cspctl.emulator.partner.customers import customer_of
from cspctl.emulator.terms import parse_moment, stamp
from cspctl.emulator.trade.cart_lines import check_lines
from cspctl.emulator.trade.cart_wire import wire_lines
from cspctl.emulator.trade.coterm import customer_subscriptions
from cspctl.emulator.trade.line_errors import Line
from cspctl.emulator.trade.order_document import order_wire
from cspctl.emulator.trade.orders import order_of, place_order
from cspctl.emulator.trade.participants import require_attestation
from cspctl.emulator.trade.selling import require_may_buy, require_no_upgrade, require_resellers, require_room
from cspctl.emulator.wire.shapes import link, new_guid, stable_guid

# Carts in checkout right now, per store: in memory on purpose, so that a killed process leaves no cart locked.
_IN_CHECKOUT: set[tuple[int, str, str]] = set()


def _cart(ctx: Context, customer: dict[str, Any], cart_id: str) -> dict[str, Any]:
    """Raises 404/800008 for an unknown or expired cart."""
    cart = ctx.store.get("cart", ctx.partner, cart_id.lower())
    if cart is None or cart["_customer"] != customer["id"] or _expired(ctx, cart):
        raise ApiError(404, 800008, f"Unable to retrieve cart ID {cart_id}.")
    return cart


def _expired(ctx: Context, cart: dict[str, Any]) -> bool:
    return ctx.clock.now() >= parse_moment(cart["expirationTimestamp"])


def _check(ctx: Context, customer: dict[str, Any], given: object, *, late: bool = False) -> list[Line]:
    return check_lines(ctx, customer, given, customer_subscriptions(ctx, customer["id"]), late=late)


def _user(ctx: Context) -> str:
    return stable_guid("user", ctx.principal or ctx.application)


async def create_cart(request: Request, ctx: Context) -> Answer:
    customer = customer_of(ctx, request.path_params["customer_id"])
    body = body_of(request)
    require_attestation(ctx, body)
    lines = _check(ctx, customer, body.get("lineItems"))
    now = stamp(ctx.clock.now())
    with ctx.store.transaction():
        id = new_guid(ctx.store, "cart")
        cart: dict[str, Any] = {
            "id": id,
            "creationTimestamp": now,
            "lastModifiedTimestamp": now,
            "expirationTimestamp": stamp(ctx.clock.now() + timedelta(days=ctx.settings.cart_life_days)),
            "lastModifiedUser": _user(ctx),
            "status": "Active",
            "lineItems": wire_lines(ctx, lines),
            "links": {"self": link(f"/customers/{customer['id']}/carts/{id}")},
            "attributes": {"objectType": "Cart"},
            "_customer": customer["id"],
            "_given": [line.given for line in lines],
            "_orders": {},
        }
        ctx.store.put("cart", ctx.partner, id, cart, parent=customer["id"])
    return Answer(201, cart)


async def get_cart(request: Request, ctx: Context) -> Answer:
    """No page describes it; the self link of every sample has method GET."""
    customer = customer_of(ctx, request.path_params["customer_id"])
    return Answer(200, _cart(ctx, customer, request.path_params["cart_id"]))


async def update_cart(request: Request, ctx: Context) -> Answer:
    """Replace the lines of an Active cart; an Ordered one refuses with 400/800065 (rule 26)."""
    customer = customer_of(ctx, request.path_params["customer_id"])
    cart = _cart(ctx, customer, request.path_params["cart_id"])
    if cart["status"] == "Ordered":
        raise _submitted(cart)
    if _key(ctx, cart) in _IN_CHECKOUT:
        raise _busy(cart)
    body = body_of(request)
    require_attestation(ctx, body)
    lines = _check(ctx, customer, body.get("lineItems"))
    changed = {
        **cart,
        "lastModifiedTimestamp": stamp(ctx.clock.now()),
        "lastModifiedUser": _user(ctx),
        "lineItems": wire_lines(ctx, lines),
        "_given": [line.given for line in lines],
    }
    ctx.store.put("cart", ctx.partner, cart["id"], changed)
    return Answer(ctx.settings.cart_update_status, changed)


async def checkout_cart(request: Request, ctx: Context) -> Answer:
    """Place the orders of a cart; repeating it answers the same orders and tries failed groups again (rule 26)."""
    customer = customer_of(ctx, request.path_params["customer_id"])
    cart = _cart(ctx, customer, request.path_params["cart_id"])
    with _alone(ctx, cart):
        if ctx.settings.checkout_latency_ms:
            await asyncio.sleep(ctx.settings.checkout_latency_ms / 1000)
        done = cart["status"] == "Ordered" and len(cart["_orders"]) == len(set(_groups(cart)))
        if done and ctx.settings.checkout_repeat == "refuse":
            raise _submitted(cart)
        errors = [] if done else _order_groups(ctx, customer, cart)
        now = ctx.clock.now()
        orders = [order_wire(order_of(ctx, customer, id), now) for id in cart["_orders"].values()]
    result = {"orders": orders, **({"orderErrors": errors} if errors else {})}
    return Answer(201, {**result, "additionalInformation": [], "attributes": {"objectType": "CartCheckoutResult"}})


def _groups(cart: dict[str, Any]) -> list[str]:
    return [line["orderGroup"] for line in cart["lineItems"]]


def _order_groups(ctx: Context, customer: dict[str, Any], cart: dict[str, Any]) -> list[dict[str, Any]]:
    """Place every group that is not ordered yet; answers the groups that failed.

    Lines are checked again: availability ids and seats may have changed since. When the only fault of a cart is an
    outdated availability, the answer is 404/400019 (page error-codes).
    """
    require_may_buy(ctx, customer)
    groups = _groups(cart)
    waiting = [index for index, group in enumerate(groups) if group not in cart["_orders"]]
    lines = _check(ctx, customer, [cart["_given"][index] for index in waiting], late=True)
    require_resellers(ctx, _resellers(lines))
    require_room(ctx, customer, sum(line.buys for line in lines))
    require_no_upgrade(ctx, customer, [line.given["catalogItemId"] for line in lines])
    errors: list[dict[str, Any]] = []
    faults: list[int | str] = []
    with ctx.store.transaction():
        for group in dict.fromkeys(groups[index] for index in waiting):
            mine = [line for index, line in zip(waiting, lines, strict=True) if groups[index] == group]
            wrong = [error for line in mine for error in line.faults]
            faults += [error.http.code for error in wrong]
            if wrong:
                errors.append({"orderGroupId": group, "code": wrong[0].http.code, "description": wrong[0].text})
                continue
            cart["_orders"][group] = _place(ctx, customer, mine)["id"]
        if cart["_orders"]:
            cart["status"] = "Ordered"
            ctx.store.put("cart", ctx.partner, cart["id"], cart)
    if not cart["_orders"] and all(code == 400019 for code in faults):
        raise ApiError(404, 400019, errors[0]["description"])
    return errors


def _resellers(lines: list[Line]) -> list[str]:
    bought = [line.purchase or line.legacy for line in lines]
    return [one.partner_id for one in bought if one is not None and one.partner_id]


def _place(ctx: Context, customer: dict[str, Any], lines: list[Line]) -> dict[str, Any]:
    """The stored order of one group; a group holds either modern or traditional lines."""
    bought = [line.purchase for line in lines if line.purchase is not None]
    if bought:
        return place_order(ctx, customer, bought)
    bundles = [(line.legacy, [addon.legacy for addon in line.addons if addon.legacy]) for line in lines if line.legacy]
    return place_bundles(ctx, customer, bundles, bundles[0][0].billing)


@contextmanager
def _alone(ctx: Context, cart: dict[str, Any]) -> Iterator[None]:
    """Hold a cart for one checkout. Raises 409/800064 while another request holds it."""
    key = _key(ctx, cart)
    if key in _IN_CHECKOUT:
        raise _busy(cart)
    _IN_CHECKOUT.add(key)
    try:
        yield
    finally:
        _IN_CHECKOUT.discard(key)


def _key(ctx: Context, cart: dict[str, Any]) -> tuple[int, str, str]:
    return id(ctx.store), ctx.partner, str(cart["id"])


def _busy(cart: dict[str, Any]) -> ApiError:
    return ApiError(409, 800064, f"Cart {cart['id']} is being processed by another request.")


def _submitted(cart: dict[str, Any]) -> ApiError:
    return ApiError(400, 800065, f"can't check out an already submitted cart {cart['id']}.")


_CARTS, _CART = "/v1/customers/{customer_id}/carts", "/v1/customers/{customer_id}/carts/{cart_id}"
ROUTES: list[RouteSpec] = [
    RouteSpec("POST", _CARTS, create_cart, name="create a cart", throttle="orders", creates=True),
    RouteSpec("GET", _CART, get_cart, name="get a cart", throttle="orders"),
    RouteSpec("PUT", _CART, update_cart, name="update a cart", throttle="orders"),
    # not atomic: the lock of all writes would turn a second checkout into a wait instead of 409/800064
    RouteSpec("POST", f"{_CART}/checkout", checkout_cart, name="check out a cart", throttle="orders", atomic=False),
]
