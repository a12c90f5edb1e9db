"""Extended service term: a paid month instead of an expiry, behind a switch.

Since 4 May 2026 an eligible subscription that ends with auto-renew off rolls on from month to month under its id, at
the row of its own sheet view where one is in force, else about 3 % above the monthly term or 23 % above the list
price where no monthly term exists. It can be cancelled at any time, or changed to a standard term; seats, schedules and
suspension are refused. Who chose the end of the term instead (control action `cancel-at-term-end`, for the API has no
documented word for it) gets it.
Source: vendor's announcement of March 2026, by distributors. No field of the API says so; none is invented.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from cspctl.emulator.ageing.conditions import price_now
from cspctl.emulator.settings import Settings
from cspctl.emulator.store import Store
from cspctl.emulator.subscription.document import record, set_term
from cspctl.emulator.subscription.windows import ending
from cspctl.emulator.terms import MONTHS, last_second, term_end

Document = dict[str, Any]
_SHEET = "licensebasedest"
_MONTHLY, _WITHOUT_MONTHLY = Decimal("1.03"), Decimal("1.23")


def rolls_on(settings: Settings, document: Document) -> bool:
    """Whether the end of this term is not its end."""
    if not settings.extended_service_term or document["status"] != "active":
        return False
    licence = document["productType"]["id"] == "OnlineServicesNCE" and not document["isTrial"]
    if not licence or document.get("_cancelAtEnd"):
        return False
    if document.get("_extended"):
        return True
    since, bought = settings.extended_service_since, settings.extended_service_bought_since
    return bool(document["_end"] >= since and document["_anchor"] >= bought)


def roll_on(store: Store, document: Document, at: datetime) -> None:
    """Begin the next month of extended service. Changes `document`."""
    anchor, before = ending(document).date(), int(document["quantity"])
    standard = document.get("_extended") or {
        "termDuration": document["termDuration"], "billingCycle": document["billingCycle"],
        "unitPrice": document["_unitPrice"],
    }  # fmt: skip  # what a return to auto-renew goes back to
    unit = _price(store, document, standard, at)
    document.update(termDuration="P1M", billingCycle="monthly", promotionId=None, _discount="0", _renewal=None)
    document.update(_unitPrice=None if unit is None else str(unit), _extended=standard, _batches=[], refundOptions=None)
    set_term(document, anchor, term_end(anchor, "P1M"))
    document["_nextCharge"] = None
    document["_until"] = last_second(date.fromisoformat(document["_end"]))
    record(document, "renew", at, before=before, on=anchor.isoformat())


def return_to_standard(document: Document) -> None:
    """Auto-renew was switched on inside the extension: the next term is the one it had before."""
    standard = document.get("_extended")
    if standard:
        document.update(termDuration=standard["termDuration"], billingCycle=standard["billingCycle"], _extended=None)


def _price(store: Store, document: Document, standard: Document, at: datetime) -> Decimal | None:
    month = {**document, "termDuration": "P1M", "billingCycle": "monthly"}
    own = price_now(store, month, at, view=_SHEET)
    if own is not None:
        return own
    monthly = price_now(store, month, at)
    if monthly is not None:
        return monthly * _MONTHLY
    listed = price_now(store, {**document, **standard}, at)
    if listed is None and standard["unitPrice"] is not None:
        listed = Decimal(standard["unitPrice"])
    if listed is None:
        return None
    return (listed / MONTHS.get(standard["termDuration"], 1) * _WITHOUT_MONTHLY).quantize(Decimal("0.000001"))
