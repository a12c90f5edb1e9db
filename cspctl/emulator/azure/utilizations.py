"""Utilization records: the usage behind the sums, per day or hour.

Source: Partner Center docs, page get-a-customer-s-utilization-record-for-azure (2017 to 2023).
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from starlette.requests import Request

from cspctl.emulator.azure.usage import KIND, grouped
from cspctl.emulator.context import Answer, Context, RouteSpec
from cspctl.emulator.partner.customers import customer_of
from cspctl.emulator.subscription.subscriptions import subscription_of
from cspctl.emulator.terms import parse_moment
from cspctl.emulator.wire.paging import page_of
from cspctl.emulator.wire.requests import invalid, self_uri
from cspctl.emulator.wire.shapes import query_value

Document = dict[str, Any]


async def utilizations(request: Request, ctx: Context) -> Answer:
    """Reported between start_time and end_time, per day or hour; without details one record per meter and day."""
    customer = customer_of(ctx, request.path_params["customer_id"])
    subscription = subscription_of(ctx, customer, request.path_params["subscription_id"])
    start, end = _time(request, "start_time"), _time(request, "end_time")
    if end <= start:
        raise invalid("end_time is not after start_time")
    granularity = (query_value(request, "granularity") or "daily").lower()
    if granularity not in ("daily", "hourly"):
        raise invalid(f"granularity {granularity} is none of daily, hourly")
    detailed = (query_value(request, "show_details") or "true").lower() != "false"
    kept = ctx.store.list(KIND, ctx.partner, parent=subscription["id"])
    known = min(end, ctx.clock.now() + timedelta(microseconds=1))  # what has not happened yet is not reported
    records = [one for one in kept if start <= parse_moment(one["date"]) < known]
    step = timedelta(hours=1) if granularity == "hourly" else timedelta(days=1)
    items = [_utilization(one, step, detailed) for one in (records if detailed else _merged(records))]
    size = ctx.settings.utilization_page_size
    return Answer(200, page_of(request, items, default=size, largest=size, path=self_uri(request).split("?")[0]))


def _time(request: Request, name: str) -> Any:
    text = query_value(request, name)
    try:
        return parse_moment((text or "").replace(" ", "+"))  # an unescaped plus of the offset arrives as a blank
    except ValueError:
        raise invalid(f"{name} must be an instant") from None


def _merged(records: list[Document]) -> list[Document]:
    groups = grouped(records, lambda one: f"{one['date']}:{one['meterId']}")
    sums = {key: sum((Decimal(one["quantity"]) for one in mine), Decimal(0)) for key, mine in groups.items()}
    return [{**mine[0], "quantity": str(sums[key])} for key, mine in groups.items()]


def _utilization(record: Document, step: timedelta, detailed: bool) -> Document:
    start = parse_moment(record["date"])
    instance = {
        "resourceUri": record["resourceUri"],
        "location": record["region"].replace(" ", "").lower(),
        "partNumber": "",
        "orderNumber": "",
        "additionalInfo": record.get("additionalInfo") or {},
    }
    return {
        "usageStartTime": start.isoformat(),
        "usageEndTime": (start + step).isoformat(),
        "resource": {
            "id": record["meterId"],
            "name": record["meter"],
            "category": record["category"],
            "subcategory": record["subcategory"],
            "region": record["region"],
        },
        "quantity": float(record["quantity"]),
        "unit": record["unit"],
        "infoFields": {},
        "instanceData": instance if detailed else None,
        "attributes": {"objectType": "AzureUtilizationRecord"},
    }


ROUTES: list[RouteSpec] = [
    RouteSpec(
        "GET", "/v1/customers/{customer_id}/subscriptions/{subscription_id}/utilizations/azure", utilizations,
        name="get a customer's utilization record for azure",
    )
]  # fmt: skip  # one route
