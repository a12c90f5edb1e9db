"""The service's audit records. Source: Partner Center docs, page
get-a-record-of-partner-center-activity-by-user
(Oct 2023); the 30-day width of one query is from Microsoft's OpenAPI file of 2021."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from cspctl.partnercenter.calls import call
from cspctl.partnercenter.endpoints.customers import filter_text
from cspctl.partnercenter.json_text import encode
from cspctl.partnercenter.paging import all_items
from cspctl.partnercenter.reads import Reads
from cspctl.partnercenter.wire.instant import instant

FAMILY = "auditrecords"
PAGE_SIZE = 500
WIDEST = timedelta(days=30)
# Older than 90 days is refused. A start is a whole day, so the last whole one is 89 days back.
OLDEST = timedelta(days=89)


async def between(reads: Reads, *, customer: str | None, since: datetime, until: datetime) -> list[dict[str, Any]]:
    """Records of that time, both ends included, oldest window first. `since` is clamped to `earliest`.

    Both times are aware. A record whose date cannot be read is kept.
    """
    found: dict[bytes, dict[str, Any]] = {}
    now = reads.session.clock.now()
    for start, end in windows(max(since, earliest(now)), min(until, now)):
        query = {
            "startDate": start.isoformat(),
            # No end means today; whether a day of the future is accepted is documented nowhere.
            "endDate": end.isoformat() if end <= now.date() else None,
            "filter": None if customer is None else filter_text("CustomerId", customer, "equals"),
            "size": str(PAGE_SIZE),
        }
        request = call("GET", "/v1/auditrecords", family=FAMILY, query=query)
        for record in await all_items(reads, request, seek="seek"):
            # Windows touch, so that no record falls between them: the same one may come twice.
            found.setdefault(encode(record), record)
    return [record for record in found.values() if _is_between(record, since, until)]


def earliest(now: datetime) -> datetime:
    """The first instant whose records can be had."""
    return (now - OLDEST).replace(hour=0, minute=0, second=0, microsecond=0)


def windows(since: datetime, until: datetime) -> Iterator[tuple[date, date]]:
    """Days to ask for. Whether an end date includes its day is documented nowhere, so the last is a day
    later."""
    start, last = since.date(), until.date() + timedelta(days=1)
    while start < last:
        end = min(start + WIDEST, last)
        yield start, end
        start = end


def _is_between(record: dict[str, Any], since: datetime, until: datetime) -> bool:
    text = next((item for key, item in record.items() if key.casefold() == "operationdate"), None)
    at = instant(text) if isinstance(text, str) else None
    return at is None or since <= at <= until
