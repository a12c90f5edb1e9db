"""A referral: its properties, its states, and what of it goes over the wire.

Source: Partner Center docs, pages referral-resources, create-a-referral (2018 to 2023). Referrals of one engagement
belong together; each organization has its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from cspctl.emulator.clock import format_instant, parse_instant
from cspctl.emulator.store import Store
from cspctl.emulator.wire.shapes import new_guid

Document = dict[str, Any]
KIND = "referral"
SUBSTATUSES: Mapping[str, tuple[str, ...]] = {
    "New": ("Pending", "Received"),
    "Active": ("Accepted",),
    "Closed": ("Won", "Lost", "Declined", "Expired"),
}
FOLLOWING: Mapping[str, tuple[str, ...]] = {
    "New": ("New", "Active", "Closed"),
    "Active": ("Active", "Closed"),
    "Closed": ("Closed",),
}
CHOICES: Mapping[str, tuple[str, ...]] = {
    "type": ("Shared", "Independent"),
    "qualification": ("None", "Direct", "MarketingQualified", "SalesQualified"),
    "direction": ("Incoming", "Outgoing"),
}
GIVEN = (
    "name", "externalReferenceId", "expirationDateTime", "status", "substatus", "statusReason", "qualification",
    "type", "target", "customerProfile", "consent", "details", "team", "inviteContext",
)  # fmt: skip  # what a caller may write
MADE = (
    "id", "engagementId", "organizationId", "organizationName", "createdDateTime", "updatedDateTime",
    "acceptedDateTime", "direction", "eTag", "links",
)  # fmt: skip  # what the service writes
PROPERTIES = frozenset({*GIVEN, *MADE})


class ReferralError(ValueError):
    """A referral that cannot be; its text names the property."""


def new_referral(store: Store, partner: Document, given: Document, now: datetime, *, direction: str) -> Document:
    """A referral of `partner`, stored; a seed may give ids and the date of creation. Raises ReferralError."""
    stamp = format_instant(now)
    document: Document = {
        "id": str(given.get("id") or new_guid(store, "referral")).lower(),
        "engagementId": str(given.get("engagementId") or new_guid(store, "engagement")).lower(),
        "organizationId": partner["accountId"],
        "organizationName": partner.get("displayName"),
        "status": "New",
        "substatus": "Pending",
        "qualification": "None",
        "type": "Independent",
        "target": [],
        "consent": {},
        "details": {},
        "team": [],
        "inviteContext": {},
        **{name: given[name] for name in GIVEN if given.get(name) is not None},
        "createdDateTime": str(given.get("createdDateTime") or stamp),
        "updatedDateTime": str(given.get("createdDateTime") or stamp),
        "direction": str(given.get("direction") or direction),
        "_history": [],
        "_number": store.next_number("referral"),
    }
    return keep(store, partner["accountId"], checked(document), document["createdDateTime"])


def checked(document: Document) -> Document:
    """The document with its enumerations as they are documented. Raises ReferralError."""
    after = dict(document)
    for name, known in (*CHOICES.items(), ("status", tuple(SUBSTATUSES))):
        after[name] = _one_of(name, document[name], known)
    after["substatus"] = _one_of("substatus", document["substatus"], SUBSTATUSES[after["status"]])
    profile = document.get("customerProfile")
    if not isinstance(profile, dict) or not str(profile.get("name") or "").strip():
        raise ReferralError("customerProfile.name is required")
    for name in ("target", "team"):
        if not isinstance(document[name], list) or not all(isinstance(one, dict) for one in document[name]):
            raise ReferralError(f"{name} is a list of objects")
    for name in ("consent", "details", "inviteContext"):
        if not isinstance(document[name], dict):
            raise ReferralError(f"{name} is an object")
    after["details"] = _with_number(document["details"])
    _instant("expirationDateTime", document.get("expirationDateTime"))
    return after


def _one_of(name: str, value: object, known: tuple[str, ...]) -> str:
    found = next((one for one in known if one.lower() == str(value).lower()), None)
    if found is None:
        raise ReferralError(f"{name} {value!r} is none of {', '.join(known)}")
    return found


def _with_number(details: Document) -> Document:
    """`dealValue` may come as text (page patch-a-referral); it is kept as the number it is."""
    value = details.get("dealValue")
    if value is None:
        return details
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise ReferralError(f"details.dealValue {value!r} is no number") from None
    if isinstance(value, bool) or not number.is_finite() or number < 0 or number.adjusted() > 15:
        raise ReferralError(f"details.dealValue {value!r} is no amount")
    return {**details, "dealValue": number}


def _instant(name: str, value: object) -> None:
    try:
        if value is not None:
            parse_instant(str(value))
    except ValueError:
        raise ReferralError(f"{name} {value!r} is no instant") from None


def keep(store: Store, partner: str, document: Document, at: str) -> Document:
    """Store a new state of a referral as of `at`: its history, its ETag."""
    state, history = (document["status"], document["substatus"]), list(document["_history"])
    if not history or (history[-1]["status"], history[-1]["substatus"]) != state:
        history.append({"status": state[0], "substatus": state[1], "at": at})
    accepted = next((one["at"] for one in history if one["substatus"] == "Accepted"), None)
    kept = {
        **document,
        "updatedDateTime": at,
        "acceptedDateTime": accepted,
        "eTag": f'"{new_guid(store, "referral-etag")}"',
        "_history": history,
    }
    store.put(KIND, partner, kept["id"], kept, parent=kept["engagementId"])
    return kept


def current(document: Document, now: datetime) -> Document:
    """As it stands at `now`: a new one that nobody took until it expires is closed."""
    end = document.get("expirationDateTime")
    if document["status"] != "New" or not end or parse_instant(end) > now:
        return document
    closed = {"status": "Closed", "substatus": "Expired"}
    history = [*document["_history"], {**closed, "at": end}]
    return {**document, **closed, "updatedDateTime": end, "_history": history}


def wire(document: Document, base: str) -> Document:
    """The answer; links stay on the server at `base`, which is the vendor's to those who call it by that name."""
    address = f"{base}/v1.0/engagements/referrals"
    related = f"{address}?$filter=engagementId eq '{document['engagementId']}'"
    links = {
        "relatedReferrals": {"uri": related, "method": "GET"},
        "self": {"uri": f"{address}/{document['id']}", "method": "GET"},
    }
    return {**{key: value for key, value in document.items() if key[:1] != "_"}, "links": links}
