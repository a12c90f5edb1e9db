"""Summaries and records of Azure usage in the running month, and the utilization records behind them.

Source: Partner Center docs, pages get-a-customer-usage-summary, get-a-partner-usage-summary,
get-a-customer-subscription-s-usage-records, get-a-customer-subscription-resource-usage-records,
get-a-customer-subscription-meter-usage-records,
get-all-monthly-usage-records-for-a-subscription, get-a-customer-s-utilization-record-for-azure (2019 to 2023).
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from cspctl.emulator.azure.budgets import KIND as BUDGET
from cspctl.emulator.azure.budgets import budget_of
from cspctl.emulator.azure.usage import (
    Period,
    grouped,
    modified,
    period_of,
    records_of,
    total,
    usage_subscriptions,
)
from cspctl.emulator.context import Answer, Context, RouteSpec
from cspctl.emulator.partner.customers import customer_of, partner_of
from cspctl.emulator.subscription.subscriptions import subscription_of
from cspctl.emulator.wire.requests import self_uri
from cspctl.emulator.wire.shapes import collection, link

Document = dict[str, Any]


def _customer(request: Request, ctx: Context) -> Document:
    return customer_of(ctx, request.path_params["customer_id"])


def _subscription(request: Request, ctx: Context) -> Document:
    return subscription_of(ctx, _customer(request, ctx), request.path_params["subscription_id"])


def _money(customer_or_partner: Document, records: list[Document]) -> Document:
    """Both the older and the newer answers' names of the same money."""
    market = customer_or_partner.get("_market") or customer_or_partner.get("market") or "US"
    return {
        "totalCost": total(records),
        "currencyCode": customer_or_partner.get("_currency") or customer_or_partner.get("currency"),
        "currencyLocale": f"en-{market}",
        "usdTotalCost": total(records, "usd"),
    }


def _of_customer(ctx: Context, customer: Document, period: Period) -> list[Document]:
    every = usage_subscriptions(ctx, customer["id"])
    return [record for one in every for record in records_of(ctx.store, ctx.partner, one["id"], period)]


def _budget(ctx: Context, customer: Document) -> Document | None:
    amount = budget_of(ctx.store, ctx.partner, customer["id"])
    return None if amount is None else {"amount": amount, "attributes": {"objectType": "SpendingBudget"}}


def _named(id: str, name: str) -> Document:
    return {"id": id, "name": name, "resourceId": id, "resourceName": name}


async def customer_summary(request: Request, ctx: Context) -> Answer:
    customer, period = _customer(request, ctx), period_of(ctx.clock.now())
    records = _of_customer(ctx, customer, period)
    body = {
        "budget": _budget(ctx, customer),
        **_named(customer["id"], customer["companyProfile"]["companyName"]),
        "billingStartDate": period.first,
        "billingEndDate": period.last,
        **_money(customer, records),
        "lastModifiedDate": modified(records, period),
        "links": {"self": link(f"/customers/{customer['id']}/usagesummary")},
        "attributes": {"objectType": "CustomerUsageSummary"},
    }
    return Answer(200, body)


async def subscription_summary(request: Request, ctx: Context) -> Answer:
    subscription, period = _subscription(request, ctx), period_of(ctx.clock.now())
    records = records_of(ctx.store, ctx.partner, subscription["id"], period)
    body = {
        **_named(subscription["id"], subscription["friendlyName"]),
        "billingStartDate": period.first,
        "billingEndDate": period.last,
        **_money(subscription, records),
        "lastModifiedDate": modified(records, period),
        "links": {"self": link(self_uri(request))},
        "attributes": {"objectType": "SubscriptionUsageSummary"},
    }
    return Answer(200, body)


async def partner_summary(request: Request, ctx: Context) -> Answer:
    period, partner = period_of(ctx.clock.now()), partner_of(ctx)
    records: list[Document] = []
    over = trending = users = 0
    for customer in _users(ctx):
        mine = _of_customer(ctx, customer, period)
        records += mine
        users += 1
        share = _share(ctx, customer, mine)
        over += share is not None and share > 1
        trending += share is not None and share <= 1 and share / _elapsed(period) > 1
    body = {
        "customersOverBudget": over,
        "customersTrendingOver": trending,
        "customersWithUsageBasedSubscription": users,
        **_named(ctx.partner, str(partner.get("displayName"))),
        "billingStartDate": period.first,
        "billingEndDate": period.last,
        **_money(partner, records),
        "lastModifiedDate": modified(records, period),
        "links": {"self": link("/usagesummary")},
        "attributes": {"objectType": "PartnerUsageSummary"},
    }
    return Answer(200, body)


def _users(ctx: Context) -> list[Document]:
    """Customers with a budget or with usage-based subscriptions."""
    found = []
    for customer in ctx.store.list("customer", ctx.partner):
        if customer["relationshipToPartner"] != "none" and usage_subscriptions(ctx, customer["id"]):
            found.append(customer)
    return found


def _share(ctx: Context, customer: Document, records: list[Document]) -> float | None:
    kept = ctx.store.get(BUDGET, ctx.partner, customer["id"])
    return total(records) / kept["amount"] if kept and kept["amount"] else None


def _elapsed(period: Period) -> float:
    """Part of the month that has passed, never 0."""
    return max((period.now - period.start) / (period.end - period.start), 0.01)


async def customers_records(request: Request, ctx: Context) -> Answer:
    """One record per customer with usage-based subscriptions."""
    period, items = period_of(ctx.clock.now()), []
    for customer in _users(ctx):
        records = _of_customer(ctx, customer, period)
        share = _share(ctx, customer, records)
        items.append(
            {
                "budget": _budget(ctx, customer),
                "customerSpendingBudget": _budget(ctx, customer),  # the same under its older name
                "percentUsed": round(share * 100, 2) if share is not None else None,
                **_named(customer["id"], customer["companyProfile"]["companyName"]),
                **_money(customer, records),
                "isUpgraded": True,
                "lastModifiedDate": modified(records, period),
                "attributes": {"objectType": "CustomerMonthlyUsageRecord"},
            }
        )
    return Answer(200, collection(items, "/customers/usagerecords"))


async def subscriptions_records(request: Request, ctx: Context) -> Answer:
    customer, period, items = _customer(request, ctx), period_of(ctx.clock.now()), []
    for one in usage_subscriptions(ctx, customer["id"]):
        records = records_of(ctx.store, ctx.partner, one["id"], period)
        items.append(_monthly(one, _money(customer, records), modified(records, period)))
    return Answer(200, collection(items, f"/customers/{customer['id']}/subscriptions/usagerecords"))


def _monthly(one: Document, money: Document, changed: Any) -> Document:
    return {
        "status": one["status"],
        "partnerOnRecord": one["partnerId"] or None,
        "offerId": one["offerId"],
        **_named(one["id"], one["friendlyName"]),
        **money,
        "lastModifiedDate": changed,
        "attributes": {"objectType": "SubscriptionMonthlyUsageRecord"},
    }


async def meter_records(request: Request, ctx: Context) -> Answer:
    """By meter for an Azure plan; a subscription of MS-AZR-0145P is answered as a whole (both samples)."""
    subscription, period = _subscription(request, ctx), period_of(ctx.clock.now())
    records = records_of(ctx.store, ctx.partner, subscription["id"], period)
    if subscription.get("_legacy"):
        whole = _monthly(subscription, _money(subscription, records), modified(records, period))
        return Answer(200, collection([whole], self_uri(request)))
    items = [
        {
            "subscriptionId": subscription["id"],
            "entitlementId": mine[0]["entitlementId"],
            **_named(meter, mine[0]["meter"]),
            "meterId": meter,
            "meterName": mine[0]["meter"],
            "category": mine[0]["category"],
            "subcategory": mine[0]["subcategory"],
            "quantityUsed": total(mine, "quantity"),
            "unit": mine[0]["unit"],
            **_money(subscription, mine),
            "lastModifiedDate": modified(mine, period),
            "attributes": {"objectType": "MeterUsageRecord"},
        }
        for meter, mine in grouped(records, lambda one: str(one["meterId"])).items()
    ]
    return Answer(200, collection(items, self_uri(request)))


async def resource_records(request: Request, ctx: Context) -> Answer:
    subscription, period = _subscription(request, ctx), period_of(ctx.clock.now())
    records = records_of(ctx.store, ctx.partner, subscription["id"], period)
    items = [
        {
            "subscriptionId": subscription["id"],
            "resourceUri": uri,
            "resourceType": mine[0]["resourceType"],
            "entitlementId": mine[0]["entitlementId"],
            "entitlementName": subscription["friendlyName"],
            "resourceGroupName": mine[0]["resourceGroup"],
            "name": mine[0]["resource"],
            "resourceName": mine[0]["resource"],
            **_money(subscription, mine),
            "lastModifiedDate": modified(mine, period),
            "attributes": {"objectType": "ResourceUsageRecord"},
        }
        for uri, mine in grouped(records, lambda one: str(one["resourceUri"])).items()
    ]
    return Answer(200, collection(items, self_uri(request)))


async def monthly_resources(request: Request, ctx: Context) -> Answer:
    """The older call: one item per meter."""
    subscription, period = _subscription(request, ctx), period_of(ctx.clock.now())
    records = records_of(ctx.store, ctx.partner, subscription["id"], period)
    items = [
        {
            "category": mine[0]["category"],
            "subcategory": mine[0]["subcategory"],
            "quantityUsed": total(mine, "quantity"),
            "unit": mine[0]["unit"],
            "id": meter,
            "name": mine[0]["meter"],
            "totalCost": total(mine),
            "currencyLocale": f"en-{subscription['_market']}",
            "attributes": {"objectType": "AzureResourceMonthlyUsageRecord"},
        }
        for meter, mine in grouped(records, lambda one: str(one["meterId"])).items()
    ]
    return Answer(200, collection(items, self_uri(request)))


_ALL = "/v1/customers/{customer_id}/subscriptions"
_ONE = f"{_ALL}/{{subscription_id}}"
ROUTES: list[RouteSpec] = [
    RouteSpec("GET", "/v1/usagesummary", partner_summary, auth="U", name="get a partner usage summary"),
    RouteSpec("GET", "/v1/customers/usagerecords", customers_records, auth="U", name="get usage records of customers"),
    RouteSpec("GET", "/v1/customers/{customer_id}/usagesummary", customer_summary, auth="U",
              name="get a customer usage summary"),
    RouteSpec("GET", f"{_ALL}/usagerecords", subscriptions_records, auth="U",
              name="get a customer subscription's usage records"),
    RouteSpec("GET", f"{_ONE}/usagesummary", subscription_summary, auth="U", name="get a subscription usage summary"),
    RouteSpec("GET", f"{_ONE}/meterusagerecords", meter_records, auth="U", name="get usage records by meter"),
    RouteSpec("GET", f"{_ONE}/resourceusagerecords", resource_records, auth="U",
              name="get a customer subscription resource usage records"),
    RouteSpec("GET", f"{_ONE}/usagerecords/resources", monthly_resources,
              name="get all monthly usage records for a subscription"),
]  # fmt: skip  # one route, one or two lines
