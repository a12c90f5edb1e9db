"""Carts. Source: Partner Center docs, pages create-a-cart, checkout-a-cart (Oct 2023)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cspctl.model.ports import WriteContext
from cspctl.partnercenter.calls import Reply, call
from cspctl.partnercenter.endpoints.objects import one
from cspctl.partnercenter.reads import Reads
from cspctl.partnercenter.writes import Writes, unusable

FAMILY = "carts"
ONE = "/v1/customers/{customer}/carts/{cart}"


async def by_id(reads: Reads, customer: str, cart: str) -> dict[str, Any]:
    """No page documents this read; samples link to it. 404 NotFoundError, 405 or 501
    `E-REMOTE-UNSUPPORTED`."""
    return await one(reads, call("GET", ONE, family=FAMILY, customer=customer, cart=cart))


async def create(
    writes: Writes, customer: str, cart: Mapping[str, Any], context: WriteContext
) -> tuple[dict[str, Any], Reply]:
    """A cart may come back with failed lines: look at each line's `error`."""
    request = call("POST", "/v1/customers/{customer}/carts", family=FAMILY, customer=customer, body=dict(cart))
    answer, reply = await writes.write(request, context)
    if not isinstance(answer, dict) or not _has(answer, "id"):
        raise unusable(request, reply)
    return answer, reply


async def checkout(writes: Writes, customer: str, cart: str, context: WriteContext) -> tuple[dict[str, Any], Reply]:
    """Always `{"orders": […], "orderErrors": […], …}`; one documented sample is a bare order.

    Documented as idempotent per cart: repeating it answers the same result, and tries failed groups again.
    """
    request = call("POST", f"{ONE}/checkout", family=FAMILY, customer=customer, cart=cart)
    answer, reply = await writes.write(request, context)
    result = checkout_result(answer)
    if result is None:
        raise unusable(request, reply)
    return result, reply


def checkout_result(answer: Any) -> dict[str, Any] | None:
    """The documented wrapper, whatever form came; None for neither form."""
    if not isinstance(answer, dict):
        return None
    if _has(answer, "orders") or _has(answer, "orderErrors"):
        spelling = {"orders": "orders", "ordererrors": "orderErrors"}
        result: dict[str, Any] = {}
        for key, item in answer.items():
            name: str = key
            result[spelling.get(name.casefold(), name)] = item
    elif _has(answer, "lineItems") and _has(answer, "id"):
        result = {"orders": [answer]}
    else:
        return None
    for name in ("orders", "orderErrors"):
        if result.get(name) is None:
            result[name] = []
        if not isinstance(result[name], list):
            return None
    return result


def _has(body: Mapping[str, Any], name: str) -> bool:
    wanted = name.casefold()
    return any(key.casefold() == wanted for key in body)
