"""Subscriptions. Source: Partner Center docs, page subscription-resources and its samples (Oct 2023)."""

from __future__ import annotations

from datetime import datetime

from cspctl.partnercenter.wire.body import Body, Code, Flag, Number, Text, whole
from cspctl.partnercenter.wire.instant import instant
from cspctl.partnercenter.wire.link import Resource


class ProductType(Body):
    id: Text | None = None
    display_name: Text | None = None


class RefundOption(Body):
    """Samples say `expiresAt`, the schema `expiresAfter` (null: no expiry): read both through `expires`."""

    type: Text | None = None
    expires_at: Text | None = None
    expires_after: Text | None = None

    @property
    def expires(self) -> datetime | None:
        return instant(self.expires_at or self.expires_after)


class RefundableDetail(Body):
    quantity: Number | None = None
    allowed_until_date_time: Text | None = None

    @property
    def allowed_until(self) -> datetime | None:
        return instant(self.allowed_until_date_time)


class RefundableQuantity(Body):
    """Seats that may still be given back, by purchase batch; absent means none."""

    total_quantity: Number | None = None
    details: list[RefundableDetail] | None = None


class NextTermProduct(Body):
    product_id: Text | None = None
    sku_id: Text | None = None
    availability_id: Text | None = None
    billing_cycle: Text | None = None
    term_duration: Text | None = None
    promotion_id: Text | None = None


class ScheduledNextTermInstructions(Body):
    """What the next term shall be. Leaving it out of a PATCH deletes it."""

    product: NextTermProduct | None = None
    quantity: Number | None = None
    custom_term_end_date: Text | None = None


class NextChargeInstructions(Body):
    """A pending change of billing cycle. Leaving it out of a PATCH deletes it."""

    product: NextTermProduct | None = None
    quantity: Number | None = None


class Subscription(Resource):
    id: Text | None = None
    order_id: Text | None = None
    offer_id: Text | None = None
    offer_name: Text | None = None
    publisher_name: Text | None = None
    friendly_name: Text | None = None
    product_type: ProductType | None = None
    is_microsoft_product: Flag | None = None
    is_trial: Flag | None = None
    has_purchasable_addons: Flag | None = None
    parent_subscription_id: Text | None = None
    entitlement_id: Text | None = None
    partner_id: Code | None = None
    quantity: Number | None = None
    unit_type: Text | None = None
    status: Text | None = None
    suspension_reasons: list[Text] | None = None
    auto_renew_enabled: Flag | None = None
    billing_type: Text | None = None
    billing_cycle: Text | None = None
    term_duration: Text | None = None
    renewal_term_duration: Text | None = None
    contract_type: Text | None = None
    creation_date: Text | None = None
    effective_start_date: Text | None = None
    commitment_end_date: Text | None = None
    commitment_end_date_time: Text | None = None
    billing_cycle_end_date: Text | None = None
    billing_cycle_end_date_time: Text | None = None
    cancellation_allowed_until_date: Text | None = None
    refund_options: list[RefundOption] | None = None
    refundable_quantity: RefundableQuantity | None = None
    scheduled_next_term_instructions: ScheduledNextTermInstructions | None = None
    next_charge_instructions: NextChargeInstructions | None = None
    custom_term_end_date: Text | None = None
    promotion_id: Text | None = None
    migrated_from_subscription_id: Text | None = None
    actions: list[Text] | None = None

    @property
    def seats(self) -> int | None:
        return whole(self.quantity)

    @property
    def created(self) -> datetime | None:
        return instant(self.creation_date)

    @property
    def started(self) -> datetime | None:
        return instant(self.effective_start_date)

    @property
    def commitment_ends(self) -> datetime | None:
        """The instant when it is given, else the date at 00:00 UTC, which for new commerce is inclusive."""
        return instant(self.commitment_end_date_time) or instant(self.commitment_end_date)

    @property
    def cancellable_until(self) -> datetime | None:
        return instant(self.cancellation_allowed_until_date)
