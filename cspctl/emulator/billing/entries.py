"""Charge lines as they are kept: priced, split, with the names of the day; an entry never changes again.

Source: Partner Center docs, pages common-billing-scenarios-onetime-recurring (telephony, refunds),
new-commerce-cancellation-policy (24 hours) and modern-invoice-reconciliation-file (usage), 2022 and 2023.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from cspctl.emulator.billing.goods import Goods, goods_of
from cspctl.emulator.billing.lines import Line, event_day, lines_of, price_of
from cspctl.emulator.billing.proration import Price, effective_unit_price, plain, subtotal, unit_price_of
from cspctl.emulator.settings import Settings
from cspctl.emulator.store import Store
from cspctl.emulator.terms import parse_moment

Document = dict[str, Any]
_CREDIT = "customerCredit"


def entries_of(store: Store, partner: str, document: Document, index: int, settings: Settings) -> list[Document]:
    """The entries of event `index`, the newest; without head and tax."""
    event = document["_events"][index]
    if "usage" in event:
        return [_metered(event, one) for one in event["usage"]]
    if "amount" in event:
        return [_sum(event)]
    if event["type"] == "cancelImmediate" and full_refund(document, event):
        return list(_undone(store, partner, document, index))
    return [entry for line in lines_of(document, index, settings) for entry in _priced(store, line)]


def full_refund(document: Document, event: Document) -> bool:
    """Cancelled within the first 24 hours of the term: the first entry of `refundOptions` is still open."""
    options = document.get("refundOptions") or []
    full = next((one["expiresAt"] for one in options if one["type"] == "Full"), None)
    return full is not None and parse_moment(event["at"]) < parse_moment(full)


def _undone(store: Store, partner: str, document: Document, index: int) -> Iterator[Document]:
    """Every line since the term was bought or renewed, the other way round, so that nothing is left to pay."""
    events, first = document["_events"], index - 1
    while first > 0 and not _opens_window(events[first]):
        first -= 1
    for number in range(int(document.get("_lines") or 0)):
        charge = store.get("charge", partner, f"{document['id']}:{number:05d}")
        if charge is None or charge["event"] < first or charge["type"] == _CREDIT:
            continue
        money = {name: str(-Decimal(charge[name])) for name in ("subtotal", "tax")}
        yield {**charge, "type": "cancelImmediate", "quantity": -charge["quantity"], **money}


def _opens_window(event: Document) -> bool:
    """Purchase and renewal open the windows, and so does a trial's conversion and the way out of extended service."""
    old = event.get("old") or {}
    if event["type"] == "convert":
        return bool(old.get("isTrial"))
    return event["type"] in ("new", "renew") or (event["type"] == "extendTerm" and bool(old.get("extended")))


def _priced(store: Store, line: Line) -> list[Document]:
    """One entry, or two for a product with a telephony part: each truncates for itself (impl.)."""
    price = price_of(line.terms)
    if price is None:
        return []
    goods = goods_of(store, line.terms)
    if not goods.telephony:
        return [_entry(line, price, goods)]
    telephony = replace(price, term=price.term * goods.telephony)
    rest = replace(price, term=price.term - telephony.term)
    return [_entry(line, rest, goods), {**_entry(line, telephony, goods), "telephony": True}]


def _entry(line: Line, price: Price, goods: Goods) -> Document:
    amount = subtotal(line.kind, price, line.share, abs(line.quantity))
    return {
        "type": line.kind,
        "item": line.terms["offerId"],
        "title": line.terms["offerName"],
        "product": goods.product,
        "publisher": goods.publisher,
        "qualifiers": list(goods.qualifiers),
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
        "subtotal": str(amount if line.quantity > 0 else -amount),
    }


def _sum(event: Document) -> Document:
    """Credits are amounts of their own, in no relation to seats."""
    amount = Decimal(event["amount"])
    money = {"unit": plain(amount), "effective": plain(amount), "quantity": 1, "subtotal": str(amount)}
    return {**_one_time(event), **money, "reason": event.get("reason")}


def _metered(event: Document, meter: Document) -> Document:
    """The usage of one meter in a month; see `usage_lines`, which computed it."""
    return {**_one_time(event), **meter}


def _one_time(event: Document) -> Document:
    day = event_day(event).isoformat()
    return {
        "type": event["type"], "item": event["item"], "title": event["title"], "product": event["title"],
        "publisher": event.get("publisher") or "Microsoft Corporation", "qualifiers": [], "promotion": "", "term": "",
        "billing": "one_time", "trial": False, "begins": day, "ends": event.get("to") or day, "from": day,
        "to": event.get("to") or day,
    }  # fmt: skip  # one shape
