"""Terms and the calendar."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

TERM_MONTHS = {"P1M": 1, "P1Y": 12, "P3Y": 36}
BILLING_MONTHS = {"monthly": 1, "annual": 12, "triennial": 36}


def term_months(term: str) -> int:
    """Months of a term; raises ValueError for a term that has none."""
    try:
        return TERM_MONTHS[term]
    except KeyError:
        raise ValueError(f"unknown term {term!r}") from None


def add_months(day: date, months: int) -> date:
    """The same day `months` later, clipped to the end of a shorter month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def last_day(term: str, start: date) -> date:
    """The last day (inclusive) of a term bought on `start`.

    Source: Partner Center docs, common-billing-scenarios-onetime-recurring (Oct 2023): bought 31 Jan as P1M ends
    27 Feb; bought 27 Feb ends 26 Mar.
    """
    return add_months(start, term_months(term)) - timedelta(days=1)


def month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def calendar_alignment(term: str, start: date) -> date:
    """The last month end that is not beyond the term.

    Source: Partner Center docs, align-subscription-end-dates (2023): P1Y bought 15 Jul 2022 ends 30 Jun 2023.
    """
    end = last_day(term, start)
    if end == month_end(end):
        return end
    return end.replace(day=1) - timedelta(days=1)
