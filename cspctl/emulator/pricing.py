"""Prices of a purchase line, computed from the seeded price rows.

Bases (Partner Center docs, pages pricing-and-offers and create-a-cart): a price row holds the partner's price of one
unit for the whole term; `listPrice` and `price` are per unit and billing cycle; `extendedPrice` is the whole term
times the quantity (P1Y monthly: 30.4 and 364.8). All before tax. A co-terminated first term is not prorated here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from cspctl.emulator.offers import Offer
from cspctl.emulator.store import Store
from cspctl.emulator.terms import cycles_in_term, parse_moment

_CENT = Decimal("0.01")
Key = tuple[str, str, str, str, str, str, str]


def cents(amount: Decimal) -> Decimal:
    """The one place where an amount is rounded: to cents, half up."""
    return amount.quantize(_CENT, rounding=ROUND_HALF_UP)


def number(amount: Decimal) -> float:
    """A rounded amount as the JSON double of the wire."""
    return float(amount)


def price_key(*parts: str) -> str:
    return ":".join(part.lower() for part in parts)


def unit_price(
    store: Store, offer: Offer, duration: str, billing: str, market: str, currency: str, at: datetime | None = None
) -> Decimal | None:
    """Partner price of one unit for the whole term; None when no row is seeded for this exact key.

    With `at` the row in force then, dated ones included.
    """
    key = (offer.product_id, offer.sku_id, duration, billing, market, currency, offer.segment)
    return row_price(store, key, at)


def row_price(store: Store, key: Key, at: datetime | None, *, view: str = "") -> Decimal | None:
    """The price of a key (product, SKU, term, cycle, market, currency, segment) in one view of the price sheet.

    Of several rows in force the newest start wins; where dated rows overlap, the older one governs to its end
    (page pricing-and-offers, 2023). A row without dates is in force whenever no other is.
    """
    base = None if view else store.get("price", "", price_key(*key))
    if at is None:
        return None if base is None else Decimal(base["unitPrice"])
    rows = [row for row in store.list("price_row", "", parent=f"{key[0]}:{key[1]}") if _is(row, key, view)]
    running = [row for row in [*rows, *([base] if base else [])] if _in_force(row, at)]
    bounded = [row for row in running if row.get("effectiveEndDate")]
    if bounded:
        return Decimal(min(bounded, key=_start)["unitPrice"])
    return Decimal(max(running, key=_start)["unitPrice"]) if running else None


def _is(row: dict[str, Any], key: Key, view: str) -> bool:
    names = ("productId", "skuId", "term", "billing", "market", "currency", "segment")
    return price_key(*(str(row[name]) for name in names)) == price_key(*key) and (row.get("view") or "") == view


def _in_force(row: dict[str, Any], at: datetime) -> bool:
    end = row.get("effectiveEndDate")
    return parse_moment(_start(row)) <= at and (not end or at <= parse_moment(str(end)))


def _start(row: dict[str, Any]) -> str:
    return str(row.get("effectiveStartDate") or "1753-01-01T00:00:00Z")  # the placeholder of undated rows


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
    store: Store,
    offer: Offer,
    duration: str,
    billing: str,
    quantity: int,
    wanted: str | None,
    now: datetime,
    allowed: Callable[[dict[str, Any]], bool] = lambda promotion: True,
) -> tuple[str | None, Decimal]:
    """Promotion that applies and its fraction; `(None, 0)` is the normal price, silently (rule 30).

    Of overlapping promotions only the deepest applies; `allowed` says which the customer may have at all.
    Source: page new-commerce-promotions.
    """
    found: list[tuple[Decimal, str]] = []
    for promotion in store.list("promotion", ""):
        if wanted is not None and promotion["id"].lower() != wanted.lower():
            continue
        if wanted is None and not promotion.get("properties", {}).get("isAutoApplicable"):
            continue
        if not parse_moment(promotion["startDate"]) <= now <= parse_moment(promotion["endDate"]):
            continue
        if not _seats_fit(promotion, quantity) or not allowed(promotion):
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
