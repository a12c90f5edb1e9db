"""The stored form of a subscription, and the wire form computed from it at one instant.

Stored are facts (`_anchor` first day of the term, `_end` its inclusive last day, `_until` cancellation deadline,
`_batches` refundable seats, `_events` what a bill is made of); windows, cycle ends and links are computed on reading.
Source: Partner Center docs, pages subscription-resources, get-a-subscription-by-id, create-a-new-subscription (2023).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from cspctl.emulator.legacy.wire import is_legacy, subscription_wire, version_etag
from cspctl.emulator.settings import Settings
from cspctl.emulator.subscription.windows import (
    actions,
    cancellable,
    cancellation_deadline,
    is_used_up,
    open_batches,
    open_windows,
)
from cspctl.emulator.terms import (
    cycle_end,
    cycles_from_end,
    day_stamp,
    last_second,
    parse_day,
    parse_moment,
    stamp,
    term_end,
)
from cspctl.emulator.trade.offers import Offer, availability_id
from cspctl.emulator.wire.bodies import Shown
from cspctl.emulator.wire.shapes import link, stable_guid

Document = dict[str, Any]


@dataclass(frozen=True)
class Purchase:
    """One line that was bought; `unit_price` is the partner's price of one unit for the whole term, before discount."""

    customer: Document
    offer: Offer
    quantity: int
    duration: str
    billing: str
    friendly_name: str | None = None
    partner_id: str = ""
    additional_partner_ids: list[str] = field(default_factory=list)
    custom_end: date | None = None
    cycles_from: date | None = None  # the day charge cycles count from, where it is not the day of purchase
    promotion_id: str | None = None
    discount: Decimal = Decimal(0)
    renews_to: Document | None = None
    attestation: bool | None = None
    context: Document | None = None  # provisioningContext, echoed by the order
    commitment: Document | None = None  # purchaseCommitment of a savings plan
    auto_renew: bool = True
    unit_price: Decimal | None = None
    charge_type: str = "new"  # "convert" when the seats come out of another subscription
    reference: str | None = None  # shared by the charge lines of both


def new_subscription(
    purchase: Purchase, id: str, order_id: str, started: datetime, visible: datetime, settings: Settings
) -> Document:
    """A subscription at the instant of its purchase."""
    offer, anchor = purchase.offer, started.date()
    usage = offer.family == "Azure"
    document: Document = {
        "id": id,
        "offerId": offer.catalog_item_id,
        "offerName": offer.sku["title"],
        "friendlyName": purchase.friendly_name or offer.sku["title"],
        "productType": offer.product["productType"],
        "quantity": purchase.quantity,
        "unitType": "Usage-based" if usage else "Licenses",
        "hasPurchasableAddons": False,
        "creationDate": stamp(started),
        "effectiveStartDate": stamp(started),
        "status": "active",
        "autoRenewEnabled": purchase.auto_renew and not usage,
        "isTrial": offer.is_trial,
        "billingType": "usage" if usage else "license",
        "billingCycle": purchase.billing,
        "termDuration": purchase.duration,
        "renewalTermDuration": (purchase.renews_to or {}).get("termDuration", ""),
        "isMicrosoftProduct": bool(offer.product.get("isMicrosoftProduct", True)),
        "partnerId": purchase.partner_id,
        "attentionNeeded": False,
        "actionTaken": False,
        "contractType": "subscription",
        "publisherName": offer.product["publisherName"],
        "orderId": order_id,
        "promotionId": purchase.promotion_id,
        "_customer": purchase.customer["id"],
        "_market": purchase.customer["_market"],
        "_currency": purchase.customer["_currency"],
        "_segment": offer.segment,
        "_visible": stamp(visible),
        "_updates": 0,
        "_late": settings.late_anchor == "end",
        "_unitPrice": None if purchase.unit_price is None else str(purchase.unit_price),
        "_discount": str(purchase.discount),
    }
    if purchase.commitment:
        document.update(_benefit(purchase, id))
    set_term(document, anchor, _first_end(purchase, anchor, settings), cycles_from=purchase.cycles_from)
    if purchase.custom_end is not None:
        document["customTermEndDate"] = day_stamp(purchase.custom_end)
    open_windows(document, started, settings)
    if offer.is_trial:
        document["scheduledNextTermInstructions"] = trial_instructions(offer)
    shared = {"reference": purchase.reference} if purchase.reference else {}
    record(document, purchase.charge_type, started, before=0, **shared)
    return document


def _first_end(purchase: Purchase, anchor: date, settings: Settings) -> date:
    if purchase.offer.is_trial and purchase.offer.is_licence:
        return anchor + timedelta(days=settings.trial_days - 1)
    return purchase.custom_end or term_end(anchor, purchase.duration)


def _benefit(purchase: Purchase, id: str) -> Document:
    """What a savings plan has more. Source: Partner Center docs, page azure-purchase-savings-plan (Oct 2023)."""
    own, context = stable_guid("benefit", id), dict(purchase.context or {})
    scope = {"type": context.pop("scope", "shared"), **context}
    line = {
        "id": own,
        "friendlyName": purchase.friendly_name or purchase.offer.sku["title"],
        "scope": scope,
        "autoRenewEnabled": purchase.auto_renew,
        "status": "active",
        "purchaseCommitment": purchase.commitment,
    }
    return {"unitType": "Benefit", "billingType": "benefit", "lineItems": [line], "productOrderId": own}


def set_term(document: Document, anchor: date, end: date, *, cycles_from: date | None = None) -> None:
    """A term begins; an end that was asked for the one before goes."""
    document.pop("customTermEndDate", None)
    document["_anchor"], document["_end"] = anchor.isoformat(), end.isoformat()
    document["_cyclesFrom"] = cycles_from.isoformat() if cycles_from else None
    document["commitmentEndDate"] = day_stamp(end)
    document["commitmentEndDateTime"] = last_second(end)


def trial_instructions(offer: Offer) -> Document:
    """A trial left alone becomes the paid SKU, P1Y monthly (page create-a-new-subscription)."""
    target = str(offer.sku.get("_convertsTo") or f"{offer.product_id}:{offer.sku_id}").split(":")
    product = {
        "productId": target[0],
        "skuId": target[1],
        "availabilityId": availability_id(target[0], target[1], offer.segment, offer.generation),
        "billingCycle": "monthly",
        "termDuration": "P1Y",
    }
    return {"product": product, "quantity": 25}


def record(document: Document, kind: str, at: datetime, *, before: int, **more: Any) -> None:
    """Remember what a later bill needs: seats before and after an instant, under the documented charge type."""
    event = {"type": kind, "at": stamp(at), "before": before, "after": document["quantity"], **more}
    document["_events"] = [*document.get("_events", []), event]


def settled(document: Document, now: datetime) -> Document:
    """The document with an accepted PATCH applied once its virtual delay has passed (rule 11)."""
    pending = document.get("_pending")
    if pending and parse_moment(pending["due"]) <= now:
        after: Document = pending["after"]
        return after
    return document


def is_visible(document: Document, now: datetime) -> bool:
    return parse_moment(document["_visible"]) <= now


def etag(document: Document, settings: Settings) -> str | None:
    """Base64 of id and version, the documented form; None while new-commerce subscriptions carry none."""
    if not settings.subscription_etags and not is_legacy(document):
        return None
    return version_etag(document["id"], document["_updates"] + 1)


def wire_form(document: Document, settings: Settings, now: datetime) -> Document:
    """The answer for one subscription at `now`."""
    if is_legacy(document):
        return {**subscription_wire(document), "actions": actions(document, settings, now)}
    body = {key: value for key, value in document.items() if key[0] != "_"}
    if document["status"] != "deleted":
        end = cycle_end(
            cycle_anchor(document), document["termDuration"], document["billingCycle"],
            date.fromisoformat(document["_end"]), now.date(), late=bool(document.get("_late")),
        )  # fmt: skip  # two pairs
        body["billingCycleEndDate"], body["billingCycleEndDateTime"] = day_stamp(end), last_second(end)
    can_cancel = cancellable(document, now) and not is_used_up(document, settings)
    body["cancellationAllowedUntilDate"] = cancellation_deadline(document) if can_cancel else None
    body["refundableQuantity"] = _refundable(document, settings, now)
    # (impl.) the page names no values
    body["suspensionReasons"] = ["customer_cancellation"] if document["status"] == "suspended" else None
    body["actions"] = actions(document, settings, now)
    body["links"] = _links(document)
    body["attributes"] = {"etag": etag(document, settings), "objectType": "Subscription"}
    return body


def _refundable(document: Document, settings: Settings, now: datetime) -> Document | None:
    """Absent where nothing may be reduced; absent while suspended unless the settings say otherwise."""
    status = document["status"]
    if is_used_up(document, settings):
        return None
    if status != "active" and not (status == "suspended" and settings.refundable_while_suspended):
        return None
    open_now = open_batches(document, now)
    if not open_now:
        return None
    details = [{"quantity": b["quantity"], "allowedUntilDateTime": b["until"]} for b in open_now]
    return {"totalQuantity": sum(b["quantity"] for b in open_now), "details": details}


def _links(document: Document) -> Document:
    product_id, sku_id, availability = document["offerId"].split(":")
    country, product = document["_market"], f"/products/{product_id}"
    sku = f"{product}/skus/{sku_id}"
    return Shown(
        {
            "product": link(f"{product}?country={country}"),
            "sku": link(f"{sku}?country={country}"),
            "availability": link(f"{sku}/availabilities/{availability}?country={country}"),
            "self": link(f"/customers/{document['_customer']}/subscriptions/{document['id']}"),
        }
    )


def aligned_cycles(settings: Settings, start: date, end: date | None, duration: str, billing: str) -> date | None:
    """The day from which charge cycles count in a term of an end of its own; None for the day it starts on."""
    if end is None or settings.coterm_cycles != "end":
        return None
    return cycles_from_end(start, end, duration, billing)


def cycle_anchor(terms: Document) -> date:
    """The day that charge cycles count from: that of the term, unless its end was aligned."""
    return date.fromisoformat(terms.get("_cyclesFrom") or terms["_anchor"])


def term_day(document: Document) -> date:
    """Inclusive last day of the running term."""
    return parse_day(document["commitmentEndDate"])
