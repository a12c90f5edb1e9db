"""Prices of a purchase line, computed from the seeded price rows.

Bases (Partner Center docs, pages pricing-and-offers and create-a-cart): a price row holds the partner's price of one
unit for the whole term; `listPrice` and `price` are per unit and billing cycle; `extendedPrice` is the whole term
times the quantity (P1Y monthly: 30.4 and 364.8). All before tax. A co-terminated first term is not prorated here.
"""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from cspctl.emulator.offers import Offer
from cspctl.emulator.store import Store
from cspctl.emulator.terms import cycles_in_term, parse_moment

_CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    """The one place where an amount is rounded: to cents, half up."""
    return amount.quantize(_CENT, rounding=ROUND_HALF_UP)


def number(amount: Decimal) -> float:
    """A rounded amount as the JSON double of the wire."""
    return float(amount)


def price_key(*parts: str) -> str:
    return ":".join(part.lower() for part in parts)


def unit_price(store: Store, offer: Offer, duration: str, billing: str, market: str, currency: str) -> Decimal | None:
    """Partner price of one unit for the whole term; None when no row is seeded for this exact key."""
    key = price_key(offer.product_id, offer.sku_id, duration, billing, market, currency, offer.segment)
    row = store.get("price", "", key)
    return None if row is None else Decimal(row["unitPrice"])


def line_pricing(unit: Decimal, duration: str, billing: str, quantity: int, discount: Decimal) -> dict[str, Any]:
    """The `pricing` object of a cart or order line; `discount` is a fraction of the partner price."""
    cycles = cycles_in_term(duration, billing)
    reduced = unit * (1 - discount)
    per_cycle = number(cents(reduced / cycles))
    return {
        "listPrice": number(cents(unit / cycles)),
        "discountedPrice": per_cycle,
        "proratedPrice": per_cycle,
        "price": per_cycle,
        "extendedPrice": number(cents(reduced * quantity)),
    }


def promotion_discount(
    store: Store, offer: Offer, duration: str, billing: str, quantity: int, wanted: str | None, now: datetime
) -> tuple[str | None, Decimal]:
    """Promotion that applies and its fraction; `(None, 0)` is the normal price, silently (rule 30).

    Of overlapping promotions only the deepest applies. Source: page new-commerce-promotions.
    """
    found: list[tuple[Decimal, str]] = []
    for promotion in store.list("promotion", ""):
        if wanted is not None and promotion["id"].lower() != wanted.lower():
            continue
        if wanted is None and not promotion.get("properties", {}).get("isAutoApplicable"):
            continue
        if not parse_moment(promotion["startDate"]) <= now <= parse_moment(promotion["endDate"]):
            continue
        if not _seats_fit(promotion, quantity):
            continue
        found += [(value, promotion["id"]) for value in _discounts(promotion, offer, duration, billing)]
    if not found:
        return None, Decimal(0)
    value, name = max(found)
    return name, value


def _discounts(promotion: dict[str, Any], offer: Offer, duration: str, billing: str) -> list[Decimal]:
    values = []
    for wanted in promotion.get("requiredProducts", []):
        term = wanted.get("term", {})
        if (wanted.get("productId"), wanted.get("skuId")) != (offer.product_id, offer.sku_id):
            continue
        if (term.get("duration"), str(term.get("billingCycle", "")).lower()) != (duration, billing):
            continue
        for policy in wanted.get("pricingPolicies", []):
            if policy.get("policyType") == "PercentDiscount":
                values.append(Decimal(str(policy["value"])))
    return values


def _seats_fit(promotion: dict[str, Any], quantity: int) -> bool:
    limits = promotion.get("promotionConstraints", {}).get("seatConstraints", [])
    return all(limit.get("minSeats", 0) <= quantity <= limit.get("maxSeats", quantity) for limit in limits)
