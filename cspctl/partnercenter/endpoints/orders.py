"""Orders. Source: Partner Center docs, pages get-all-of-a-customer-s-orders, get-an-order-by-id,
get-order-provisioning-status (Oct 2023)."""

from __future__ import annotations

from typing import Any

from cspctl.partnercenter.calls import call
from cspctl.partnercenter.endpoints.objects import one
from cspctl.partnercenter.paging import all_items
from cspctl.partnercenter.reads import Reads

FAMILY = "orders"
ONE = "/v1/customers/{customer}/orders/{order}"


async def of_customer(reads: Reads, customer: str) -> list[dict[str, Any]]:
    """A new order can take 15 minutes to be listed."""
    route = "/v1/customers/{customer}/orders"
    return await all_items(reads, call("GET", route, family=FAMILY, customer=customer))


async def by_id(reads: Reads, customer: str, order: str) -> dict[str, Any]:
    """Order ids are case-sensitive."""
    return await one(reads, call("GET", ONE, family=FAMILY, customer=customer, order=order))


async def provisioning_status(reads: Reads, customer: str, order: str) -> list[dict[str, Any]]:
    """Per line item; needs application and user."""
    request = call("GET", f"{ONE}/provisioningstatus", family=FAMILY, customer=customer, order=order)
    return await all_items(reads, request)
