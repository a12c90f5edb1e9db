"""Lines of a cart: what a request may say, what is wrong with a line, what it costs, which order it goes to.

A mistake in the form of the request is an HTTP error; a line that cannot be bought stays in the 201 answer with an
`error` (rules 21 to 25). Source: Partner Center docs, pages create-a-cart and cart-resources (Oct 2023).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cspctl.emulator.context import Context
from cspctl.emulator.coterm import check_end_date
from cspctl.emulator.customers import partner_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.market.eligibility import limits_of
from cspctl.emulator.offers import Offer, check_term, generation, offer_by_item
from cspctl.emulator.participants import Participants, check_participants
from cspctl.emulator.pricing import line_pricing, promotion_discount, unit_price
from cspctl.emulator.sandbox import quota_error
from cspctl.emulator.subscription_document import RUNNING, Purchase
from cspctl.emulator.terms import cycle_of, day_stamp

ERROR_NAMES = {
    10001: "CatalogItemIdIsNotValid",
    10004: "ParticipantsIsNotSupportedForPartner",
    10006: "UnableToProcessCartLineItem",
    10009: "SandboxLimitExceeded",
    10010: "InvalidInput",
    10012: "AttestationNotAccepted",
    10015: "MaxAllowedSeatsPerSubscriptionExceeded",
}
_ECHOED = ("friendlyName", "promotionId", "participants", "renewsTo", "attestationAccepted", "purchaseCommitment")


@dataclass(frozen=True)
class LineError:
    """Why a line of a cart cannot be bought; `http` is what the same fault is called at checkout and order."""

    code: int
    text: str
    http: ApiError
    seats: dict[str, int] | None = None

    def wire(self, form: str) -> dict[str, Any]:
        code: int | str = ERROR_NAMES[self.code] if form == "name" else self.code
        return {"errorCode": code, "errorDescription": self.text, "additionalInformation": self.seats}


@dataclass(frozen=True)
class Line:
    """A checked line: either a purchase or an error."""

    given: dict[str, Any]
    purchase: Purchase | None
    error: LineError | None


def check_lines(ctx: Context, customer: dict[str, Any], given: object, owned: Sequence[dict[str, Any]]) -> list[Line]:
    """Every line checked in array order. Raises ApiError for a request that no cart can be made of."""
    if not isinstance(given, list) or not given or not all(isinstance(line, dict) for line in given):
        raise ApiError(400, 800002, "Invalid request input: lineItems must hold at least one line item.")
    seats = _seats(owned)
    active = {_sku_key(one["offerId"]) for one in owned if one["status"] == "active"}
    wanted = {_sku_key(str(line.get("catalogItemId"))) for line in given}
    lines = [
        _check(ctx, customer, {**line, "id": line.get("id", index)}, owned, seats, active | wanted)
        for index, line in enumerate(given)
    ]
    return _within_sandbox(ctx, lines, owned)


def _within_sandbox(ctx: Context, lines: list[Line], owned: Sequence[dict[str, Any]]) -> list[Line]:
    """The lines with those refused that a sandbox partner may not have (rule 53)."""
    kept: list[Line] = []
    for line in lines:
        before = sum(one.purchase is not None for one in kept)
        bought = line.purchase
        error = quota_error(ctx, bought.offer.family, bought.quantity, owned, before) if bought else None
        kept.append(Line(line.given, None, LineError(10009, error.description, error)) if error else line)
    return kept


def _check(
    ctx: Context,
    customer: dict[str, Any],
    line: dict[str, Any],
    owned: Sequence[dict[str, Any]],
    seats: dict[str, int],
    prerequisites: set[str],
) -> Line:
    if line.get("addonItems"):
        raise ApiError(400, 800002, "Invalid request input: addonItems are for legacy offers; use lines of their own.")
    quantity = line.get("quantity")
    if not isinstance(quantity, int) or isinstance(quantity, bool) or quantity < 1:
        raise ApiError(400, 2002, f"Subscription quantity isn't within minimum and maximum: {quantity!r}.")
    people = check_participants(ctx, line.get("participants"))
    try:
        number = generation(ctx.store, ctx.settings, ctx.clock.now())
        offer = offer_by_item(ctx.store, str(line.get("catalogItemId") or ""), number)
    except ApiError as fault:
        return Line(line, None, LineError(10001, fault.description, fault))
    if quantity < offer.sku["minimumQuantity"]:
        raise ApiError(400, 2002, f"Subscription quantity {quantity} is below {offer.sku['minimumQuantity']}.")
    purchase = _purchase(ctx, customer, offer, line, quantity, people, owned)
    key = _sku_key(offer.catalog_item_id)
    error = _error_of(ctx, purchase, seats.get(key, 0), prerequisites)
    if error is not None:
        return Line(line, None, error)
    seats[key] = seats.get(key, 0) + quantity
    return Line(line, purchase, None)


def _error_of(ctx: Context, bought: Purchase, held: int, prerequisites: set[str]) -> LineError | None:
    """What keeps a well-formed line from being bought; None when nothing does."""
    offer, item = bought.offer, bought.offer.catalog_item_id
    if not offer.purchasable or offer.segment not in bought.customer.get("_segments", ["commercial"]):
        http = ApiError(403, 2091, "The offer is no longer available for purchase.")
        return LineError(10001, f"The catalog item {item} cannot be purchased by this customer.", http)
    limit = seat_error(offer, bought.quantity, held)
    if limit is not None:
        return limit
    attestation = offer.sku.get("attestationProperties") or {}
    if attestation.get("enforceAttestation") and bought.attestation is not True:
        text = f"CatalogItemId: {item} requires attestation acceptance."
        return LineError(10012, text, ApiError(400, 900203, text))
    needed = offer.sku["dynamicAttributes"].get("prerequisiteSkus", [])
    if ctx.settings.enforce_prerequisites and needed and not prerequisites.intersection(needed):
        text = f"The catalog item {item} needs an active subscription of one of {', '.join(needed)}."
        return LineError(10006, text, ApiError(400, 800062, text))
    if bought.partner_id and str(partner_of(ctx).get("tier")).startswith("direct"):
        text = "Participants are not supported for this partner."
        return LineError(10004, text, ApiError(400, 800016, text))
    return None


def seat_error(offer: Offer, quantity: int, held: int) -> LineError | None:
    """Above the SKU's maximum: of one line, and for small-business SKUs (up to 300) of all the customer's seats."""
    most = int(offer.sku["maximumQuantity"])
    left = most - held if most <= 300 else most
    if quantity <= left:
        return None
    text = (
        f"The requested number of {quantity} seat/s exceeded the remaining limit of {max(left, 0)} seats allowed per "
        f"subscription for the CatalogID - {offer.catalog_item_id}."
    )
    http = ApiError(400, 2002, text) if quantity > most else ApiError(403, 800088, text)
    return LineError(10015, text, http, {"availableQuantity": max(left, 0), "purchasedQuantity": held})


def _purchase(
    ctx: Context,
    customer: dict[str, Any],
    offer: Offer,
    line: dict[str, Any],
    quantity: int,
    people: Participants,
    owned: Sequence[dict[str, Any]],
) -> Purchase:
    """The purchase with its price. Raises 400 for a term, cycle, end date or promotion that cannot be."""
    duration = str(line.get("termDuration") or "").upper()
    billing = cycle_of(str(line.get("billingCycle") or ""))
    check_term(offer, duration, billing)
    now = ctx.clock.now()
    number = line["id"] if isinstance(line["id"], int) else 0
    if line.get("customTermEndDate") and offer.is_trial:
        raise ApiError(400, 900242, f"The custom term end date of line item {number} is for paid terms only.")
    end = check_end_date(line.get("customTermEndDate"), list(owned), now.date(), duration, ctx.settings, line=number)
    wanted = line.get("promotionId")
    if wanted and ctx.store.get("promotion", "", str(wanted).lower()) is None:
        raise ApiError(400, 27007, f"Invalid promotion code: {wanted}.")
    promotion, discount = promotion_discount(
        ctx.store, offer, duration, billing, quantity, wanted, now,
        lambda one: not limits_of(one, offer, quantity, list(owned)),
    )  # fmt: skip  # one call
    market, currency = customer["_market"], customer["_currency"]
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
        promotion_id=promotion,
        discount=discount,
        renews_to=renews_to[0] if isinstance(renews_to, list) and renews_to else renews_to or None,
        attestation=line.get("attestationAccepted"),
        context=line.get("provisioningContext") or None,
        commitment=line.get("purchaseCommitment"),
        unit_price=unit_price(ctx.store, offer, duration, billing, market, currency, ctx.clock.now()),
    )


def order_groups(lines: Sequence[Line]) -> list[str]:
    """The orderGroup of every line: one group per currency, billing cycle and product family (rule 25).

    The currency is the customer's, hence one per cart; a line without a known product counts as a licence.
    """
    names: dict[tuple[str, str], str] = {}
    groups = []
    for line in lines:
        family = line.purchase.offer.family if line.purchase else "OnlineServicesNCE"
        key = (cycle_of(str(line.given.get("billingCycle") or "")), family)
        groups.append(names.setdefault(key, str(len(names))))
    return groups


def wire_lines(ctx: Context, customer: dict[str, Any], lines: Sequence[Line]) -> list[dict[str, Any]]:
    """The lines of the answer; the request's own lines are kept beside them for the checkout."""
    return [_wire(ctx, customer, line, group) for line, group in zip(lines, order_groups(lines), strict=True)]


def _wire(ctx: Context, customer: dict[str, Any], line: Line, group: str) -> dict[str, Any]:
    given, bought = line.given, line.purchase
    body = {
        "id": given["id"],
        "catalogItemId": given.get("catalogItemId"),
        "quantity": given["quantity"],
        "currencyCode": customer["_currency"],
        "billingCycle": cycle_of(str(given.get("billingCycle") or "")),
        "termDuration": str(given.get("termDuration") or "").upper() or None,
        "provisioningContext": given.get("provisioningContext") or {},
        "orderGroup": group,
        **{name: given[name] for name in _ECHOED if name in given},
    }
    if bought is not None:
        body["promotionId"] = bought.promotion_id
        body["customTermEndDate"] = day_stamp(bought.custom_end) if bought.custom_end else None
        body["pricing"] = pricing_of(bought)
    if line.error is not None:
        body["error"] = line.error.wire(ctx.settings.cart_error_form)
    return body


def pricing_of(bought: Purchase) -> dict[str, Any] | None:
    """Absent when no price is seeded: an unknown price is not 0."""
    if bought.unit_price is None:
        return None
    return line_pricing(bought.unit_price, bought.duration, bought.billing, bought.quantity, bought.discount)


def _seats(owned: Sequence[dict[str, Any]]) -> dict[str, int]:
    seats: dict[str, int] = {}
    for one in owned:
        if one["status"] in RUNNING:
            key = _sku_key(one["offerId"])
            seats[key] = seats.get(key, 0) + int(one["quantity"])
    return seats


def _sku_key(item: str) -> str:
    return ":".join(item.upper().split(":")[:2])
