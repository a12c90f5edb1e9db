"""What is wrong with a line of a cart, and a checked line.

Codes of `lineItems[].error`: Partner Center docs, page cart-resources (Oct 2023). No sample shows whether the wire
carries the number or the name, so the settings choose.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cspctl.emulator.errors import ApiError
from cspctl.emulator.legacy.documents import LegacyPurchase
from cspctl.emulator.subscription.document import Purchase

ERROR_NAMES = {
    10000: "CurrencyIsNotSupported",
    10001: "CatalogItemIdIsNotValid",
    10002: "QuotaNotAvailable",
    10003: "InventoryNotAvailable",
    10004: "ParticipantsIsNotSupportedForPartner",
    10006: "UnableToProcessCartLineItem",
    10007: "SubscriptionIsNotValid",
    10008: "SubscriptionIsNotEnabledForRI",
    10009: "SandboxLimitExceeded",
    10010: "InvalidInput",
    10011: "SubscriptionNotRegistered",
    10012: "AttestationNotAccepted",
    10015: "MaxAllowedSeatsPerSubscriptionExceeded",
}


@dataclass(frozen=True)
class LineError:
    """Why a line of a cart cannot be bought; `http` is what the same fault is called at checkout and order."""

    code: int
    text: str
    http: ApiError
    seats: dict[str, int] | None = None

    def wire(self, form: str) -> dict[str, Any]:
        code: int | str = ERROR_NAMES[self.code] if form == "name" else self.code
        return {"errorCode": code, "errorDescription": self.text, "additionalInformation": self.seats}


def fault(code: int, http: ApiError) -> LineError:
    """A line error that reads like the error of the checkout."""
    return LineError(code, http.description, http)


@dataclass(frozen=True)
class Line:
    """A checked line: a purchase, a legacy purchase with its add-ons, or an error. `currency` is what it is paid in."""

    given: dict[str, Any]
    currency: str
    purchase: Purchase | None = None
    error: LineError | None = None
    legacy: LegacyPurchase | None = None
    addons: tuple[Line, ...] = ()

    @property
    def faults(self) -> list[LineError]:
        """The error of the line and those of its add-ons, in this order."""
        return [one.error for one in (self, *self.addons) if one.error is not None]

    @property
    def buys(self) -> int:
        """How many subscriptions the line buys."""
        return sum(one.purchase is not None or one.legacy is not None for one in (self, *self.addons))
