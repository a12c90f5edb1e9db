"""What Microsoft's rules make of the things a partner does: an independent reckoning, exact in fractions.

Nothing here comes from the emulator: calendar, proration, rounding and life cycle are written down again, from the
Partner Center pages common-billing-scenarios-onetime-recurring, create-a-new-subscription, new-commerce-promotions,
new-commerce-cancellation-policy, recon-file-charge-types. A `Deal` is one subscription; it is told what was done, and
lists the charge lines that must be on the bill, with the month of the bill.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import NamedTuple

DAY, WEEK = timedelta(days=1), timedelta(days=7)
MONTHS = {"P1M": 1, "P1Y": 12, "P3Y": 36}
STEPS = {"monthly": 1, "annual": 12, "triennial": 36}
SEATS = ("addQuantity", "removeQuantity")
FLOATING = ("customerCredit",)


class Charge(NamedTuple):
    """One line of a bill. `unit` is the list price of one seat for a whole cycle."""

    type: str
    seats: int
    first: date
    last: date
    unit: Fraction
    amount: Decimal
    month: str


@dataclass(frozen=True)
class Terms:
    """What a line is priced on. `price`: one seat, whole term; `telephony`: its part charged apart."""

    sku: str
    term: str
    billing: str
    price: Fraction
    discount: Fraction
    promotion: str | None
    anchor: date
    end: date
    telephony: Fraction = Fraction(0)
    trial: bool = False
    grid: date | None = None  # the day cycles count from, where the end was aligned


def month_length(day: date) -> int:
    return monthrange(day.year, day.month)[1]


def shift(day: date, months: int) -> date:
    """The same day of a later month, the last one of a shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def nth_start(terms: Terms, number: int) -> date:
    """First day of the charge cycle `number`. A year bought on the 30th or 31st of a long month counts from its end."""
    step, anchor = STEPS[terms.billing], terms.grid or terms.anchor
    day = shift(anchor, number * step)
    if step == 1 and terms.term != "P1M" and anchor.day >= 30 and month_length(anchor) == 31:
        return day.replace(day=month_length(day) - (31 - anchor.day))
    return day


def cycle(terms: Terms, day: date) -> tuple[date, date, date]:
    """(first day, last day billed, last day in full) of the cycle that holds `day`."""
    if terms.billing not in STEPS:
        return terms.anchor, terms.end, terms.end
    number = 0
    while nth_start(terms, number + 1) <= day:
        number += 1
    full = nth_start(terms, number + 1) - DAY
    return nth_start(terms, number), min(full, terms.end), full


def share(terms: Terms, day: date) -> Fraction:
    """Billing days over cycle days: those of the month the cycle starts in, or all 365, 366, 1095 …; never over 1."""
    first, last, full = cycle(terms, day)
    if terms.billing not in STEPS or (day <= first and last == full):
        return Fraction(1)
    days = month_length(first) if terms.billing == "monthly" else (full - first).days + 1
    return Fraction(min((last - day).days + 1, days), days)


def full_end(anchor: date, term: str) -> date:
    return shift(anchor, MONTHS[term]) - DAY


def cents(amount: Fraction) -> Decimal:
    """Truncated to the cent."""
    return Decimal(floor(amount * 100)).scaleb(-2)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


@dataclass
class Deal:
    """One subscription of new commerce."""

    id: str
    terms: Terms
    seats: int
    opened: datetime  # when the windows opened
    full_until: datetime | None = None  # cancelled before, all of it comes back
    deadline: datetime | None = None  # of a cancellation
    auto_renew: bool = True
    status: str = "active"
    charges: list[Charge] = field(default_factory=list)
    batches: list[tuple[int, datetime]] = field(default_factory=list)
    since: int = 0  # the first charge since the windows opened
    next_cycle: date | None = None
    planned: dict[str, object] | None = None  # the scheduled next term: term, billing, seats
    standard: tuple[str, str] | None = None  # term and cycle from before the extended service term
    extended: int = 0  # months of extended service
    events: int = 0  # that left lines
    gone: datetime | None = None  # when a suspended legacy subscription is deleted

    # lines

    def line(self, kind: str, seats: int, day: date, at: datetime, terms: Terms | None = None) -> None:
        """One charge, or two where a part of the price is telephony."""
        terms = terms or self.terms
        first, last, _ = cycle(terms, day)
        start, part = max(day, first), share(terms, max(day, first))
        cycles = max(1, MONTHS.get(terms.term, 1) // STEPS.get(terms.billing, 1)) if terms.billing in STEPS else 1
        for fraction in (1 - terms.telephony, terms.telephony):
            if not fraction:
                continue
            whole = Fraction(0) if terms.trial else terms.price * fraction / cycles
            each = whole * (1 - terms.discount) * part
            amount = cents(each * abs(seats)) if kind in SEATS else cents(each) * abs(seats)
            listed = Fraction(round(whole * 10**10), 10**10)
            signed = amount if seats > 0 else -amount
            self.charges.append(Charge(kind, seats, start, last, listed, signed, f"{at:%Y-%m}"))

    def expect_next(self, day: date) -> None:
        """The cycle after the one that holds `day` is the next to be charged."""
        self.next_cycle = None
        if self.terms.billing in STEPS:
            following = cycle(self.terms, day)[2] + DAY
            self.next_cycle = following if following <= self.terms.end else None

    def open_window(self, at: datetime) -> None:
        """24 hours of full refund and seven days for the rest; trials have neither."""
        self.opened, self.since = at, len(self.charges)
        paid = not self.terms.trial
        self.batches = [(self.seats, at + WEEK)] if paid else []
        self.full_until, self.deadline = (at + DAY, at + WEEK) if paid else (None, None)

    def close_window(self) -> None:
        self.batches, self.full_until, self.deadline = [], None, None

    def refundable(self, at: datetime) -> int:
        return sum(seats for seats, until in self.batches if until >= at)

    def cancellable(self, at: datetime) -> bool:
        return self.deadline is not None and at <= self.deadline

    # what a partner does

    def buy(self, at: datetime, kind: str = "new") -> None:
        self.open_window(at)
        self.line(kind, self.seats, at.date(), at)
        self.events += 1
        self.expect_next(at.date())

    def change_seats(self, at: datetime, seats: int) -> None:
        kind = "addQuantity" if seats > self.seats else "removeQuantity"
        self.line(kind, -self.seats, at.date(), at)
        self.line(kind, seats, at.date(), at)
        self.events += 1
        self.batches = [one for one in self.batches if one[1] >= at]
        if seats > self.seats:
            self.batches.append((seats - self.seats, at + WEEK))
        else:
            self._give_back(self.seats - seats)
        self.seats, self.planned = seats, None

    def _give_back(self, fewer: int) -> None:
        """The newest seats first."""
        while fewer and self.batches:  # legacy goods have none, and need none
            seats, until = self.batches.pop()
            taken = min(seats, fewer)
            fewer -= taken
            if seats > taken:
                self.batches.append((seats - taken, until))

    def cancel(self, at: datetime) -> None:
        """All of it comes back within 24 hours of purchase or renewal, the rest of the cycle later."""
        if self.full_until is not None and at < self.full_until:
            for one in list(self.charges[self.since :]):
                if one.type not in FLOATING:
                    back = one._replace(type="cancelImmediate", seats=-one.seats, amount=-one.amount)
                    self.charges.append(back._replace(month=f"{at:%Y-%m}"))
        else:
            self.line("cancelImmediate", -self.seats, at.date(), at)
        self.events += 1
        self.status, self.next_cycle, self.planned = "deleted", None, None

    def suspend(self) -> None:
        self.status, self.auto_renew, self.planned = "suspended", False, None

    def reactivate(self) -> None:
        self.status = "active"

    def lengthen(self, at: datetime, terms: Terms) -> None:
        """The rest of the old cycle comes back at its price, the new one is charged from today."""
        extended, self.standard = self.standard is not None, None
        if extended:  # out of extended service: a standard term begins like a purchase
            self.open_window(at)
        self.line("extendTerm", -self.seats, at.date(), at)
        self.terms = terms
        self.line("extendTerm", self.seats, at.date(), at)
        self.events += 1
        self.expect_next(at.date())
        self.planned = None

    def upgrade(self, at: datetime, terms: Terms) -> None:
        if not self.terms.trial:
            self.line("convert", -self.seats, at.date(), at)
        self.terms = terms
        self.line("convert", self.seats, at.date(), at)
        self.events += 1
        self.expect_next(at.date())
        self.close_window()
        self.planned = None

    def give(self, at: datetime, seats: int, kind: str) -> None:
        """Seats that leave for another subscription."""
        self.line(kind, -seats, at.date(), at)
        self.events += 1
        self.seats, self.planned = self.seats - seats, None
        if not self.seats:
            self.status, self.next_cycle = "deleted", None
        room, kept = self.seats, []
        for held, until in self.batches:
            kept.append((min(room, held), until))
            room -= min(room, held)
        self.batches = [one for one in kept if one[0]]

    def take(self, at: datetime, seats: int) -> None:
        self.line("moveQuantity", seats, at.date(), at)
        self.events += 1
        self.seats, self.planned = self.seats + seats, None

    def credit(self, at: datetime, amount: Decimal) -> None:
        self.charges.append(
            Charge("customerCredit", 1, at.date(), at.date(), -Fraction(amount), -amount, f"{at:%Y-%m}")
        )
        self.events += 1
