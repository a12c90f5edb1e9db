"""Reading audit records (rule 47).

Source: Partner Center docs, page get-a-record-of-partner-center-activity-by-user (Oct 2023); the 30 day
width of one query and the by-id address are of the audit service's own description (2021).
"""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request

from cspctl.emulator.clock import format_instant, parse_instant
from cspctl.emulator.context import Answer, Context, RouteSpec
from cspctl.emulator.errors import ApiError
from cspctl.emulator.wire.paging import page_of
from cspctl.emulator.wire.requests import filter_of

# field → (operator, property of the record)
_FILTERS = {
    "companyname": ("substring", "customerName"),
    "customerid": ("equals", "customerId"),
    "resourcetype": ("equals", "resourceType"),
}


async def list_records(request: Request, ctx: Context) -> Answer:
    query = {key.lower(): value for key, value in request.query_params.items()}
    start, end = _window(query.get("startdate"), query.get("enddate"), ctx)
    first, last = format_instant(start), format_instant(end)
    field, value = _filter(query.get("filter"))
    records = _ingested(ctx)
    found = [
        record for record in records if _in_window(record, first, last, start, end) and _matches(record, field, value)
    ]
    settings = ctx.settings
    largest = settings.page_size_maximum
    body = page_of(request, found, default=settings.audit_page_size, largest=largest, path="/auditrecords")
    following = body["links"].get("next")
    if following:  # the service's own description (2021) has the token here, and a parameter `seek` for it
        body["continuationToken"] = following["headers"][0]["value"]
    return Answer(200, body)


async def get_record(request: Request, ctx: Context) -> Answer:
    """The record, or a JSON null when there is none."""
    record = ctx.store.get("audit", ctx.partner, request.path_params["record_id"])
    if record is None:
        return Answer(200, None, {"Content-Type": "application/json; charset=utf-8"}, raw=b"null")
    return Answer(200, record)


def _ingested(ctx: Context) -> list[dict[str, Any]]:
    """Every record of the partner that is old enough to be read."""
    records, lag = ctx.store.list("audit", ctx.partner), ctx.settings.audit_lag_seconds
    if not lag:
        return records
    newest = ctx.clock.now() - timedelta(seconds=lag)
    return [record for record in records if parse_instant(record["operationDate"]) <= newest]


def _in_window(record: dict[str, Any], first: str, last: str, start: datetime, end: datetime) -> bool:
    date: str = record["operationDate"]
    if first[:19] < date[:19] < last[:19]:  # text order decides all but the edges
        return True
    return start <= parse_instant(date) < end if date[:19] in (first[:19], last[:19]) else False


def _window(start: str | None, end: str | None, ctx: Context) -> tuple[datetime, datetime]:
    """[start, end) of a query. Raises ApiError 400."""
    now, settings = ctx.clock.now(), ctx.settings
    width = timedelta(days=settings.audit_window_days)
    first = _instant(start, "startDate") if start else now - width
    oldest = (now - timedelta(days=settings.audit_oldest_days)).date()
    if first.date() < oldest:
        days = settings.audit_oldest_days
        raise ApiError(400, 800002, f"Invalid request input: startDate is more than {days} days ago.")
    tomorrow = _midnight(now) + timedelta(days=1)
    if not end:
        return first, min(first + width + timedelta(days=1), tomorrow)
    last = _instant(end, "endDate")
    if last == _midnight(last):
        last += timedelta(days=1)  # a date means all of its day
    if last <= first:
        raise ApiError(400, 800002, "Invalid request input: endDate is not after startDate.")
    if last - first > width + timedelta(days=1):
        days = settings.audit_window_days
        raise ApiError(400, 800002, f"Invalid request input: one query covers at most {days} days.")
    return first, last


def _instant(text: str, name: str) -> datetime:
    try:
        return parse_instant(text.strip())
    except ValueError:
        pass
    for form in ("%m/%d/%Y", "%Y/%m/%d", "%m/%d/%Y %I:%M:%S %p"):  # the page's sample has the third
        with contextlib.suppress(ValueError):
            return datetime.strptime(text.strip(), form).replace(tzinfo=UTC)
    raise ApiError(400, 800002, f"Invalid request input: {name} {text!r} is not a date.")


def _midnight(instant: datetime) -> datetime:
    return instant.replace(hour=0, minute=0, second=0, microsecond=0)


def _filter(text: str | None) -> tuple[str, str]:
    """(record property or "", lower-case value). Raises ApiError 400 for what the page does not offer."""
    if not text:
        return "", ""
    try:
        parsed = filter_of(text)
        field, value, operator = parsed["field"].lower(), parsed["value"], parsed["operator"].lower()
    except KeyError:
        raise ApiError(400, 800002, "Invalid request input: the filter is not readable.") from None
    offered = _FILTERS.get(field)
    if offered is None or offered[0] != operator:
        raise ApiError(400, 800002, f"Invalid request input: no filter {operator!r} on {field!r}.")
    return offered[1], _plain(value)


def _matches(record: dict[str, Any], field: str, value: str) -> bool:
    if not field:
        return True
    actual = _plain(str(record.get(field) or ""))
    return value in actual if field == "customerName" else value == actual


def _plain(value: str) -> str:
    return value.lower().replace("_", "")  # CustomerUser and customer_user are the same type


ROUTES = [
    RouteSpec("GET", "/v1/auditrecords", list_records, name="Get a record of Partner Center activity"),
    RouteSpec("GET", "/auditactivity/v1/auditrecords/{record_id}", get_record, name="Get an audit record"),
]
