"""Invoices: one per partner, billing period and currency, legacy offers (D…) apart from new commerce (G…).

Source: Partner Center docs, pages billing-basics, invoice-resources, get-invoice-by-id (2022, 2023). What is issued
does not change any more, except what is read from the clock: whether it counts as paid.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from cspctl.emulator.billing.metering import bill_usage
from cspctl.emulator.billing.periods import LEGACY, Book, book_from, next_issue
from cspctl.emulator.currencies import symbol
from cspctl.emulator.settings import Settings
from cspctl.emulator.store import Store
from cspctl.emulator.terms import parse_moment, stamp
from cspctl.emulator.webhooks.events import queue

Document = dict[str, Any]
ONE_TIME, RECURRING = "OneTime", "Recurring"
_SLICE = 2000
_SECOND = timedelta(seconds=1)


def issue_due(store: Store, settings: Settings, partner: str, at: datetime) -> None:
    """Issue the invoices of the month before `at`, and note when the next ones are due."""
    first = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    start = (first - timedelta(days=1)).replace(day=1)
    bill_usage(store, partner, f"{start:%Y-%m}", first - timedelta(seconds=1))
    for key in store.parents("charge", partner, f"{start:%Y-%m}:"):
        _issue(store, settings, partner, book_from(key), at)
    store.schedule("invoice", partner, "", next_issue(at, settings))


def _issue(store: Store, settings: Settings, partner: str, book: Book, at: datetime) -> None:
    lines, amount, tax, providers = totals(store, partner, book.key)
    if not lines:
        return
    total, legacy = amount + tax, book.commerce == LEGACY
    id = f"{'D' if legacy else 'G'}{store.next_number('legacy invoice' if legacy else 'invoice'):09d}"
    start = parse_moment(f"{book.period}-01")
    invoice = {
        "id": id,
        "invoiceDate": stamp(at),
        "billingPeriodStartDate": stamp(start),
        "billingPeriodEndDate": stamp(at.replace(day=1, hour=0, minute=0, second=0, microsecond=0) - _SECOND),
        "totalCharges": float(total),
        "currencyCode": book.currency,
        "currencySymbol": symbol(book.currency),
        "invoiceDetails": [
            {"invoiceLineItemType": kind, "billingProvider": provider} for provider, kind in details_of(providers)
        ],
        "documentType": "invoice" if total >= 0 else "credit_note",
        "invoiceType": RECURRING if legacy else ONE_TIME,
        "_period": book.period,
        "_commerce": book.commerce,
        "_total": str(total),
        "_lines": lines,
    }
    store.put("invoice", partner, id, invoice)
    queue(store, settings, at, partner, "invoice-ready", f"/v1/invoices/{id}", "invoice")


def details_of(providers: set[str]) -> list[tuple[str, str]]:
    """(provider, line type) of what an invoice holds; usage has its days beside its amounts."""
    found = [(name, "billing_line_items") for name in sorted(providers, reverse=True)]
    return found + ([("azure", "usage_line_items")] if "azure" in providers else [])


def book_of_invoice(invoice: Document) -> Book:
    return Book(invoice["_period"], invoice["currencyCode"], invoice.get("_commerce") or "")


def totals(store: Store, partner: str, parent: str) -> tuple[int, Decimal, Decimal, set[str]]:
    """(number of lines, sum before tax, tax, providers) of a book."""
    count, amount, tax, after = 0, Decimal(0), Decimal(0), None
    providers: set[str] = set()
    while found := store.list("charge", partner, parent=parent, after=after, limit=_SLICE):
        count += len(found)
        amount += sum((Decimal(one["subtotal"]) for one in found), Decimal(0))
        tax += sum((Decimal(one["tax"]) for one in found), Decimal(0))
        providers |= {str(one.get("provider") or "one_time") for one in found}
        after = found[-1]["id"]
    return count, amount, tax, providers


def is_paid(invoice: Document, settings: Settings, now: datetime) -> bool:
    """Net days after the invoice date (page billing-basics); a credit counts as settled at once."""
    if Decimal(str(invoice.get("_total") or invoice["totalCharges"])) <= 0:
        return True
    return now >= paid_on(invoice, settings)


def paid_on(invoice: Document, settings: Settings) -> datetime:
    return parse_moment(invoice["invoiceDate"]) + timedelta(days=settings.payment_days)


def period_of(now: datetime, which: str) -> str | None:
    """`current` is the running month; `previous` (in Graph: `last`) the one before. None for anything else."""
    if which == "current":
        return f"{now:%Y-%m}"
    if which in ("previous", "last"):
        return f"{now.replace(day=1) - timedelta(days=1):%Y-%m}"
    return None


def invoice_of_period(store: Store, partner: str, period: str, currency: str) -> Document | None:
    """The issued new-commerce invoice that bills a period; None while it is unbilled."""
    wanted, issued = Book(period, currency), store.list("invoice", partner)
    return next((one for one in issued if one.get("_period") and book_of_invoice(one) == wanted), None)
