"""What the passing of virtual time does to stored documents.

Renewal, expiry and billing of terms are not here yet. Availability ids need nothing: they are computed from the clock.
"""

from __future__ import annotations

from datetime import datetime

from cspctl.emulator.store import Store
from cspctl.emulator.subscription_document import Document, settled
from cspctl.emulator.terms import parse_moment

PENDING = "pending_patch"  # index of accepted PATCHes: partner "", id = subscription id


def accept(store: Store, partner: str, document: Document, after: Document, due: str) -> Document:
    """Keep a PATCH that lands at `due`; answers the document as it stands until then."""
    waiting = {**document, "_pending": {"due": due, "after": after}}
    store.put("subscription", partner, document["id"], waiting)
    store.put(PENDING, "", document["id"], {"id": document["id"], "partner": partner, "due": due})
    return waiting


def advance(store: Store, now: datetime) -> int:
    """Write down every accepted PATCH whose delay has passed; answers how many landed.

    Readers see a landed PATCH without this (`settled`), so nothing depends on how often it is called.
    """
    landed = 0
    with store.transaction():
        for entry in store.list(PENDING, ""):
            if parse_moment(entry["due"]) > now:
                continue
            document = store.get("subscription", entry["partner"], entry["id"])
            if document is not None:
                store.put("subscription", entry["partner"], entry["id"], settled(document, now))
                landed += 1
            store.delete(PENDING, "", entry["id"])
    return landed
