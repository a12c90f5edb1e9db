"""What a Subscription manifest may say: one document, one live subscription."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from cspctl.kinds.contract import Mutability, Reference, SpecModel
from cspctl.kinds.end_of_term import EndOfTerm
from cspctl.kinds.scalars import Billing, Guid, Name, PromotionId, Term, Text

Seats = Annotated[int, Field(strict=True, ge=1)]


class TrialConversion(SpecModel):
    """What a trial becomes."""

    item: Name = Field(description="Item of the same plan.")
    term: Term | None = Field(None, description="Length of the paid term.")
    billing: Billing | None = Field(None, description="Billing plan of the paid term.")
    quantity: Seats | None = Field(None, description="Seats of the paid subscription.")


class Trial(SpecModel):
    """A trial: 25 seats, 30 days."""

    convert_to: TrialConversion | None = Field(
        None, alias="convertTo", description="What it becomes; its own product as P1Y monthly unless stated."
    )


class EndDate(SpecModel):
    """Alignment of the first term, at purchase only."""

    align_to: Text = Field(
        alias="alignTo",
        description="A Subscription of the same tenant, calendar-month, or a day (inclusive) YYYY-MM-DD.",
    )


class UpgradeFrom(SpecModel):
    """Seats that come from another subscription by an upgrade."""

    subscription: Name = Field(description="The Subscription to upgrade, of the same tenant.")
    quantity: Seats | None = Field(None, description="Seats to move; all unless stated.")


class Promotion(SpecModel):
    """What is expected of a promotion at purchase."""

    id: PromotionId = Field(description="product:sku of the promotion.")
    expect: Literal["required", "allowed", "forbidden"] = Field(
        "allowed", description="required: the purchase is blocked without it."
    )


class SubscriptionSpec(SpecModel):
    """One document, one live subscription."""

    tenant: Name = Field(description="The TenantMapping it belongs to.")
    plan: Name = Field(description="The Plan it is sold under.")
    item: Name | None = Field(None, description="Item of the plan; needed where the plan has several.")
    term: Term | None = Field(None, description="Needed where the item offers several.")
    billing: Billing | None = Field(None, description="Needed where the item offers several.")
    quantity: Seats = Field(description="Seats.")
    trial: Trial | None = Field(None, description="This is a trial.")
    friendly_name: Text | None = Field(None, alias="friendlyName", description="Name shown to the customer.")
    state: Literal["active", "suspended", "cancelled"] | None = Field(
        None, description="active unless stated. A suspended subscription keeps billing."
    )
    when_cancel_not_allowed: Literal["fail", "end-of-term"] | None = Field(
        None,
        alias="whenCancelNotAllowed",
        description="A cancellation outside its window; fail unless stated.",
    )
    when_decrease_not_refundable: Literal["fail", "schedule"] | None = Field(
        None,
        alias="whenDecreaseNotRefundable",
        description="Fewer seats outside the refund window; fail unless stated.",
    )
    end_of_term: EndOfTerm | None = Field(
        None, alias="endOfTerm", description="What happens at the end of the term; required after defaults."
    )
    end_date: EndDate | None = Field(None, alias="endDate", description="Alignment of the first term.")
    requires: Name | None = Field(None, description="The Subscription that this add-on needs.")
    upgrade_from: UpgradeFrom | None = Field(None, alias="upgradeFrom", description="Seats by an upgrade.")
    promotion: Promotion | None = Field(None, description="What is expected of a promotion.")
    subscription_id: Guid | None = Field(None, alias="subscriptionId", description="Adopt this live subscription.")
    generation: Seats | None = Field(
        None, description="1 unless stated; raise it to buy again after the subscription ended."
    )


REFERENCES: tuple[Reference, ...] = (
    Reference("tenant", "TenantMapping"),
    Reference("plan", "Plan"),
    Reference("requires", "Subscription"),
    Reference("upgradeFrom.subscription", "Subscription"),
)

MUTABILITY: dict[str, Mutability] = {
    "tenant": Mutability.NEVER,
    "plan": Mutability.UPDATE,
    "item": Mutability.TRANSITION,
    "term": Mutability.TRANSITION,
    "billing": Mutability.NEXT_TERM,
    "quantity": Mutability.UPDATE,
    "trial": Mutability.CREATE,
    "trial.convertTo": Mutability.TRANSITION,
    "friendlyName": Mutability.UPDATE,
    "state": Mutability.UPDATE,
    "whenCancelNotAllowed": Mutability.UPDATE,
    "whenDecreaseNotRefundable": Mutability.UPDATE,
    "endOfTerm": Mutability.UPDATE,
    "endOfTerm.on": Mutability.UPDATE,
    "endOfTerm.next": Mutability.NEXT_TERM,
    "endDate": Mutability.CREATE,
    "requires": Mutability.UPDATE,
    "upgradeFrom": Mutability.TRANSITION,
    "promotion": Mutability.CREATE,
    "subscriptionId": Mutability.CREATE,
    "generation": Mutability.CREATE,
}
