"""Rated usage of Azure plans, day by day: DailyRatedUsageLineItem.

Source: Partner Center docs, pages get-invoice-unbilled-consumption-lineitems and daily-rated-usage-recon-files (2022,
2023). Unlike licence lines the amounts are JSON numbers here. Partner earned credit is decided per day.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from cspctl.emulator.billing.metering import EARNED_CREDIT, list_price, price_of_record, rate_of, usage_of
from cspctl.emulator.store import Store

Document = dict[str, Any]


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
        if plan is not None and not plan.get("_legacy") and plan["_currency"] == currency:
            items.append(_item(store, partner, plan, one, invoice_number, provider))
    return items


def _item(
    store: Store, partner: Document, plan: Document, one: Document, invoice: str, provider: str
) -> Document:  # fmt: skip  # the signature as one piece
    customer = store.get("customer", partner["accountId"], plan["_customer"]) or {}
    profile = customer.get("companyProfile") or {}
    product_id, sku_id, availability = [*str(plan["offerId"]).split(":"), "", ""][:3]
    quantity, rate = Decimal(one["quantity"]), rate_of(store, plan["_currency"], one)
    price, earned = price_of_record(one, rate, plan["_currency"]), bool(one.get("earnedCredit"))
    first = f"{one['date'][:7]}-01T00:00:00Z"
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
        "unitPrice": list_price(price, quantity, one), "quantity": quantity, "unitType": one["unit"],
        "billingPreTaxTotal": price * rate.factor, "billingCurrency": plan["_currency"], "pricingPreTaxTotal": price,
        "pricingCurrency": rate.currency, "entitlementId": one["entitlementId"],
        "entitlementDescription": plan["friendlyName"], "pcToBCExchangeRate": rate.factor,
        "pcToBCExchangeRateDate": first, "effectiveUnitPrice": list_price(price, quantity, {}),
        "rateOfPartnerEarnedCredit": EARNED_CREDIT if earned else 0, "rateOfCredit": 0,
        "creditType": "Credit Not Applied", "hasPartnerEarnedCredit": earned,
        "invoiceLineItemType": "usage_line_items", "billingProvider": provider,
        "benefitOrderId": "", "benefitId": "", "benefitType": "Charge",
        "attributes": {"objectType": "DailyRatedUsageLineItem"},
    }  # fmt: skip  # a table of properties
