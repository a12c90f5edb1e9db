"""Azure meters: the rate cards and the consumption price sheet. Seeded ones, or a small made-up set.

Source: Partner Center docs, pages get-prices-for-microsoft-azure and
get-prices-for-microsoft-azure-partner-shared-services (2023).
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec
from cspctl.emulator.partner.customers import partner_of
from cspctl.emulator.store import Store
from cspctl.emulator.wire.requests import invalid
from cspctl.emulator.wire.shapes import query_value, stable_guid

Document = dict[str, Any]


def _meter(name: str, category: str, sub: str, region: str, unit: str, rate: float) -> Document:
    return {
        "id": stable_guid("meter", name, sub, region),
        "name": name,
        "rates": {"0": rate},
        "tags": [],
        "category": category,
        "subcategory": sub,
        "region": region,
        "unit": unit,
        "includedQuantity": 0.0,
        "effectiveDate": "2024-01-01T00:00:00Z",
    }


_MADE_UP = (
    _meter("Compute Hours", "Virtual Machines", "Standard_D1_v2 VM", "EU West", "Hours", 0.1122),
    _meter("LRS Data Stored", "Storage", "Block Blob", "EU West", "1 GB/Month", 0.0184),
    _meter("Data Transfer Out", "Networking", "Bandwidth", "Zone 1", "1 GB", 0.087),
)


def meters(store: Store) -> list[Document]:
    return store.list("meter", "") or list(_MADE_UP)


async def rate_card(request: Request, ctx: Context) -> Answer:
    return Answer(200, _card(request, ctx, "AzureRateCard", 0.15))


async def shared_rate_card(request: Request, ctx: Context) -> Answer:
    return Answer(200, _card(request, ctx, "AzureRateCard", 0.0))


def _card(request: Request, ctx: Context, kind: str, discount: float) -> Document:
    """Currency and region default to the partner's own."""
    partner = partner_of(ctx)
    currency = (query_value(request, "currency") or str(partner.get("currency") or "USD")).upper()
    region = (query_value(request, "region") or str(partner.get("market") or "US")).upper()
    if len(currency) != 3 or len(region) != 2:
        raise invalid("currency takes three letters and region two")
    terms = []
    if discount:
        first = "2014-01-01T00:00:00"
        # (impl.) no page says which meters are excluded; those of other publishers are
        excluded = [one["id"] for one in meters(ctx.store) if "Third Party" in one.get("tags", ())]
        name = "Overage discount"
        terms = [{"name": name, "discount": discount, "excludedMeterIds": excluded, "effectiveDate": first}]
    return {
        "locale": request.headers.get("x-locale", "en-US").split("-")[0],
        "currency": currency,
        "isTaxIncluded": False,
        "meters": meters(ctx.store),
        "offerTerms": terms,
        "attributes": {"objectType": kind},
    }


def meter_rows(store: Store, market: str) -> list[list[str]]:
    """Rows of azure_consumption: retail prices in USD for every market."""
    return [_row(one, least, rate, market) for one in meters(store) for least, rate in one["rates"].items()]


def _row(one: Document, least: str, rate: float, market: str) -> list[str]:
    return [
        one["category"], "DZH318Z0BPS6", "0001", one["name"], "Microsoft Corporation", one["subcategory"],
        one["unit"], "payG-1", market, "USD", str(rate), str(least), "", "1/1/2024 12:00:00 AM",
        "12/30/9999 11:59:59 PM", one["id"], "1 " + one["unit"], "Usage",
    ]  # fmt: skip  # the order of the columns


ROUTES: list[RouteSpec] = [
    RouteSpec("GET", "/v1/ratecards/azure", rate_card, name="get prices for microsoft azure"),
    RouteSpec(
        "GET", "/v1/ratecards/azure-shared", shared_rate_card,
        name="get prices for azure partner shared services",
    ),
]  # fmt: skip  # one route each
