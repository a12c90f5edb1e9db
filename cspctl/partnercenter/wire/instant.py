"""Dates stay the text that came; these read them.

Answers carry 0 to 7 fractional digits, `Z`, an offset or no zone at all, and sometimes a date alone.
Source: Partner Center docs, samples of create-scheduled-changes and get-a-subscription-by-id (Oct 2023).
"""

from __future__ import annotations

from datetime import UTC, datetime

NEVER_YEAR = 9999


def instant(text: str | None) -> datetime | None:
    """Aware UTC, microseconds; no zone means UTC. None when the text is absent or no date."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return None


def is_never(text: str | None) -> bool:
    """Partner Center writes `never` as a day of the year 9999."""
    moment = instant(text)
    return moment is not None and moment.year == NEVER_YEAR
