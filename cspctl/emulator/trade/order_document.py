"""The stored form of an order and its wire form at one instant.

`_provisioned` and `_listed` are instants of the virtual clock: before the first the lines carry no subscriptionId and
the order is pending, before the second the order is not in the list (rule 27).
Source: Partner Center docs, pages order-resources, checkout-a-cart, get-an-order-by-id (Oct 2023).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from cspctl.emulator.currencies import symbol
from cspctl.emulator.legacy.wire import line_links, version_etag
from cspctl.emulator.subscription.document import Purchase
from cspctl.emulator.terms import day_stamp, parse_moment, stamp
from cspctl.emulator.trade.cart_wire import pricing_of
from cspctl.emulator.wire.shapes import link, split_catalog_item


def new_order(
    id: str,
    customer: dict[str, Any],
    bought: Sequence[tuple[Purchase, str]],
    placed: datetime,
    provisioned: datetime,
    listed: datetime,
) -> dict[str, Any]:
    """An order of purchases with the ids of their subscriptions; all share one billing cycle and currency."""
    lines = [_line(index, purchase, sub, placed.date()) for index, (purchase, sub) in enumerate(bought)]
    totals = [line["pricing"]["extendedPrice"] if line["pricing"] else None for line in lines]
    known = [total for total in totals if total is not None]
    return {
        "id": id,
        "alternateId": id,
        "referenceCustomerId": customer["id"],
        "billingCycle": bought[0][0].billing,
        "currencyCode": customer["_currency"],
        "currencySymbol": symbol(customer["_currency"]),
        "lineItems": lines,
        "creationDate": stamp(placed),
        "status": "completed",
        "transactionType": "UserPurchase",
        "totalPrice": round(sum(known), 2) if len(known) == len(totals) else None,
        "client": _client(bought, customer["_market"]),
        "_provisioned": stamp(provisioned),
        "_listed": stamp(listed),
        "_market": customer["_market"],
    }


def _client(bought: Sequence[tuple[Purchase, str]], market: str) -> dict[str, Any]:
    """What placed an order of software; other samples show an empty object. Source: page cancel-software-purchases."""
    kinds = {str(purchase.offer.product["productType"]["id"]) for purchase, _ in bought}
    if not any(kind.startswith("Software") for kind in kinds):
        return {}
    store = "UniversalStore-PartnerCenter"
    return {"marketplaceCountry": market, "deviceFamily": store, "name": "Partner Center API"}


def _line(index: int, bought: Purchase, subscription_id: str, day: date) -> dict[str, Any]:
    return {
        "lineItemNumber": index,
        "offerId": bought.offer.catalog_item_id,
        "subscriptionId": subscription_id,
        "termDuration": bought.duration or None,
        "transactionType": "New",
        "friendlyName": bought.friendly_name or bought.offer.sku["title"],
        "quantity": bought.quantity,
        "customTermEndDate": day_stamp(bought.custom_end) if bought.custom_end else None,
        "partnerIdOnRecord": bought.partner_id or None,
        "additionalPartnerIdsOnRecord": bought.additional_partner_ids or None,
        "promotionId": bought.promotion_id,
        "renewsTo": bought.renews_to,
        "attestationAccepted": bought.attestation,
        "provisioningContext": bought.context,
        "purchaseCommitment": bought.commitment,
        "pricing": pricing_of(bought, day),
    }


def is_provisioned(order: dict[str, Any], now: datetime) -> bool:
    return parse_moment(order["_provisioned"]) <= now


def is_listed(order: dict[str, Any], now: datetime) -> bool:
    return parse_moment(order["_listed"]) <= now


def order_wire(order: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The answer for one order at `now`."""
    done = is_provisioned(order, now)
    path = f"/customers/{order['referenceCustomerId']}/orders/{order['id']}"
    return {
        **{key: value for key, value in order.items() if not key.startswith("_")},
        "lineItems": [_line_wire(order, line, done) for line in order["lineItems"]],
        "status": order["status"] if done else "pending",
        "links": {
            "self": link(path),
            "provisioningStatus": link(f"{path}/provisioningstatus"),
            "patchOperation": link(path, "PATCH"),
        },
        "attributes": {
            "etag": version_etag(order["id"], order["_version"]) if order.get("_legacy") else None,
            "objectType": "Order",
        },
    }


def _line_wire(order: dict[str, Any], line: dict[str, Any], done: bool) -> dict[str, Any]:
    parts = split_catalog_item(line["offerId"])
    if parts is None:
        own_id = line["subscriptionId"] if done else None
        return {**line, "subscriptionId": own_id, "links": line_links(order, line, done)}
    product_id, sku_id, availability = parts
    country, product = order["_market"], f"/products/{product_id}"
    sku = f"{product}/skus/{sku_id}"
    links = {
        "product": link(f"{product}?country={country}"),
        "sku": link(f"{sku}?country={country}"),
        "availability": link(f"{sku}/availabilities/{availability}?country={country}"),
    }
    if done:
        own = f"/customers/{order['referenceCustomerId']}/subscriptions/{line['subscriptionId']}"
        links |= {"subscription": link(own), "provisioningStatus": link(f"{own}/provisioningstatus")}
    return {**line, "subscriptionId": line["subscriptionId"] if done else None, "links": links}
