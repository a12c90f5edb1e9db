"""Invoices and balances in the form of the wire.

Source: Partner Center docs, pages invoice-resources, get-a-collection-of-invoices, get-invoice-by-id,
get-invoice-summaries (Oct 2023). The linked id carries a type prefix, the field does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from cspctl.emulator.billing.issuing import ONE_TIME, is_paid, paid_on
from cspctl.emulator.currencies import symbol
from cspctl.emulator.settings import Settings
from cspctl.emulator.terms import stamp
from cspctl.emulator.wire.shapes import link

Document = dict[str, Any]
NONE = "0001-01-01T00:00:00"  # year 0001 stands for "there is none"
_PATHS = {
    "office": "Office", "azure": "Azure", "one_time": "OneTime", "marketplace": "Marketplace",
    "billing_line_items": "BillingLineItems", "usage_line_items": "UsageLineItems",
}  # fmt: skip  # spelling inside links


def amount_of(invoice: Document) -> Decimal:
    return Decimal(str(invoice.get("_total") or invoice["totalCharges"]))


def invoice_form(invoice: Document, settings: Settings, now: datetime, *, whole: bool) -> Document:
    """One invoice; `whole` adds what only the answer by id has: the period, and a PDF link that expires."""
    body = {key: value for key, value in invoice.items() if not key.startswith("_")}
    id, own = invoice["id"], f"/invoices/{invoice['invoiceType']}-{invoice['id']}"
    pdf = f"/invoices/{id}/documents/statement"
    if whole:
        pdf += f"?expires={stamp(now + timedelta(minutes=settings.pdf_link_minutes))}"
    else:
        body["billingPeriodStartDate"] = body["billingPeriodEndDate"] = None
    paid = amount_of(invoice) if is_paid(invoice, settings, now) else Decimal(0)
    receipts = [
        {"id": str(one["id"]), "taxReceiptPdfDownloadLink": f"/invoices/{id}/receipts/{one['id']}/documents/statement"}
        for one in invoice.get("taxReceipts") or []
    ]
    return {
        **body,
        "paidAmount": invoice.get("paidAmount", float(paid)),
        "pdfDownloadLink": pdf,
        "taxReceipts": receipts or None,
        "invoiceDetails": [_detail(one, own) for one in invoice.get("invoiceDetails") or []],
        "links": {"self": link(own)},
        "attributes": {"objectType": "Invoice"},
    }


def _detail(detail: Document, own: str) -> Document:
    provider, kind = detail["billingProvider"], detail["invoiceLineItemType"]
    uri = f"{own}/lineitems/{_PATHS.get(provider, provider)}/{_PATHS.get(kind, kind)}"
    return {**detail, "links": {"self": link(uri)}, "attributes": {"objectType": "InvoiceDetail"}}


def balance(invoices: Sequence[Document], currency: str, settings: Settings, now: datetime) -> Document:
    """InvoiceSummary of one currency: what is owed now, in total and per invoice type."""
    types = sorted({one["invoiceType"] for one in invoices}) or [ONE_TIME]
    details = [
        {"invoiceType": kind, "summary": _figures([i for i in invoices if i["invoiceType"] == kind], currency,
                                                  settings, now)}
        for kind in types
    ]  # fmt: skip  # one entry per type
    return {
        **_figures(invoices, currency, settings, now),
        "details": details,
        "links": {"self": link("/invoices/summary")},
    }


def _figures(invoices: Sequence[Document], currency: str, settings: Settings, now: datetime) -> Document:
    open_now = [one for one in invoices if not _settled(one, settings, now)]
    paid = [one for one in invoices if _settled(one, settings, now) and amount_of(one) > 0]
    dates = [one["invoiceDate"] for one in invoices]
    last = max(paid, key=lambda one: one["invoiceDate"], default=None)
    return {
        "balanceAmount": float(sum((amount_of(one) for one in open_now), Decimal(0))),
        "currencyCode": currency,
        "currencySymbol": symbol(currency),
        "accountingDate": stamp(now),
        "firstInvoiceCreationDate": min(dates, default=NONE),
        "lastPaymentDate": NONE if last is None else stamp(paid_on(last, settings)),
        "lastPaymentAmount": 0 if last is None else float(amount_of(last)),
        "latestInvoiceDate": max(dates, default=NONE),
        "attributes": {"objectType": "InvoiceSummary"},
    }


def _settled(invoice: Document, settings: Settings, now: datetime) -> bool:
    """A credit is balanced against what is owed, so it never counts as an open debt nor as a payment."""
    return amount_of(invoice) > 0 and is_paid(invoice, settings, now)


def statement_lines(invoice: Document, partner: Document) -> list[str]:
    """The text of the PDF."""
    return [
        f"Invoice {invoice['id']}",
        f"Billed to {partner.get('displayName') or partner['accountId']} ({partner['accountId']})",
        f"Date {invoice['invoiceDate'][:10]}",
        f"Billing period {str(invoice.get('billingPeriodStartDate') or '')[:10]} to "
        f"{str(invoice.get('billingPeriodEndDate') or '')[:10]}",
        f"Document {invoice['documentType']}",
        f"Total {amount_of(invoice)} {invoice['currencyCode']}",
    ]
