"""Legacy subscriptions and orders as they go over the wire. Imports nothing that knows subscriptions.

Source: Partner Center docs, pages get-a-subscription-by-id (add-on and Azure samples), change-the-billing-cycle,
subscription-resources (Oct 2023): the end date of a legacy term is its first day no longer covered.
"""

from __future__ import annotations

import base64
import json
from datetime import date, timedelta
from typing import Any

from cspctl.emulator.terms import day_stamp
from cspctl.emulator.wire.shapes import link

Document = dict[str, Any]
_HIDDEN = frozenset({"productType", "renewalTermDuration", "attentionNeeded", "actionTaken", "refundOptions"})


def is_legacy(document: Document) -> bool:
    return bool(document.get("_legacy"))


def version_etag(id: str, version: int) -> str:
    """Base64 of id and version, the form of every legacy sample."""
    text = json.dumps({"id": id, "version": version}, separators=(",", ":"))
    return base64.b64encode(text.encode()).decode()


def subscription_wire(document: Document) -> Document:
    body = {key: value for key, value in document.items() if not key.startswith("_") and key not in _HIDDEN}
    end = date.fromisoformat(document["_end"])
    if end.year < 9999:
        body["commitmentEndDate"] = body["commitmentEndDateTime"] = day_stamp(end + timedelta(days=1))
    status = document["status"]
    body["suspensionReasons"] = ["customer_cancellation"] if status == "suspended" else None
    base = f"/customers/{document['_customer']}/subscriptions"
    links = {
        "offer": link(f"/offers/{document['offerId']}?country={document['_market']}"),
        "self": link(f"{base}/{document['id']}"),
    }
    if document.get("entitlementId"):
        links["entitlement"] = link(f"{base}/{document['id']}/azureEntitlements/{document['entitlementId']}")
    if document.get("parentSubscriptionId"):
        links["parentSubscription"] = link(f"{base}/{document['parentSubscriptionId']}")
    body["links"] = links
    version = version_etag(document["id"], document["_updates"] + 1)
    body["attributes"] = {"etag": version, "objectType": "Subscription"}
    return body


def line_links(order: Document, line: Document, done: bool) -> Document:
    """A legacy order line points to its subscription only."""
    if not done:
        return {}
    return {"subscription": link(f"/customers/{order['referenceCustomerId']}/subscriptions/{line['subscriptionId']}")}
