"""What a new term of a subscription costs on a day: the price row in force, and the promotion that still runs.

Source: Partner Center docs, pages pricing-and-offers and new-commerce-promotions (Oct 2023).
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from cspctl.emulator.errors import ApiError
from cspctl.emulator.legacy.offers import find_offer, term_price
from cspctl.emulator.settings import Settings
from cspctl.emulator.store import Store
from cspctl.emulator.trade.offers import Offer, find_product, find_sku, generation
from cspctl.emulator.trade.pricing import promotion_discount, row_price

Document = dict[str, Any]


def offer_now(store: Store, settings: Settings, document: Document, now: datetime) -> Offer | None:
    """The SKU of a subscription as the catalogue has it today; None when it is gone."""
    parts = str(document["offerId"]).split(":")
    if len(parts) != 3:
        return None
    try:
        product = find_product(store, parts[0])
        return Offer(product, find_sku(product, parts[1]), document["_segment"], generation(store, settings, now))
    except ApiError:
        return None


def price_now(store: Store, document: Document, now: datetime, *, view: str = "") -> Decimal | None:
    """Partner price of one unit for a whole term on the conditions of the document; None without a row in force."""
    if document.get("_legacy"):
        legacy = term_price(find_offer(store, document["offerId"]) or {})
        return None if legacy is None else Decimal(legacy)
    parts = str(document["offerId"]).split(":")
    if len(parts) != 3:
        return None
    key = (
        parts[0], parts[1], document["termDuration"], document["billingCycle"], document["_market"],
        document["_currency"], document["_segment"],
    )  # fmt: skip  # one key
    return row_price(store, key, now, view=view)


def reprice(store: Store, settings: Settings, document: Document, now: datetime, *, promotion: str | None) -> None:
    """Lock today's price, and the promotion while it runs. Without a row in force the old price stays (impl.)."""
    unit = price_now(store, document, now)
    if unit is not None:
        document["_unitPrice"] = str(unit)
    found, discount = None, Decimal(0)
    offer = offer_now(store, settings, document, now)
    if promotion and offer is not None:
        found, discount = promotion_discount(
            store, offer, document["termDuration"], document["billingCycle"], document["quantity"], promotion, now
        )
    document["promotionId"], document["_discount"] = found, str(discount)
