"""What a partner does on a day, if there is anything to do it with; which of it, and to what, is drawn by lot."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from money_model import Deal, full_end
from money_trade import Trade
from money_world import BASIC, CALLING, DESKTOP, PERPETUAL, PLAN, TRIAL, pairs_of


def act(trade: Trade, rng: random.Random) -> None:
    """One thing a partner does, if there is anything to do it with."""
    roll, customer = rng.random(), rng.choice(trade.customers)
    if roll < 0.22:
        purchase(trade, rng, customer)
    elif roll < 0.50:
        resize(trade, rng)
    elif roll < 0.58:
        undo(trade, rng)
    elif roll < 0.64:
        pause(trade, rng)
    elif roll < 0.70:
        prolong(trade, rng)
    elif roll < 0.76:
        upgrade(trade, rng)
    elif roll < 0.84:
        arrange(trade, rng)
    elif roll < 0.87:
        deal = pick(trade, rng, lambda one: one.terms.price)
        if deal:
            trade.credit(deal, Decimal(rng.randrange(1, 200)).scaleb(-2))
    else:
        old_goods(trade, rng, customer)


def pick(trade: Trade, rng: random.Random, fits: Any, goods: dict[str, Deal] | None = None) -> Deal | None:
    found = [one for one in (trade.deals if goods is None else goods).values() if one.status == "active" and fits(one)]
    return rng.choice(found) if found else None


def licence(one: Deal) -> bool:
    """A paid licence in a standard term."""
    return one.terms.billing in ("monthly", "annual", "triennial") and not one.terms.trial and one.standard is None


def purchase(trade: Trade, rng: random.Random, customer: str) -> None:
    kind = rng.random()
    if kind < 0.12:
        if customer not in trade.tried:  # one trial for a customer, ever
            trade.tried.add(customer)
            trade.buy(customer, TRIAL, "P1M", "none", 25)
    elif kind < 0.17:
        trade.buy(customer, PERPETUAL, "", "one_time", rng.randrange(1, 9))
    elif kind < 0.21 and not any(trade.owner[id] == customer for id in trade.plans):
        trade.buy(customer, PLAN, "", "one_time", 1)
    else:
        sku = rng.choice((BASIC, BASIC, CALLING, DESKTOP))
        term, billing = rng.choice(pairs_of(sku))
        end = coterm(trade.now.date(), term) if rng.random() < 0.25 else None
        trade.buy(customer, sku, term, billing, rng.randrange(1, 60), end)


def coterm(today: date, term: str) -> date | None:
    """The last month end inside the first term."""
    day = full_end(today, term) + timedelta(days=1)
    last = day.replace(day=1) - timedelta(days=1)
    return last if last >= today else None


def resize(trade: Trade, rng: random.Random) -> None:
    if rng.random() < 0.5:
        deal = pick(trade, rng, lambda one: licence(one) and one.refundable(trade.now) and one.seats > 1)
        if deal:
            fewer = rng.randrange(1, min(deal.refundable(trade.now), deal.seats - 1) + 1)
            trade.seats(deal, deal.seats - fewer)
            return
    deal = pick(trade, rng, licence)
    if deal:
        trade.seats(deal, deal.seats + rng.randrange(1, 12))


def undo(trade: Trade, rng: random.Random) -> None:
    deal = pick(trade, rng, lambda one: one.cancellable(trade.now))
    perpetual = pick(trade, rng, lambda one: one.terms.sku == PERPETUAL and trade.now < one.opened + timedelta(days=29))
    if perpetual and rng.random() < 0.4:
        trade.cancel_order(perpetual)
    elif deal:
        trade.cancel(deal)


def pause(trade: Trade, rng: random.Random) -> None:
    asleep = [one for one in trade.deals.values() if one.status == "suspended"]
    if asleep and rng.random() < 0.4:
        deal = rng.choice(asleep)
        if deal.cancellable(trade.now) and rng.random() < 0.5:
            trade.cancel(deal)
        else:
            trade.reactivate(deal)
        return
    deal = pick(trade, rng, licence)
    if deal:
        trade.suspend(deal)


def prolong(trade: Trade, rng: random.Random) -> None:
    deal = pick(trade, rng, lambda one: licence(one) and one.terms.term != "P3Y" and one.terms.sku != DESKTOP)
    if deal:
        longer = "P1Y" if deal.terms.term == "P1M" and rng.random() < 0.7 else "P3Y"
        term, billing = rng.choice([pair for pair in pairs_of(deal.terms.sku) if pair[0] == longer])
        trade.lengthen(deal, term, billing)


def upgrade(trade: Trade, rng: random.Random) -> None:
    trial = pick(trade, rng, lambda one: one.terms.trial)
    if trial and rng.random() < 0.5:
        trade.upgrade(trial, trial.seats, None)
        return
    deal = pick(trade, rng, lambda one: licence(one) and one.terms.sku == BASIC)
    if deal is None:
        return
    into = pick(trade, rng, lambda one: takes(trade, deal, one))
    seats = deal.seats if rng.random() < 0.5 else rng.randrange(1, deal.seats + 1)
    trade.upgrade(deal, seats, into if rng.random() < 0.6 else None)


def takes(trade: Trade, deal: Deal, one: Deal) -> bool:
    """Whether a subscription may take seats of another: of the target product, outside its window, ends not before."""
    same = one.terms.sku == CALLING and trade.owner[one.id] == trade.owner[deal.id] and licence(one)
    order = ("P1M", "P1Y", "P3Y")
    longer = order.index(one.terms.term) >= order.index(deal.terms.term) if same else False
    return same and longer and one.terms.end >= deal.terms.end and not one.cancellable(trade.now)


def arrange(trade: Trade, rng: random.Random) -> None:
    """Auto-renew off and on again, and what the next term shall be."""
    off = [one for one in trade.deals.values() if one.status == "active" and not one.auto_renew and one.terms.term]
    if off and rng.random() < 0.1:
        trade.renewing(rng.choice(off), True)
        return
    deal = pick(trade, rng, lambda one: licence(one) and one.auto_renew)
    if deal is None:
        return
    if rng.random() < 0.4:
        trade.renewing(deal, False)
    else:
        term, billing = rng.choice(pairs_of(deal.terms.sku))
        trade.plan(deal, term, billing, rng.randrange(1, 60))


def old_goods(trade: Trade, rng: random.Random, customer: str) -> None:
    """Legacy subscriptions: bought, resized, suspended and back, migrated."""
    roll = rng.random()
    asleep = [one for one in trade.legacy.values() if one.status == "suspended"]
    young = trade.now - timedelta(days=32)
    if roll < 0.15:
        trade.buy_legacy(customer, rng.randrange(1, 30), rng.choice(("monthly", "annual")))
    elif roll < 0.30 and asleep:
        trade.legacy_status(rng.choice(asleep))
    elif roll < 0.45:
        deal = pick(trade, rng, lambda one: True, trade.legacy)
        if deal:
            trade.legacy_status(deal)
    elif roll < 0.80:
        deal = pick(trade, rng, lambda one: True, trade.legacy)
        if deal:
            more = rng.choice((-3, -1, 1, 2, 5))
            trade.legacy_seats(deal, deal.seats + (more if deal.seats + more > 0 else 4))
    elif not getattr(trade, "pending", None):
        deal = pick(trade, rng, lambda one: one.opened < young and ends_later(trade, one), trade.legacy)
        if deal:
            trade.migrate(deal, *rng.choice((("P1Y", "monthly"), ("P1Y", "annual"), ("P1M", "monthly"))))


def ends_later(trade: Trade, one: Deal) -> bool:
    return one.terms.end > trade.now.date() + timedelta(days=2)
