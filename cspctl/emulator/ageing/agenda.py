"""When time next changes a subscription, and the watcher that keeps the store's agenda in step with every write."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from cspctl.emulator.ageing.endings import legacy_limit
from cspctl.emulator.billing.charges import charge, microseconds, next_issue
from cspctl.emulator.settings import Settings
from cspctl.emulator.store import Store
from cspctl.emulator.subscription.windows import RUNNING, ending
from cspctl.emulator.switches import effective
from cspctl.emulator.terms import NEVER, instant, parse_moment, stamp

Document = dict[str, Any]
KIND = "subscription"
_SLICE = 1000


def next_due(document: Document) -> datetime | None:
    """The next instant at which time alone changes this subscription; None = never."""
    found: list[datetime] = []
    if document.get("_pending"):
        found.append(parse_moment(document["_pending"]["due"]))
    if document["status"] in RUNNING and "_end" in document:
        if document.get("_renewal"):
            found.append(parse_moment(document["_renewal"]))
        elif document["_end"] != NEVER.isoformat():
            found.append(ending(document))
        if document.get("_nextCharge"):
            found.append(instant(date.fromisoformat(document["_nextCharge"])))
    if document.get("_stateUntil"):
        found.append(parse_moment(document["_stateUntil"]))
    return min(found, default=None)


def accept(store: Store, partner: str, document: Document, after: Document, due: str) -> Document:
    """Keep a change that lands at `due`; answers the document as it stands until then."""
    waiting = {**document, "_pending": {"due": due, "after": after}}
    store.put(KIND, partner, document["id"], waiting)
    return waiting


def attach(store: Store, settings: Settings) -> None:
    """Watch every write of a subscription from now on, and take in those written while nobody watched."""

    def watch(store: Store, partner: str, document: Document) -> None:
        if int(document.get("_charged") or 0) < len(document.get("_events") or []):
            charge(store, partner, document, effective(store, settings))
        if document.get("_legacy") and document["status"] in RUNNING:
            limit = legacy_limit(effective(store, settings), document)
            document["_stateUntil"] = None if limit is None else stamp(limit)
        if document["billingType"] == "usage":
            first = next_issue(parse_moment(document["creationDate"]), effective(store, settings))
            store.schedule("invoice", partner, "", first, unless_known=True)
        due = next_due(document)
        store.schedule(KIND, partner, document["id"], None if due is None else microseconds(due))

    store.watchers[KIND] = watch
    with store.transaction():
        while missed := store.unscheduled(KIND, _SLICE):
            for partner, document in missed:
                store.put(KIND, partner, document["id"], document)
