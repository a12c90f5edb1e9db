"""Subscriptions that existed before anybody called the API: bought, perhaps long ago, and renewed since."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from cspctl.emulator.billing.charges import skip_history
from cspctl.emulator.settings import DEFAULTS
from cspctl.emulator.store import Store
from cspctl.emulator.subscription.document import Document, Purchase, new_subscription, set_term
from cspctl.emulator.subscription.windows import open_windows
from cspctl.emulator.terms import MONTHS, instant, stamp, term_end
from cspctl.emulator.trade.order_document import new_order
from cspctl.emulator.wire.shapes import stable_guid

EXPIRED_DAYS, DISABLED_DAYS = 30, 90  # page subscription-lifecycle


def order_id_of(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(("order", *parts)).encode()).hexdigest()[:12]


def aged(
    bought: Purchase, id: str, order_id: str, started: datetime, now: datetime, *, status: str = "active"
) -> Document:
    """A subscription bought at `started`, as it stands at `now`: renewed term by term, or run out.

    What it was charged before the running month is history nobody kept: billing begins with the next charge cycle.
    """
    document = _grown(bought, id, order_id, started, now, status=status)
    if started < now.replace(day=1, hour=0, minute=0, second=0, microsecond=0):
        skip_history(document, now)
    return document


def _grown(
    bought: Purchase, id: str, order_id: str, started: datetime, now: datetime, *, status: str
) -> Document:  # fmt: skip  # the signature as one piece
    document = new_subscription(bought, id, order_id, started, started, DEFAULTS)
    if bought.duration not in MONTHS:
        return document
    anchor, end, today = started.date(), bought.custom_end or term_end(started.date(), bought.duration), now.date()
    if bought.auto_renew and status == "active":
        while end < today:
            anchor = end + timedelta(days=1)
            end = term_end(anchor, bought.duration)
        if anchor != started.date():
            set_term(document, anchor, end)
            open_windows(document, instant(anchor), DEFAULTS)
        return document
    if end < today:
        over = (today - end).days
        ended = "expired" if over <= EXPIRED_DAYS else "disabled" if over <= EXPIRED_DAYS + DISABLED_DAYS else "deleted"
        left = EXPIRED_DAYS if ended == "expired" else EXPIRED_DAYS + DISABLED_DAYS
        until = instant(end + timedelta(days=1 + left))
        document.update(status=ended, autoRenewEnabled=False, _nextCharge=None)
        document.update(_chain=1 if ended == "expired" else 2, _stateUntil=None if ended == "deleted" else stamp(until))
    elif status != "active":
        document.update(status=status, autoRenewEnabled=False)
        if status == "suspended":
            document["_suspended"] = stamp(started)
    return document


def put_order(
    store: Store,
    partner: str,
    customer: dict[str, Any],
    bought: Sequence[tuple[Purchase, Document]],
    started: datetime,
) -> None:
    """Store the subscriptions and the one order they came with."""
    pairs = [(purchase, document["id"]) for purchase, document in bought]
    order_id = bought[0][1]["orderId"]
    order = new_order(order_id, customer, pairs, started, started, started)
    store.put("order", partner, order_id, order, parent=customer["id"])
    for _, document in bought:
        store.put("subscription", partner, document["id"], document, parent=customer["id"])


def subscription_id(entry: dict[str, Any], partner: str, customer_id: str, number: int) -> str:
    """A stable id for an entry that names none; `number` tells identical entries apart."""
    names = ("productId", "skuId", "term", "billing", "friendlyName")
    return stable_guid("subscription", partner, customer_id, *(str(entry.get(n) or "") for n in names), str(number))
