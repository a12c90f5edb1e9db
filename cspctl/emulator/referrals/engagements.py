"""Referrals of several organizations in one engagement, and the events that tell them of each other.

Source: Partner Center docs, pages referral-resources, partner-center-webhook-events (2023). A target that names a
partner of this emulator, by account id or partner id, gets its own referral of the engagement (impl.).
"""

from __future__ import annotations

from datetime import datetime

from cspctl.emulator.referrals.documents import KIND, Document, new_referral
from cspctl.emulator.settings import Settings
from cspctl.emulator.store import Store
from cspctl.emulator.webhooks.events import queue

_HANDED_ON = ("name", "qualification", "type", "customerProfile", "consent", "details", "expirationDateTime")


def make(
    store: Store, settings: Settings, partner: Document, given: Document, now: datetime, *, direction: str
) -> Document:
    """A new referral, those of its targets, and the events of all. Raises ReferralError."""
    made = new_referral(store, partner, given, now, direction=direction)
    announce(store, settings, now, partner["accountId"], made, "created")
    named = {str(one.get("id") or "").lower() for one in made["target"]}
    for other in store.list("partner", ""):
        if other["accountId"] == partner["accountId"] or not {other["accountId"], str(other.get("mpnId"))} & named:
            continue
        invited = {"notes": made["inviteContext"].get("notes"), "invitedBy": _organization(partner)}
        handed = {name: made[name] for name in _HANDED_ON if made.get(name) is not None}
        theirs = {**handed, "engagementId": made["engagementId"], "inviteContext": invited}
        incoming = new_referral(store, other, theirs, now, direction="Incoming")
        announce(store, settings, now, other["accountId"], incoming, "created")
    return made


def _organization(partner: Document) -> Document:
    return {"organizationId": partner["accountId"], "organizationName": partner.get("displayName")}


def announce(store: Store, settings: Settings, now: datetime, partner: str, document: Document, what: str) -> None:
    """`referral-created` or `-updated` to the owner, `related-referral-…` to the others of the engagement."""
    queue(store, settings, now, partner, f"referral-{what}", _address(document), "referral")
    for other in store.list("partner", ""):
        if other["accountId"] == partner:
            continue
        for related in store.list(KIND, other["accountId"], parent=document["engagementId"]):
            queue(
                store, settings, now, other["accountId"], f"related-referral-{what}", _address(related), "referral"
            )  # fmt: skip  # one event


def _address(document: Document) -> str:
    return f"/engagements/v1/referrals/{document['id']}"
