"""Orders. Source: Partner Center docs, page order-resources and its samples (Oct 2023)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cspctl.partnercenter.wire.body import Body, Code, Flag, Number, Text
from cspctl.partnercenter.wire.instant import instant
from cspctl.partnercenter.wire.link import Resource


class OrderLineItem(Resource):
    """`subscriptionId` may come later than the order. `offerId` is a catalogue item id in new commerce."""

    line_item_number: Number | None = None
    offer_id: Text | None = None
    subscription_id: Text | None = None
    parent_subscription_id: Text | None = None
    friendly_name: Text | None = None
    quantity: Number | None = None
    term_duration: Text | None = None
    custom_term_end_date: Text | None = None
    transaction_type: Text | None = None
    promotion_id: Text | None = None
    partner_id_on_record: Code | None = None
    additional_partner_ids_on_record: Any = None
    attestation_accepted: Flag | None = None
    provisioning_context: dict[str, Any] | None = None
    renews_to: Any = None
    pricing: Any = None


class Order(Resource):
    id: Text | None = None
    alternate_id: Text | None = None
    reference_customer_id: Text | None = None
    billing_cycle: Text | None = None
    transaction_type: Text | None = None
    currency_code: Text | None = None
    currency_symbol: Text | None = None
    creation_date: Text | None = None
    status: Text | None = None
    line_items: list[OrderLineItem] | None = None
    total_price: Number | None = None

    @property
    def created(self) -> datetime | None:
        return instant(self.creation_date)


class QuantityProvisioning(Body):
    quantity: Number | None = None
    status: Text | None = None


class OrderLineProvisioning(Body):
    """Source: Partner Center docs, page get-order-provisioning-status (Oct 2023)."""

    order_line_item_id: Code | None = None
    line_item_number: Number | None = None
    status: Text | None = None
    quantity_provisioning_information: list[QuantityProvisioning] | None = None
