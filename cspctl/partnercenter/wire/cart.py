"""Carts. A 201 cart may hold failed lines: look at each line's `error`.

Source: Partner Center docs, pages cart-resources, create-a-cart, checkout-a-cart (Oct 2023).
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from cspctl.partnercenter.wire.body import Body, Code, Flag, Number, Text, decimal
from cspctl.partnercenter.wire.instant import instant
from cspctl.partnercenter.wire.link import Resource
from cspctl.partnercenter.wire.order import Order


class Participant(Body):
    key: Text | None = None
    value: Code | None = None


class Pricing(Body):
    """Before tax, in the line's currency. `extendedPrice` covers the whole term and quantity."""

    list_price: Number | None = None
    discounted_price: Number | None = None
    prorated_price: Number | None = None
    price: Number | None = None
    extended_price: Number | None = None

    @property
    def extended(self) -> Decimal | None:
        return decimal(self.extended_price)


class CartError(Body):
    """`errorCode` is a number or its name; the sources do not agree."""

    error_code: Code | None = None
    error_description: Text | None = None
    additional_information: Any = None


class CartLineItem(Body):
    id: Code | None = None
    catalog_item_id: Text | None = None
    friendly_name: Text | None = None
    quantity: Number | None = None
    currency_code: Text | None = None
    billing_cycle: Text | None = None
    term_duration: Text | None = None
    custom_term_end_date: Text | None = None
    promotion_id: Text | None = None
    participants: list[Participant] | None = None
    provisioning_context: dict[str, Any] | None = None
    order_group: Code | None = None
    addon_items: list[CartLineItem] | None = None
    renews_to: Any = None
    attestation_accepted: Flag | None = None
    pricing: Pricing | None = None
    error: CartError | None = None


class Cart(Resource):
    """The schema spells `…TimeStamp`, the samples `…Timestamp`: both are read."""

    id: Text | None = None
    creation_timestamp: Text | None = None
    last_modified_timestamp: Text | None = None
    expiration_timestamp: Text | None = None
    last_modified_user: Text | None = None
    status: Text | None = None
    line_items: list[CartLineItem] | None = None
    partner_on_record_attestation_accepted: Flag | None = None

    @property
    def expires(self) -> datetime | None:
        return instant(self.expiration_timestamp)


class OrderError(Body):
    order_group_id: Code | None = None
    code: Code | None = None
    description: Text | None = None


class CartCheckoutResult(Resource):
    """201 may be a partial success."""

    orders: list[Order] | None = None
    order_errors: list[OrderError] | None = None
