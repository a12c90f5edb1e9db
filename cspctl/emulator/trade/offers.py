"""What can be bought: a SKU of the catalogue in one segment, under its current availability id.

Rule 21: availability ids are reissued. The id is derived from product, SKU, segment and a generation number; the
generation grows with the virtual clock (`availability_rotation_hours`) or by `rotate`.
Source: Partner Center docs, pages product-resources and get-a-list-of-availabilities-for-a-sku (Oct 2023).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cspctl.emulator.context import Context
from cspctl.emulator.errors import ApiError
from cspctl.emulator.settings import Settings
from cspctl.emulator.store import Store
from cspctl.emulator.terms import cycle_of, longer_cycle_than_term
from cspctl.emulator.wire.shapes import catalog_item, split_catalog_item, text_code

SEGMENTS = ("commercial", "education", "government", "nonprofit")
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_GENERATION = "availability:generation"


@dataclass(frozen=True)
class Offer:
    """One SKU in one segment with the availability id of the running generation."""

    product: dict[str, Any]
    sku: dict[str, Any]
    segment: str
    generation: int

    @property
    def availability_id(self) -> str:
        return availability_id(self.product_id, self.sku_id, self.segment, self.generation)

    @property
    def product_id(self) -> str:
        return str(self.product["id"])

    @property
    def sku_id(self) -> str:
        return str(self.sku["id"])

    @property
    def catalog_item_id(self) -> str:
        return catalog_item(self.product_id, self.sku_id, self.availability_id)

    @property
    def family(self) -> str:
        """Product type id; lines of one cart are grouped to orders by it (rule 25)."""
        return str(self.product["productType"]["id"])

    @property
    def is_licence(self) -> bool:
        return self.family == "OnlineServicesNCE"

    @property
    def is_trial(self) -> bool:
        return bool(self.sku.get("isTrial"))

    @property
    def purchasable(self) -> bool:
        return bool(self.sku.get("_isPurchasable", True))

    @property
    def open_ended(self) -> bool:
        """An Azure plan has no term; a term a request names for it is not looked at."""
        return self.family == "Azure" and not any(term.get("duration") for term in self.sku["_terms"])

    def sold_in(self, country: str) -> bool:
        return sold_in(self.sku, country)

    def pairs(self) -> set[tuple[str, str]]:
        """Allowed (termDuration, billing cycle in snake case)."""
        return {(str(t.get("duration") or ""), cycle_of(t["billingCycle"])) for t in self.sku["_terms"]}


def sold_in(sku: dict[str, Any], country: str) -> bool:
    """Whether a SKU is sold in a country; one that names no markets is sold in all of them."""
    markets = sku.get("_markets")
    return not markets or country in markets


def generation(store: Store, settings: Settings, now: datetime) -> int:
    """Number of the running generation of availability ids."""
    issued = int(store.meta(_GENERATION, 0))
    if settings.availability_rotation_hours <= 0:
        return issued
    return issued + int((now - _EPOCH).total_seconds() // (settings.availability_rotation_hours * 3600))


def rotate(store: Store) -> int:
    """Reissue every availability id at once; answers the new number."""
    number = int(store.meta(_GENERATION, 0)) + 1
    store.set_meta(_GENERATION, number)
    return number


def availability_id(product_id: str, sku_id: str, segment: str, number: int) -> str:
    return f"CFQ7TT{text_code(6, product_id, sku_id, segment, str(number))}"


def find_product(store: Store, product_id: str) -> dict[str, Any]:
    product = store.get("product", "", product_id.upper())
    if product is None:
        raise ApiError(404, 400013, f"Product was not found: {product_id}.")
    return product


def find_sku(product: dict[str, Any], sku_id: str) -> dict[str, Any]:
    for sku in product["_skus"]:
        if sku["id"].upper() == sku_id.upper():
            return dict(sku)
    raise ApiError(404, 400018, f"SKU was not found: {product['id']}:{sku_id}.")


def offers_of(product: dict[str, Any], sku: dict[str, Any], number: int) -> Iterator[Offer]:
    """Every segment of a SKU in the order of the documentation."""
    for segment in SEGMENTS:
        if segment in sku["_segments"]:
            yield Offer(product, sku, segment, number)


def offer_in(store: Store, product_id: str, sku_id: str, segment: str, number: int) -> Offer:
    """The offer of a segment. Raises 404/400013, 404/400018, 404/400019."""
    product = find_product(store, product_id)
    sku = find_sku(product, sku_id)
    for offer in offers_of(product, sku, number):
        if offer.segment == segment:
            return offer
    raise ApiError(404, 400019, f"Availability not found: {product_id}:{sku_id} has no segment {segment}.")


def offer_by_item(store: Store, item: str, number: int) -> Offer:
    """The offer behind a catalogItemId. Raises 404/400019 for an id of an earlier generation, 400/800004 for no id."""
    parts = split_catalog_item(item)
    if parts is None:
        raise ApiError(400, 800004, f"Invalid offer ID: {item}.")
    product = find_product(store, parts[0])
    sku = find_sku(product, parts[1])
    for offer in offers_of(product, sku, number):
        if offer.availability_id == parts[2].upper():
            return offer
    raise ApiError(404, 400019, f"Availability not found: {item}.")


def sold_offer(ctx: Context, document: dict[str, Any]) -> Offer:
    """The SKU of a subscription today, under whatever availability id it has now. Raises 404 when it is gone."""
    product_id, sku_id, _ = document["offerId"].split(":")
    product = find_product(ctx.store, product_id)
    number = generation(ctx.store, ctx.settings, ctx.clock.now())
    return Offer(product, find_sku(product, sku_id), document["_segment"], number)


def check_term(offer: Offer, duration: str, billing: str) -> None:
    """Rule 23: the pair must be one of the availability's terms.

    Raises 400/900270 (cycle longer than the term), 400/800121 (term not offered), 400/900269 (cycle not offered).
    """
    if longer_cycle_than_term(billing, duration):
        raise ApiError(400, 900270, "The billing cycle cannot be longer than the term.")
    pairs = offer.pairs()
    if (duration, billing) in pairs:
        return
    if duration not in {term for term, _ in pairs}:
        raise ApiError(400, 800121, f"The term duration provided is invalid: {duration or 'none'}.")
    raise ApiError(400, 900269, f"The billing cycle is invalid: {billing} for a term of {duration}.")


def check_quantity(offer: Offer, quantity: int) -> None:
    """Rule 22: raises 400/2002 outside the SKU's minimum and maximum."""
    low, high = offer.sku["minimumQuantity"], offer.sku["maximumQuantity"]
    if not low <= quantity <= high:
        text = f"Subscription quantity {quantity} isn't within minimum {low} and maximum {high} allowed quantity."
        raise ApiError(400, 2002, text)
