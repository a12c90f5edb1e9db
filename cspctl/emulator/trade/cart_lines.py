"""Lines of a cart or an order: what a request may say, and the purchases it makes.

A mistake in the form of the request is an HTTP error; a line that cannot be bought stays in the 201 answer with an
`error` (rules 21 to 25). Source: Partner Center docs, pages create-a-cart and cart-resources (Oct 2023).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cspctl.emulator.azure.benefit_context import benefit_term, context_error, partner_of_plan
from cspctl.emulator.context import Context
from cspctl.emulator.currencies import currency_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.fulfilment.families import LEGACY, family_of
from cspctl.emulator.legacy.cart_lines import legacy_cart_line
from cspctl.emulator.market.choice import chosen_promotion
from cspctl.emulator.partner.customers import partner_of
from cspctl.emulator.subscription.document import Purchase, aligned_cycles
from cspctl.emulator.subscription.windows import RUNNING
from cspctl.emulator.terms import cycle_of
from cspctl.emulator.trade.cart_wire import is_legacy_line
from cspctl.emulator.trade.coterm import check_end_date
from cspctl.emulator.trade.line_checks import error_of, seat_error, sku_key
from cspctl.emulator.trade.line_errors import Line, fault
from cspctl.emulator.trade.line_numbers import numbered
from cspctl.emulator.trade.offers import Offer, check_term, generation, offer_by_item
from cspctl.emulator.trade.participants import Participants, check_participants
from cspctl.emulator.trade.pricing import unit_price
from cspctl.emulator.trade.sandbox import Wish, quota_error
from cspctl.emulator.wire.requests import whole

__all__ = ["check_lines", "seat_error"]  # the second for whoever adds seats
Document = dict[str, Any]


@dataclass
class Basket:
    """What a request for a customer is judged by: the subscriptions owned, and what its earlier lines took."""

    customer: Document
    owned: Sequence[Document]
    asked: set[str]
    earlier: list[Document] = field(default_factory=list)
    seats: Counter[tuple[str, str]] = field(default_factory=Counter)  # by SKU and partner on record
    assets: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        for one in self.owned:
            if one["status"] in RUNNING:
                self.seats[sku_key(one["offerId"]), str(one.get("partnerId") or "")] += int(one["quantity"])

    @property
    def prerequisites(self) -> set[str]:
        return self.asked | {sku_key(one["offerId"]) for one in self.owned if one["status"] == "active"}

    def held(self, bought: Purchase) -> int:
        """Seats that count to the SKU's maximum: of licences all, of anything else those with the same reseller."""
        wanted, licence = sku_key(bought.offer.catalog_item_id), bought.offer.is_licence
        return sum(
            count
            for (key, partner), count in self.seats.items()
            if key == wanted and (licence or partner == bought.partner_id)
        )

    def take(self, bought: Purchase) -> None:
        key = sku_key(bought.offer.catalog_item_id)
        self.seats[key, bought.partner_id] += bought.quantity
        self.assets[key] += 1
        taken = {"offerId": bought.offer.catalog_item_id, "quantity": bought.quantity, "status": "pending"}
        self.earlier.append({**taken, "promotionId": bought.promotion_id})


def check_lines(
    ctx: Context, customer: Document, given: object, owned: Sequence[Document], *, late: bool = False
) -> list[Line]:
    """Every line checked in array order. Raises ApiError for a request that no cart can be made of.

    `late` is the second check, at checkout: what has become wrong since is then an error of its line.
    """
    if not isinstance(given, list) or not given or not all(isinstance(line, dict) for line in given):
        raise ApiError(400, 800002, "Invalid request input: lineItems must hold at least one line item.")
    lines = numbered(given)
    basket = Basket(customer, owned, {sku_key(line.get("catalogItemId")) for line in lines})
    return _within_sandbox(ctx, [_checked(ctx, basket, line, late) for line in lines], owned)


def _checked(ctx: Context, basket: Basket, line: Document, late: bool) -> Line:
    try:
        if is_legacy_line(line):
            return legacy_cart_line(ctx, basket.customer, line)
        if line["addonItems"]:
            text = "addonItems are for traditional offers; use lines of their own."
            raise ApiError(400, 800002, f"Invalid request input: {text}")
        return _check(ctx, basket, line)
    except ApiError as error:
        if not late:
            raise
        return Line(line, str(basket.customer["_currency"]), error=fault(10006, error))


def _within_sandbox(ctx: Context, lines: list[Line], owned: Sequence[Document]) -> list[Line]:
    """The lines with those refused that a sandbox partner may not have (rule 53)."""
    kept: list[Line] = []
    earlier: list[Wish] = []
    for line in lines:
        wishes = [wish for part in (line, *line.addons) if (wish := _wish(ctx, part)) is not None]
        error = next((wrong for wish in wishes if (wrong := quota_error(ctx, wish, owned, earlier))), None)
        kept.append(replace(line, purchase=None, legacy=None, error=fault(10009, error)) if error else line)
        earlier += [] if error else wishes
    return kept


def _wish(ctx: Context, line: Line) -> Wish | None:
    if line.purchase is not None:
        bought = line.purchase
        family = family_of(ctx.store, bought.offer.catalog_item_id, bought.duration or None)
        return Wish(family, bought.quantity, bought.partner_id)
    return Wish(LEGACY, line.legacy.quantity) if line.legacy is not None else None


def _check(ctx: Context, basket: Basket, line: Document) -> Line:
    quantity = whole(line.get("quantity"), "of the line")
    line = {**line, "quantity": quantity}
    people = check_participants(ctx, line.get("participants"))
    own_currency = str(basket.customer["_currency"])
    try:
        number = generation(ctx.store, ctx.settings, ctx.clock.now())
        offer = offer_by_item(ctx.store, str(line.get("catalogItemId") or ""), number)
    except ApiError as error:
        return Line(line, own_currency, error=fault(10001, error))
    if quantity < offer.sku["minimumQuantity"]:
        raise ApiError(400, 2002, f"Subscription quantity {quantity} is below {offer.sku['minimumQuantity']}.")
    try:
        currency = currency_of(ctx, basket.customer, line.get("currencyCode"))
    except ApiError as error:
        return Line(line, own_currency, error=fault(10000, error))
    purchase = _purchase(ctx, basket, offer, line, people, currency)
    key = sku_key(offer.catalog_item_id)
    limited = offer.is_licence or not partner_of(ctx).get("sandbox")  # other goods have limits of their own there
    held = basket.held(purchase) if limited else 0
    wrong = error_of(ctx, purchase, held, basket.assets[key], basket.prerequisites)
    wrong = wrong or context_error(ctx, purchase, basket.owned)
    if wrong is not None:
        return Line(line, currency, error=wrong)
    purchase = replace(purchase, partner_id=partner_of_plan(purchase, basket.owned) or purchase.partner_id)
    basket.take(purchase)
    return Line(line, currency, purchase)


def _purchase(
    ctx: Context, basket: Basket, offer: Offer, line: Document, people: Participants, currency: str
) -> Purchase:
    """The purchase with its price. Raises 400 for a term, cycle, end date or promotion that cannot be."""
    customer, now, quantity = {**basket.customer, "_currency": currency}, ctx.clock.now(), line["quantity"]
    duration = "" if offer.open_ended else str(line.get("termDuration") or benefit_term(offer, line)).upper()
    billing = cycle_of(str(line.get("billingCycle") or ""))
    check_term(offer, duration, billing)
    number = line["id"] if isinstance(line["id"], int) else 0
    if line.get("customTermEndDate") and (offer.is_trial or not offer.is_licence):
        text = f"The custom term end date of line item {number} is for paid terms of licences only."
        raise ApiError(400, 900242, text)
    end = check_end_date(
        line.get("customTermEndDate"), list(basket.owned), now.date(), duration, ctx.settings, line=number
    )
    known = [*basket.owned, *basket.earlier]
    promotion, discount = chosen_promotion(
        ctx.store, customer, offer, (duration, billing), quantity, line.get("promotionId"), known, now
    )
    renews_to = line.get("renewsTo")
    return Purchase(
        customer=customer,
        offer=offer,
        quantity=quantity,
        duration=duration,
        billing=billing,
        friendly_name=line.get("friendlyName"),
        partner_id=people.reseller,
        additional_partner_ids=people.additional,
        custom_end=end,
        cycles_from=aligned_cycles(ctx.settings, now.date(), end, duration, billing),
        promotion_id=promotion,
        discount=discount,
        renews_to=renews_to[0] if isinstance(renews_to, list) and renews_to else renews_to or None,
        attestation=line.get("attestationAccepted"),
        context=line.get("provisioningContext") or None,
        commitment=line.get("purchaseCommitment"),
        unit_price=unit_price(ctx.store, offer, duration, billing, customer["_market"], currency, now),
    )
