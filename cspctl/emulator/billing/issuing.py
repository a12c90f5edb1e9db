"""Invoices: one per partner, billing period (calendar month, UTC) and currency, issued in the next month.

Source: Partner Center docs, pages billing-basics, invoice-resources, get-invoice-by-id (2022, 2023). What is issued
does not change any more, except what is read from the clock: whether it counts as paid.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from cspctl.emulator.billing.charges import next_issue
from cspctl.emulator.billing.usage_lines import bill_usage
from cspctl.emulator.catalogue import symbol
from cspctl.emulator.settings import Settings
from cspctl.emulator.store import Store
from cspctl.emulator.terms import parse_moment, stamp
from cspctl.emulator.webhooks.events import queue

Document = dict[str, Any]
ONE_TIME, RECURRING = "OneTime", "Recurring"
_SLICE = 2000


def issue_due(store: Store, settings: Settings, partner: str, at: datetime) -> None:
    """Issue the invoices of the month before `at`, and note when the next ones are due."""
    first = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    start = (first - timedelta(days=1)).replace(day=1)
    bill_usage(store, partner, f"{start:%Y-%m}", first - timedelta(seconds=1))
    for parent in store.parents("charge", partner, f"{start:%Y-%m}:"):
        _issue(store, settings, partner, parent.partition(":")[2], (start, first - timedelta(seconds=1)), at)
    store.schedule("invoice", partner, "", next_issue(at, settings))


def _issue(
    store: Store, settings: Settings, partner: str, currency: str, month: tuple[datetime, datetime], at: datetime
) -> None:  # fmt: skip  # the signature as one piece
    period, (start, end) = f"{month[0]:%Y-%m}", month
    lines, amount, tax = totals(store, partner, f"{period}:{currency}")
    if not lines:
        return
    id = f"G{store.next_number('invoice'):09d}"
    total = amount + tax
    invoice = {
        "id": id,
        "invoiceDate": stamp(at),
        "billingPeriodStartDate": stamp(start),
        "billingPeriodEndDate": stamp(end),
        "totalCharges": float(total),
        "currencyCode": currency,
        "currencySymbol": symbol(currency),
        "invoiceDetails": [{"invoiceLineItemType": "billing_line_items", "billingProvider": "one_time"}],
        "documentType": "invoice" if total >= 0 else "credit_note",
        "invoiceType": ONE_TIME,
        "_period": period,
        "_total": str(total),
        "_lines": lines,
    }
    store.put("invoice", partner, id, invoice)
    queue(store, settings, at, partner, "invoice-ready", f"/v1/invoices/{id}", "invoice")


def totals(store: Store, partner: str, parent: str) -> tuple[int, Decimal, Decimal]:
    """(number of lines, sum before tax, tax) of a period and currency."""
    count, amount, tax, after = 0, Decimal(0), Decimal(0), None
    while found := store.list("charge", partner, parent=parent, after=after, limit=_SLICE):
        count += len(found)
        amount += sum((Decimal(one["subtotal"]) for one in found), Decimal(0))
        tax += sum((Decimal(one["tax"]) for one in found), Decimal(0))
        after = found[-1]["id"]
    return count, amount, tax


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
    """The issued invoice that bills a period; None while it is unbilled."""
    issued = store.list("invoice", partner)
    return next((one for one in issued if one.get("_period") == period and one["currencyCode"] == currency), None)
