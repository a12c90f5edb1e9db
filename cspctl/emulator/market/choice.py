"""Which promotion a purchase gets (rule 30): the deepest that fits, the normal price in silence when none does.

A promotion that is named must exist, run, be sold in the customer's country and be for the SKU; that its term or its
limits do not fit only costs the discount. Source: Partner Center docs, page new-commerce-promotions (Oct 2023).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from cspctl.emulator.errors import ApiError
from cspctl.emulator.market.promotion_rules import applies, errors_of
from cspctl.emulator.market.promotions import promotion_of
from cspctl.emulator.store import Store
from cspctl.emulator.trade.offers import Offer
from cspctl.emulator.trade.pricing import discounts_of

Document = dict[str, Any]


def chosen_promotion(
    store: Store,
    customer: Document,
    offer: Offer,
    term: tuple[str, str],
    quantity: int,
    wanted: object,
    owned: Sequence[Document],
    now: datetime,
) -> tuple[str | None, Decimal]:
    """(id, fraction of the partner price), or (None, 0). `term` is (duration, cycle). Raises 400/27007."""
    found: list[tuple[Decimal, str]] = []
    for one in _candidates(store, customer, offer, wanted, now):
        if not errors_of(one, offer, quantity, term, list(owned)):
            found += [(value, one["id"]) for value in discounts_of(one, offer, *term)]
    value, name = max(found, default=(Decimal(0), None))
    return name, value


def _candidates(store: Store, customer: Document, offer: Offer, wanted: object, now: datetime) -> list[Document]:
    if wanted:
        named = promotion_of(store, str(wanted))
        if named is None or not applies(named, customer, offer, now):
            raise ApiError(400, 27007, f"Invalid promotion code: {wanted}.")
        return [named]
    every = (one for one in store.list("promotion", "") if (one.get("properties") or {}).get("isAutoApplicable"))
    return [one for one in every if applies(one, customer, offer, now)]
