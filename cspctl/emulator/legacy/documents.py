"""The stored form of a legacy subscription and of the order it came with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from cspctl.emulator.currencies import symbol
from cspctl.emulator.legacy.offers import term_price
from cspctl.emulator.subscription.document import record
from cspctl.emulator.terms import NEVER, stamp, term_end
from cspctl.emulator.wire.shapes import stable_guid

Document = dict[str, Any]
_TYPE = {"id": "Legacy", "displayName": "Legacy"}  # never on the wire; keeps these apart from new commerce


@dataclass(frozen=True)
class LegacyPurchase:
    customer: Document
    offer: Document
    quantity: int
    billing: str = "monthly"
    friendly_name: str | None = None
    partner_id: str = ""
    parent_id: str | None = None
    auto_renew: bool = True


def legacy_subscription(bought: LegacyPurchase, id: str, order_id: str, started: datetime) -> Document:
    offer, anchor = bought.offer, started.date()
    usage = offer["billing"] == "usage"
    renews = bought.auto_renew and offer["isAutoRenewable"] and not (usage or offer["isTrial"])
    end: date = NEVER if usage else term_end(anchor, "P1M" if offer["isTrial"] else "P1Y")
    document: Document = {
        "id": id,
        "entitlementId": stable_guid("entitlement", id) if usage else None,
        "offerId": offer["id"],
        "offerName": offer["name"],
        "friendlyName": bought.friendly_name or offer["name"],
        "productType": dict(_TYPE),
        "quantity": bought.quantity,
        "unitType": offer["unitType"],
        "parentSubscriptionId": bought.parent_id,
        "hasPurchasableAddons": False,
        "creationDate": stamp(started),
        "effectiveStartDate": f"{anchor.isoformat()}T00:00:00Z",
        "commitmentEndDate": f"{end.isoformat()}T00:00:00Z",
        "commitmentEndDateTime": f"{end.isoformat()}T00:00:00Z",
        "status": "active",
        "autoRenewEnabled": renews,
        "isTrial": offer["isTrial"],
        "billingType": "usage" if usage else "license",
        "billingCycle": bought.billing,
        "termDuration": "P1M" if offer["isTrial"] else "" if usage else "P1Y",
        "isMicrosoftProduct": True,
        "partnerId": bought.partner_id,
        "contractType": "subscription",
        "publisherName": "Microsoft Corporation",
        "orderId": order_id,
        "_legacy": True,
        "_customer": bought.customer["id"],
        "_market": bought.customer["_market"],
        "_currency": bought.customer["_currency"],
        "_segment": "commercial",
        "_visible": stamp(started),
        "_updates": 0,
        "_unitPrice": term_price(offer),
        "_discount": "0",
        "_anchor": anchor.isoformat(),
        "_end": end.isoformat(),
        "_until": None,
        "_batches": [],
    }
    record(document, "new", started, before=0)
    return document


def legacy_line(number: int, document: Document) -> Document:
    return {
        "lineItemNumber": number,
        "offerId": document["offerId"],
        "subscriptionId": document["id"],
        "parentSubscriptionId": document.get("parentSubscriptionId"),
        "termDuration": document["termDuration"] or None,
        "transactionType": "New",
        "friendlyName": document["friendlyName"],
        "quantity": document["quantity"],
        "partnerIdOnRecord": document["partnerId"] or None,
    }


def legacy_order(
    id: str,
    customer: Document,
    documents: list[Document],
    billing: str,
    placed: datetime,
    listed: datetime | None = None,
) -> Document:
    """A stored order; `listed` is when the list begins to show it, at once when left out."""
    return {
        "id": id,
        "alternateId": id,
        "referenceCustomerId": customer["id"],
        "billingCycle": billing,
        "currencyCode": customer["_currency"],
        "currencySymbol": symbol(customer["_currency"]),
        "lineItems": [legacy_line(number, one) for number, one in enumerate(documents)],
        "creationDate": stamp(placed),
        "status": "completed",
        "transactionType": "UserPurchase",
        "client": {},
        "_legacy": True,
        "_version": 1,
        "_provisioned": stamp(placed),
        "_listed": stamp(listed or placed),
        "_market": customer["_market"],
    }
