"""What an event of a subscription costs or gives back, as lines without amounts.

A change of seats is a refund of the old and a charge of the new quantity, both from the day of the event; a changed
term or product refunds on the old conditions (`old` of the event) and charges on the new.
Source: Partner Center docs, pages common-billing-scenarios-onetime-recurring, recon-file-charge-types,
new-commerce-cancellation-policy (2022, 2023).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from cspctl.emulator.billing.proration import WHOLE, Cycle, Price, Share, cycle_at, share_from
from cspctl.emulator.settings import Settings
from cspctl.emulator.subscription.document import cycle_anchor
from cspctl.emulator.terms import cycles_in_term, parse_day

Document = dict[str, Any]
STARTS = frozenset({"new", "renew", "cycleCharge", "changeBillingPlan"})  # charge a cycle; nothing is given back
_TERMS = (
    "offerId", "offerName", "promotionId", "termDuration", "billingCycle", "isTrial", "_anchor", "_end", "_unitPrice",
    "_discount", "_late", "_cyclesFrom",
)  # fmt: skip  # the conditions a line is priced on


@dataclass(frozen=True)
class Line:
    """One line to be priced; `quantity` is negative for a refund."""

    kind: str
    terms: Document
    start: date
    cycle: Cycle
    share: Share
    quantity: int


def conditions(document: Document) -> Document:
    """The conditions of a subscription now; an event that changes them carries the ones before as `old`."""
    return {name: document.get(name) for name in _TERMS} | {"extended": bool(document.get("_extended"))}


def event_day(event: Document) -> date:
    """The day from which an event is charged: the one it names, else the one it happened on."""
    return date.fromisoformat(event["on"]) if event.get("on") else parse_day(event["at"])


def cycle_of_terms(terms: Document, day: date) -> Cycle:
    anchor, end = cycle_anchor(terms), date.fromisoformat(terms["_end"])
    return cycle_at(anchor, terms["termDuration"], terms["billingCycle"], end, day, late=bool(terms.get("_late")))


def lines_of(document: Document, index: int, settings: Settings) -> list[Line]:
    """The lines of event `index`, the newest, on the conditions the document has now."""
    event = document["_events"][index]
    kind, day, now = event["type"], event_day(event), conditions(document)
    real = settings.clipped_cycle_days == "real"
    before, after = int(event["before"]), int(event["after"])
    if kind == "cancelImmediate":
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
    cycle = cycle_of_terms(terms, day)
    start = max(day, cycle.start)
    share = share_from(cycle, start, terms["billingCycle"], real_days=real)
    if kind == "changeBillingPlan":
        share = _months_left(cycle, start)
    return Line(kind, terms, start, cycle, share, quantity)


def _months_left(cycle: Cycle, day: date) -> Share:
    """A changed billing plan is reckoned in months: 11 of 12 in the published example."""
    total = _months(cycle.start, cycle.full_end + timedelta(days=1))
    left = _months(day, cycle.full_end + timedelta(days=1))
    return WHOLE if left >= total else Share(left, total)


def _months(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


def price_of(terms: Document) -> Price | None:
    """None where the price is not known; a trial costs nothing."""
    if terms["isTrial"]:
        return Price(Decimal(0), 1)
    if terms["_unitPrice"] is None:
        return None
    cycles = cycles_in_term(terms["termDuration"], terms["billingCycle"])
    return Price(Decimal(terms["_unitPrice"]), cycles, Decimal(terms.get("_discount") or "0"))
