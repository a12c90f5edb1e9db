"""Deployment and use of licences; they count as deployed and used at fixed shares (impl.).

Source: Partner Center docs, pages get-licenses-usage-information, get-licenses-deployment-information,
get-customer-licenses-usage-information, get-customer-licenses-deployment-information,
get-partner-licenses-usage-information (2017 to 2018). App+user only. One page writes its address without `/partner`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec
from cspctl.emulator.insight.analytics import subscriptions_of
from cspctl.emulator.insight.filters import shown
from cspctl.emulator.partner.customers import customer_of
from cspctl.emulator.wire.shapes import collection

Document = dict[str, Any]
_DEPLOYED, _ACTIVE = 80, 60  # per cent


def _licences(ctx: Context, customer_id: str | None = None) -> Iterator[tuple[Document, Document]]:
    for customer, one in subscriptions_of(ctx, customer_id):
        if one["billingType"] == "license" and one["status"] == "active":
            yield customer, one


def _processed(ctx: Context) -> str:
    """Figures are those of the last midnight."""
    return ctx.clock.now().replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None).isoformat()


def _row(ctx: Context, customer: Document, one: Document) -> Document:
    return {
        "processedDateTime": _processed(ctx),
        "serviceCode": "o365",
        "serviceName": "Microsoft Office 365",
        "channel": "reseller",
        "customerTenantId": one["_customer"].upper(),
        "customerName": customer["companyProfile"]["companyName"].upper(),
        "productId": str(one["offerId"]).rsplit(":", 1)[0],
        "productName": str(one["offerName"]).upper(),
    }


def _share(number: int, per_cent: int) -> int:
    return number * per_cent // 100


def _per_cent(part: int, whole: int) -> float:
    return round(100 * part / whole, 2) if whole else 0.0


async def usage(request: Request, ctx: Context) -> Answer:
    workload = {"workloadCode": "EXO", "workloadName": "Exchange"}
    rows = [
        {
            **_row(ctx, customer, one),
            **workload,
            "licenseActive": _share(one["quantity"], _ACTIVE),
            "licensesQualified": one["quantity"],
        }
        for customer, one in _licences(ctx)
    ]
    return shown(request, ctx, rows)


async def deployment(request: Request, ctx: Context) -> Answer:
    rows = [
        {
            **_row(ctx, customer, one),
            "licensesDeployed": _share(one["quantity"], _DEPLOYED),
            "licensesSold": one["quantity"],
        }
        for customer, one in _licences(ctx)
    ]
    return shown(request, ctx, rows)


def _insight(ctx: Context, kind: str, **figures: Any) -> Document:
    more = {"processedDateTime": _processed(ctx) + "+00:00", "serviceName": "o365", "channel": "reseller"}
    return {**figures, **more, "attributes": {"objectType": kind}}


async def customer_deployment(request: Request, ctx: Context) -> Answer:
    customer = customer_of(ctx, request.path_params["customer_id"])
    items = []
    for _, one in _licences(ctx, customer["id"]):
        deployed = _share(one["quantity"], _DEPLOYED)
        figures = {"licensesDeployed": deployed, "deploymentPercent": _per_cent(deployed, one["quantity"])}
        names = {"customerName": _name(customer), "productName": str(one["offerName"]).upper()}
        sold = {"licensesSold": one["quantity"]}
        items.append(_insight(ctx, "CustomerLicensesDeploymentInsights", **names, **figures, **sold))
    return Answer(200, collection(items))


async def customer_usage(request: Request, ctx: Context) -> Answer:
    customer = customer_of(ctx, request.path_params["customer_id"])
    items = []
    for _, one in _licences(ctx, customer["id"]):
        active = _share(one["quantity"], _ACTIVE)
        figures = {"licensesActive": active, "licensesQualified": one["quantity"]}
        names = {"customerName": _name(customer), "productName": str(one["offerName"]).upper()}
        share = {"usagePercent": _per_cent(active, one["quantity"]), "workloadName": "Exchange"}
        items.append(_insight(ctx, "CustomerLicensesUsageInsights", **names, **figures, **share))
    return Answer(200, collection(items))


def _name(customer: Document) -> str:
    return str(customer["companyProfile"]["companyName"]).upper()


async def partner_usage(request: Request, ctx: Context) -> Answer:
    seats = sum(one["quantity"] for _, one in _licences(ctx))
    share = _per_cent(_share(seats, _ACTIVE), seats)
    item = _insight(ctx, "PartnerLicensesUsageInsights", proratedLicensesUsagePercent=share, workloadName="Exchange")
    return Answer(200, collection([item] if seats else []))


async def partner_deployment(request: Request, ctx: Context) -> Answer:
    seats = sum(one["quantity"] for _, one in _licences(ctx))
    share = _per_cent(_share(seats, _DEPLOYED), seats)
    figures = {"proratedDeploymentPercent": share, "licensesSold": seats}
    item = _insight(ctx, "PartnerLicensesDeploymentInsights", **figures)
    return Answer(200, collection([item] if seats else []))


_NEW, _OLD = "/partner/v1/analytics", "/v1/analytics"
_CUSTOMER = "/v1/customers/{customer_id}/analytics/licenses"
_TABLE: tuple[tuple[str, Any, str], ...] = (
    (f"{_NEW}/commercial/usage/license", usage, "get licenses usage information"),
    (f"{_OLD}/commercial/usage/license", usage, "get licenses usage information"),
    (f"{_NEW}/commercial/deployment/license", deployment, "get licenses deployment information"),
    (f"{_OLD}/commercial/deployment/license", deployment, "get licenses deployment information"),
    (f"{_OLD}/licenses/usage", partner_usage, "get partner licenses usage information"),
    (f"{_OLD}/licenses/deployment", partner_deployment, "get partner licenses deployment information"),
    (f"{_CUSTOMER}/usage", customer_usage, "get customer licenses usage information"),
    (f"{_CUSTOMER}/deployment", customer_deployment, "get customer licenses deployment information"),
)
ROUTES: list[RouteSpec] = [RouteSpec("GET", path, step, auth="U", name=name) for path, step, name in _TABLE]
