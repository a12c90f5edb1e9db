"""The mutations of a subscription, as inert data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from cspctl.model.change import Frozen, Step


class CartLine(Frozen):
    """One line of a cart. The availability is resolved just before purchase: its id is reissued at any time."""

    product: str
    sku: str
    segment: str
    term: str
    billing: str
    quantity: int
    friendly_name: str = Field(alias="friendlyName")
    end_date: str | None = Field(None, alias="endDate")
    align_to: str | None = Field(None, alias="alignTo")
    reseller_mpn: str | None = Field(None, alias="resellerMpn")
    promotion: str | None = None


class CreateCart(Step):
    """POST cart: reserves nothing and buys nothing."""

    type: Literal["cart.create"] = "cart.create"
    line: CartLine


class CheckoutCart(Step):
    """POST checkout of the cart that the step before made: the purchase."""

    type: Literal["cart.checkout"] = "cart.checkout"
    line: CartLine

    @property
    def purchases(self) -> bool:
        return True

    @property
    def establishes(self) -> Mapping[str, Any]:
        bought = {k: getattr(self.line, k) for k in ("product", "sku", "term", "billing", "quantity")}
        return {**bought, "state": "active", "next": None}


class PatchSubscription(Step):
    """One PATCH with one change, sent as the whole resource as it is then.

    `changes` are wire properties. `subscription` is empty when the id is the output of the purchase before it.
    """

    type: Literal["subscription.patch"] = "subscription.patch"
    subscription: str = ""
    changes: Mapping[str, Any]

    @property
    def purchases(self) -> bool:
        return "quantity" in self.changes or "termDuration" in self.changes


class ScheduleNextTerm(Step):
    """PATCH of scheduledNextTermInstructions; the availability of the next product is resolved at apply."""

    type: Literal["subscription.schedule"] = "subscription.schedule"
    subscription: str = ""
    product: str
    sku: str
    segment: str
    term: str
    billing: str
    quantity: int
    end_date: str | None = Field(None, alias="endDate")
    on: str | None = None

    @property
    def completes(self) -> bool:
        return True


class ClearSchedule(Step):
    """PATCH that removes the scheduled instructions."""

    type: Literal["subscription.unschedule"] = "subscription.unschedule"
    subscription: str


STEP_TYPES: tuple[type[Step], ...] = (
    CreateCart,
    CheckoutCart,
    PatchSubscription,
    ScheduleNextTerm,
    ClearSchedule,
)
