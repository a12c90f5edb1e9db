"""`GET /v1.0/sales/<sheet>(Key='value',…)/$value` of the price host: price sheet, offer matrix, exchange rates.

Source: Partner Center docs, pages get-a-price-sheet, get-an-offer-matrix, get-foreign-exchange-rates (Oct 2023).
"""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec
from cspctl.emulator.errors import ApiError
from cspctl.emulator.sheets.price_sheets import price_sheet
from cspctl.emulator.sheets.tables import month_of, sheet, table
from cspctl.emulator.wire.requests import invalid

_CALL = re.compile(r"(\w+)\((.*)\)")
_KEY = re.compile(r"(\w+)='([^']*)'")
_MATRIX = (
    "ProductTitle", "ProductId", "SkuId", "SkuTitle", "ProvisioningId", "ProvisioningString", "MinLicenses",
    "MaxLicenses", "AssetOwnershipLimit", "AssetOwnershipLimitType", "ProductSkuPreRequisites",
    "ProductSkuConversion", "Description", "AllowedCountries",
)  # fmt: skip  # one order of columns
_RATES = {"EUR": "1.08", "GBP": "1.27", "CHF": "1.12", "SEK": "0.095", "NOK": "0.094", "DKK": "0.145",
          "JPY": "0.0066", "CAD": "0.73", "AUD": "0.65", "INR": "0.012", "BRL": "0.19", "NZD": "0.60",
          "USD": "1"}  # fmt: skip  # (impl.) for a market that seeds none
_COUNTRIES = ("AT", "BE", "CH", "DE", "DK", "ES", "FR", "GB", "IT", "NL", "NO", "SE", "US")  # (impl.) likewise


async def download(request: Request, ctx: Context) -> Answer:
    call = _CALL.fullmatch(request.path_params["sheet"])
    if call is None:
        raise invalid("the address must be like pricesheets(Market='US',PricesheetView='software')/$value")
    keys = {name.lower(): value for name, value in _KEY.findall(call.group(2))}
    name = call.group(1).lower()
    if name == "pricesheets":
        return price_sheet(request, ctx, keys)
    if name == "offermatrix":
        return _offer_matrix(request, ctx, keys)
    if name == "fxrates":
        return _rates(request, ctx, keys)
    raise ApiError(404, "itemNotFound", f"There is no sheet {call.group(1)}.", shape="graph")


def _month(ctx: Context, keys: dict[str, str]) -> str:
    text = keys.get("month", "")
    if month_of(text) > ctx.clock.now():
        raise ApiError(404, "itemNotFound", f"There is nothing of {text} yet.", shape="graph")
    return text


def _offer_matrix(request: Request, ctx: Context, keys: dict[str, str]) -> Answer:
    """Purchase rules of every licence SKU, the same for all markets."""
    _month(ctx, keys)
    countries = ";".join(sorted({row["market"] for row in ctx.store.list("price", "")}) or _COUNTRIES)
    products = [one for one in ctx.store.list("product", "") if one["productType"]["id"] == "OnlineServicesNCE"]
    rows = [_matrix_row(product, sku, countries) for product in products for sku in product["_skus"]]
    return sheet(request, ctx, "updatedoffice.csv", table(_MATRIX, rows))


def _matrix_row(product: dict[str, Any], sku: dict[str, Any], countries: str) -> list[str]:
    more = sku["dynamicAttributes"]
    limit = "" if sku.get("_assetLimit") is None else str(sku["_assetLimit"])
    cells = [
        product["title"], product["id"], sku["id"], sku["title"], more["provisioningId"],
        re.sub(r"\W+", "_", sku["title"]).strip("_").upper(), sku["minimumQuantity"], sku["maximumQuantity"],
        limit, "LifetimeCount" if limit else "", _slashed(more["prerequisiteSkus"]),
        _slashed(more["upgradeTargetOffers"]), sku["description"], countries,
    ]  # fmt: skip  # the order of the columns
    return [str(one) for one in cells]


def _slashed(skus: list[str]) -> str:
    return ",".join(one.replace(":", "/") for one in skus)


def _rates(request: Request, ctx: Context, keys: dict[str, str]) -> Answer:
    """Rates are fixed for a month; seeded ones of that month, else the made-up ones."""
    month = _month(ctx, keys)
    seeded = {one["currency"]: str(one["usdPerUnit"]) for one in ctx.store.list("fx_rate", "", parent=month)}
    rates = {**_RATES, **seeded}
    rows = [[currency, rates[currency], month] for currency in sorted(rates)]
    return sheet(request, ctx, "fxrates", table(("CurrencyCode", "USDPerUnit", "Month"), rows))


ROUTES: list[RouteSpec] = [
    RouteSpec(
        "GET",
        "/v1.0/sales/{sheet}/$value",
        download,
        auth="U",
        name="get a price sheet, an offer matrix or foreign exchange rates",
        audience="prices",
        roles=frozenset({"adminagent", "salesagent", "globaladmin"}),
    )
]
