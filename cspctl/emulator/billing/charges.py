"""Charging: every recorded event of a subscription becomes lines once, in the transaction that recorded it.

Source: Partner Center docs, pages common-billing-scenarios-onetime-recurring and recon-file-charge-types (2022, 2023).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from cspctl.emulator.billing.entries import entries_of
from cspctl.emulator.billing.legacy_charges import legacy_entry
from cspctl.emulator.billing.lines import STARTS, conditions, cycle_of_terms, event_day
from cspctl.emulator.billing.periods import book_of, microseconds, next_issue
from cspctl.emulator.billing.taxes import percent_of, tax
from cspctl.emulator.settings import Settings
from cspctl.emulator.store import Store
from cspctl.emulator.subscription.windows import RUNNING
from cspctl.emulator.terms import CYCLE_MONTHS, MONTHS, parse_moment
from cspctl.emulator.wire.shapes import stable_guid

__all__ = ["charge", "conditions", "microseconds", "next_issue", "skip_history"]

Document = dict[str, Any]


def charge(store: Store, partner: str, document: Document, settings: Settings) -> None:
    """Write the charge lines of the events not charged yet, and note what comes next. Changes `document`.

    `document` is about to be stored: what the store still holds are the conditions from before the first event.
    """
    events, first = document.get("_events") or [], int(document.get("_charged") or 0)
    known = store.get("subscription", partner, document["id"]) if events[first]["type"] not in STARTS else None
    if known is not None and conditions(known) != conditions(document):
        events[first]["old"] = conditions(known)
    for index in range(first, len(events)):
        if "amount" not in events[index] and "usage" not in events[index]:
            _note_next_cycle(document, events[index])
        _write(store, partner, document, index, settings)
    document["_charged"] = len(events)


def skip_history(document: Document, now: datetime) -> None:
    """Take everything until now as charged elsewhere; the cycle after the running one is the next to be charged."""
    document["_charged"] = len(document["_events"])
    if document["status"] in RUNNING and document["termDuration"] in MONTHS:
        _note_cycle_after(document, now.date())


def _note_next_cycle(document: Document, event: Document) -> None:
    if event["type"] == "cancelImmediate":
        document["_nextCharge"] = None
    elif event["type"] in STARTS or "old" in event or event["before"] == 0:
        _note_cycle_after(document, event_day(event))


def _note_cycle_after(document: Document, day: date) -> None:
    following = cycle_of_terms(conditions(document), day).full_end + timedelta(days=1)
    billed = CYCLE_MONTHS.get(document["billingCycle"]) is not None and following.isoformat() <= document["_end"]
    document["_nextCharge"] = following.isoformat() if billed else None


def _write(store: Store, partner: str, document: Document, index: int, settings: Settings) -> None:
    event, legacy = document["_events"][index], bool(document.get("_legacy"))
    at = parse_moment(event["at"])
    parent, head = book_of(at, document["_currency"], legacy=legacy).key, None
    entries = entries_of(store, partner, document, index, settings)
    for entry in entries:
        head = head or _head(store, partner, document, event, index)
        number = int(document.get("_lines") or 0)
        document["_lines"] = number + 1
        id = f"{document['id']}:{number:05d}"
        percent = percent_of(settings, document["_market"], telephony=bool(entry.get("telephony")))
        taxed = entry.get("tax") or str(tax(Decimal(entry["subtotal"]), percent))
        made = {**entry, **head, "id": id, "tax": taxed}
        if made["type"] == "extendTerm":
            made["type"] = settings.longer_term_charge_type
        if legacy:
            made |= legacy_entry(store, document, index, made)
        store.put("charge", partner, id, made, parent=parent)
    if entries:
        store.schedule("invoice", partner, "", next_issue(at, settings), unless_known=True)


def _head(store: Store, partner: str, document: Document, event: Document, index: int) -> Document:
    """Who and what, as they are called now: an issued line never changes."""
    customer = store.get("customer", partner, document["_customer"]) or {}
    profile = customer.get("companyProfile") or {}
    return {
        "subscription": document["id"],
        "event": index,
        "at": event["at"],
        "order": document["orderId"],
        "currency": document["_currency"],
        "customer": document["_customer"],
        "customerName": profile.get("companyName") or "",
        "domain": profile.get("domain") or "",
        "country": document["_market"],
        "reseller": document.get("partnerId") or "0",
        "reference": event.get("reference") or stable_guid("reference", document["id"], str(index)),
    }
