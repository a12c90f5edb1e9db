"""What keeps a well-formed line of the modern catalogue from being bought (rules 21 to 24).

Every fault has two names: the code of a cart line and the code of the same fault at checkout and order.
Source: Partner Center docs, pages cart-resources, create-a-cart, error-codes, pricing-and-offers (Oct 2023).
"""

from __future__ import annotations

from typing import Any

from cspctl.emulator.context import Context
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner.customers import partner_of
from cspctl.emulator.subscription.document import Purchase
from cspctl.emulator.trade.line_errors import LineError, fault
from cspctl.emulator.trade.offers import Offer


def error_of(ctx: Context, bought: Purchase, held: int, earlier: int, prerequisites: set[str]) -> LineError | None:
    """Why the line cannot be bought; None when nothing keeps it.

    `held` seats of the same SKU count the customer's and those of earlier lines, `earlier` counts these lines;
    `prerequisites` are the `P:S` that are active or in the same request.
    """
    return (
        _not_for_sale(bought)
        or _too_many_assets(ctx, bought, earlier)
        or seat_error(bought.offer, bought.quantity, held)
        or _out_of_stock(bought)
        or _no_attestation(bought)
        or _no_base(ctx, bought, prerequisites)
        or _no_participants(ctx, bought)
    )


def _not_for_sale(bought: Purchase) -> LineError | None:
    offer, customer = bought.offer, bought.customer
    if not offer.sold_in(customer["_market"]):
        text = f"Offer isn't available in the specified country/region: {customer['_market']}."
        return fault(10001, ApiError(400, 800070, text))
    if offer.purchasable and offer.segment in customer.get("_segments", ["commercial"]):
        return None
    http = ApiError(403, 2091, "The offer is no longer available for purchase.")
    return LineError(10001, f"The catalog item {offer.catalog_item_id} cannot be purchased by this customer.", http)


def seat_error(offer: Offer, quantity: int, held: int) -> LineError | None:
    """Above the SKU's maximum: of one line, and for SKUs of up to 300 (small business) of all seats `held` besides."""
    most = int(offer.sku["maximumQuantity"])
    left = most - held if most <= 300 else most
    if quantity <= left:
        return None
    text = (
        f"The requested number of {quantity} seat/s exceeded the remaining limit of {max(left, 0)} seats allowed per "
        f"subscription for the CatalogID - {offer.catalog_item_id}."
    )
    http = ApiError(403, 800088, text)
    if quantity > most:
        http = ApiError(400, 2002, f"Subscription quantity {quantity} isn't within minimum and maximum: {most}.")
    return LineError(10015, text, http, {"availableQuantity": max(left, 0), "purchasedQuantity": held})


def _too_many_assets(ctx: Context, bought: Purchase, earlier: int) -> LineError | None:
    """The AssetOwnershipLimit of the offer matrix: how often a customer may ever buy the SKU, by its orders."""
    most, key = bought.offer.sku.get("_assetLimit"), sku_key(bought.offer.catalog_item_id)
    if most is None:
        return None
    orders = ctx.store.list("order", ctx.partner, parent=bought.customer["id"])
    left = int(most) - earlier - sum(sku_key(line["offerId"]) == key for order in orders for line in order["lineItems"])
    if left > 0:
        return None
    text = "The requested number of 1 asset/s exceeded the remaining limit of 0 assets allowed per customer."
    return fault(10002, ApiError(403, 800089, text))


def _out_of_stock(bought: Purchase) -> LineError | None:
    """Only SKUs that seed an inventory can run out."""
    left = bought.offer.sku.get("_inventory")
    if left is None or bought.quantity <= int(left):
        return None
    if int(left) <= 0:
        return fault(10003, ApiError(400, 800010, "Inventory isn't available for this catalog item."))
    return fault(10003, ApiError(400, 800017, "The quantity isn't available for this catalog item."))


def _no_attestation(bought: Purchase) -> LineError | None:
    attestation = bought.offer.sku.get("attestationProperties") or {}
    if not attestation.get("enforceAttestation") or bought.attestation is True:
        return None
    text = f"CatalogItemId: {bought.offer.catalog_item_id} requires attestation acceptance."
    return fault(10012, ApiError(400, 900203, text))


def _no_base(ctx: Context, bought: Purchase, prerequisites: set[str]) -> LineError | None:
    needed = bought.offer.sku["dynamicAttributes"].get("prerequisiteSkus", [])
    if not ctx.settings.enforce_prerequisites or not needed or prerequisites.intersection(needed):
        return None
    item = bought.offer.catalog_item_id
    text = f"The catalog item {item} needs an active subscription of one of {', '.join(needed)}."
    return fault(10006, ApiError(400, 800062, text))


def _no_participants(ctx: Context, bought: Purchase) -> LineError | None:
    """Direct partners have no resellers; further resellers exist in the EU and EFTA only."""
    partner = partner_of(ctx)
    direct = str(partner.get("tier")).startswith("direct") and bought.partner_id
    abroad = bought.additional_partner_ids and partner.get("market") not in ctx.settings.additional_reseller_markets
    if not direct and not abroad:
        return None
    return fault(10004, ApiError(400, 800016, "Participants are not supported for this partner."))


def sku_key(item: Any) -> str:
    """`P:S` of a catalogue item id."""
    return ":".join(str(item or "").upper().split(":")[:2])
