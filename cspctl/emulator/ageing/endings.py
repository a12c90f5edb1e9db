"""What a subscription becomes when its term ends and nothing renews it.

Source: Partner Center docs, page subscription-lifecycle (2023): auto-renew off → expired (30 days) → disabled
(90 days) → deleted; suspended → disabled twice; suspended legacy subscriptions are deleted.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cspctl.emulator.settings import Settings
from cspctl.emulator.terms import parse_moment, stamp

Document = dict[str, Any]


def expire(settings: Settings, document: Document, at: datetime) -> None:
    """The term is over, unrenewed."""
    suspended = document["status"] == "suspended"
    _stop(document)
    if document.get("_legacy") and suspended:
        delete(document)
        return
    first = settings.suspended_end_status if suspended else "expired"
    document["status"], document["_chain"] = first, 1
    document["_stateUntil"] = stamp(at + timedelta(days=settings.expired_days))


def sink(settings: Settings, document: Document, at: datetime) -> None:
    """The next state of the chain; a suspended legacy subscription has waited long enough and goes at once."""
    if document["status"] != "suspended" and document.get("_chain") == 1:
        document["status"], document["_chain"] = "disabled", 2
        document["_stateUntil"] = stamp(at + timedelta(days=settings.disabled_days))
        return
    delete(document)


def delete(document: Document) -> None:
    _stop(document)
    document.update(status="deleted", _stateUntil=None)


def legacy_limit(settings: Settings, document: Document) -> datetime | None:
    """When a suspended legacy subscription is deleted; None for every other one."""
    if not document.get("_legacy") or document["status"] != "suspended" or not document.get("_suspended"):
        return None
    return parse_moment(document["_suspended"]) + timedelta(days=settings.legacy_suspended_days)


def _stop(document: Document) -> None:
    document.update(autoRenewEnabled=False, scheduledNextTermInstructions=None, nextChargeInstructions=None)
    document.update(_until=None, _batches=[], _nextCharge=None, _renewal=None)
