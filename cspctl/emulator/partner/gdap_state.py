"""Delegated admin relationships as stored, and how the clock moves them (rules 54 and 55).

created → approvalPending → approved → activating → active → expiring → expired, and from active
terminationRequested → terminating → terminated; endDateTime = activatedDateTime + duration.
Source: Microsoft Graph v1.0, resource delegatedAdminRelationship (2023, 2024).
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime, timedelta
from typing import Any

from cspctl.emulator.audit.log import AuditLog
from cspctl.emulator.billing.charges import microseconds
from cspctl.emulator.clock import VirtualClock, add_duration, format_instant, parse_instant
from cspctl.emulator.context import Context
from cspctl.emulator.partner.entra_roles import NAMES
from cspctl.emulator.settings import DEFAULTS, Settings
from cspctl.emulator.store import Store
from cspctl.emulator.switches import effective
from cspctl.emulator.wire.shapes import stable_guid

Document = dict[str, Any]
KIND = "gdap"
OPEN = ("active", "expiring", "terminationRequested")  # the partner still has access
NO_EXTENSION = ("P0D", "PT0S")
_AUDITED = {
    "active": "granular_admin_relationship_activated",
    "expired": "granular_admin_relationship_expired",
    "terminated": "granular_admin_relationship_terminated",
}


def standing_id(customer: Document) -> str:
    """Id of the relationship a seeded customer already has: two GUIDs, the second is the customer's."""
    return f"{stable_guid('gdap', customer['id'])}-{customer['id']}"


def standing(customer: Document) -> Document | None:
    """The relationship that came with the customer, as if approved when it was seeded; it extends itself."""
    since = customer.get("_gdapSince")
    if not since:
        return None
    start = parse_instant(since)
    return {
        "id": standing_id(customer),
        "displayName": f"Default_{customer['companyProfile']['domain']}"[:50],
        "duration": "P730D",
        "customer": {"tenantId": customer["id"], "displayName": customer["companyProfile"]["companyName"]},
        "accessDetails": {"unifiedRoles": [{"roleDefinitionId": role} for role in NAMES]},
        "status": "active",
        "autoExtendDuration": "P180D",
        "createdDateTime": since,
        "lastModifiedDateTime": since,
        "activatedDateTime": since,
        "endDateTime": format_instant(add_duration(start, "P730D")),
        "_standing": True,
    }


def keep(store: Store, partner: str, document: Document) -> None:
    """Store a relationship under its customer, which may be unknown until the customer approves."""
    parent = (document.get("customer") or {}).get("tenantId") or ""
    store.put(KIND, partner, document["id"], document, parent=parent.lower())
    step = _next(document, effective(store, DEFAULTS))
    store.schedule(KIND, partner, document["id"], microseconds(step[0]) if step else None)


def touched(document: Document, now: datetime, **changes: Any) -> Document:
    """The document after a change: a new etag and modification time."""
    return {
        **document,
        **changes,
        "lastModifiedDateTime": format_instant(now),
        "_version": int(document.get("_version", 0)) + 1,
    }


def etag_of(document: Document) -> str:
    """Weak etag in the form of the samples."""
    text = f"{document['id']}:{document.get('_version', 0)}"
    digest = hashlib.sha256(text.encode()).digest()[:18]
    return f'W/"{base64.b64encode(digest).decode()}"'


def current(store: Store, partner: str, document: Document, settings: Settings, now: datetime) -> Document:
    """The relationship at `now`; transitions that were due are stored and audited."""
    before = document
    while True:
        step = _next(document, settings)
        if step is None or step[0] > now:
            break
        due, changes = step
        document = touched(document, due, **changes)
        if "status" in changes and changes["status"] in _AUDITED:
            _audit(store, partner, document, settings, due)
    if document is not before and not document.get("_standing"):
        keep(store, partner, document)
    return document


def _next(document: Document, settings: Settings) -> tuple[datetime, Document] | None:
    """(when, changes) of the transition the clock brings next."""
    status = document["status"]
    if status in ("approved", "activating"):
        approved = parse_instant(document["_approvedAt"])
        delay = timedelta(seconds=settings.gdap_activation_seconds)
        if status == "approved":
            return approved + delay / 2, {"status": "activating"}
        active = approved + delay
        end = format_instant(add_duration(active, document["duration"]))
        return active, {"status": "active", "activatedDateTime": format_instant(active), "endDateTime": end}
    settling = timedelta(seconds=settings.gdap_settle_seconds)
    if status in ("active", "expiring"):
        end_at = parse_instant(document["endDateTime"])
        if status == "expiring":
            return end_at + settling, {"status": "expired"}
        extension = document.get("autoExtendDuration", "PT0S")
        if extension in NO_EXTENSION:
            return end_at, {"status": "expiring"}
        return end_at, {"endDateTime": format_instant(add_duration(end_at, extension))}
    if status in ("terminationRequested", "terminating"):
        asked = parse_instant(document["_terminationAt"])
        if status == "terminationRequested":
            return asked + settling / 2, {"status": "terminating"}
        return asked + settling, {"status": "terminated", "endDateTime": format_instant(asked + settling)}
    return None


def _audit(store: Store, partner: str, document: Document, settings: Settings, due: datetime) -> None:
    clock = VirtualClock()
    clock.freeze(due)
    audit = AuditLog(store, clock, partner, None, "", settings=settings)
    record(audit, _AUDITED[document["status"]], document)


def record(audit: AuditLog, operation: str, document: Document) -> None:
    """One audit record about a relationship."""
    audit.record(
        operation=operation,
        resource_type="granular_admin_relationship",
        customer_id=(document.get("customer") or {}).get("tenantId"),
        new={key: value for key, value in document.items() if not key.startswith(("_", "@"))},
        customized=[{"key": "RelationshipId", "value": document["id"]}],
    )


def relationships_with(ctx: Context, customer: Document) -> list[Document]:
    """All relationships of the calling partner with one customer, the one it came with last."""
    now = ctx.clock.now()
    stored = [
        current(ctx.store, ctx.partner, one, ctx.settings, now)
        for one in ctx.store.list(KIND, ctx.partner, parent=customer["id"])
    ]
    came = standing(customer)
    if came is None or any(one["id"] == came["id"] for one in stored):
        return stored
    return [*stored, current(ctx.store, ctx.partner, came, ctx.settings, now)]


def fall_due(store: Store, settings: Settings, partner: str, id: str, now: datetime) -> None:
    """What the agenda calls when a stored relationship has a transition due, so that listeners hear of it in time."""
    document = store.get(KIND, partner, id)
    if document is not None:
        current(store, partner, document, settings, now)
