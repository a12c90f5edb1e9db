"""Availability ids are reissued, so they are resolved right before they are used and never stored."""

from __future__ import annotations

from cspctl.errors import RefusedError
from cspctl.partnercenter.client import ReaderClient


async def resolve_availability(
    reader: ReaderClient, customer: str, product: str, sku: str, segment: str, term: str, billing: str
) -> str:
    """The id of the purchasable availability whose terms hold (term, billing).

    Source: Partner Center docs, get-a-list-of-availabilities-for-a-sku-by-customer (Oct 2023). Term.billingCycle
    is Pascal case there, so cases are folded. Raises RefusedError E-NOT-OFFERED where there is none.
    """
    wanted_segment = segment if segment == "nonprofit" else None
    for availability in await reader.availabilities(customer, product, sku, segment=wanted_segment):
        if not availability.get("isPurchasable", False):
            continue
        if str(availability.get("segment") or segment).casefold() != segment.casefold():
            continue
        for offered in availability.get("terms") or ():
            cycle = str(offered.get("billingCycle") or "none").casefold()
            if offered.get("duration") == term and cycle == billing.casefold():
                return str(availability["id"])
    raise RefusedError(
        f"{product}:{sku} is not offered to this customer for {term} billed {billing} in segment {segment}",
        code="E-NOT-OFFERED",
        hint="check the plan's offers against the customer's catalogue",
    )
