"""The hand-over of an accepted transfer: the subscriptions leave one partner and appear with orders at the other.

Source: Partner Center docs, page accept-a-transfer (2020). New commerce keeps its subscription ids (impl.).
The partner on record stays with the lines, and a refused line repeats its subscription's id as that of its entitlement.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from cspctl.emulator.context import Context
from cspctl.emulator.currencies import symbol
from cspctl.emulator.legacy.documents import legacy_line
from cspctl.emulator.subscription.document import settled
from cspctl.emulator.terms import instant, stamp
from cspctl.emulator.trade.order_document import order_wire
from cspctl.emulator.trade.pricing import row_price
from cspctl.emulator.wire.shapes import new_guid, new_order_id

Document = dict[str, Any]


def hand_over(ctx: Context, transfer: Document) -> tuple[list[Document], list[Document]]:
    """(orders of the target, errors). Lines that are not active, or have no price there, become errors 900103."""
    orders, errors = [], []
    customer = _customer(ctx, transfer)
    for line in transfer["lineItems"]:
        document = ctx.store.get("subscription", transfer["_source"], line["subscriptionId"])
        current = settled(document, ctx.clock.now()) if document else None
        if current is None or current["status"] != "active" or current.get("_pending"):
            errors.append(_error(line, current))
            continue
        family = [_priced(ctx, one, customer) for one in (current, *_addons(ctx, transfer, current["id"]))]
        priced = [one for one in family if one is not None]
        if len(priced) < len(family):
            errors.append(_error(line, current))
            continue
        orders.append(_move(ctx, transfer, customer, priced))
    return orders, errors


def _priced(ctx: Context, document: Document, customer: Document) -> Document | None:
    """The subscription as the target locks it: in another currency, at the row that was in force when its term began.

    None when the sheet has no price in that currency (impl.: no page speaks of partners of two currencies).
    """
    same = document["_currency"] == customer["_currency"]
    if same or document.get("_legacy") or document.get("_unitPrice") is None:  # traditional offers have one price
        return document
    product_id, sku_id, _ = document["offerId"].split(":")
    key = (
        product_id, sku_id, document["termDuration"], document["billingCycle"], document["_market"],
        customer["_currency"], document["_segment"],
    )  # fmt: skip  # one key
    price = row_price(ctx.store, key, instant(date.fromisoformat(document["_anchor"])))
    return None if price is None else {**document, "_unitPrice": str(price)}


def _customer(ctx: Context, transfer: Document) -> Document:
    """The target's own document of the customer, made from the source's when there is none."""
    mine = ctx.store.get("customer", transfer["_target"], transfer["customerTenantId"])
    if mine is not None and mine["relationshipToPartner"] != "none":
        return mine
    theirs = ctx.store.get("customer", transfer["_source"], transfer["customerTenantId"]) or {}
    partner = ctx.store.get("partner", "", transfer["_target"]) or {}
    made = {
        **theirs, "relationshipToPartner": "reseller", "associatedPartnerId": None, "_reseller": None,
        "_currency": partner.get("currency", theirs.get("_currency")),
    }  # fmt: skip  # one document
    ctx.store.put("customer", transfer["_target"], transfer["customerTenantId"], made)
    return made


def _addons(ctx: Context, transfer: Document, id: str) -> list[Document]:
    every = ctx.store.list("subscription", transfer["_source"], parent=transfer["customerTenantId"])
    return [one for one in every if one.get("parentSubscriptionId") == id]


def _move(ctx: Context, transfer: Document, customer: Document, family: list[Document]) -> Document:
    now, first = ctx.clock.now(), family[0]
    legacy = bool(first.get("_legacy"))
    order_id = new_guid(ctx.store, "legacy order") if legacy else new_order_id(ctx.store)
    new = {"orderId": order_id, "_currency": customer["_currency"], "_transfer": None}
    moved = [{**one, **new, "_updates": one["_updates"] + 1} for one in family]
    order = {
        "id": order_id,
        "alternateId": order_id,
        "referenceCustomerId": customer["id"],
        "billingCycle": first["billingCycle"],
        "currencyCode": customer["_currency"],
        "currencySymbol": symbol(customer["_currency"]),
        "lineItems": [legacy_line(number, one) for number, one in enumerate(moved)],
        "creationDate": stamp(now),
        "status": "completed",
        "transactionType": "UserPurchase",
        "client": {},
        "_legacy": legacy,
        "_version": 1,
        "_provisioned": stamp(now),
        "_listed": stamp(now),
        "_market": customer["_market"],
    }
    ctx.store.put("order", transfer["_target"], order_id, order, parent=customer["id"])
    for one in moved:
        ctx.store.delete("subscription", transfer["_source"], one["id"])
        ctx.store.put("subscription", transfer["_target"], one["id"], one, parent=customer["id"])
    return order_wire(order, now)


def _error(line: Document, current: Document | None) -> Document:
    state = current["status"] if current else "None"
    text = "Subscription SyncState must be SyncComplete for the Subscription to be a source in a Subscription"
    return {
        "transferGroupId": line["transferGroupId"],
        "lineItems": [{**line, **dict.fromkeys(("entitlementId", "sourceSubscriptionId"), line["subscriptionId"])}],
        "code": 900103,
        "description": f"{text} Ownership Transfer. Subscription: {line['subscriptionId']}, current state: {state}",
        "attributes": {"objectType": "TransferError"},
    }
