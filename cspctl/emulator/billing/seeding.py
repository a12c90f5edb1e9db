"""Seed sections of billing: invoices as they are, with their line items, and credits.

{"invoices": [{"partner", "id", "invoiceDate", "totalCharges", "currencyCode", "invoiceType", "documentType", …,
  "lines": [{"provider": "office", "type": "billinglineitems", "item": {…}}]}],
 "credits": [{"partner", "subscription", "amount": "12.50", "reason"}]}
A seeded invoice stands for what this emulator does not compute, such as legacy invoices; a credit becomes a
customerCredit line of the running period.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from cspctl.emulator.billing.reconciliation import KINDS, PROVIDERS, SEEDED
from cspctl.emulator.currencies import symbol
from cspctl.emulator.store import Store
from cspctl.emulator.subscription.document import record
from cspctl.emulator.terms import parse_moment

Entry = dict[str, Any]
Find = Callable[[Store, Entry, str], Entry]  # (store, entry, where) → partner document
_NEEDED = ("id", "invoiceDate", "totalCharges", "currencyCode")


def invoices(store: Store, entries: list[Entry], partner_of: Find) -> int:
    """Raises ValueError for an entry without partner, id, date, amount or currency."""
    for entry in entries:
        where = f"invoice {entry.get('id')}"
        missing = [name for name in _NEEDED if entry.get(name) in (None, "")]
        if missing:
            raise ValueError(f"{where} needs {', '.join(missing)}")
        parse_moment(str(entry["invoiceDate"]))
        partner = str(partner_of(store, entry, where)["accountId"])
        legacy = str(entry["id"]).startswith("D")
        defaults = {
            "invoiceType": "Recurring" if legacy else "OneTime", "documentType": "invoice",
            "currencySymbol": symbol(str(entry["currencyCode"])), "_total": str(entry["totalCharges"]),
        }  # fmt: skip  # one document
        lines = entry.get("lines") or []
        body = {**defaults, **{key: value for key, value in entry.items() if key not in ("partner", "lines")}}
        body.setdefault("invoiceDetails", _details(lines, where))
        store.put("invoice", partner, str(entry["id"]), body)
        for number, line in enumerate(lines):
            provider, kind = _line_kind(line, where)
            id = f"{entry['id']}:{number:05d}"
            kept = {"id": id, "item": line["item"]}
            store.put(SEEDED, partner, id, kept, parent=f"{entry['id']}:{provider}:{kind}")
    return len(entries)


def _details(lines: list[Entry], where: str) -> list[Entry]:
    kinds = dict.fromkeys(_line_kind(line, where) for line in lines)
    return [{"invoiceLineItemType": kind, "billingProvider": provider} for provider, kind in kinds]


def _line_kind(line: Entry, where: str) -> tuple[str, str]:
    provider = PROVIDERS.get(str(line.get("provider") or "").lower().replace("_", ""))
    kind = KINDS.get(str(line.get("type") or "").lower().replace("_", ""))
    if provider is None or kind is None or not isinstance(line.get("item"), dict):
        raise ValueError(f"{where}: a line needs provider, type and item")
    return provider, kind


def credits(store: Store, entries: list[Entry], now: datetime, partner_of: Find) -> int:
    """Raises ValueError for an unknown subscription or an amount that is none."""
    for number, entry in enumerate(entries):
        where = f"credit {number}"
        partner, id = str(partner_of(store, entry, where)["accountId"]), str(entry.get("subscription") or "").lower()
        document = store.get("subscription", partner, id)
        if document is None:
            raise ValueError(f"{where}: subscription {id or 'missing'} is not seeded")
        try:
            amount = Decimal(str(entry.get("amount")))
        except InvalidOperation:
            raise ValueError(f"{where}: amount {entry.get('amount')!r} is not a decimal number") from None
        if not amount.is_finite() or amount <= 0 or amount != amount.quantize(Decimal("0.01")):
            raise ValueError(f"{where}: amount must be positive, in whole cents")
        record(
            document, "customerCredit", now, before=document["quantity"], amount=str(-amount),
            item=document["offerId"], title=document["offerName"], reason=str(entry.get("reason") or "Other"),
        )  # fmt: skip  # one event
        store.put("subscription", partner, id, document)
    return len(entries)
