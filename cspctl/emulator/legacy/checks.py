"""What must be true of a legacy purchase: the offer, its quantity and cycle, the base of an add-on (rules 42, 43).

Source: Partner Center docs, pages create-a-cart-with-add-ons, purchase-an-add-on-to-a-subscription, error-codes
(Oct 2023).
"""

from __future__ import annotations

from typing import Any

from cspctl.emulator.context import Context
from cspctl.emulator.errors import ApiError
from cspctl.emulator.legacy.offers import legacy_offer
from cspctl.emulator.trade.coterm import customer_subscriptions

Document = dict[str, Any]


def offer_to_buy(ctx: Context, id: str) -> Document:
    """Raises 400/800004 (unknown), 400/2100 (a modern item), 403/2085 (no longer sold)."""
    offer = legacy_offer(ctx.store, id)
    if not offer["isAvailableForPurchase"]:
        raise ApiError(403, 2085, "The offer isn't eligible for purchase.")
    return offer


def check_cycle(offer: Document, billing: str) -> None:
    """Raises 400/900269 for a cycle that the offer does not have; usage has no choice of cycles."""
    if offer["billing"] != "usage" and billing not in offer["supportedBillingCycles"]:
        raise ApiError(400, 900269, f"The billing cycle is invalid: {billing or 'none'}.")


def parent_of(ctx: Context, customer: Document, offer: Document, parent_id: object) -> Document:
    """The base subscription of an add-on. Raises 404/20003, 400/800029 (not related), 409/27009 (not active)."""
    owned = {one["id"]: one for one in customer_subscriptions(ctx, customer["id"])}
    parent = owned.get(str(parent_id).lower())
    if parent is None:
        raise ApiError(404, 20003, f"Subscription with ID {parent_id} not found.")
    require_related(offer, parent["offerId"])
    require_active_parent(parent)
    return parent


def require_related(offer: Document, base_offer: str) -> None:
    """Raises 400/800029 unless `offer` is an add-on to the base; one that names no prerequisites fits every base."""
    needed = [id.lower() for id in offer["prerequisiteOffers"]]
    if not offer["isAddOn"] or (needed and base_offer.lower() not in needed):
        raise ApiError(400, 800029, "The add-on isn't related to the specified parent subscription.")


def require_active_parent(parent: Document) -> None:
    if parent["status"] != "active":
        text = "can't enable a child subscription, when the parent subscription isn't Active."
        raise ApiError(409, 27009, text)
