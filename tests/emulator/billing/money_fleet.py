"""Two years of a fleet: what is there at first, when the clock is moved, and what is done on a day, all at random.

The random numbers are those of one seed, so a run is repeated exactly.
"""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import httpx
from money_bills import Lived, audited, read
from money_days import act
from money_model import Deal, Terms, full_end, midnight
from money_trade import Trade, legacy_terms
from money_world import (
    BASIC,
    CALLING,
    DESKTOP,
    DOLLAR,
    EURO,
    OLD_OFFER,
    START,
    guid,
    pairs_of,
    seed_of,
    some_day,
)

MONTHS = 24
AWKWARD = {(month, day) for month in range(1, 13) for day in (28, 29, 30, 31)}


def live_through(client: httpx.Client, token: str, number: int, seed: int) -> Lived:
    """24 months of `number` customers."""
    rng = random.Random(seed)  # noqa: S311  # made-up business, no secret
    split = {EURO: number - number // 4, DOLLAR: number // 4}
    customers = {partner: [guid(rng) for _ in range(share)] for partner, share in split.items()}
    trades = [Trade(client, token, partner, ids) for partner, ids in customers.items()]
    trades[0].control("clock", {"mode": "frozen", "now": START.isoformat()})
    trades[0].control("seed", seed_of(customers))
    for trade in trades:
        trade.at(START)
        take_over(trade, rng)
    audit: Counter[str] = Counter()
    for day in days_of(rng):
        for hour in (9, 15):
            moment = datetime(day.year, day.month, day.day, hour, rng.randrange(60), tzinfo=UTC)
            move(trades, moment)
            for trade in trades:
                for _ in range(max(1, len(trade.customers) // (8 if hour == 9 else 20))):
                    act(trade, rng)
        if day.day == 20:
            for trade in trades:
                trade.consume(rng)
        for trade in trades:
            audit.update(audited(trade))
    end = midnight(date(START.year + MONTHS // 12, START.month, 12))
    move(trades, end)
    for trade in trades:
        audit.update(audited(trade, last=True))
    return read(trades, audit, end)


def days_of(rng: random.Random) -> list[date]:
    """Some days of every month, the awkward ones among them, the fifth and the 20th always."""
    found, day = [], START.date() + timedelta(days=1)
    while day < date(START.year + MONTHS // 12, START.month, 1):
        awkward = (day.month, day.day) in AWKWARD and rng.random() < 0.4
        if awkward or day.day in (5, 20) or (day.month, day.day) == (2, 29) or rng.random() < 0.1:
            found.append(day)
        day += timedelta(days=1)
    return found


def move(trades: list[Trade], now: datetime) -> None:
    trades[0].control("clock", {"now": now.isoformat()})
    for trade in trades:
        if getattr(trade, "pending", None) and trade.pending[-1] <= now:
            trade.at(now)
            trade.migrated()
            trade.pending = None
        trade.at(now)


def take_over(trade: Trade, rng: random.Random) -> None:
    """Subscriptions that exist already: bought within the last year, their past bills are history."""
    entries, legacy = [], []
    for customer in trade.customers:
        for sku in (BASIC, CALLING, DESKTOP, BASIC):
            term, billing = rng.choice(pairs_of(sku))
            bought, id, seats = some_day(rng), guid(rng), rng.randrange(1, 60)
            product, code = sku.split(":")
            entries.append({"partner": trade.partner.id, "customer": customer, "id": id, "productId": product,
                            "skuId": code, "term": term, "billing": billing, "quantity": seats,
                            "friendlyName": id[:8], "startedAt": bought.isoformat()})  # fmt: skip  # one entry
            trade.owner[id] = customer
            trade.seeded.add(id)
            trade.deals[id] = held(trade, id, sku, term, billing, seats, bought)
        bought, id, seats = some_day(rng), guid(rng), rng.randrange(1, 30)
        billing = rng.choice(("monthly", "annual"))
        legacy.append({"partner": trade.partner.id, "customer": customer, "id": id, "offerId": OLD_OFFER,
                       "quantity": seats, "billing": billing, "startedAt": bought.isoformat()})  # fmt: skip  # one
        trade.owner[id] = customer
        trade.legacy[id] = old = Deal(id, legacy_terms(bought.date(), billing), seats, bought)
        old.expect_next(START.date())
    trade.control("seed", {"subscriptions": entries, "legacySubscriptions": legacy})


def held(trade: Trade, id: str, sku: str, term: str, billing: str, seats: int, bought: datetime) -> Deal:
    anchor, opened = bought.date(), bought
    while full_end(anchor, term) < START.date():
        anchor = full_end(anchor, term) + timedelta(days=1)
        opened = midnight(anchor)
    price = trade.prices.price(sku, term, billing, START)
    telephony = trade.prices.telephony.get(sku, Fraction(0))
    terms = Terms(sku, term, billing, price, Fraction(0), None, anchor, full_end(anchor, term), telephony)
    deal = Deal(id, terms, seats, opened)
    deal.open_window(opened)
    deal.expect_next(START.date())
    return deal
