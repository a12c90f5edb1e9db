"""Renewal: the term after the term (rule 38), with whatever was scheduled for it.

Source: Partner Center docs, pages create-a-new-subscription, create-scheduled-changes, align-subscription-end-dates,
new-commerce-promotions (2023). The new term starts on the day after the old one ended; its windows open when the
renewal is done, up to 24 hours later; its price is the price row in force then.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from cspctl.emulator.ageing.conditions import reprice
from cspctl.emulator.settings import Settings
from cspctl.emulator.store import Store
from cspctl.emulator.subscription.document import aligned_cycles, record, set_term
from cspctl.emulator.subscription.windows import ending, open_windows
from cspctl.emulator.terms import MONTHS, add_months, cycle_of, longer_cycle_than_term, parse_day, term_end
from cspctl.emulator.wire.shapes import catalog_item

Document = dict[str, Any]


def renew(store: Store, settings: Settings, document: Document, at: datetime) -> None:
    """Begin the next term; `at` is the instant the renewal is done. Changes `document`."""
    anchor, before = ending(document).date(), int(document["quantity"])
    instructions, trial = document.get("scheduledNextTermInstructions"), bool(document["isTrial"])
    promotion, custom = document.get("promotionId"), None
    if instructions:
        promotion, custom = _apply(store, document, instructions)
    elif document.get("renewalTermDuration"):
        _change_term(document, document["renewalTermDuration"])
    document.update(scheduledNextTermInstructions=None, nextChargeInstructions=None, renewalTermDuration="")
    document.update(isTrial=False, _renewal=None, _extended=None)
    _begin(settings, document, anchor, custom)
    reprice(store, settings, document, at, promotion=None if trial else promotion)
    open_windows(document, at, settings)
    kind = "convert" if trial else "renew"
    record(document, kind, at, before=before, on=anchor.isoformat())


def _apply(store: Store, document: Document, instructions: Document) -> tuple[str | None, date | None]:
    """Take over the scheduled product, term, cycle and seats; answers (promotion, custom end date)."""
    product = instructions["product"]
    parts = (product["productId"], product["skuId"], product["availabilityId"])
    other = document["offerId"].split(":")[:2] != list(parts[:2])
    document["offerId"] = catalog_item(*parts)
    if other or document["isTrial"]:
        _rename(store, document, parts[0], parts[1])
    document["termDuration"] = product["termDuration"]
    document["billingCycle"] = cycle_of(product["billingCycle"])
    document["quantity"] = int(instructions["quantity"])
    end = instructions.get("customTermEndDate")
    return product.get("promotionId"), parse_day(end) if end else None


def _rename(store: Store, document: Document, product_id: str, sku_id: str) -> None:
    """The offer's name follows the SKU; the friendly name only where nobody chose another."""
    product = store.get("product", "", product_id.upper()) or {"_skus": []}
    title = next((one["title"] for one in product["_skus"] if one["id"].upper() == sku_id.upper()), None)
    if title:
        own = document["friendlyName"] != document["offerName"]
        document.update(offerName=title, friendlyName=document["friendlyName"] if own else title)


def _change_term(document: Document, duration: str) -> None:
    """`renewsTo` of the purchase names a term only: a charge cycle longer than it becomes the term itself (impl.)."""
    if duration in MONTHS:
        document["termDuration"] = duration
        if longer_cycle_than_term(document["billingCycle"], duration):
            document["billingCycle"] = {1: "monthly", 12: "annual"}[MONTHS[duration]]


def _begin(settings: Settings, document: Document, anchor: date, custom: date | None) -> None:
    """Only a term that was given an end of its own is short; the ones after it run in full."""
    end = custom or _full_end(settings, document, anchor)
    first = aligned_cycles(settings, anchor, custom, document["termDuration"], document["billingCycle"])
    set_term(document, anchor, end, cycles_from=first)
    if custom is not None:
        document["customTermEndDate"] = f"{custom.isoformat()}T00:00:00Z"
    document["_nextCharge"] = None  # noted anew when the renewal is charged


def _full_end(settings: Settings, document: Document, anchor: date) -> date:
    """(impl.) switch: months that were clipped return to the day of the purchase (31 Jan, 28 Feb, 31 Mar)."""
    if settings.clipped_month_returns and document["termDuration"] == "P1M":
        bought = parse_day(document["creationDate"]).day
        following = add_months(anchor.replace(day=1), 1)
        last = add_months(following, 1) - timedelta(days=1)
        if anchor.day < bought:
            return following.replace(day=min(bought, last.day)) - timedelta(days=1)
    return term_end(anchor, document["termDuration"])
