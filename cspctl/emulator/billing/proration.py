"""Shares of a charge cycle and the one place where charges are rounded.

Sources: Partner Center docs, pages common-billing-scenarios-onetime-recurring (formula, month ends, worked lines) and
modern-invoice-reconciliation-file (rounding of the file), 2022 and 2023. The published lines follow two rules,
and which one goes by the charge type: seat changes truncate the whole line, everything else truncates the unit.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, localcontext

from cspctl.emulator.terms import CYCLE_MONTHS, MONTHS, NEVER, cycle_begins

LINE, UNIT = "line", "unit"
ROUNDING = {"addQuantity": LINE, "removeQuantity": LINE}  # every other charge type: UNIT
_CENT, _PLACES = Decimal("0.01"), Decimal("0.0000000001")


@dataclass(frozen=True)
class Cycle:
    """A charge cycle: first and inclusive last day as billed, and the last day it would have in full."""

    start: date
    end: date
    full_end: date


@dataclass(frozen=True)
class Share:
    """`days` of `of`: what part of a full charge cycle a line bills."""

    days: int
    of: int


WHOLE = Share(1, 1)


@dataclass(frozen=True)
class Price:
    """The partner's price of one unit for a whole term, and into how many charge cycles the term falls."""

    term: Decimal
    cycles: int
    discount: Decimal = Decimal(0)  # fraction of the partner's price


def cycle_at(anchor: date, duration: str, billing: str, end: date, day: date, *, late: bool = False) -> Cycle:
    """The charge cycle of a term (first day `anchor`, inclusive last day `end`) that holds `day`.

    A co-terminated term cuts its last cycle short: `end` lies before `full_end`.
    """
    step = CYCLE_MONTHS.get(billing)
    if step is None or duration not in MONTHS:
        return Cycle(anchor, end, end)
    begin = cycle_begins(anchor, duration, billing, late=late)
    index = max(0, (day.year - anchor.year) * 12 + day.month - anchor.month - step) // step * step
    while begin(index + step) <= day:
        index += step
    full_end = begin(index + step) - timedelta(days=1)
    return Cycle(begin(index), min(full_end, end), full_end)


def share_from(cycle: Cycle, day: date, billing: str, *, real_days: bool = False) -> Share:
    """The part of the cycle from `day` to its end, both inclusive.

    A monthly cycle counts the days of the month it starts in (the written rule), a longer one its own days. More than
    a whole cycle is never billed, and a cycle billed from its first to its full last day is whole (impl.: where the
    written denominator and the days of a clipped cycle differ, no worked example exists). What is paid once for a term
    has that term as its cycle; what is bought for ever has no days to count.
    """
    if cycle.full_end >= NEVER or (day <= cycle.start and cycle.end == cycle.full_end):
        return WHOLE
    monthly = CYCLE_MONTHS.get(billing) == 1 and not real_days
    full = monthrange(cycle.start.year, cycle.start.month)[1] if monthly else _days(cycle.start, cycle.full_end)
    return Share(min(_days(max(day, cycle.start), cycle.end), full), full)


def _days(first: date, last: date) -> int:
    return (last - first).days + 1


def subtotal(kind: str, price: Price, share: Share, quantity: int) -> Decimal:
    """Amount of a line before tax, positive, truncated by the rule of its charge type.

    Multiplied out before the one division, so that an exact amount is never cut to the cent below.
    """
    with localcontext() as context:
        context.prec = 50
        part, whole = _ratio(price, share)
        if ROUNDING.get(kind, UNIT) == LINE:
            return (part * quantity / whole).quantize(_CENT, ROUND_DOWN)
        return (part / whole).quantize(_CENT, ROUND_DOWN) * quantity


def effective_unit_price(price: Price, share: Share) -> Decimal:
    """What one unit costs on the line, to ten places; for show, never for reckoning."""
    with localcontext() as context:
        context.prec = 50
        part, whole = _ratio(price, share)
        return (part / whole).quantize(_PLACES, ROUND_HALF_UP)


def unit_price_of(price: Price) -> Decimal:
    """List price of one unit for a whole charge cycle, to ten places."""
    return effective_unit_price(Price(price.term, price.cycles), WHOLE)


def converted_usage(price: Decimal, rate: Decimal) -> Decimal:
    """Usage formula of the file: truncated in the pricing currency, converted, truncated again."""
    return (price.quantize(_CENT, ROUND_DOWN) * rate).quantize(_CENT, ROUND_DOWN)


def _ratio(price: Price, share: Share) -> tuple[Decimal, int]:
    return price.term * (1 - price.discount) * share.days, price.cycles * share.of


def plain(amount: Decimal) -> str:
    """Decimal text without trailing zeros or exponent, as the samples write it: `720`, `14.4`, `-0.5`."""
    text = format(amount, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("", "-0", "-") else text
