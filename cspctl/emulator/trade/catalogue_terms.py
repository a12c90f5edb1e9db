"""Terms of an availability as the catalogue answers them.

Source: Partner Center docs, pages product-resources and get-an-availability-by-id (Oct 2023): the billing cycle is
Pascal here, unlike everywhere else; terms of reservations and savings plans have a duration and a text alone.
"""

from __future__ import annotations

from typing import Any

from cspctl.emulator.terms import CYCLE_NAMES, cycle_of
from cspctl.emulator.trade.offers import Offer
from cspctl.emulator.trade.product_views import is_benefit
from cspctl.emulator.wire.shapes import text_code

_WORDS = {"P1M": "One-Month", "P1Y": "One-Year", "P3Y": "Three-Year"}


def terms_of(offer: Offer) -> list[dict[str, Any]]:
    """Every pair of term and cycle once; pairs that look alike without their cycle are one."""
    found: list[dict[str, Any]] = []
    for term in offer.sku["_terms"]:
        document = _term(offer, term)
        if document not in found:
            found.append(document)
    return found


def _term(offer: Offer, term: dict[str, Any]) -> dict[str, Any]:
    duration, billing = term.get("duration"), cycle_of(term["billingCycle"])
    words = _WORDS.get(str(duration), "Open-ended")
    if is_benefit(offer.product):
        return {"duration": duration, "description": f"{words} prepaid"}
    refund = {"sequenceId": 0, "type": "Full", "expiresAfter": "P1D"}
    return {
        "id": text_code(12, "term", offer.product_id, offer.sku_id, str(duration), billing).lower(),
        **({"duration": duration} if duration else {}),
        "description": f"{words} commitment for {billing.replace('_', '-')} billing",
        "billingCycle": CYCLE_NAMES.get(billing, billing.capitalize()),
        "cancellationPolicies": [{"refundOptions": [refund]}],
    }
