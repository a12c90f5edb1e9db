"""Which upgrades a new-commerce subscription has, and what keeps it from them (rule 44).

Source: Partner Center docs, pages transition-a-new-commerce-subscription, transition-resources,
create-a-new-subscription (2023). Codes of target subscriptions: 1 not active, 2 inside its cancellation window,
3 shorter term, 4 ends earlier. Codes of the source are shown for licence conflicts only (3); 1 and 2 are (impl.).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cspctl.emulator.context import Context
from cspctl.emulator.errors import ApiError
from cspctl.emulator.legacy.wire import is_legacy
from cspctl.emulator.subscription.document import term_day
from cspctl.emulator.subscription.windows import cancellable, is_renewing
from cspctl.emulator.terms import MONTHS
from cspctl.emulator.trade.coterm import customer_subscriptions
from cspctl.emulator.trade.offers import Offer, find_product, find_sku, generation, offer_in

Document = dict[str, Any]
ONLY, WITH_LICENCES = "transition_only", "transition_with_license_transfer"
_TARGET_TEXTS = {
    1: "The subscription is not active.",
    2: "The subscription is within its cancellation window.",
    3: "The subscription's term duration is shorter than the source subscription's term duration.",
    4: "The subscription's term ends before the source subscription's term.",
}
_SOURCE_TEXTS = {
    1: "Subscription cannot be transitioned because the source subscription is not active.",
    2: "Subscription cannot be transitioned because the source subscription is not provisioned.",
    3: "Subscription cannot be transitioned because there are conflicting services.",
}


def require_modern(source: Document) -> None:
    if is_legacy(source):
        raise ApiError(403, 900263, "This API method is not supported for legacy subscriptions.")


def targets_of(ctx: Context, source: Document) -> list[Offer]:
    """SKUs the subscription may become, under their current availability ids; a trial becomes its paid SKU."""
    product_id, sku_id, _ = source["offerId"].split(":")
    sku = find_sku(find_product(ctx.store, product_id), sku_id)
    names = list(sku["dynamicAttributes"].get("upgradeTargetOffers") or [])
    if source["isTrial"]:
        names = [str(sku.get("_convertsTo") or f"{product_id}:{sku_id}")]
    number = generation(ctx.store, ctx.settings, ctx.clock.now())
    found = []
    for name in names:
        wanted = name.split(":")
        try:
            offer = offer_in(ctx.store, wanted[0], wanted[1], source["_segment"], number)
        except (ApiError, IndexError):
            continue  # a target that is not in the catalogue (any more) is none
        if offer.purchasable:
            found.append(offer)
    return found


def source_errors(source: Document, now: datetime) -> list[Document]:
    """One that a change, a transfer or its renewal still occupies counts as not provisioned."""
    busy = source.get("_pending") or source.get("_transfer") or is_renewing(source, now)
    code = 1 if source["status"] != "active" else 2 if busy else 0
    return [{"code": code, "description": _SOURCE_TEXTS[code]}] if code else []


def conflicts(offer: Offer) -> list[Document]:
    """Licences cannot be moved to a SKU whose services conflict with the source's."""
    return [{"code": 3, "description": _SOURCE_TEXTS[3]}] if offer.sku.get("_transferConflicts") else []


def eligibilities(source: Document, offer: Offer, now: datetime) -> list[Document]:
    errors = source_errors(source, now)
    return [
        {"isEligible": not found, "transitionType": kind, "errors": found}
        for kind, found in ((ONLY, errors), (WITH_LICENCES, [*errors, *conflicts(offer)]))
    ]


def existing_targets(ctx: Context, source: Document, offer: Offer) -> list[Document]:
    """Other subscriptions of the target SKU, with what keeps each from taking the seats."""
    key = f"{offer.product_id}:{offer.sku_id}:"
    now = ctx.clock.now()
    owned = customer_subscriptions(ctx, source["_customer"])
    found = [one for one in owned if one["offerId"].startswith(key) and one["id"] != source["id"]]
    return [_existing(source, one, now) for one in found if one["status"] != "deleted" and not one["isTrial"]]


def _existing(source: Document, target: Document, now: datetime) -> Document:
    code = target_code(source, target, now)
    return {
        "isEligible": not code,
        "subscriptionId": target["id"],
        "subscriptionFriendlyName": target["friendlyName"],
        "subscriptionTermDuration": target["termDuration"],
        "subscriptionBillingCycle": target["billingCycle"],
        "errors": [{"code": code, "description": _TARGET_TEXTS[code]}] if code else [],
    }


def target_code(source: Document, target: Document, now: datetime) -> int:
    """0 when the target may take seats of the source, else why not."""
    if target["status"] != "active":
        return 1
    if cancellable(target, now):
        return 2
    if MONTHS.get(target["termDuration"], 0) < MONTHS.get(source["termDuration"], 0):
        return 3
    return 4 if term_day(target) < term_day(source) else 0
