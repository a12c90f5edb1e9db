"""Custom term end dates: which end dates a first term may have (rule 40).

A date must be the end of another active, paid new-commerce subscription of the customer, or a calendar month end, and
lie inside the first full term. Longer terms cannot align with a monthly one; a monthly term cannot end on the 28th,
29th or 30th unless that is the month's end.
Source: Partner Center docs, pages align-subscription-end-dates and custom-term-end-dates (2023).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner.customers import customer_of
from cspctl.emulator.settings import Settings
from cspctl.emulator.subscription.document import settled, term_day
from cspctl.emulator.terms import MONTHS, month_end, parse_day, term_end
from cspctl.emulator.wire.shapes import collection, query_value

LATE_DAYS = "28th, 29th, or 30th of the month, unless that date is the last day of the month."
CALENDAR, ALIGNED = "calendarMonthAligned", "subscriptionAligned"


def allowed_dates(
    subscriptions: list[dict[str, Any]], start: date, duration: str, settings: Settings
) -> list[dict[str, Any]]:
    """Allowed end dates of a first term that starts on `start`, in order of date."""
    last = term_end(start, duration)
    items: list[tuple[date, str, list[str]]] = [
        (day, CALENDAR, []) for day in _calendar(start, last, any_month=settings.coterm_calendar == "any")
    ]
    ends: dict[date, list[str]] = {}
    for subscription in subscriptions:
        day = term_day(subscription)
        if start <= day <= last and _may_align(subscription, day, duration):
            ends.setdefault(day, []).append(subscription["id"])
    items += [(day, ALIGNED, ids) for day, ids in ends.items()]
    return [_item(day, kind, ids) for day, kind, ids in sorted(items, key=lambda item: (item[0], item[1]))]


def _calendar(start: date, last: date, *, any_month: bool) -> list[date]:
    days, day = [], month_end(start)
    while day <= last:
        days.append(day)
        day = month_end(day + timedelta(days=1))
    return days if any_month else days[-1:]


def _may_align(subscription: dict[str, Any], day: date, duration: str) -> bool:
    if subscription["status"] != "active" or subscription["isTrial"]:
        return False
    if subscription["productType"]["id"] != "OnlineServicesNCE":
        return False
    if duration == "P1M":
        return not too_late_for_months(duration, day)
    return bool(subscription["termDuration"] != "P1M")


def too_late_for_months(duration: str, day: date) -> bool:
    """A monthly term does not end on the 28th to 30th unless that is the month's end (900245, 900291)."""
    return duration == "P1M" and day.day >= 28 and day != month_end(day)


def _item(day: date, kind: str, ids: list[str]) -> dict[str, Any]:
    """The sample writes the date at midnight without a zone."""
    found: dict[str, Any] = {"allowedCustomTermEndDateType": kind}
    if ids:
        found["cotermSubscriptionIds"] = ids
    return {**found, "allowedCustomTermEndDate": f"{day.isoformat()}T00:00:00"}


def check_end_date(
    wanted: object, subscriptions: list[dict[str, Any]], start: date, duration: str, settings: Settings, *,
    line: int = 0,
) -> date | None:  # fmt: skip  # the signature as one piece
    """The wanted end date of a purchase line as a day; None for none. Raises 400/900242, 400/800002."""
    if wanted is None:
        return None
    day = day_of(wanted)
    allowed = allowed_dates(subscriptions, start, duration, settings)
    if day.isoformat() not in {item["allowedCustomTermEndDate"][:10] for item in allowed}:
        raise ApiError(
            400,
            900242,
            f"The custom term end date specified for line item {line} does not match with the end date of any active "
            "non-trial OnlineServicesNCE subscription or align with the end of the calendar month.",
        )
    return day


def day_of(wanted: object) -> date:
    try:
        return parse_day(str(wanted))
    except ValueError:
        raise ApiError(400, 800002, f"Invalid request input: {wanted!r} is not a date.") from None


def customer_subscriptions(ctx: Context, customer_id: str) -> list[dict[str, Any]]:
    """All subscriptions of a customer as they stand now."""
    now = ctx.clock.now()
    return [settled(one, now) for one in ctx.store.list("subscription", ctx.partner, parent=customer_id)]


async def custom_term_end_dates(request: Request, ctx: Context) -> Answer:
    """GET customTermEndDates; the page spells the parameters in two ways, both are read."""
    customer = customer_of(ctx, request.path_params["customer_id"])
    duration = (query_value(request, "term_duration", "TermDuration") or "").upper()
    if duration not in MONTHS:
        raise ApiError(400, 800121, f"The term duration provided is invalid: {duration or 'none'}.")
    given = query_value(request, "term_start_date", "TermStartDate")
    start = day_of(given) if given else ctx.clock.now().date()
    items = allowed_dates(customer_subscriptions(ctx, customer["id"]), start, duration, ctx.settings)
    target = query_value(request, "target_coterm_subscription_id", "TargetCotermSubscriptionId")
    if target:
        wanted = target.lower()
        items = [item for item in items if wanted in [i.lower() for i in item.get("cotermSubscriptionIds", [])]]
    return _answer(request, ctx, items)


def _answer(request: Request, ctx: Context, items: list[dict[str, Any]]) -> Answer:
    """At most 300 records, then a continuation token in the response header (page custom-term-end-dates)."""
    token, size = request.headers.get("ms-continuationtoken"), ctx.settings.coterm_page_size
    if token is not None and not token.isdigit():
        raise ApiError(400, 800002, "Invalid request input: the continuation token is not valid.")
    first = int(token or 0)
    headers = {"MS-ContinuationToken": str(first + size)} if first + size < len(items) else {}
    uri = f"{request.url.path.removeprefix('/v1')}?{request.url.query}"
    return Answer(200, collection(items[first : first + size], uri), headers)


ROUTES: list[RouteSpec] = [
    RouteSpec(
        "GET",
        "/v1/customers/{customer_id}/subscriptions/customTermEndDates",
        custom_term_end_dates,
        name="get custom term end dates",
    )
]
