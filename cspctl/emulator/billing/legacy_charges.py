"""Charges of legacy offers: the same events under the charge types of the legacy reconciliation files.

Source: Partner Center docs, pages recon-file-charge-types, license-based-recon-files, usage-based-recon-files (2020 to
2023). "Purchase fee" is for monthly billing and "Prorate fees when purchase" for annual; a change of seats is a
"Cancel fee" and a "Cycle instance prorate"; a legacy subscription is cancelled by suspending it. How legacy lines are
rounded is not documented: as the new ones are (impl.).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from cspctl.emulator.billing.lines import conditions, cycle_of_terms, event_day
from cspctl.emulator.legacy.offers import find_offer
from cspctl.emulator.store import Store

Document = dict[str, Any]
OFFICE, AZURE = "office", "azure"
_SEATS = frozenset({"addQuantity", "removeQuantity"})


def legacy_entry(store: Store, document: Document, index: int, entry: Document) -> Document:
    """What an entry of a legacy subscription has beside, or instead of, that of new commerce."""
    usage = document["billingType"] == "usage"
    offer = find_offer(store, document["offerId"]) or {}
    kind = "Assess usage fee for current cycle" if usage else _charge_type(document, index, entry)
    return {
        "type": kind,
        "provider": AZURE if usage else OFFICE,
        "product": offer.get("product", {}).get("id") or "",
        "name": document["friendlyName"],
    }


def _charge_type(document: Document, index: int, entry: Document) -> str:
    kind, monthly = entry["type"], entry["billing"] == "monthly"
    if kind == "new":
        return "Purchase fee" if monthly else "Prorate fees when purchase"
    if kind in _SEATS:
        return "Cancel fee" if entry["quantity"] < 0 else "Cycle instance prorate"
    if kind == "cancelImmediate":
        return "Cancel instance prorate" if monthly and _seats_changed(document, index) else "Prorate fees when cancel"
    if kind == "convert" and Decimal(entry["quantity"]) < 0:
        return "Prorate fees when convert away from current offering"
    if kind == "convert":
        return "Prorate fees when convert to a new offering"
    return {"renew": "Renew fee", "activate": "Prorate fees when activate"}.get(kind, "Cycle fee")


def _seats_changed(document: Document, index: int) -> bool:
    """Whether the seats of the running charge cycle were changed before event `index`."""
    events: list[Document] = document["_events"]
    begun: date = cycle_of_terms(conditions(document), event_day(events[index])).start
    return any(one["type"] in _SEATS and event_day(one) >= begun for one in events[:index])
