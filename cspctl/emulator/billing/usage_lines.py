"""Rated usage of Azure plans: the daily lines, and the one charge per plan and month that bills them.

Source: Partner Center docs, pages get-invoice-unbilled-consumption-lineitems, daily-rated-usage-recon-files and
modern-invoice-reconciliation-file (usage truncates to the cent per meter), 2022 and 2023. Unlike licence lines the
amounts are JSON numbers here.
"""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any

from cspctl.emulator.azure.usage import KIND as USAGE
from cspctl.emulator.store import Store
from cspctl.emulator.subscription_document import record

Document = dict[str, Any]
_CENT = Decimal("0.01")


def bill_usage(store: Store, partner: str, period: str, end: datetime) -> None:
    """Charge the usage of a month (`YYYY-MM`), in the name of its last second."""
    amounts: dict[tuple[str, str], Decimal] = {}
    for one in usage_of(store, partner, period):
        key = (one["subscriptionId"], one["meterId"])
        amounts[key] = amounts.get(key, Decimal(0)) + Decimal(one["cost"])
    totals: dict[str, Decimal] = {}
    for (id, _), amount in amounts.items():
        totals[id] = totals.get(id, Decimal(0)) + amount.quantize(_CENT, ROUND_DOWN)
    for id, amount in totals.items():
        document = store.get("subscription", partner, id)
        if document is None:
            continue
        record(
            document, "cycleCharge", end, before=document["quantity"], amount=str(amount), on=f"{period}-01",
            item=document["offerId"], title=document["offerName"], to=f"{end:%Y-%m-%d}",
        )  # fmt: skip  # one event
        store.put("subscription", partner, id, document)


def usage_of(store: Store, partner: str, period: str) -> list[Document]:
    """The rated records of a month."""
    return [one for one in store.list(USAGE, partner) if one["date"].startswith(period)]


def usage_items(
    store: Store, partner: Document, period: str, currency: str, invoice_number: str, provider: str
) -> list[Document]:  # fmt: skip  # the signature as one piece
    """DailyRatedUsageLineItem of a month and currency; `invoice_number` is "" while unbilled."""
    account, items = partner["accountId"], []
    plans: dict[str, Document | None] = {}
    for one in usage_of(store, account, period):
        id = one["subscriptionId"]
        if id not in plans:
            plans[id] = store.get("subscription", account, id)
        plan = plans[id]
        if plan is not None and plan["_currency"] == currency:
            items.append(_item(store, partner, plan, one, period, invoice_number, provider))
    return items


def _item(
    store: Store, partner: Document, plan: Document, one: Document, period: str, invoice: str, provider: str
) -> Document:  # fmt: skip  # the signature as one piece
    customer = store.get("customer", partner["accountId"], plan["_customer"]) or {}
    profile = customer.get("companyProfile") or {}
    product_id, sku_id, availability = [*str(plan["offerId"]).split(":"), "", ""][:3]
    quantity, cost = Decimal(one["quantity"]), Decimal(one["cost"])
    unit = cost / quantity if quantity else Decimal(0)
    first = f"{period}-01T00:00:00Z"
    return {
        "id": one["id"],
        "partnerId": partner["accountId"], "partnerName": partner.get("displayName") or "",
        "customerId": plan["_customer"], "customerName": profile.get("companyName") or "",
        "customerDomainName": profile.get("domain") or "", "customerCountry": plan["_market"],
        "invoiceNumber": invoice, "mpnId": str(partner.get("mpnId") or ""),
        # the reseller stays blank while unbilled (daily-rated-usage-recon-files)
        "resellerMpnId": plan.get("partnerId") or "" if invoice else "",
        "productId": product_id, "skuId": sku_id, "availabilityId": availability,
        "skuName": plan["offerName"], "productName": plan["offerName"],
        "publisherName": plan["publisherName"], "publisherId": "",
        "subscriptionId": plan["id"], "subscriptionDescription": plan["friendlyName"],
        "chargeStartDate": first, "chargeEndDate": one["date"], "usageDate": one["date"],
        "meterType": f"1 {one['unit']}", "meterCategory": one["category"], "meterId": one["meterId"],
        "meterSubCategory": one["subcategory"], "meterName": one["meter"], "meterRegion": one["region"],
        "unitOfMeasure": one["unit"], "resourceLocation": one["region"], "consumedService": one["resourceType"],
        "resourceGroup": one["resourceGroup"], "resourceUri": one["resourceUri"], "tags": "", "additionalInfo": "",
        "serviceInfo1": "", "serviceInfo2": "", "chargeType": "new" if invoice else "",
        "unitPrice": unit, "quantity": quantity, "unitType": one["unit"], "billingPreTaxTotal": cost,
        "billingCurrency": plan["_currency"], "pricingPreTaxTotal": Decimal(one["usd"]), "pricingCurrency": "USD",
        "entitlementId": one["entitlementId"], "entitlementDescription": plan["friendlyName"],
        "pcToBCExchangeRate": 1, "pcToBCExchangeRateDate": first, "effectiveUnitPrice": unit,
        "rateOfPartnerEarnedCredit": 0, "rateOfCredit": 0, "creditType": "Credit Not Applied",
        "hasPartnerEarnedCredit": False, "invoiceLineItemType": "usage_line_items", "billingProvider": provider,
        "benefitOrderId": "", "benefitId": "", "benefitType": "Charge",
        "attributes": {"objectType": "DailyRatedUsageLineItem"},
    }  # fmt: skip  # a table of properties
