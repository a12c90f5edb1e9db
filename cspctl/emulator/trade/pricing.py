"""Prices of a purchase line, computed from the seeded price rows.

Bases (Partner Center docs, pages pricing-and-offers and create-a-cart): a price row holds the partner's price of one
unit for the whole term; `listPrice` and `price` are per unit and billing cycle; `extendedPrice` is the whole term
times the quantity (P1Y monthly: 30.4 and 364.8). All before tax. Of a first term with a custom end (page
align-subscription-end-dates) `proratedPrice` and `price` are what the first charge cycle costs, `extendedPrice` what
all cycles of the short term cost; the last one is charged by its days.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from cspctl.emulator.billing.proration import cycle_at, share_from
from cspctl.emulator.store import Store
from cspctl.emulator.subscription.document import Purchase
from cspctl.emulator.terms import cycle_of, cycles_in_term, parse_moment
from cspctl.emulator.trade.offers import Offer

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


def line_pricing(bought: Purchase, unit: Decimal, start: date) -> dict[str, Any]:
    """The `pricing` object of a cart or order line of a purchase on `start`; `unit` is the price before discount."""
    cycles = cycles_in_term(bought.duration, bought.billing)
    reduced = unit * (1 - bought.discount)
    shares = list(_shares(bought, start))
    first = number(cents(_part(reduced / cycles, shares[0] if shares else Fraction(1))))
    whole_term = _part(reduced * bought.quantity / cycles, sum(shares)) if shares else reduced * bought.quantity
    return {
        "listPrice": number(cents(unit / cycles)),
        "discountedPrice": number(cents(reduced / cycles)),
        "proratedPrice": first,
        "price": first,
        "extendedPrice": number(cents(whole_term)),
    }


def _shares(bought: Purchase, start: date) -> Iterator[Fraction]:
    """What part of a full charge cycle each cycle of a short first term bills; nothing for a term of full length."""
    day, end = start, bought.custom_end
    while end is not None and day <= end:
        cycle = cycle_at(bought.cycles_from or start, bought.duration, bought.billing, end, day)
        share = share_from(cycle, day, bought.billing)
        yield Fraction(share.days, share.of)
        day = cycle.end + timedelta(days=1)


def _part(amount: Decimal, share: Fraction | int) -> Decimal:
    return amount * share.numerator / share.denominator


def promotion_discount(
    store: Store,
    offer: Offer,
    duration: str,
    billing: str,
    quantity: int,
    wanted: str | None,
    now: datetime,
) -> tuple[str | None, Decimal]:
    """Promotion that a further term keeps and its fraction; `(None, 0)` is the normal price (rule 30).

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
        found += [(value, promotion["id"]) for value in discounts_of(promotion, offer, duration, billing)]
    if not found:
        return None, Decimal(0)
    value, name = max(found)
    return name, value


def discounts_of(promotion: dict[str, Any], offer: Offer, duration: str, billing: str) -> list[Decimal]:
    """Fractions that a promotion takes off the partner price of a SKU on one term and cycle."""
    values = []
    for wanted in promotion.get("requiredProducts", []):
        term = wanted.get("term", {})
        if (wanted.get("productId"), wanted.get("skuId")) != (offer.product_id, offer.sku_id):
            continue
        if (term.get("duration"), cycle_of(str(term.get("billingCycle", "")))) != (duration, billing):
            continue
        for policy in wanted.get("pricingPolicies", []):
            if policy.get("policyType") == "PercentDiscount":
                values.append(Decimal(str(policy["value"])))
    return values


def _seats_fit(promotion: dict[str, Any], quantity: int) -> bool:
    limits = promotion.get("promotionConstraints", {}).get("seatConstraints", [])
    return all(limit.get("minSeats", 0) <= quantity <= limit.get("maxSeats", quantity) for limit in limits)
