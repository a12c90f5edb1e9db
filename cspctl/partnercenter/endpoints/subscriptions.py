"""Subscriptions. Source: Partner Center docs, pages get-all-of-a-customer-s-subscriptions,
get-a-subscription-by-id,
update-a-subscription-by-id (Oct 2023)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cspctl.errors import RemoteError
from cspctl.model.ports import WriteContext
from cspctl.partnercenter.calls import Call, Reply, call
from cspctl.partnercenter.endpoints.objects import one
from cspctl.partnercenter.paging import all_items
from cspctl.partnercenter.patching import patched, quoted_etag
from cspctl.partnercenter.reads import Reads
from cspctl.partnercenter.writes import Writes, unusable

FAMILY = "subscriptions"
ONE = "/v1/customers/{customer}/subscriptions/{subscription}"


async def of_customer(reads: Reads, customer: str) -> list[dict[str, Any]]:
    """In every state, deleted ones included."""
    route = "/v1/customers/{customer}/subscriptions"
    return await all_items(reads, call("GET", route, family=FAMILY, customer=customer))


async def by_id(reads: Reads, customer: str, subscription: str) -> dict[str, Any]:
    return await one(reads, call("GET", ONE, family=FAMILY, customer=customer, subscription=subscription))


async def patch(
    writes: Writes,
    customer: str,
    body: Mapping[str, Any],
    changes: Mapping[str, Any],
    context: WriteContext,
) -> tuple[dict[str, Any] | None, Reply]:
    """Sends the whole of a fresh body with the changes applied; None for an answer without a body.

    Raises RemoteError `E-BODY-SHAPE` when the body carries no id, else what `Writes.write` raises.
    """
    request = _patch_call(customer, body, changes)
    answer, reply = await writes.write(request, context)
    if answer is not None and not isinstance(answer, dict):
        raise unusable(request, reply)
    return answer, reply


def _patch_call(customer: str, body: Mapping[str, Any], changes: Mapping[str, Any]) -> Call:
    subscription = next((item for key, item in body.items() if key.casefold() == "id"), None)
    if not isinstance(subscription, str):
        raise RemoteError("the subscription to change was read without its id", status=200, code="E-BODY-SHAPE")
    etag = quoted_etag(body)
    return call(
        "PATCH",
        ONE,
        family=FAMILY,
        customer=customer,
        subscription=subscription,
        headers={"If-Match": etag} if etag else None,
        body=patched(body, changes),
    )
