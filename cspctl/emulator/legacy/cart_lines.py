"""Cart lines of traditional offers: a base with `addonItems`, or an add-on to a subscription the customer has.

An add-on names its base by `provisioningContext.ParentSubscriptionId` or by the line it hangs on.
Source: Partner Center docs, pages create-a-cart-with-add-ons and cart-resources (Oct 2023).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cspctl.emulator.context import Context
from cspctl.emulator.errors import ApiError
from cspctl.emulator.legacy.checks import check_cycle, offer_to_buy, parent_of, require_related
from cspctl.emulator.legacy.documents import LegacyPurchase
from cspctl.emulator.partner.customers import partner_of
from cspctl.emulator.terms import cycle_of
from cspctl.emulator.trade.line_errors import Line, LineError, fault
from cspctl.emulator.trade.participants import check_participants
from cspctl.emulator.wire.requests import whole

Document = dict[str, Any]


def legacy_cart_line(ctx: Context, customer: Document, given: Document) -> Line:
    """The checked line with its add-ons. Raises ApiError for what no cart can be made of, as the modern lines do."""
    line = _line(ctx, customer, given, None)
    addons = tuple(_line(ctx, customer, one, line) for one in given.get("addonItems") or [])
    return replace(line, addons=addons)


def _line(ctx: Context, customer: Document, given: Document, base: Line | None) -> Line:
    """One line; `base` is the line an add-on hangs on."""
    currency, quantity = str(customer["_currency"]), whole(given.get("quantity"), "of the line")
    people = check_participants(ctx, given.get("participants"))
    try:
        offer = offer_to_buy(ctx, str(given.get("catalogItemId") or ""))
    except ApiError as error:
        return Line(given, currency, error=fault(10001, error))
    if quantity < offer["minimumQuantity"]:
        raise ApiError(400, 2002, f"Subscription quantity {quantity} is below {offer['minimumQuantity']}.")
    billing = cycle_of(str(given.get("billingCycle") or ""))
    check_cycle(offer, billing)
    parent, wrong = _parent(ctx, customer, offer, given, base)
    if quantity > offer["maximumQuantity"]:
        wrong = _too_many(offer, quantity)
    if people.reseller and str(partner_of(ctx).get("tier")).startswith("direct"):
        wrong = fault(10004, ApiError(400, 800016, "Participants are not supported for this partner."))
    if wrong is not None:
        return Line(given, currency, error=wrong)
    above = base.legacy.partner_id if base is not None and base.legacy is not None else ""
    bought = LegacyPurchase(
        customer=customer,
        offer=offer,
        quantity=quantity,
        billing=billing,
        friendly_name=given.get("friendlyName"),
        partner_id=people.reseller or above,
        parent_id=parent["id"] if parent else None,
    )
    return Line(given, currency, legacy=bought)


def _parent(
    ctx: Context, customer: Document, offer: Document, given: Document, base: Line | None
) -> tuple[Document | None, LineError | None]:
    """The subscription an add-on goes under, when it exists already, and what is wrong with the relation."""
    try:
        if base is not None:
            require_related(offer, str(base.given.get("catalogItemId")))
            _require_same_cycle(given, base)
            return None, None
        id = parent_id(given)
        if id:
            return parent_of(ctx, customer, offer, id), None
        if offer["isAddOn"]:
            text = "Invalid request input: an add-on needs provisioningContext.ParentSubscriptionId or a base line."
            raise ApiError(400, 800002, text)
    except ApiError as error:
        codes = {20003: 10007, 27009: 10007, 800002: 10010, 800085: 10010}
        return None, fault(codes.get(int(error.code), 10006), error)
    return None, None


def _require_same_cycle(given: Document, base: Line) -> None:
    """Base and add-ons become one order, which has one billing cycle."""
    mine, theirs = (cycle_of(str(one.get("billingCycle") or "")) for one in (given, base.given))
    if mine != theirs:
        text = "Subscription's billing cycle doesn't match with the original order billing cycle."
        raise ApiError(400, 800085, text)


def parent_id(given: Document) -> str:
    """`ParentSubscriptionId` of the provisioning context, whose keys are compared without case; "" for none."""
    context = given.get("provisioningContext")
    pairs = context.items() if isinstance(context, dict) else ()
    return next((str(value) for key, value in pairs if key.lower() == "parentsubscriptionid" and value), "")


def _too_many(offer: Document, quantity: int) -> LineError:
    most = int(offer["maximumQuantity"])
    text = f"The requested number of {quantity} seat/s exceeded the limit of {most} for the CatalogID - {offer['id']}."
    return LineError(10015, text, ApiError(400, 2002, text), {"availableQuantity": most, "purchasedQuantity": 0})
