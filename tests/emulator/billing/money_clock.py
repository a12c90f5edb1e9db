"""What time does to a `Deal`: charge cycles, renewal, extended service, expiry; legacy goods; the prices of a day.

Written from the Partner Center pages create-a-new-subscription, subscription-lifecycle, new-commerce-promotions and
the announcement of extended service terms (2026); nothing comes from the emulator.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import NamedTuple

from money_model import DAY, MONTHS, SEATS, STEPS, Deal, Terms, cycle, full_end, midnight, shift

HOUR = timedelta(hours=1)


class Row(NamedTuple):
    """Partner price of one seat for the whole term, from a moment on; None = always."""

    price: Fraction
    since: datetime | None = None


@dataclass(frozen=True)
class Promotion:
    id: str
    pair: tuple[str, str, str]  # SKU, term, cycle
    discount: Fraction
    start: datetime
    end: datetime


@dataclass
class Prices:
    """The price list of one market; of the rows in force the newest counts."""

    rows: dict[tuple[str, str, str], list[Row]]
    promotions: Sequence[Promotion]
    telephony: dict[str, Fraction]
    successor: dict[str, str] = field(default_factory=dict)  # what a trial becomes

    def price(self, sku: str, term: str, billing: str, at: datetime) -> Fraction | None:
        rows = [row for row in self.rows.get((sku, term, billing), []) if row.since is None or row.since <= at]
        return max(rows, key=lambda row: (row.since is not None, row.since)).price if rows else None

    def promotion(self, sku: str, term: str, billing: str, at: datetime) -> Promotion | None:
        for one in self.promotions:
            if one.pair == (sku, term, billing) and one.start <= at <= one.end:
                return one
        return None


def new_terms(
    prices: Prices, sku: str, term: str, billing: str, at: datetime, *, anchor: date | None = None,
    end: date | None = None, keep: str | None = "any", old: Fraction | None = None,
) -> Terms:  # fmt: skip  # the signature as one piece
    """The conditions of a purchase, renewal or change at `at`. `keep`: the one promotion that may apply, or "any"."""
    anchor = anchor or at.date()
    short = end is not None and end < full_end(anchor, term) and STEPS.get(billing, 99) < MONTHS[term]
    grid = shift(end + DAY, -MONTHS[term]) if short else None  # the last cycle ends with the term
    found = prices.promotion(sku, term, billing, at)
    if found is not None and keep != "any" and found.id != keep:
        found = None
    price = prices.price(sku, term, billing, at)
    return Terms(
        sku=sku, term=term, billing=billing, price=old if price is None else price,
        discount=found.discount if found else Fraction(0), promotion=found.id if found else None, anchor=anchor,
        end=end or full_end(anchor, term), telephony=prices.telephony.get(sku, Fraction(0)), grid=grid,
    )  # fmt: skip  # one shape


def live(deal: Deal, prices: Prices, until: datetime) -> None:
    """Let everything happen to a deal that is due by `until`."""
    if deal.gone is not None and deal.gone <= until:
        deal.status = "deleted"
    while deal.status in ("active", "suspended"):
        cycle = midnight(deal.next_cycle) if deal.next_cycle else None
        end = midnight(deal.terms.end + DAY)
        if cycle is not None and cycle < end:
            if cycle > until:
                return
            deal.line("cycleCharge", deal.seats, deal.next_cycle, cycle)
            deal.events += 1
            deal.expect_next(deal.next_cycle)
        elif deal.status == "active" and deal.auto_renew:
            if end + HOUR > until:
                return
            renew(deal, prices, end + HOUR)
        elif end > until:
            return
        elif deal.status == "active" and not deal.terms.trial:
            extend_service(deal, prices, end)
        else:
            deal.status, deal.next_cycle = "expired", None


def renew(deal: Deal, prices: Prices, at: datetime) -> None:
    """The next term on the conditions of the day; a promotion stays while it runs, that of a trial never."""
    old, planned = deal.terms, deal.planned or {}
    sku = prices.successor[old.sku] if old.trial else old.sku
    term, billing = ("P1Y", "monthly") if old.trial else deal.standard or (old.term, old.billing)
    term, billing = planned.get("term", term), planned.get("billing", billing)
    deal.seats = planned.get("seats", deal.seats)
    keep = None if old.trial or planned else old.promotion
    deal.terms = new_terms(prices, sku, term, billing, at, anchor=old.end + DAY, keep=keep, old=old.price)
    deal.planned, deal.standard = None, None
    deal.open_window(at)
    deal.line("convert" if old.trial else "renew", deal.seats, deal.terms.anchor, at)
    deal.events += 1
    deal.expect_next(deal.terms.anchor)


def extend_service(deal: Deal, prices: Prices, at: datetime) -> None:
    """A paid month instead of an expiry: 3 % above the monthly row, 23 % above the list price where there is none."""
    old = deal.terms
    deal.standard = deal.standard or (old.term, old.billing)
    monthly = prices.price(old.sku, "P1M", "monthly", at)
    if monthly is not None:
        price = monthly * Fraction(103, 100)
    else:
        term, billing = deal.standard
        exact = prices.price(old.sku, term, billing, at) / MONTHS[term] * Fraction(123, 100)
        price = Fraction(round(exact * 10**6), 10**6)  # price rows have six places
    anchor = old.end + DAY
    deal.terms = replace(
        old, term="P1M", billing="monthly", price=price, discount=Fraction(0), promotion=None, anchor=anchor,
        end=full_end(anchor, "P1M"),
    )  # fmt: skip  # one shape
    deal.extended += 1
    deal.close_window()
    deal.deadline = midnight(deal.terms.end + DAY) - timedelta(seconds=1)
    deal.line("renew", deal.seats, anchor, at)
    deal.events += 1
    deal.expect_next(anchor)


# legacy goods


def suspend_legacy(deal: Deal, at: datetime) -> None:
    """Suspending is cancelling: the rest of the cycle comes back; after a change of seats under another name."""
    begun = cycle(deal.terms, at.date())[0]
    changed = any(one.type in SEATS and one.first >= begun for one in deal.charges)
    kind = "Cancel instance prorate" if changed and deal.terms.billing == "monthly" else "Prorate fees when cancel"
    deal.line(kind, -deal.seats, at.date(), at)
    deal.status, deal.next_cycle, deal.events = "suspended", None, deal.events + 1
    deal.gone = at + timedelta(days=90)


def activate_legacy(deal: Deal, at: datetime) -> None:
    deal.line("Prorate fees when activate", deal.seats, at.date(), at)
    deal.status, deal.events, deal.gone = "active", deal.events + 1, None
    deal.expect_next(at.date())


def end_legacy(deal: Deal, at: datetime) -> None:
    """Migrated away."""
    suspend_legacy(deal, at)
    deal.status = "deleted"


LEGACY_NAMES = {"renew": "Renew fee", "cycleCharge": "Cycle fee"}


def legacy_name(kind: str, seats: int, billing: str) -> str:
    """As the bill prints it: a purchase fee is `New` there."""
    if kind == "new":
        return "New" if billing == "monthly" else "Prorate fees when purchase"
    if kind in SEATS:
        return "Cancel fee" if seats < 0 else "Cycle instance prorate"
    return LEGACY_NAMES.get(kind, kind)
