"""Analytics computed from what is stored.

Source: Partner Center docs, pages get-all-subscription-analytics, get-all-azure-usage-analytics,
get-all-search-analytics, get-all-referrals-analytics (2018). App+user only. Only the subscriptions page shows what a
group is answered with; the names of the other counts are (impl.).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from starlette.requests import Request

from cspctl.emulator.azure.usage import KIND as USAGE
from cspctl.emulator.context import Answer, Context, RouteSpec
from cspctl.emulator.insight.filters import Counts, shown
from cspctl.emulator.insight.referral_analytics import referral_rows
from cspctl.emulator.partner.customers import partner_of
from cspctl.emulator.partner.sandbox_account import is_sandbox
from cspctl.emulator.seeding.partner import SEARCH
from cspctl.emulator.subscription.document import is_visible, settled

Document = dict[str, Any]
_NEVER = "0001-01-01T00:00:00"


def subscriptions_of(ctx: Context, customer_id: str | None = None) -> Iterator[tuple[Document, Document]]:
    """(customer, subscription as it stands now); none in a sandbox, which has no insights (page test-and-debug)."""
    if is_sandbox(ctx):
        return
    now, customers = ctx.clock.now(), {}
    for one in ctx.store.list("subscription", ctx.partner, parent=customer_id):
        if is_visible(one, now):
            id = one["_customer"]
            if id not in customers:
                customers[id] = ctx.store.get("customer", ctx.partner, id) or {"companyProfile": {"companyName": ""}}
            yield customers[id], settled(one, now)


def _plain(text: str | None) -> str | None:
    """These answers write instants without a zone."""
    return text.removesuffix("Z") if text else None


def _subscription_row(ctx: Context, partner: Document, customer: Document, one: Document) -> Document:
    trial, azure = one["isTrial"], one["billingType"] == "usage"
    end = None if azure else _plain(one["commitmentEndDate"])
    reseller = ctx.store.get("reseller", ctx.partner, one["partnerId"]) if one["partnerId"] else None
    converted = next((event["at"] for event in one.get("_events", []) if event["type"] == "convert"), None)
    renewed = [event["at"] for event in one.get("_events", []) if event["type"] == "renew"]
    return {
        "customerTenantId": one["_customer"].upper(),
        "customerName": customer["companyProfile"]["companyName"].upper(),
        "customerMarket": one["_market"],
        "id": one["id"].upper(),
        "status": one["status"].upper(),
        "productName": str(one["offerName"]).upper(),
        "subscriptionType": "Azure" if azure else "Office",
        "autoRenewEnabled": one["autoRenewEnabled"],
        "partnerId": ctx.partner.upper(),
        "friendlyName": str(one["friendlyName"]).upper(),
        "partnerName": (reseller or partner).get("displayName"),
        "providerName": partner.get("displayName"),
        "creationDate": _plain(one["creationDate"]),
        "effectiveStartDate": _plain(one["effectiveStartDate"]),
        "commitmentEndDate": end,
        "currentStateEndDate": end,
        "trialToPaidConversionDate": _plain(converted) if not trial else None,
        "trialStartDate": _plain(one["effectiveStartDate"]) if trial else None,
        "trialEndDate": end if trial else None,
        "lastUsageDate": None,
        "deprovisionedDate": None,
        "lastRenewalDate": _plain(renewed[-1]) if renewed else None,
        "licenseCount": 0 if azure else one["quantity"],
        "churnRisk": "Low" if one["autoRenewEnabled"] else "High",
        "billingCycleName": one["billingCycle"].upper(),
    }


async def subscriptions(request: Request, ctx: Context) -> Answer:
    partner = partner_of(ctx)
    rows = [_subscription_row(ctx, partner, customer, one) for customer, one in subscriptions_of(ctx)]
    return shown(request, ctx, rows, Counts("subscriptionCount", ("licenseCount",)))


async def azure_usage(request: Request, ctx: Context) -> Answer:
    rows = []
    for customer, one in subscriptions_of(ctx):
        for record in ctx.store.list(USAGE, ctx.partner, parent=one["id"]) if one["billingType"] == "usage" else []:
            rows.append(
                {
                    "customerTenantId": one["_customer"].upper(),
                    "customerName": customer["companyProfile"]["companyName"],
                    "subscriptionId": one["id"].upper(),
                    "subscriptionName": one["friendlyName"].upper(),
                    "usageDate": record["date"][:10] + "T00:00:00",
                    "resourceLocation": record["region"].replace(" ", "").lower(),
                    "meterCategory": record["category"],
                    "meterSubcategory": record["subcategory"],
                    "meterUnit": record["unit"],
                    "reservationOrderId": "",
                    "reservationId": "",
                    "consumptionMeterId": "",
                    "serviceType": "",
                    "quantity": float(record["quantity"]),
                }
            )
    return shown(request, ctx, rows, Counts("usageCount", ("quantity",)))


async def searches(request: Request, ctx: Context) -> Answer:
    """Nobody looks for an emulated partner unless a seed says so."""
    return shown(request, ctx, ctx.store.list(SEARCH, ctx.partner), Counts("searchCount"))


async def referrals(request: Request, ctx: Context) -> Answer:
    return shown(request, ctx, referral_rows(ctx), Counts("referralCount"))


def _dates(sold: list[Document]) -> Document:
    """First and latest of each date of a reseller's subscriptions; year 1 where there is none (sample)."""
    every = {
        "CreationDate": [one["creationDate"] for one in sold],
        "EndDate": [one["commitmentEndDate"] for one in sold if one["commitmentEndDate"]],
        "SuspendedDate": [one["_suspended"] for one in sold if one.get("_suspended")],
        "DeprovisionedDate": [one["commitmentEndDate"] for one in sold if one["status"] == "deleted"],
    }
    found = {}
    for name, instants in every.items():
        found[f"firstSubscription{name}"] = _plain(min(instants, default=_NEVER))
        found[f"latestSubscription{name}"] = _plain(max(instants, default=_NEVER))
    # The sample spells the last one so, the table of fields without "End".
    return {**found, "latestSubscriptionDeprovisionedEndDate": found["latestSubscriptionDeprovisionedDate"]}


async def indirect_resellers(request: Request, ctx: Context) -> Answer:
    sold: dict[str, list[Document]] = {}
    for _, one in subscriptions_of(ctx):
        if one["partnerId"]:
            sold.setdefault(one["partnerId"], []).append(one)
    rows = [
        {
            "id": reseller["accountId"].upper(),
            "partnerTenantId": ctx.partner.upper(),
            "mpnId": reseller["mpnId"],
            "name": reseller["displayName"],
            "market": reseller.get("market"),
            **_dates(sold.get(reseller["mpnId"], [])),
            "subscriptionCount": len(sold.get(reseller["mpnId"], [])),
            "licenseCount": sum(int(one["quantity"]) for one in sold.get(reseller["mpnId"], [])),
        }
        for reseller in ctx.store.list("reseller", ctx.partner)
    ]
    return shown(request, ctx, rows, Counts("resellerCount", ("subscriptionCount", "licenseCount")))


_BASE = "/partner/v1/analytics"
_TABLE: tuple[tuple[str, Any, str], ...] = (
    ("subscriptions", subscriptions, "get all subscription analytics"),
    ("usage/azure", azure_usage, "get all azure usage analytics"),
    ("search", searches, "get all search analytics"),
    ("referrals", referrals, "get all referrals analytics"),
    ("indirectresellers", indirect_resellers, "get all indirect resellers analytics"),
)
ROUTES: list[RouteSpec] = [
    RouteSpec("GET", f"{_BASE}/{path}", step, auth="U", name=name) for path, step, name in _TABLE
]
