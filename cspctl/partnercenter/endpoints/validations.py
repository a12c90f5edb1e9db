"""Checks that change nothing, although they are POST.

Source: Partner Center docs, pages validate-an-address, validate-subscription-for-migration (Oct 2023).
"""

from __future__ import annotations

from typing import Any

from cspctl.partnercenter.calls import call
from cspctl.partnercenter.endpoints.objects import one
from cspctl.partnercenter.reads import Reads


async def address(reads: Reads, body: Any) -> dict[str, Any]:
    return await one(reads, call("POST", "/v1/validations/address", family="validations", body=body))


async def migration(reads: Reads, customer: str, body: Any) -> dict[str, Any]:
    """450 calls per five minutes, partner and customer."""
    route = "/v1/customers/{customer}/migrations/newcommerce/validate"
    return await one(reads, call("POST", route, family="migrations", customer=customer, body=body))
