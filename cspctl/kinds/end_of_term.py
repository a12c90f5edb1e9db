"""What happens when a term ends; shared by every kind that may state it as a default."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from cspctl.kinds.contract import SpecModel
from cspctl.kinds.scalars import Billing, IsoDate, Name, Term

EndAction = Literal["renew", "extend", "cancel"]


class NextTerm(SpecModel):
    """What the following term shall be. Left-out keys stay as they are now."""

    quantity: Annotated[int, Field(strict=True, ge=1)] | None = Field(None, description="Seats of the next term.")
    item: Name | None = Field(None, description="Item of the same plan to move to.")
    term: Term | None = Field(None, description="Length of the next term.")
    billing: Billing | None = Field(None, description="Billing plan of the next term.")
    end_date: IsoDate | None = Field(
        None, alias="endDate", description="Day (inclusive) on which the next term ends, to align it."
    )


class EndOfTermDefault(SpecModel):
    """The part of endOfTerm that can be a default."""

    action: EndAction = Field(description="renew: auto-renew on; extend: the paid extended service term; cancel: ends.")


class EndOfTerm(SpecModel):
    action: EndAction | None = Field(
        None, description="renew: auto-renew on; extend: the paid extended service term; cancel: ends."
    )
    on: IsoDate | None = Field(None, description="Last day (inclusive) of the current commitment.")
    next: NextTerm | None = Field(None, description="What the following term shall be; needs `on`.")


class SubscriptionDefaults(SpecModel):
    """Values for every subscription below, unless it states its own."""

    end_of_term: EndOfTermDefault | None = Field(
        None, alias="endOfTerm", description="What happens at the end of a term."
    )
    term: Term | None = Field(None, description="Length of the term.")
    billing: Billing | None = Field(None, description="Billing plan.")
    when_cancel_not_allowed: Literal["fail", "end-of-term"] | None = Field(
        None, alias="whenCancelNotAllowed", description="A cancellation outside its window."
    )
    when_decrease_not_refundable: Literal["fail", "schedule"] | None = Field(
        None, alias="whenDecreaseNotRefundable", description="Fewer seats outside the refund window."
    )
    end_date: dict[str, Any] | None = Field(
        None, alias="endDate", description="Alignment of the first term, as in a Subscription."
    )


class Defaults(SpecModel):
    """Default values by kind."""

    subscription: SubscriptionDefaults | None = Field(
        None, alias="Subscription", description="Defaults of subscriptions."
    )
