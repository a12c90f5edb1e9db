"""Price sheets of the price host (rule 50).

Source: Partner Center docs, pages get-a-price-sheet and pricing-and-offers (Oct 2023); the two service-end views are
of 2026. A price row without dates of its own is in force from the placeholder date on, without end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context
from cspctl.emulator.errors import ApiError
from cspctl.emulator.sheets.meters import meter_rows
from cspctl.emulator.sheets.tables import month_after, month_of, sheet, table, us_date
from cspctl.emulator.store import Store
from cspctl.emulator.terms import CYCLE_NAMES, parse_moment
from cspctl.emulator.trade.product_views import is_benefit, type_of
from cspctl.emulator.wire.requests import invalid
from cspctl.emulator.wire.shapes import query_value

Document = dict[str, Any]
_LICENCE: Document = {"productType": {"id": "OnlineServicesNCE"}}  # what a price row without a product is taken for
COLUMNS = (
    "ProductTitle", "ProductId", "SkuId", "SkuTitle", "Publisher", "SkuDescription", "UnitOfMeasure", "TermDuration",
    "BillingPlan", "Market", "Currency", "UnitPrice", "PricingTierRangeMin", "PricingTierRangeMax",
    "EffectiveStartDate", "EffectiveEndDate", "Tags", "ERP Price",
)  # fmt: skip  # one order of columns
METER_COLUMNS = (
    "ProductTitle", "ProductId", "SkuId", "SkuTitle", "Publisher", "SkuDescription", "UnitOfMeasure", "TermDuration",
    "Market", "Currency", "UnitPrice", "PricingTierRangeMin", "PricingTierRangeMax", "EffectiveStartDate",
    "EffectiveEndDate", "MeterIds", "MeterType", "Tags",
)  # fmt: skip  # one order of columns
# view → the products whose prices it lists; the service-end views are filled from rows that name them
_VIEWS: dict[str, Callable[[Document], bool]] = {
    "azure_consumption": lambda product: False,
    "azure_reservations": is_benefit,
    "updatedlicensebased": lambda product: type_of(product) == _LICENCE["productType"]["id"],
    "marketplace": lambda product: type_of(product) == "SaaS",
    "software": lambda product: type_of(product).startswith("Software"),
    "licensebasedest": lambda product: True,
    "licensebasedeos": lambda product: True,
}
_BY_ROW = ("licensebasedest", "licensebasedeos")
_SOFTWARE_SINCE = datetime(2022, 3, 1, tzinfo=UTC)
_PLACEHOLDER, _OPEN = datetime(1753, 1, 1, tzinfo=UTC), datetime(9999, 12, 30, 23, 59, 59, tzinfo=UTC)
_INSTANT = timedelta(microseconds=1)  # a row that starts with the next month is not of this one
_SEGMENTS = {"nonprofit": "Charity"}
_START_KEYS, _END_KEYS = ("effectiveStartDate", "startDate", "from"), ("effectiveEndDate", "endDate", "to")


def price_sheet(request: Request, ctx: Context, keys: dict[str, str]) -> Answer:
    """Raises 400 for a view, market or month that cannot be, 404 for a sheet that does not exist (yet)."""
    view, market = keys.get("pricesheetview", "").lower(), keys.get("market", "").upper()
    if view not in _VIEWS:
        raise invalid(f"PricesheetView {view or 'missing'} is not known")
    if len(market) != 2 or not market.isalpha():
        raise invalid("Market must be a two-letter code")
    first, last, future = _window(request, ctx, view)
    if view == "azure_consumption":
        return sheet(request, ctx, "sheets.csv", table(METER_COLUMNS, meter_rows(ctx.store, market)))
    found = [one for one in _rows(ctx.store, view, market) if _inside(one, first, last, future)]
    if future and not found:
        raise _missing("There are no coming changes of this price sheet.")
    named = ctx.settings.price_sheet_segment_column
    columns = (*COLUMNS, "Segment") if named else COLUMNS
    lines = [_line(ctx.store, one, named) for one in found]
    return sheet(request, ctx, "sheets.csv", table(columns, lines))


def _window(request: Request, ctx: Context, view: str) -> tuple[datetime, datetime, bool]:
    """[first, last] of the sheet, and whether it lists only what starts after `first`."""
    now, timeline = ctx.clock.now(), (query_value(request, "timeline") or "current").lower()
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    if timeline == "current":
        return month, now, False
    if timeline == "future":
        if view == "marketplace":
            raise _missing("There is no future price sheet of the marketplace.")
        return now, _OPEN, True
    if timeline != "history":
        raise invalid(f"timeline {timeline!r} is none of history, current, future")
    wanted = month_of(query_value(request, "month") or "")
    if wanted > month or (view == "software" and wanted < _SOFTWARE_SINCE):
        raise _missing(f"There is no price sheet of {wanted:%Y%m}.")
    return wanted, min(now, month_after(wanted) - _INSTANT), False


def _missing(text: str) -> ApiError:
    return ApiError(404, "itemNotFound", text, shape="graph")


def _rows(store: Store, view: str, market: str) -> Iterator[Document]:
    listed: dict[str, bool] = {}
    for row in [*store.list("price", ""), *store.list("price_row", "")]:
        if row["market"] != market or (row.get("view") or "") != (view if view in _BY_ROW else ""):
            continue
        id = row["productId"]
        if id not in listed:
            listed[id] = _VIEWS[view](store.get("product", "", id) or _LICENCE)
        if listed[id]:
            yield row


def _inside(row: Document, first: datetime, last: datetime, future: bool) -> bool:
    start, end = _date(row, _START_KEYS, _PLACEHOLDER), _date(row, _END_KEYS, _OPEN)
    return first < start if future else start <= last and end >= first


def _date(row: Document, names: tuple[str, ...], default: datetime) -> datetime:
    text = next((row[name] for name in names if row.get(name)), None)
    return parse_moment(str(text)) if text else default


def _line(store: Store, row: Document, named: bool) -> list[str]:
    product = store.get("product", "", row["productId"]) or {"title": row["productId"], "_skus": []}
    sku = next((one for one in product["_skus"] if one["id"] == row["skuId"]), {"title": product["title"]})
    cells = [
        product["title"], row["productId"], row["skuId"], sku["title"],
        product.get("publisherName", "Microsoft Corporation"), sku.get("description", sku["title"]), "",
        row["term"], CYCLE_NAMES.get(row["billing"], row["billing"]), row["market"], row["currency"],
        row["unitPrice"], "", "",
        us_date(_date(row, _START_KEYS, _PLACEHOLDER)), us_date(_date(row, _END_KEYS, _OPEN)),
        "License; Trial" if sku.get("isTrial") else "License", row.get("erpPrice") or "",
    ]  # fmt: skip  # the order of the columns
    segment = row.get("segment", "commercial")
    return [*map(str, cells), _SEGMENTS.get(segment, segment.capitalize())] if named else [str(one) for one in cells]
