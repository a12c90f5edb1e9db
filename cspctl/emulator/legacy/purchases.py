"""Legacy purchases: an order of offers, an add-on put into an order, and the billing cycle of an order (rule 42).

Source: Partner Center docs, pages create-an-order, purchase-an-add-on-to-a-subscription, change-the-billing-cycle
(Oct 2023).
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from cspctl.emulator.context import Context
from cspctl.emulator.errors import ApiError
from cspctl.emulator.legacy.checks import check_cycle, offer_to_buy, parent_of
from cspctl.emulator.legacy.documents import LegacyPurchase, legacy_line, legacy_order, legacy_subscription
from cspctl.emulator.legacy.offers import find_offer
from cspctl.emulator.subscription.document import record
from cspctl.emulator.subscription.windows import is_blocked
from cspctl.emulator.terms import cycle_of, stamp
from cspctl.emulator.trade.coterm import customer_subscriptions
from cspctl.emulator.trade.order_document import order_wire
from cspctl.emulator.trade.participants import check_reseller
from cspctl.emulator.wire.requests import invalid, whole
from cspctl.emulator.wire.shapes import new_guid, split_catalog_item

Document = dict[str, Any]
Bundle = tuple[LegacyPurchase, Sequence[LegacyPurchase]]  # a purchase and the add-ons that hang on it


def is_legacy_purchase(lines: object) -> bool:
    """Whether every line names an offer without the three parts of a catalogue item."""
    if not isinstance(lines, list) or not lines:
        return False
    names = [str(line.get("offerId") or "") for line in lines if isinstance(line, dict)]
    return len(names) == len(lines) and all(name and split_catalog_item(name) is None for name in names)


def place_legacy_order(ctx: Context, customer: Document, body: Document) -> Document:
    """The stored order of a request. Raises 400/800004, 403/2085, 400/2002, 400/900269, 409/27009."""
    given = str(body.get("billingCycle") or "monthly").lower()
    billing = cycle_of("monthly" if given == "unknown" else given)  # page create-an-order-for-a-customer-of-an-…
    bought = [_purchase(ctx, customer, line, billing, line.get("parentSubscriptionId")) for line in body["lineItems"]]
    return place_bundles(ctx, customer, [(one, ()) for one in bought], billing)


def place_bundles(ctx: Context, customer: Document, bought: Sequence[Bundle], billing: str) -> Document:
    """One stored order; an add-on of a bundle becomes a child of the subscription it was bought with."""
    order_id, now = new_guid(ctx.store, "legacy order"), ctx.clock.now()
    documents: list[Document] = []
    for base, addons in bought:
        parent = _subscription(ctx, base, order_id)
        documents += [parent, *(_subscription(ctx, replace(a, parent_id=parent["id"]), order_id) for a in addons)]
    provisioned = stamp(now + timedelta(seconds=ctx.settings.provisioning_lag_seconds))
    documents = [{**document, "_visible": provisioned} for document in documents]
    listed = now + timedelta(seconds=ctx.settings.order_list_lag_seconds)
    order = {**legacy_order(order_id, customer, documents, billing, now, listed), "_provisioned": provisioned}
    _keep(ctx, customer, order, documents, "create_order", None)
    return order


def _subscription(ctx: Context, bought: LegacyPurchase, order_id: str) -> Document:
    return legacy_subscription(bought, new_guid(ctx.store, "subscription"), order_id, ctx.clock.now())


def add_to_order(ctx: Context, customer: Document, order: Document, lines: list[Document]) -> Document:
    """The order with add-on subscriptions put into it; their bases must be of this order. Raises 400/800029."""
    after, documents = copy.deepcopy(order), []
    held = {line["subscriptionId"] for line in order["lineItems"]}
    for line in lines:
        bought = _purchase(ctx, customer, line, order["billingCycle"], line.get("parentSubscriptionId"))
        if bought.parent_id not in held:
            raise ApiError(400, 800029, "The add-on isn't related to a parent subscription of this order.")
        documents.append(_subscription(ctx, bought, order["id"]))
    first = len(after["lineItems"])
    after["lineItems"] += [legacy_line(first + index, one) for index, one in enumerate(documents)]
    after["_version"] += 1
    _keep(ctx, customer, after, documents, "update_order", order)
    return after


def change_cycle(ctx: Context, customer: Document, order: Document, wanted: str, lines: list[Document]) -> Document:
    """The order and its subscriptions on another cycle; `lines` repeat the order's.

    Raises 400/6000 (inactive), 400/800072 (changed or transferred), 400/6001 (not offered), 400/800071 (no line of the
    order), 400/800002.
    """
    billing = cycle_of(wanted)
    known = {str(line["lineItemNumber"]): line for line in order["lineItems"]}
    for given in lines:
        line = known.get(str(given.get("lineItemNumber")))
        if line is None or str(given.get("subscriptionId") or "").lower() != line["subscriptionId"]:
            raise ApiError(400, 800071, "Line Item number should be from 0 to number of line items count.")
    if billing not in ("monthly", "annual"):
        raise invalid(f"billingCycle {wanted} is none of Monthly, Annual")
    ids = {line["subscriptionId"] for line in order["lineItems"]}
    documents = [one for one in customer_subscriptions(ctx, customer["id"]) if one["id"] in ids]
    if any(one["status"] != "active" for one in documents):
        text = "The billing cycle couldn't be changed because the order contains one or more subscriptions that aren't"
        raise ApiError(400, 6000, text + " active.")
    if any(is_blocked(one, ctx.settings) for one in documents):
        raise ApiError(400, 800072, "Can't change billing cycle if subscription's SyncState isn't Completed.")
    offers = [find_offer(ctx.store, one["offerId"]) or {} for one in documents]
    if any(billing not in offer.get("supportedBillingCycles", []) for offer in offers):
        text = "The billing cycle couldn't be changed because one of the order's Offer IDs doesn't support the billing"
        raise ApiError(400, 6001, text + " term.")
    after = copy.deepcopy(order)
    after["billingCycle"], after["_version"] = billing, order["_version"] + 1
    changed = [{**one, "billingCycle": billing, "_updates": one["_updates"] + 1} for one in documents]
    for one in changed:
        record(one, "convert", ctx.clock.now(), before=one["quantity"])
    _keep(ctx, customer, after, changed, "update_order", order)
    return after


def _purchase(ctx: Context, customer: Document, line: Document, billing: str, parent_id: object) -> LegacyPurchase:
    offer = offer_to_buy(ctx, str(line.get("offerId") or ""))
    quantity = whole(line.get("quantity"), "of the line")
    if not offer["minimumQuantity"] <= quantity <= offer["maximumQuantity"]:
        raise ApiError(400, 2002, "Subscription quantity isn't within minimum and maximum allowed quantity.")
    check_cycle(offer, billing)
    if offer["isAddOn"] and not parent_id:
        raise invalid("an add-on needs parentSubscriptionId")
    parent = parent_of(ctx, customer, offer, parent_id) if parent_id else None
    reseller = line.get("partnerIdOnRecord")
    return LegacyPurchase(
        customer=customer,
        offer=offer,
        quantity=quantity,
        billing=billing,
        friendly_name=line.get("friendlyName"),
        partner_id=check_reseller(ctx, reseller) if reseller else "",
        parent_id=parent["id"] if parent else None,
    )


def _keep(
    ctx: Context, customer: Document, order: Document, documents: list[Document], operation: str, old: Document | None
) -> None:
    now = ctx.clock.now()
    ctx.store.put("order", ctx.partner, order["id"], order, parent=customer["id"])
    for one in documents:
        ctx.store.put("subscription", ctx.partner, one["id"], one, parent=customer["id"])
    ctx.audit.record(
        operation=operation,
        resource_type="order",
        customer_id=customer["id"],
        old=order_wire(old, now) if old else None,
        new=order_wire(order, now),
        customized=[{"key": "OrderId", "value": order["id"]}],
    )
