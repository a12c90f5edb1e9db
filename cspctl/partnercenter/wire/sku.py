"""SKUs. Source: Partner Center docs, page product-resources (Oct 2023)."""

from __future__ import annotations

from typing import Any

from cspctl.partnercenter.wire.body import Flag, Number, Text
from cspctl.partnercenter.wire.link import Resource


class Sku(Resource):
    """`id` is text with leading zeros, unique only within its product."""

    id: Text | None = None
    product_id: Text | None = None
    title: Text | None = None
    description: Text | None = None
    minimum_quantity: Number | None = None
    maximum_quantity: Number | None = None
    is_trial: Flag | None = None
    supported_billing_cycles: list[Text] | None = None
    purchase_prerequisites: list[Text] | None = None
    inventory_variables: list[Text] | None = None
    provisioning_variables: list[Text] | None = None
    actions: list[Text] | None = None
    dynamic_attributes: dict[str, Any] | None = None
