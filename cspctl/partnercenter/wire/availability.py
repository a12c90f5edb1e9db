"""Availabilities: what can be bought now, for which term and billing cycle. Their ids are reissued: never
store them.

Source: Partner Center docs, page product-resources and samples of
get-a-list-of-availabilities-for-a-sku-by-customer (Oct 2023).
"""

from __future__ import annotations

from cspctl.partnercenter.wire.body import Body, Flag, Number, Text
from cspctl.partnercenter.wire.link import Resource
from cspctl.partnercenter.wire.product import Product
from cspctl.partnercenter.wire.sku import Sku


class Currency(Body):
    code: Text | None = None
    symbol: Text | None = None


class RenewalOption(Body):
    renew_to_id: Text | None = None
    is_auto_renewable: Flag | None = None


class RenewalInstruction(Body):
    applicable_term_ids: list[Text] | None = None
    renewal_options: list[RenewalOption] | None = None


class TermRefundOption(Body):
    """`expiresAfter` is a duration here; not a source for the cancel deadline."""

    sequence_id: Number | None = None
    type: Text | None = None
    expires_after: Text | None = None


class CancellationPolicy(Body):
    refund_options: list[TermRefundOption] | None = None


class Term(Body):
    """One allowed pair of duration and billing cycle. `billingCycle` is Pascal case here, snake case
    elsewhere."""

    id: Text | None = None
    duration: Text | None = None
    description: Text | None = None
    billing_cycle: Text | None = None
    cancellation_policies: list[CancellationPolicy] | None = None


class Availability(Resource):
    id: Text | None = None
    product_id: Text | None = None
    sku_id: Text | None = None
    catalog_item_id: Text | None = None
    default_currency: Currency | None = None
    segment: Text | None = None
    country: Text | None = None
    is_purchasable: Flag | None = None
    is_renewable: Flag | None = None
    renewal_instructions: list[RenewalInstruction] | None = None
    terms: list[Term] | None = None
    product: Product | None = None
    sku: Sku | None = None
