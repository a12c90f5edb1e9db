"""What keeps every change of a running subscription waiting, whichever call asks for it (rules 38 and 41).

Source: Partner Center docs, pages create-a-new-subscription, error-codes 800082, 900278, 900311 (2023).
"""

from __future__ import annotations

from datetime import datetime

from cspctl.emulator.errors import ApiError
from cspctl.emulator.settings import Settings
from cspctl.emulator.subscription.windows import Document, is_blocked, is_renewing, is_used_up


def require_free(document: Document, settings: Settings) -> None:
    """Raises 409/900278 while a change or a transfer is under way, 400/900311 after too many changes."""
    if is_blocked(document, settings):
        text = "There is a pending operation on this subscription. Please try again after 24 hours."
        raise ApiError(409, 900278, text)
    if is_used_up(document, settings):
        text = "This subscription has been updated too many times. Please contact partner support if you need to make"
        raise ApiError(400, 900311, text + " more updates on this subscription.")


def require_renewed(document: Document, now: datetime) -> None:
    """Raises 409/800082 between the end of a term and the completion of its renewal."""
    if is_renewing(document, now):
        text = "The subscription is being renewed and isn't ready for updates. Please try again in two minutes."
        raise ApiError(409, 800082, text)
