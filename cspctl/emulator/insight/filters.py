"""`filter`, `groupby`, `aggregationLevel`, `top` and `skip` of the analytics calls.

Source: Partner Center docs, pages get-all-subscription-analytics, get-subscription-analytics-by-search-query,
get-subscription-analytics-grouped-by-dates-or-terms (2018).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

from cspctl.emulator.clock import parse_instant
from cspctl.emulator.context import Answer, Context
from cspctl.emulator.partner.sandbox_account import is_sandbox
from cspctl.emulator.wire.odata import ODataError, predicate
from cspctl.emulator.wire.odata_lists import number
from cspctl.emulator.wire.requests import invalid
from cspctl.emulator.wire.shapes import query_value

Document = dict[str, Any]
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T[\d:.]+Z?)?$")
_LEVELS: Mapping[str, Callable[[datetime], datetime]] = {
    "day": lambda day: day,
    "week": lambda day: day - timedelta(days=day.weekday()),
    "month": lambda day: day.replace(day=1),
    "year": lambda day: day.replace(month=1, day=1),
}


@dataclass(frozen=True)
class Counts:
    """What a group shows: the number of its rows under one name, sums of fields under theirs."""

    rows: str
    sums: tuple[str, ...] = ()


def shown(request: Request, ctx: Context, rows: list[Document], counts: Counts | None = None) -> Answer:
    """The rows that are asked for, or groups of them where `counts` says how. Raises 400/800002.

    A sandbox has no insights. Source: Partner Center docs, page test-and-debug (Oct 2023).
    """
    try:
        rows = _filtered([] if is_sandbox(ctx) else rows, query_value(request, "filter"))
        if counts is not None:
            rows = _grouped(rows, query_value(request, "groupby"), query_value(request, "aggregationLevel"), counts)
        return Answer(200, _page(request, rows, ctx.settings.analytics_page_size))
    except ODataError as error:
        raise invalid(str(error)) from None


def _filtered(rows: list[Document], text: str | None) -> list[Document]:
    fits = predicate(text, {key for row in rows for key in row} or None)
    return [row for row in rows if fits(row)]


def _grouped(rows: list[Document], text: str | None, level: str | None, counts: Counts) -> list[Document]:
    """One row per combination of the named fields; numbers are text like in the sample."""
    names = [name.strip() for name in (text or "").split(",") if name.strip()]
    if level is not None and (not names or level.lower() not in _LEVELS):
        raise ODataError(f"aggregationLevel is one of {', '.join(_LEVELS)} and needs a groupby")
    if not names:
        return rows
    spelled = {key.lower(): key for row in rows for key in row}
    if rows and not all(name.lower() in spelled for name in names):
        raise ODataError(f"there is no field {', '.join(name for name in names if name.lower() not in spelled)}")
    fields = [spelled.get(name.lower(), name) for name in names]
    groups: dict[tuple[str, ...], list[Document]] = {}
    for row in rows:
        groups.setdefault(tuple(_term(row[name], level) for name in fields), []).append(row)
    return [_group(fields, values, mine, counts) for values, mine in sorted(groups.items())]


def _group(fields: list[str], values: tuple[str, ...], rows: list[Document], counts: Counts) -> Document:
    sums = {name: f"{sum(row.get(name) or 0 for row in rows):g}" for name in counts.sums}
    return {**dict(zip(fields, values, strict=True)), counts.rows: str(len(rows)), **sums}


def _term(value: Any, level: str | None) -> str:
    """The value of a group; of a date the first day of its day, week, month or year."""
    text = str(value)
    if level is None or not _DATE.match(text):
        return text
    moment = parse_instant(text).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    return _LEVELS[level.lower()](moment).isoformat()


def _page(request: Request, rows: list[Document], largest: int) -> Document:
    """{"Value", "@nextLink", "TotalCount"} with `top` and `skip` applied."""
    top = number(query_value(request, "top"), largest, "top", least=1, most=largest)
    skip = number(query_value(request, "skip"), 0, "skip")
    body: Document = {"Value": rows[skip : skip + top], "TotalCount": len(rows)}
    if skip + top < len(rows):
        query = {key: value for key, value in request.query_params.items() if key.lower() not in ("top", "skip")}
        body["@nextLink"] = f"{request.url.path}?{urlencode({**query, 'top': top, 'skip': skip + top})}"
    return body
