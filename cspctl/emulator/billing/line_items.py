"""A charge line as the wire has it: OneTimeInvoiceLineItem of the v1 API, and the columns of the Graph export.

Source: Partner Center docs, pages get-invoiceline-items and modern-invoice-reconciliation-file (2022, 2023): every
amount, rate and quantity of the v1 item is a string. `billableQuantity` carries the sign, `quantity` does not.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from cspctl.emulator.billing.proration import plain
from cspctl.emulator.terms import CYCLE_NAMES
from cspctl.emulator.wire.shapes import stable_guid

Document = dict[str, Any]
_TERMS = {"P1M": "One-Month", "P1Y": "One-Year", "P3Y": "Three-Years"}
_BILLED = {"monthly": "monthly", "annual": "yearly", "triennial": "three-year"}
_FREQUENCY = {"monthly": "Monthly", "annual": "Annual", "triennial": "Triennial"}
_DISCOUNTED = (
    '["Price for given billing period","You are getting a discount due to a promotion.","Price for given term"]'
)
_BASIC = (
    "PartnerId", "CustomerId", "CustomerName", "CustomerDomainName", "InvoiceNumber", "OrderId", "OrderDate",
    "ProductId", "SkuId", "AvailabilityId", "SkuName", "ProductName", "ChargeType", "UnitPrice", "Quantity", "Subtotal",
    "TaxTotal", "Total", "Currency", "SubscriptionId", "ChargeStartDate", "ChargeEndDate", "EffectiveUnitPrice",
    "BillableQuantity", "BillingFrequency", "TermAndBillingCycle", "ReferenceID", "PromotionID",
)  # fmt: skip  # (impl.) no page lists the columns of "basic"


def one_time_item(charge: Document, partner: Document, invoice_number: str) -> Document:
    """One line item; `invoice_number` is "" while unbilled."""
    product_id, sku_id, availability = [*str(charge["item"]).split(":"), "", ""][:3]
    total = Decimal(charge["subtotal"]) + Decimal(charge["tax"])
    reference = charge["reference"]
    return {
        "partnerId": partner["accountId"],
        "customerId": charge["customer"],
        "customerName": charge["customerName"],
        "customerDomainName": charge["domain"],
        "customerCountry": charge["country"],
        "invoiceNumber": invoice_number,
        "mpnId": str(partner.get("mpnId") or ""),
        "resellerMpnId": charge["reseller"],
        "orderId": charge["order"],
        "orderDate": charge["at"],
        "productId": product_id,
        "skuId": sku_id,
        "availabilityId": availability,
        "productName": charge["product"],
        "skuName": charge["title"],
        "productQualifiers": charge["qualifiers"],
        "chargeType": charge["type"],
        "unitPrice": charge["unit"],
        "effectiveUnitPrice": charge["effective"],
        "unitType": "",
        "quantity": plain(abs(Decimal(charge["quantity"]))),
        "subtotal": plain(Decimal(charge["subtotal"])),
        "taxTotal": plain(Decimal(charge["tax"])),
        "totalForCustomer": plain(total),
        "currency": charge["currency"],
        "publisherName": charge["publisher"],
        "publisherId": "",
        "subscriptionDescription": charge["title"],
        "subscriptionId": charge["subscription"],
        "subscriptionStartDate": _day(charge["begins"]),
        "subscriptionEndDate": _day(charge["ends"]),
        "chargeStartDate": _day(charge["from"]),
        "chargeEndDate": _day(charge["to"]),
        "termAndBillingCycle": term_and_cycle(charge["term"], charge["billing"], trial=charge["trial"]),
        "alternateId": charge["order"],
        "referenceId": reference,
        "priceAdjustmentDescription": _adjustment(charge),
        "discountDetails": "",
        "pricingCurrency": charge.get("pricingCurrency") or charge["currency"],
        "pcToBCExchangeRate": charge.get("rate") or "1",
        "pcToBCExchangeRateDate": charge["at"][:8] + "01T00:00:00",
        "billableQuantity": plain(Decimal(charge["quantity"])),
        "meterDescription": charge.get("meterDescription") or "",
        "billingFrequency": _FREQUENCY.get(charge["billing"], ""),
        "reservationOrderId": stable_guid("reservation", charge["order"]),
        "creditReasonCode": charge.get("reason"),
        "promotionId": charge["promotion"],
        "invoiceLineItemType": "billing_line_items",
        "billingProvider": "one_time",
        "attributes": {"objectType": "OneTimeInvoiceLineItem"},
    }


def mixed(items: list[Document]) -> list[Document]:
    """The items in no order of time, but always in the same one: clients order by orderDate and referenceId.

    Source: Partner Center docs, page common-billing-scenarios-onetime-recurring (2022).
    """
    names = ("referenceId", "billableQuantity", "subtotal", "chargeStartDate")
    return sorted(items, key=lambda one: stable_guid("line", *(str(one[name]) for name in names)))


def _adjustment(charge: Document) -> str:
    """Why the effective price is not the list price: a promotion, or partner earned credit."""
    if charge.get("adjustment"):
        return str(charge["adjustment"])
    return _DISCOUNTED if charge["unit"] != "0" and charge["promotion"] else ""


def _day(text: str) -> str:
    return f"{text}T00:00:00Z"


def term_and_cycle(term: str, billing: str, *, trial: bool) -> str:
    """Free text of the vendor, in the form of the samples."""
    if trial:
        return "One-Month commitment for trial"
    if term not in _TERMS:
        return "One time" if billing == "one_time" else CYCLE_NAMES.get(billing, "")
    return f"{_TERMS[term]} commitment for {_BILLED.get(billing, billing)} billing"


_RENAMED = {
    "totalForCustomer": "Total", "referenceId": "ReferenceID", "promotionId": "PromotionID",
    "pcToBCExchangeRate": "PCToBCExchangeRate", "pcToBCExchangeRateDate": "PCToBCExchangeRateDate",
    "rateOfPartnerEarnedCredit": "PartnerEarnedCreditPercentage", "rateOfCredit": "CreditPercentage",
}  # fmt: skip  # columns whose name is not the property's with a capital
_NUMBERS = frozenset(
    {"unitPrice", "effectiveUnitPrice", "quantity", "subtotal", "taxTotal", "totalForCustomer", "billableQuantity",
     "pcToBCExchangeRate"}
)  # fmt: skip  # one set
_PERCENTAGES = frozenset({"rateOfPartnerEarnedCredit", "rateOfCredit"})  # 0.15 in the API is 15 in the file
_LEFT_OUT = frozenset(
    {"invoiceLineItemType", "billingProvider", "attributes", "discountDetails", "hasPartnerEarnedCredit"}
)


def export_row(item: Document, *, basic: bool) -> Document:
    """One JSON line of a reconciliation export: the columns of the file, amounts as numbers with all their digits."""
    row: Document = {}
    for name, value in item.items():
        if name in _LEFT_OUT:
            continue
        column = _RENAMED.get(name) or name[:1].upper() + name[1:]
        if name in _NUMBERS:
            value = Decimal(value)
        elif name in _PERCENTAGES:
            value = Decimal(value) * 100
        elif name == "productQualifiers":
            value = ",".join(value)
        row[column] = "" if value is None else value  # a column of a file is there in every row
    return {name: row[name] for name in _BASIC if name in row} if basic else row
