"""The seeded world of the conservation test: partners, customers, goods, prices that change, and who holds what."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple
from uuid import UUID

from money_clock import Prices, Promotion, Row

SUITE, DESK, AZURE, TOOLS = "CFQ7TTAB12CD", "CFQ7TTEF34GH", "DZH318Z0BPS6", "DG7GMGF0DWT0"
BASIC, CALLING, TRIAL, DESKTOP = f"{SUITE}:0001", f"{SUITE}:0002", f"{SUITE}:0003", f"{DESK}:0001"
PERPETUAL, PLAN = f"{TOOLS}:0001", f"{AZURE}:0001"
OLD_OFFER, OLD_ADDON = "195416c1-3447-423a-b37b-ee59a99a19c4", "2828be95-46ba-4f91-b2fd-0bef192ecf60"
START = datetime(2026, 6, 1, 8, tzinfo=UTC)
DEARER = datetime(2027, 2, 1, tzinfo=UTC)  # a new price list; nothing that runs changes before its renewal
PROMOTION = "39NFABCD12EF:0001:39NFGHJK34LM"
PAIRS = (("P1M", "monthly"), ("P1Y", "monthly"), ("P1Y", "annual"), ("P3Y", "monthly"), ("P3Y", "annual"),
         ("P3Y", "triennial"))  # fmt: skip  # one list
# whole-term prices of BASIC in the order of PAIRS; the others are multiples
_LISTED = ("7.83", "78.47", "76.12", "230.05", "226.33", "219.99")
_FACTORS = {BASIC: 1, CALLING: 5, DESKTOP: 3}
_RAISE = Fraction(107, 100)
TELEPHONY = {CALLING: Fraction(3, 20)}


class Partner(NamedTuple):
    id: str
    name: str
    market: str
    currency: str
    tax: int


EURO = Partner("7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10", "acme", "DE", "EUR", 19)
DOLLAR = Partner("7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a20", "other", "US", "USD", 7)
TELEPHONY_TAX = 5


def pairs_of(sku: str) -> tuple[tuple[str, str], ...]:
    return tuple(pair for pair in PAIRS if sku != DESKTOP or pair[0] == "P1Y")


def text(amount: Fraction) -> str:
    return str(Decimal(amount.numerator) / Decimal(amount.denominator))


def prices_of(partner: Partner) -> Prices:
    """The same list in both currencies, dollars a little higher."""
    rate, rows = Fraction(1) if partner is EURO else Fraction(11, 10), {}
    for sku, factor in _FACTORS.items():
        for pair, amount in zip(PAIRS, _LISTED, strict=True):
            if pair in pairs_of(sku):
                price = Fraction(amount) * factor * rate
                rows[sku, *pair] = [Row(price), Row(price * _RAISE, DEARER)]
    rows[PERPETUAL, "", "one_time"] = [Row(Fraction(120) * rate)]
    end = datetime(2027, 3, 31, 23, 59, 59, tzinfo=UTC)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    promotion = Promotion(PROMOTION, (BASIC, "P1Y", "monthly"), Fraction(3, 20), start, end)
    return Prices(rows, [promotion], TELEPHONY, {TRIAL: BASIC})


def seed_of(customers: dict[Partner, list[str]]) -> dict[str, Any]:
    """Everything but subscriptions."""
    return {
        "partners": [
            {"accountId": one.id, "domain": f"{one.name}.onmicrosoft.com", "displayName": one.name.title(),
             "market": one.market, "currency": one.currency, "mpnId": "4847383", "tier": "direct"}
            for one in customers
        ],
        "customers": [
            {"partner": partner.id, "id": id, "domain": f"c{id[:8]}.onmicrosoft.com",
             "companyName": f"Customer {id[:8]}", "market": partner.market}
            for partner, ids in customers.items() for id in ids
        ],
        "catalogue": _catalogue(),
        "prices": [row for partner in customers for row in _rows(partner)],
        "promotions": [_promotion()],
        "offers": [
            {"id": OLD_OFFER, "name": "Office 365 Business Premium", "unitPrice": "8.37", "equivalent": BASIC},
            {"id": OLD_ADDON, "name": "Archiving", "unitPrice": "2.19", "equivalent": DESKTOP},
        ],
        "fxRates": [{"currency": "EUR", "usdPerUnit": "1.0837", "month": f"{year}{month:02d}"}
                    for year in (2026, 2027, 2028) for month in range(1, 13)],
    }  # fmt: skip  # a table of a world reads better packed


def _catalogue() -> list[dict[str, Any]]:
    def terms(sku: str) -> list[dict[str, str]]:
        return [{"duration": term, "billingCycle": billing} for term, billing in pairs_of(sku)]

    return [
        {"productId": SUITE, "title": "Demo Suite", "skus": [
            {"id": "0001", "title": "Demo Suite Basic", "terms": terms(BASIC), "upgradeTargetOffers": [CALLING]},
            {"id": "0002", "title": "Demo Suite Calling", "terms": terms(CALLING), "telephonyShare": "0.15"},
            {"id": "0003", "title": "Demo Suite Trial", "isTrial": True, "convertsTo": BASIC},
        ]},
        {"productId": DESK, "title": "Demo Desk", "skus": [
            {"id": "0001", "title": "Demo Desk E3", "terms": terms(DESKTOP)}]},
        {"productId": TOOLS, "title": "Demo Tools", "productType": "Software", "skus": [
            {"id": "0001", "title": "Demo Tools CAL", "terms": [{"billingCycle": "one_time"}]}]},
        {"productId": AZURE, "title": "Azure plan", "productType": "Azure", "skus": [
            {"id": "0001", "title": "Azure plan", "terms": [{"billingCycle": "one_time"}]}]},
    ]  # fmt: skip  # a table of a world reads better packed


def _rows(partner: Partner) -> list[dict[str, Any]]:
    found = []
    for (sku, term, billing), rows in prices_of(partner).rows.items():
        product, code = sku.split(":")
        for row in rows:
            entry = {"productId": product, "skuId": code, "term": term, "billing": billing, "market": partner.market,
                     "currency": partner.currency, "unitPrice": text(row.price)}  # fmt: skip  # one row
            found.append({**entry, "effectiveStartDate": row.since.isoformat()} if row.since else entry)
    return found


def _promotion() -> dict[str, Any]:
    promotion = prices_of(EURO).promotions[0]
    product, code = BASIC.split(":")
    policy = {"policyType": "PercentDiscount", "value": text(promotion.discount)}
    return {
        "id": promotion.id, "name": "Demo 15", "startDate": promotion.start.isoformat(),
        "endDate": promotion.end.isoformat(), "properties": {"isAutoApplicable": True},
        "requiredProducts": [{"productId": product, "skuId": code, "pricingPolicies": [policy],
                              "term": {"duration": "P1Y", "billingCycle": "Monthly"}}],
    }  # fmt: skip  # one document


def guid(rng: random.Random) -> str:
    return str(UUID(int=rng.getrandbits(128), version=4))


def some_day(rng: random.Random) -> datetime:
    """A day of the year before the start; the ends of long months and of February come often."""
    awkward = ("2026-01-30", "2026-01-31", "2025-10-31", "2025-12-30", "2026-02-28", "2026-03-31", "2026-04-30")
    if rng.random() < 0.3:
        return datetime.fromisoformat(rng.choice(awkward)).replace(hour=10, tzinfo=UTC)
    return START.replace(hour=10) - timedelta(days=rng.randrange(33, 330))
