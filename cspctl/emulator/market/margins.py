"""Margins that publishers grant the partner on their own products; no resale margin is kept anywhere.

Source: Partner Center docs, pages get-margins and download-margins (2022); paging parameters are not documented, so
all come at once.
"""

from __future__ import annotations

import csv
import io
from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec
from cspctl.emulator.market.promotions import ROLES
from cspctl.emulator.wire.requests import country_of

# The page begins its row so; the order behind the product type is (impl.).
_COLUMNS = (
    "id", "country", "type", "publisherName", "productId", "productTitle", "skuId", "skuTitle", "productType",
    "marginPercentage", "startDate", "endDate", "status", "statusDate",
)  # fmt: skip  # one order of columns


async def list_margins(request: Request, ctx: Context) -> Answer:
    results = ctx.store.list("margin", ctx.partner)
    return Answer(200, {"pageSize": len(results), "totalSize": len(results), "results": results})


async def download(request: Request, ctx: Context) -> Answer:
    """CSV without a header row, as the page shows it."""
    country, text = country_of(request), io.StringIO()
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for stored in ctx.store.list("margin", ctx.partner):
        margin = {**stored, "country": country}
        writer.writerow([_cell(margin.get(name)) for name in _COLUMNS])
    headers = {"Content-Type": "text/csv", "Content-Disposition": "attachment; filename=margins.csv"}
    return Answer(200, None, headers, raw=text.getvalue().encode())


def _cell(value: Any) -> str:
    return "" if value is None else str(value)


ROUTES: list[RouteSpec] = [
    RouteSpec("GET", "/v1/margins", list_margins, name="get margins", roles=ROLES),
    RouteSpec("GET", "/v1/margins/download", download, name="download margins", roles=ROLES),
]
