"""Dates of terms, charge cycles and windows, in the emulator's own arithmetic (never taken from `cspctl.commerce`).

Sources: Partner Center docs, pages common-billing-scenarios-onetime-recurring (month-end tables),
create-a-new-subscription (windows, cycles) and align-subscription-end-dates (co-termination), Oct 2023.
All dates are UTC calendar days; every end date is inclusive, the next term or cycle starts on the day after.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

NEVER = date(9999, 12, 10)
MONTHS = {"P1M": 1, "P1Y": 12, "P3Y": 36}
CYCLE_MONTHS = {"monthly": 1, "annual": 12, "triennial": 36}
CYCLE_NAMES = {
    "monthly": "Monthly",
    "annual": "Annual",
    "triennial": "Triennial",
    "one_time": "OneTime",
    "none": "None",
}
_CYCLE_SPELLINGS = {"onetime": "one_time"}


def cycle_of(text: str) -> str:
    """Any spelling of a billing cycle (`Monthly`, `OneTime`, `one_time`) as lower snake_case."""
    lowered = text.strip().lower()
    return _CYCLE_SPELLINGS.get(lowered, lowered)


def longer_cycle_than_term(billing: str, duration: str) -> bool:
    """Whether a charge cycle is longer than the term that it would bill (error 900270)."""
    return CYCLE_MONTHS.get(billing, 0) > MONTHS.get(duration, 0) > 0


def cycles_in_term(duration: str, billing: str) -> int:
    """How often a term is charged: P1Y monthly 12, P3Y annual 3; at least 1, also for what is never charged."""
    per = CYCLE_MONTHS.get(billing)
    return max(1, MONTHS.get(duration, 1) // per) if per else 1


def month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def add_months(start: date, months: int) -> date:
    """The same day `months` later, clipped to the length of that month (31 Jan + 1 = 28 Feb)."""
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def term_end(start: date, duration: str) -> date:
    """Inclusive last day of a term: 31 Jan P1M ends 27 Feb, 30 May P1M ends 29 Jun, 31 Jan P1Y ends 30 Jan."""
    months = MONTHS.get(duration)
    return NEVER if months is None else add_months(start, months) - timedelta(days=1)


def counts_from_month_end(anchor: date, *, late: bool = False) -> bool:
    """Whether monthly cycles of a longer term count from the month's end.

    Documented for an anchor on the last or next-to-last day of a 31-day month. Undocumented are other anchors past
    the 28th and the last day of a shorter month: those count from the end with `late`, else they are clipped.
    """
    last = month_end(anchor).day
    return (anchor.day >= 30 and last == 31) or (late and (anchor.day > 28 or anchor.day == last))


def cycle_start(anchor: date, months: int, *, late: bool = False) -> date:
    """First day of the charge cycle that begins `months` after the anchor of the term."""
    if not counts_from_month_end(anchor, late=late):
        return add_months(anchor, months)
    last = month_end(add_months(anchor.replace(day=1), months))
    return last - (month_end(anchor) - anchor)


def cycle_begins(anchor: date, duration: str, billing: str, *, late: bool = False) -> Callable[[int], date]:
    """Gives the first day of the charge cycle that begins so many months after the anchor of such a term."""
    if CYCLE_MONTHS.get(billing) == 1 and duration != "P1M":
        return lambda months: cycle_start(anchor, months, late=late)
    return lambda months: add_months(anchor, months)


def cycles_from_end(anchor: date, end: date, duration: str, billing: str) -> date | None:
    """The day from which cycles of a term cut short to `end` count, so that the last of them ends with it.

    None where the days of charge are those of the anchor: a term of full length, or of a single cycle. The page
    common-billing-scenarios-onetime-recurring says that an aligned subscription has its charge cycle aligned.
    """
    months = MONTHS.get(duration, 0)
    if CYCLE_MONTHS.get(billing, months) >= months or end >= term_end(anchor, duration):
        return None
    following = end + timedelta(days=1)
    first = add_months(following, -months)
    return first if cycle_begins(first, duration, billing)(months) == following else None


@lru_cache(maxsize=16_384)  # a reading asks for the same cycle of every subscription bought on one day
def cycle_end(anchor: date, duration: str, billing: str, end: date, today: date, *, late: bool = False) -> date:
    """Inclusive last day of the charge cycle that holds `today`; never beyond `end`, the last day of the term."""
    step = CYCLE_MONTHS.get(billing)
    if step is None or duration not in MONTHS:
        return end
    begin = cycle_begins(anchor, duration, billing, late=late)
    index = step
    following = begin(index)
    while following <= today and following <= end:
        index += step
        following = begin(index)
    return min(following - timedelta(days=1), end)


def instant(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def stamp(moment: datetime) -> str:
    """ISO 8601 UTC as the samples write it: up to seven fraction digits, trailing zeros left out, `Z`."""
    text = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f".{moment.microsecond:06d}".rstrip("0") if moment.microsecond else ""
    return f"{text}{fraction}Z"


def day_stamp(day: date) -> str:
    """A day at 00:00Z, the form of `commitmentEndDate`."""
    return f"{day.isoformat()}T00:00:00Z"


def last_second(day: date) -> str:
    """The last second of a day, the form of `commitmentEndDateTime`."""
    return f"{day.isoformat()}T23:59:59Z"


@lru_cache(maxsize=16_384)
def parse_moment(text: str) -> datetime:
    """An instant of a request: any fraction, offset or none (then UTC). Raises ValueError on anything else."""
    moment = datetime.fromisoformat(text.strip())
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def parse_day(text: str) -> date:
    """The UTC day of a stamp of the wire. Raises ValueError."""
    return parse_moment(text).date()
