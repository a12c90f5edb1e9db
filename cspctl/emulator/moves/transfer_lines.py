"""Which subscriptions may be transferred, the lines of a transfer, and the hold it has on its subscriptions.

Source: Partner Center docs, pages get-customer-s-subscriptions-transfer-eligibility, get-transfer-by-id (2020),
error-codes 900101, 900131, 900132, 900145, 900146 (2023). That an open transfer holds back other changes of its
subscriptions is told by a community pack of 2026 only, hence a switch.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cspctl.emulator.azure.plan_status import is_azure_plan
from cspctl.emulator.errors import ApiError
from cspctl.emulator.fulfilment.families import MARKETPLACE, RESERVATION, family_of
from cspctl.emulator.store import Store
from cspctl.emulator.subscription.document import is_visible, settled
from cspctl.emulator.subscription.windows import RUNNING

Document = dict[str, Any]
_STAYING = {
    RESERVATION: (900145, "Azure reservations don't transfer with subscriptions."),
    MARKETPLACE: (900146, "third-party marketplace products don't transfer with subscriptions."),
}
_OWNERSHIP = "This request for transfer of billing ownership can't be completed as "
_NOT_STARTED = "This transfer request can't be initiated as the "


def reason_of(store: Store, document: Document, busy: dict[str, str], now: datetime) -> str:
    """Why a subscription cannot be transferred; "" when it can."""
    status = _status(document, now)
    if status != "active":
        return f"Subscription: {document['id']} is in state: {status.capitalize()}"
    if document["id"] in busy:
        return f"subscription is already part of another transfer request id : {busy[document['id']]}"
    family = family_of(store, document["offerId"], document["termDuration"])
    return _OWNERSHIP + _STAYING[family][1] if family in _STAYING else ""


def _status(document: Document, now: datetime) -> str:
    """What an accepted change still occupies is pending, as is what was bought a moment ago."""
    current = settled(document, now)
    return "pending" if not is_visible(document, now) or current.get("_pending") else str(current["status"])


def eligible(reason: str) -> bool:
    return not reason


def lines_of(
    store: Store, owned: list[Document], wanted: list[str] | None, busy: dict[str, str], now: datetime
) -> list[Document]:
    """The lines of a new transfer.

    Raises 400/800078 for a subscription that is not there or not active, 409/900101 for one in a transfer, 400/900145
    and 900146 for what never moves, 400/900131 and 900132 for an Azure plan that may not.
    """
    known = {one["id"]: one for one in owned if not one.get("parentSubscriptionId")}
    if wanted is None:
        wanted = [id for id, one in known.items() if eligible(reason_of(store, one, busy, now))]
    if not wanted:
        raise ApiError(400, 800078, "Transfer can't be created with invalid subscription: there is none to transfer.")
    lines = []
    for number, id in enumerate(wanted):
        document = known.get(id)
        if document is not None and id in busy:
            text = f"This transfer isn't allowed as original transfer {busy[id]} is in progress."
            raise ApiError(409, 900101, text)
        if document is not None and is_azure_plan(document):
            _check_plan(document, owned, now)
        if document is None or _status(document, now) != "active":
            raise ApiError(400, 800078, f"Transfer can't be created with invalid subscription {id or 'without id'}.")
        _check_family(store, document)
        addons = [one for one in owned if one.get("parentSubscriptionId") == id]
        lines.append(line_of(document, number, addons))
    return lines


def _check_plan(plan: Document, owned: list[Document], now: datetime) -> None:
    if _status(plan, now) != "active":
        text = "Azure plan isn't active, please enable the Azure plan."
        raise ApiError(400, 900132, _NOT_STARTED + text)
    if any(one.get("_legacy") and one["billingType"] == "usage" and one["status"] in RUNNING for one in owned):
        raise ApiError(400, 900131, _NOT_STARTED + "customer has legacy Azure subscriptions.")


def _check_family(store: Store, document: Document) -> None:
    staying = _STAYING.get(family_of(store, document["offerId"], document["termDuration"]))
    if staying:
        raise ApiError(400, staying[0], _OWNERSHIP + staying[1])


def hold(store: Store, transfer: Document, id: str | None) -> None:
    """Mark the subscriptions of a transfer, with their add-ons, as part of it; None lets go of them."""
    for line in transfer["lineItems"]:
        for one in (line, *line["addonItems"]):
            document = store.get("subscription", transfer["_source"], one["subscriptionId"])
            if document is not None and document.get("_transfer") != id:
                store.put("subscription", transfer["_source"], document["id"], {**document, "_transfer": id})


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
