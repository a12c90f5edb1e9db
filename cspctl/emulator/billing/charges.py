"""Charge lines: every recorded event of a subscription becomes lines once, in the transaction that recorded it.

A change of seats is a refund of the old and a charge of the new quantity, both from the day of the event, under one
reference; a changed term or product refunds on the old conditions (`old` of the event) and charges on the new.
Source: Partner Center docs, pages common-billing-scenarios-onetime-recurring, recon-file-charge-types,
new-commerce-cancellation-policy (2022, 2023).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from cspctl.emulator.billing.proration import (
    WHOLE,
    Cycle,
    Price,
    Share,
    cycle_at,
    effective_unit_price,
    plain,
    share_from,
    subtotal,
    tax,
    unit_price_of,
)
from cspctl.emulator.settings import Settings
from cspctl.emulator.shapes import stable_guid
from cspctl.emulator.store import Store
from cspctl.emulator.subscription_document import RUNNING
from cspctl.emulator.terms import CYCLE_MONTHS, MONTHS, cycles_in_term, parse_day, parse_moment

Document = dict[str, Any]
STARTS = frozenset({"new", "renew", "cycleCharge", "changeBillingPlan"})  # charge a cycle; nothing is given back
FRESH = frozenset({"new", "renew", "convert", "extendTerm"})  # begin a term: what came before is not refunded in full
_TERMS = (
    "offerId", "offerName", "promotionId", "termDuration", "billingCycle", "isTrial", "_anchor", "_end", "_unitPrice",
    "_discount",
)  # fmt: skip  # the conditions a line is priced on


@dataclass(frozen=True)
class Line:
    """One priced line; `quantity` is negative for a refund, `rounding` the charge type whose rule truncates it."""

    kind: str
    rounding: str
    terms: Document
    start: date
    cycle: Cycle
    share: Share
    quantity: int


def conditions(document: Document) -> Document:
    """The conditions of a subscription now; an event that changes them carries the ones before as `old`."""
    return {name: document.get(name) for name in _TERMS}


def charge(store: Store, partner: str, document: Document, settings: Settings) -> None:
    """Write the charge lines of the events not charged yet, and note what comes next. Changes `document`.

    `document` is about to be stored: what the store still holds are the conditions from before the first event.
    """
    events, first = document.get("_events") or [], int(document.get("_charged") or 0)
    known = store.get("subscription", partner, document["id"]) if events[first]["type"] not in STARTS else None
    if known is not None and conditions(known) != conditions(document):
        events[first]["old"] = conditions(known)
    for index in range(first, len(events)):
        if "amount" not in events[index]:
            _note_next_cycle(document, events[index])
        _write(store, partner, document, index, settings)
    document["_charged"] = len(events)


def skip_history(document: Document, now: datetime) -> None:
    """Take everything until now as charged elsewhere; the cycle after the running one is the next to be charged."""
    document["_charged"] = len(document["_events"])
    if document["status"] in RUNNING and document["termDuration"] in MONTHS:
        _note_cycle_after(document, now.date())


def event_day(event: Document) -> date:
    """The day from which an event is charged: the one it names, else the one it happened on."""
    return date.fromisoformat(event["on"]) if event.get("on") else parse_day(event["at"])


def _note_next_cycle(document: Document, event: Document) -> None:
    if event["type"] in STARTS or "old" in event or event["before"] == 0:
        _note_cycle_after(document, event_day(event))


def _note_cycle_after(document: Document, day: date) -> None:
    following = _cycle(conditions(document), day).full_end + timedelta(days=1)
    billed = CYCLE_MONTHS.get(document["billingCycle"]) is not None and following.isoformat() <= document["_end"]
    document["_nextCharge"] = following.isoformat() if billed else None


def _cycle(terms: Document, day: date) -> Cycle:
    anchor, end = date.fromisoformat(terms["_anchor"]), date.fromisoformat(terms["_end"])
    return cycle_at(anchor, terms["termDuration"], terms["billingCycle"], end, day)


def lines_of(document: Document, index: int, settings: Settings) -> list[Line]:
    """The lines of event `index` on the conditions the document has now."""
    event = document["_events"][index]
    kind, day, now = event["type"], event_day(event), conditions(document)
    real = settings.clipped_cycle_days == "real"
    before, after = int(event["before"]), int(event["after"])
    if kind == "cancelImmediate":
        if _full_refund(document, event):
            return _undo(document, index, settings)
        return [_line(kind, now, day, -before, real=real)]
    if kind == "moveQuantity" or (kind == "convert" and event.get("returned")):
        return [_line(kind, now, day, after - before, real=real)]  # the moved seats alone
    lines, old = [], event.get("old") or now
    if kind not in STARTS and before and not old["isTrial"]:
        lines.append(_line(kind, old, day, -before, real=real))
    if after:
        lines.append(_line(kind, now, day, after, real=real))
    return lines


def _line(kind: str, terms: Document, day: date, quantity: int, *, real: bool) -> Line:
    cycle = _cycle(terms, day)
    start = max(day, cycle.start)
    share = share_from(cycle, start, terms["billingCycle"], real_days=real)
    if kind == "changeBillingPlan":
        share = _months_left(cycle, start)
    return Line(kind, kind, terms, start, cycle, share, quantity)


def _months_left(cycle: Cycle, day: date) -> Share:
    """A changed billing plan is reckoned in months: 11 of 12 in the published example."""
    total = _months(cycle.start, cycle.full_end + timedelta(days=1))
    left = _months(day, cycle.full_end + timedelta(days=1))
    return WHOLE if left >= total else Share(left, total)


def _months(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


def _full_refund(document: Document, event: Document) -> bool:
    """Cancelled within the first 24 hours of the term: the first entry of `refundOptions` is still open."""
    options = document.get("refundOptions") or []
    full = next((one["expiresAt"] for one in options if one["type"] == "Full"), None)
    return full is not None and parse_moment(event["at"]) < parse_moment(full)


def _undo(document: Document, index: int, settings: Settings) -> list[Line]:
    """Every line since the term began, the other way round, so that nothing is left to pay."""
    first = index - 1
    while first > 0 and document["_events"][first]["type"] not in FRESH:
        first -= 1
    begun = [line for line in lines_of(document, first, settings) if line.quantity > 0]
    later = [line for one in range(first + 1, index) for line in lines_of(document, one, settings)]
    return [replace(line, kind="cancelImmediate", quantity=-line.quantity) for line in begun + later]


def price_of(terms: Document) -> Price | None:
    """None where the price is not known; a trial costs nothing."""
    if terms["isTrial"]:
        return Price(Decimal(0), 1)
    if terms["_unitPrice"] is None:
        return None
    cycles = cycles_in_term(terms["termDuration"], terms["billingCycle"])
    return Price(Decimal(terms["_unitPrice"]), cycles, Decimal(terms.get("_discount") or "0"))


def _amount(line: Line, price: Price) -> Decimal:
    amount = subtotal(line.rounding, price, line.share, abs(line.quantity))
    return amount if line.quantity > 0 else -amount


def _write(store: Store, partner: str, document: Document, index: int, settings: Settings) -> None:
    event = document["_events"][index]
    at = parse_moment(event["at"])
    parent, head = period_key(at, document["_currency"]), None
    entries = [_sum(event)] if "amount" in event else _entries(lines_of(document, index, settings))
    for entry in entries:
        head = head or _head(store, partner, document, event, index)
        number = int(document.get("_lines") or 0)
        document["_lines"] = number + 1
        id = f"{document['id']}:{number:05d}"
        money = {"tax": str(tax(Decimal(entry["subtotal"]), settings.tax_percent))}
        store.put("charge", partner, id, {"id": id, **head, **entry, **money}, parent=parent)
    if entries:
        store.schedule("invoice", partner, "", next_issue(at, settings), unless_known=True)


def _entries(lines: list[Line]) -> list[Document]:
    entries = []
    for line in lines:
        price = price_of(line.terms)
        if price is None:
            continue
        entries.append(
            {
                "type": line.kind,
                "item": line.terms["offerId"],
                "title": line.terms["offerName"],
                "promotion": line.terms.get("promotionId") or "",
                "term": line.terms["termDuration"],
                "billing": line.terms["billingCycle"],
                "trial": bool(line.terms["isTrial"]),
                "begins": line.terms["_anchor"],
                "ends": line.terms["_end"],
                "from": line.start.isoformat(),
                "to": line.cycle.end.isoformat(),
                "unit": plain(unit_price_of(price)),
                "effective": plain(effective_unit_price(price, line.share)),
                "quantity": line.quantity,
                "subtotal": str(_amount(line, price)),
            }
        )
    return entries


def _sum(event: Document) -> Document:
    """Credits and usage are amounts of their own, in no relation to seats."""
    day, amount = event_day(event).isoformat(), Decimal(event["amount"])
    return {
        "type": event["type"], "item": event["item"], "title": event["title"], "promotion": "", "term": "",
        "billing": "one_time", "trial": False, "begins": day, "ends": event.get("to") or day, "from": day,
        "to": event.get("to") or day, "unit": plain(amount), "effective": plain(amount), "quantity": 1,
        "subtotal": str(amount), "reason": event.get("reason"),
    }  # fmt: skip  # one shape


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


def period_key(at: datetime, currency: str) -> str:
    """Lines are kept by billing period (calendar month, UTC) and currency."""
    return f"{at:%Y-%m}:{currency}"


def next_issue(at: datetime, settings: Settings) -> int:
    """When the period of an instant is invoiced, in microseconds since 1970."""
    month = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    following = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
    return microseconds(following.replace(day=settings.invoice_day))


def microseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond
