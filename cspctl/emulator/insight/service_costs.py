"""What a customer cost in the last closed billing period, from the same charge lines the invoices are made of.

Source: Partner Center docs, pages get-a-customer-s-service-costs-summary and -line-items (Oct 2023). The period is
the calendar month before the running one; `mostrecent` is the only one documented.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from starlette.requests import Request

from cspctl.emulator.billing.periods import book_of
from cspctl.emulator.context import Answer, Context, RouteSpec
from cspctl.emulator.currencies import symbol
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner.customers import customer_of
from cspctl.emulator.terms import CYCLE_NAMES
from cspctl.emulator.wire.shapes import collection, link, split_catalog_item

Document = dict[str, Any]


def _period(request: Request, ctx: Context) -> tuple[Document, datetime, datetime]:
    """(customer, first instant, last second). Raises 400/800002 for another period than the most recent."""
    customer = customer_of(ctx, request.path_params["customer_id"])
    if request.path_params["billing_period"].lower() != "mostrecent":
        raise ApiError(400, 800002, "Invalid request input: the billing period must be mostrecent.")
    month = ctx.clock.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    last = month - timedelta(seconds=1)
    return customer, last.replace(day=1, hour=0, minute=0, second=0), last


def _charges(ctx: Context, customer: Document, first: datetime) -> list[Document]:
    """Of new commerce and of legacy offers."""
    books = [book_of(first, customer["_currency"], legacy=legacy) for legacy in (False, True)]
    kept = [one for book in books for one in ctx.store.list("charge", ctx.partner, parent=book.key)]
    return [one for one in kept if one["customer"] == customer["id"]]


async def summary(request: Request, ctx: Context) -> Answer:
    customer, first, last = _period(request, ctx)
    charges = _charges(ctx, customer, first)
    groups = {name: [one for one in charges if _kind(one) == name] for name in ("Recurring", "OneTime")}
    details = [
        {"invoiceType": name, "summary": {**_totals(customer, mine, first, last), "links": {}}}
        for name, mine in groups.items()
        if mine
    ]
    path = f"/customers/{customer['id']}/servicecosts/MostRecent"
    links = {"serviceCostLineItems": link(f"{path}/lineitems"), "self": link(path)}
    return Answer(200, {**_totals(customer, charges, first, last), "details": details, "links": links})


def _kind(charge: Document) -> str:
    return "OneTime" if charge["billing"] == "one_time" else "Recurring"


def _totals(customer: Document, charges: list[Document], first: datetime, last: datetime) -> Document:
    net = sum((Decimal(one["subtotal"]) for one in charges), Decimal(0))
    tax = sum((Decimal(one["tax"]) for one in charges), Decimal(0))
    return {
        "billingStartDate": first.isoformat().replace("+00:00", "Z"),
        "billingEndDate": last.isoformat().replace("+00:00", "Z"),
        "pretaxTotal": float(net),
        "tax": float(tax),
        "afterTaxTotal": float(net + tax),
        "currencyCode": customer["_currency"],
        "currencySymbol": symbol(customer["_currency"]),
        "customerId": customer["id"],
        "attributes": {"objectType": "ServiceCostsSummary"},
    }


async def line_items(request: Request, ctx: Context) -> Answer:
    customer, first, _ = _period(request, ctx)
    numbers = {bool(one["_commerce"]): one["id"] for one in _issued(ctx, customer, first)}
    items = [_line(ctx, customer, one, numbers.get("provider" in one, "")) for one in _charges(ctx, customer, first)]
    return Answer(200, collection(items, f"/customers/{customer['id']}/servicecosts/MostRecent/lineitems"))


def _issued(ctx: Context, customer: Document, first: datetime) -> list[Document]:
    """The invoices of the period, of new commerce and legacy; none until they are issued."""
    period, currency = f"{first:%Y-%m}", customer["_currency"]
    found = ctx.store.list("invoice", ctx.partner)
    return [one for one in found if one.get("_period") == period and one["currencyCode"] == currency]


def _line(ctx: Context, customer: Document, charge: Document, number: str) -> Document:
    net, tax = Decimal(charge["subtotal"]), Decimal(charge["tax"])
    product_id, sku_id, availability = split_catalog_item(charge["item"]) or (charge["item"], "", "")
    product = ctx.store.get("product", "", product_id.upper()) or {"title": charge["title"]}
    subscription = ctx.store.get("subscription", ctx.partner, charge["subscription"]) or {}
    reseller = charge["reseller"]
    return {
        "afterTaxTotal": float(net + tax),
        "chargeType": charge["type"].upper() if "provider" in charge else charge["type"],  # as the sample writes it
        "currencyCode": charge["currency"],
        "currencySymbol": symbol(charge["currency"]),
        "customerId": customer["id"],
        "customerName": charge["customerName"],
        "endDate": f"{charge['to']}T00:00:00",
        "offerId": charge["item"],
        "offerName": charge["title"],
        "orderId": charge["order"],
        "pretaxTotal": float(net),
        "quantity": float(charge["quantity"]),
        "resellerMPNId": "-1" if reseller in ("", "0") else reseller,
        "startDate": f"{charge['from']}T00:00:00",
        "subscriptionFriendlyName": subscription.get("friendlyName") or charge["title"],
        "subscriptionId": charge["subscription"],
        "tax": float(tax),
        "unitPrice": float(charge["unit"]),
        "invoiceNumber": number,
        "invoiceType": _kind(charge),
        "productId": product_id,
        "skuId": sku_id,
        "availabilityId": availability,
        "productName": product["title"],
        "skuName": charge["title"],
        "publisherName": product.get("publisherName", "Microsoft Corporation"),
        "publisherId": "",
        "termAndBillingCycle": f"{charge['term']} {CYCLE_NAMES.get(charge['billing'], charge['billing'])}".strip(),
        "discountDetails": charge["promotion"] or "N/A",
    }


_ONE = "/v1/customers/{customer_id}/servicecosts/{billing_period}"
ROUTES: list[RouteSpec] = [
    RouteSpec("GET", _ONE, summary, auth="U", name="get a customer's service costs summary"),
    RouteSpec("GET", f"{_ONE}/lineitems", line_items, auth="U", name="get a customer's service costs line items"),
]
