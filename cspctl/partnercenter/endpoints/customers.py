"""Customers. Source: Partner Center docs, pages get-a-list-of-customers, get-a-customer-by-id,
get-a-customer-by-name (Oct 2023)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from cspctl.partnercenter.calls import call
from cspctl.partnercenter.endpoints.objects import one
from cspctl.partnercenter.paging import all_items, pages
from cspctl.partnercenter.reads import Reads

FAMILY = "customers"
# The page asks for a size; its upper limit is documented nowhere.
PAGE_SIZE = 500


async def listed(reads: Reads, *, size: int = PAGE_SIZE) -> list[dict[str, Any]]:
    """All pages; items carry id, companyProfile and relationshipToPartner only."""
    return [customer async for page in listed_by_page(reads, size=size) for customer in page]


def listed_by_page(reads: Reads, *, size: int = PAGE_SIZE) -> AsyncIterator[list[dict[str, Any]]]:
    return pages(reads, call("GET", "/v1/customers", family=FAMILY, query={"size": str(size)}))


async def starting_with(reads: Reads, field: str, value: str) -> list[dict[str, Any]]:
    """`field` is `CompanyName` or `Domain`. Matching is by prefix and ignores case: compare before
    adopting one."""
    query = {"size": "0", "filter": filter_text(field, value, "starts_with")}
    return await all_items(reads, call("GET", "/v1/customers", family=FAMILY, query=query))


async def by_id(reads: Reads, customer: str) -> dict[str, Any]:
    return await one(reads, call("GET", "/v1/customers/{customer}", family=FAMILY, customer=customer))


async def promotion_eligibilities(reads: Reads, customer: str, body: Any) -> list[dict[str, Any]]:
    """A POST that changes nothing. `body`: `{"items": [{catalogItemId, quantity, termDuration,
    billingCycle}]}`."""
    route = "/v1/customers/{customer}/promotionEligibilities"
    return await all_items(reads, call("POST", route, family=FAMILY, customer=customer, body=body))


def filter_text(field: str, value: str, operator: str) -> str:
    """The JSON of a `filter` parameter, not yet percent-encoded."""
    return json.dumps({"Field": field, "Value": value, "Operator": operator}, separators=(",", ":"))
