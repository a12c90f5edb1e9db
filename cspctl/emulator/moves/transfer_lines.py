"""Which subscriptions may be transferred, and the lines of a transfer.

Source: Partner Center docs, pages get-customer-s-subscriptions-transfer-eligibility, get-transfer-by-id (2020).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cspctl.emulator.errors import ApiError
from cspctl.emulator.subscription_document import is_visible, settled

Document = dict[str, Any]


def reason_of(document: Document, busy: dict[str, str], now: datetime) -> str:
    """Why a subscription cannot be transferred; "" when it can."""
    status = settled(document, now)["status"] if is_visible(document, now) else "pending"
    if status != "active":
        return f"Subscription: {document['id']} is in state: {status.capitalize()}"
    if document["id"] in busy:
        return f"subscription is already part of another transfer request id : {busy[document['id']]}"
    return ""


def eligible(reason: str) -> bool:
    return not reason


def lines_of(owned: list[Document], wanted: list[str] | None, busy: dict[str, str], now: datetime) -> list[Document]:
    """The lines of a new transfer. Raises 400/800078 for one that is not there, 409/900101 for one in a transfer."""
    known = {one["id"]: one for one in owned if not one.get("parentSubscriptionId")}
    if wanted is None:
        wanted = [id for id, one in known.items() if eligible(reason_of(one, busy, now))]
    if not wanted:
        raise ApiError(400, 800078, "Transfer can't be created with invalid subscription: there is none to transfer.")
    lines = []
    for number, id in enumerate(wanted):
        document = known.get(id)
        if document is not None and id in busy:
            text = f"This transfer isn't allowed as original transfer {busy[id]} is in progress."
            raise ApiError(409, 900101, text)
        if document is None or reason_of(document, busy, now):
            raise ApiError(400, 800078, f"Transfer can't be created with invalid subscription {id or 'without id'}.")
        addons = [one for one in owned if one.get("parentSubscriptionId") == id]
        lines.append(line_of(document, number, addons))
    return lines


def line_of(document: Document, number: int, addons: list[Document]) -> Document:
    return {
        "id": number,
        "subscriptionId": document["id"],
        "offerId": document["offerId"],
        "billingCycle": document["billingCycle"],
        "friendlyName": document["friendlyName"],
        "quantity": document["quantity"],
        "termDuration": document["termDuration"] or None,
        "partnerIdOnRecord": document["partnerId"] or None,
        "transferGroupId": "1",
        "addonItems": [line_of(one, index, []) for index, one in enumerate(addons)],
    }
