"""Cancellation windows, refundable seats, and what a subscription may be asked at an instant (rules 34, 35, 45).

Source: Partner Center docs, pages create-a-new-subscription, new-commerce-cancellation-policy,
cancel-an-order-from-the-integration-sandbox (cancel matrix), subscription-resources (2023). Deadlines are to the
second: seven days are 168 hours. Licences give back seats and the rest of the term, software subscriptions only
the whole, marketplace subscriptions count their window in hours and are refunded in full.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from cspctl.emulator.settings import Settings
from cspctl.emulator.terms import instant, last_second, parse_moment, stamp

Document = dict[str, Any]
RUNNING = ("active", "suspended")


@dataclass(frozen=True)
class Window:
    """How long a purchase can be taken back. `hours` beside a window that is counted in hours (else in days)."""

    length: timedelta
    in_hours: bool = False
    seats: bool = True  # whether single seats can be given back
    full: timedelta | None = None  # how long all of it is refunded

    @property
    def words(self) -> str:
        """`7-day` or `24-hour`."""
        hours = round(self.length.total_seconds() / 3600)
        return f"{hours}-hour" if self.in_hours else f"{hours // 24}-day"


def window_of(document: Document, settings: Settings) -> Window | None:
    """None for what cannot be cancelled through its subscription within a window: trials, perpetual software, Azure."""
    family, term = str(document["productType"]["id"]), document["termDuration"]
    if document["isTrial"] or not term:
        return None
    if family == "OnlineServicesNCE":
        return Window(timedelta(days=settings.window_days), full=timedelta(hours=settings.full_refund_hours))
    if family.startswith("Software"):
        return Window(timedelta(days=settings.software_window_days), seats=False)
    if family == "SaaS":
        yearly = settings.marketplace_yearly_hours
        hours = settings.marketplace_monthly_hours if term == "P1M" else yearly
        return Window(timedelta(hours=hours), in_hours=True, full=timedelta(hours=hours))
    return None


def open_windows(document: Document, start: datetime, settings: Settings) -> None:
    """Purchase and renewal open the cancellation window and one refundable batch of all seats."""
    window = window_of(document, settings)
    if window is None:
        document.update(_until=None, _batches=[], refundOptions=None)
        return
    until = stamp(start + window.length)
    document["_until"] = until
    document["_batches"] = [{"quantity": document["quantity"], "until": until}] if window.seats else []
    document["refundOptions"] = _refunds(window, start)


def _refunds(window: Window, start: datetime) -> list[Document] | None:
    if window.full is None:
        return None
    full = {"type": "Full", "expiresAt": stamp(start + window.full)}
    if window.full == window.length:
        return [full]
    return [full, {"type": "Partial", "expiresAt": stamp(start + window.length)}]


def open_batches(document: Document, now: datetime) -> list[Document]:
    """Refundable batches whose deadline has not passed, oldest first."""
    return [batch for batch in document["_batches"] if parse_moment(batch["until"]) >= now]


def cancellable(document: Document, now: datetime) -> bool:
    """Whether the deadline of the cancellation is still ahead."""
    until = cancellation_deadline(document)
    return document["status"] in RUNNING and until is not None and now <= parse_moment(until)


def cancellation_deadline(document: Document) -> str | None:
    """The window's end; an Azure plan without active Azure subscriptions can be cancelled until its term ends."""
    if document.get("_idle"):
        return last_second(date.fromisoformat(document["_end"]))
    until: str | None = document.get("_until")
    return until


def ending(document: Document) -> datetime:
    """00:00 UTC of the day after the term's inclusive last day."""
    return instant(date.fromisoformat(document["_end"]) + timedelta(days=1))


def is_renewing(document: Document, now: datetime) -> bool:
    """Between 00:00 UTC after the term's end and the moment the renewal is done."""
    return bool(document.get("_renewal")) and document["status"] in RUNNING and now >= ending(document)


def is_charging(document: Document, settings: Settings, now: datetime) -> bool:
    """Whether a charge cycle has begun less than the time ago that charging takes."""
    begun = document.get("_cycleAt")
    return bool(begun) and now < parse_moment(str(begun)) + timedelta(seconds=settings.cycle_charge_seconds)


def is_used_up(document: Document, settings: Settings) -> bool:
    """Rule 41: the service takes no more than about 1,200 updates of one subscription."""
    return int(document["_updates"]) >= settings.maximum_updates


def actions(document: Document, settings: Settings, now: datetime) -> list[str]:
    """Rule 45: what a PATCH would be granted now; `edit` stands for any change but the cancellation."""
    if document["status"] not in RUNNING or is_used_up(document, settings) or is_blocked(document, settings):
        return []
    if is_renewing(document, now) and settings.renewal_wait == "all":
        return []
    return ["edit", "cancel"] if cancellable(document, now) else ["edit"]


def is_blocked(document: Document, settings: Settings) -> bool:
    """Whether an accepted change or a transfer to another partner is still under way."""
    return bool(document.get("_pending")) or (settings.transfer_blocks_writes and bool(document.get("_transfer")))
