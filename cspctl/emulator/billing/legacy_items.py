"""Legacy line items of the v1 API: LicenseBasedLineItem, UsageBasedLineItem and DailyUsageLineItem.

Source: Partner Center docs, pages get-invoiceline-items (samples of office and azure), license-based-recon-files and
usage-based-recon-files (2019 to 2023). Amounts are numbers here. The sample prints a purchase as `New`; the billing
platform's own ids of orders, subscriptions and accounts mean nothing elsewhere and are derived.
"""

from __future__ import annotations

import base64
import hashlib
from decimal import Decimal
from typing import Any

from cspctl.emulator.billing.issuing import book_of_invoice
from cspctl.emulator.billing.legacy_charges import AZURE
from cspctl.emulator.billing.metering import usage_of
from cspctl.emulator.billing.periods import Book
from cspctl.emulator.store import Store

Document = dict[str, Any]
_WIRE_TYPES = {"Purchase fee": "New"}
_CENT = Decimal("0.01")
_RATE = Decimal("0.00000001")


def legacy_items(store: Store, partner: Document, invoice: Document, provider: str, kind: str) -> list[Document]:
    """The line items of an issued legacy invoice, of one provider and type."""
    if not invoice.get("_period"):
        return []
    account, book = partner["accountId"], book_of_invoice(invoice)
    if kind == "usage_line_items":
        return _days(store, partner, invoice, book) if provider == AZURE else []
    charges = [one for one in store.list("charge", account, parent=book.key) if one.get("provider") == provider]
    if provider == AZURE:
        return [azure_item(one, partner, invoice["id"]) for one in charges]
    return [office_item(one, partner) for one in charges]


def _days(store: Store, partner: Document, invoice: Document, book: Book) -> list[Document]:
    account, items = partner["accountId"], []
    for record in usage_of(store, account, book.period):
        plan = store.get("subscription", account, record["subscriptionId"])
        if plan is not None and plan.get("_legacy") and plan["_currency"] == book.currency:
            customer = store.get("customer", account, plan["_customer"]) or {}
            items.append(azure_day(record, plan, customer, partner, invoice))
    return items


def office_item(charge: Document, partner: Document) -> Document:
    amount, tax = Decimal(charge["subtotal"]), Decimal(charge["tax"])
    return {
        "partnerId": partner["accountId"],
        "customerId": charge["customer"].upper(),
        "customerName": charge["customerName"],
        "mpnId": _mpn(partner.get("mpnId"), 0),
        "tier2MpnId": _mpn(charge["reseller"], -1),
        "orderId": platform_number("order", charge["order"]),
        "subscriptionId": _platform_text(charge["subscription"]),
        "syndicationPartnerSubscriptionNumber": charge["subscription"].upper(),
        "offerId": charge["item"].upper(),
        "durableOfferId": charge["product"].upper(),
        "offerName": charge["title"],
        "domainName": charge["domain"],
        "billingCycleType": charge["billing"].upper(),
        "subscriptionName": charge["name"],
        "subscriptionDescription": charge["title"],
        "subscriptionStartDate": _midnight(charge["begins"]),
        "subscriptionEndDate": _midnight(charge["ends"]),
        "chargeStartDate": _midnight(charge["from"]),
        "chargeEndDate": _midnight(charge["to"]),
        "chargeType": _WIRE_TYPES.get(charge["type"], charge["type"]),
        "unitPrice": Decimal(charge["unit"]),
        "quantity": abs(charge["quantity"]),
        "amount": amount,
        "totalOtherDiscount": 0,
        "subtotal": amount,
        "tax": tax,
        "totalForCustomer": amount + tax,
        "currency": charge["currency"],
        "invoiceLineItemType": "billing_line_items",
        "billingProvider": "office",
        "attributes": {"objectType": "LicenseBasedLineItem"},
    }


def azure_item(charge: Document, partner: Document, invoice_number: str) -> Document:
    """One meter of a month."""
    amount, tax, quantity = Decimal(charge["subtotal"]), Decimal(charge["tax"]), Decimal(charge["quantity"])
    return {
        "detailLineItemId": 1,
        "sku": charge["meterId"],
        "includedQuantity": 0,
        "overageQuantity": quantity,
        "listPrice": Decimal(charge["unit"]),
        "currency": charge["currency"],
        "pretaxCharges": amount,
        "taxAmount": tax,
        "postTaxTotal": amount + tax,
        "pretaxEffectiveRate": _rate(amount, quantity),
        "postTaxEffectiveRate": _rate(amount + tax, quantity),
        "chargeType": charge["type"],
        "invoiceLineItemType": "billing_line_items",
        **_customer_columns(partner, charge["customer"], charge["customerName"], charge["domain"], charge["reseller"]),
        **_plan_columns(invoice_number, charge["subscription"], charge["name"], charge["title"], charge["order"]),
        **_meter_columns(charge["category"], charge["subcategory"], charge["meterId"], charge["meter"]),
        "region": charge["region"],
        "consumedQuantity": quantity,
        "chargeStartDate": _midnight(charge["from"]),
        "chargeEndDate": _midnight(charge["to"]),
        "unit": charge["unitOfMeasure"],
        "billingProvider": "azure",
        "attributes": {"objectType": "UsageBasedLineItem"},
    }


def azure_day(record: Document, plan: Document, customer: Document, partner: Document, invoice: Document) -> Document:
    """One meter of one resource on one day; no prices."""
    profile = customer.get("companyProfile") or {}
    reseller, name = plan.get("partnerId"), profile.get("companyName") or ""
    return {
        "customerBillableAccount": platform_number("account", plan["_customer"])[:10],
        "usageDate": _midnight(record["date"][:10]),
        "invoiceLineItemType": "usage_line_items",
        **_customer_columns(partner, plan["_customer"], name, profile.get("domain") or "", reseller),
        **_plan_columns(invoice["id"], plan["id"], plan["friendlyName"], plan["offerName"], plan["orderId"]),
        **_meter_columns(record["category"], record["subcategory"], record["meterId"], record["meter"]),
        "region": record["region"],
        "consumedQuantity": Decimal(record["quantity"]),
        "chargeStartDate": _midnight(str(invoice["billingPeriodStartDate"])[:10]),
        "chargeEndDate": _midnight(str(invoice["billingPeriodEndDate"])[:10]),
        "unit": record["unit"],
        "billingProvider": "azure",
        "attributes": {"objectType": "DailyUsageLineItem"},
    }


def _customer_columns(partner: Document, customer: str, name: str, domain: str, reseller: object) -> Document:
    return {
        "partnerId": partner["accountId"],
        "partnerName": partner.get("displayName") or "",
        "partnerBillableAccountId": platform_number("account", partner["accountId"])[:10],
        "customerId": customer,
        "domainName": domain,
        "customerCompanyName": name,
        "mpnId": _mpn(partner.get("mpnId"), 0),
        "tier2MpnId": _mpn(reseller, -1),
    }


def _plan_columns(invoice: str, id: str, name: str, description: str, order: str) -> Document:
    return {
        "invoiceNumber": invoice,
        "subscriptionId": id,
        "subscriptionName": name,
        "subscriptionDescription": description,
        "billingCycleType": "Monthly",
        "orderId": platform_number("order", order),
    }


def _meter_columns(service: str, kind: str, meter_id: str, meter: str) -> Document:
    return {"serviceName": service, "serviceType": kind, "resourceGuid": meter_id, "resourceName": meter}


def _mpn(value: object, none: int) -> int:
    text = str(value or "")
    return int(text) if text.isdigit() and int(text) else none


def _midnight(day: str) -> str:
    return f"{day}T00:00:00"


def _rate(amount: Decimal, quantity: Decimal) -> Decimal:
    return (amount / quantity).quantize(_RATE).normalize() + 0 if quantity else Decimal(0)


def platform_number(*parts: str) -> str:
    """18 digits, as the billing platform numbers orders; its accounts have ten."""
    digest = hashlib.sha256("\x1f".join(parts).encode()).digest()
    return str(10**17 + int.from_bytes(digest, "big") % (9 * 10**17))


def _platform_text(id: str) -> str:
    """Sixteen characters such as 4KIKawEAAAAAAAEA."""
    return base64.b64encode(hashlib.sha256(id.encode()).digest()[:6] + bytes(5) + b"\x01").decode()
