"""Below a legacy subscription: add-ons, trial conversion, upgrades, support contact.

Source: Partner Center docs, pages get-a-list-of-add-ons-for-a-subscription, get-a-list-of-trial-conversion-offers,
convert-a-trial-subscription-to-paid, transition-a-subscription, upgrade-resources, get- and
update-a-subscription-s-support-contact (Oct 2023).
"""

from __future__ import annotations

import copy
from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.legacy.documents import LegacyPurchase, legacy_order, legacy_subscription
from cspctl.emulator.legacy.offers import find_offer, offer_wire, term_price
from cspctl.emulator.legacy.wire import is_legacy
from cspctl.emulator.partner.customers import customer_of, partner_of
from cspctl.emulator.subscription.document import record, wire_form
from cspctl.emulator.subscription.subscriptions import subscription_of
from cspctl.emulator.subscription.update_gate import require_free
from cspctl.emulator.terms import cycle_of, term_end
from cspctl.emulator.trade.coterm import customer_subscriptions
from cspctl.emulator.wire.requests import invalid, text_of, whole
from cspctl.emulator.wire.shapes import collection, link, new_guid

Document = dict[str, Any]


def _both(request: Request, ctx: Context) -> tuple[Document, Document]:
    customer = customer_of(ctx, request.path_params["customer_id"])
    return customer, subscription_of(ctx, customer, request.path_params["subscription_id"])


async def list_addons(request: Request, ctx: Context) -> Answer:
    customer, base = _both(request, ctx)
    now = ctx.clock.now()
    owned = customer_subscriptions(ctx, customer["id"])
    children = [one for one in owned if one.get("parentSubscriptionId") == base["id"]]
    return Answer(200, collection([wire_form(one, ctx.settings, now) for one in children]))


async def list_conversions(request: Request, ctx: Context) -> Answer:
    """Paid offers a legacy trial can become; none for anything else."""
    _, trial = _both(request, ctx)
    return Answer(200, collection([_conversion(trial, target) for target in _targets(ctx, trial)]))


def _targets(ctx: Context, trial: Document) -> list[Document]:
    offer = find_offer(ctx.store, trial["offerId"]) if is_legacy(trial) and trial["isTrial"] else None
    found = [find_offer(ctx.store, id) for id in (offer or {}).get("conversionTargetOffers", [])]
    return [one for one in found if one is not None]


def _conversion(trial: Document, target: Document) -> Document:
    return {
        "offerId": trial["offerId"],
        "targetOfferId": target["id"],
        "orderId": trial["orderId"],
        "quantity": trial["quantity"],
        "billingCycle": "monthly",
        "attributes": {"objectType": "Conversion"},
    }


async def convert(request: Request, ctx: Context) -> Answer:
    """A refused conversion is a 200 with `error`; the subscription keeps its id. Raises 409/900278, 400/900311."""
    customer, trial = _both(request, ctx)
    require_free(trial, ctx.settings)
    body = body_of(request)
    wanted = text_of(body, "targetOfferId")
    quantity = whole(body.get("quantity", trial["quantity"]), "of the conversion")
    billing = cycle_of(str(body.get("billingCycle") or "monthly"))
    target = next((one for one in _targets(ctx, trial) if one["id"].lower() == wanted.lower()), None)
    result: Document = {
        "subscriptionId": trial["id"],
        "offerId": trial["offerId"],
        "targetOfferId": target["id"] if target else wanted,
        "attributes": {"objectType": "ConversionResult"},
    }
    if target is None or trial["status"] != "active":
        text = "The subscription cannot be converted to this offer."
        return Answer(200, {**result, "error": {"code": "other", "description": text}})
    now = ctx.clock.now()
    after = copy.deepcopy(trial)
    end = term_end(now.date(), "P1Y")
    after.update(
        offerId=target["id"], offerName=target["name"], isTrial=False, quantity=quantity, billingCycle=billing,
        termDuration="P1Y", autoRenewEnabled=target["isAutoRenewable"], _anchor=now.date().isoformat(),
        _end=end.isoformat(), _updates=trial["_updates"] + 1, _unitPrice=term_price(target),
    )  # fmt: skip  # one change
    record(after, "convert", now, before=trial["quantity"])
    ctx.store.put("subscription", ctx.partner, trial["id"], after)
    _audit(ctx, customer, "convert_trial_subscription", trial, after)
    return Answer(200, result)


async def list_upgrades(request: Request, ctx: Context) -> Answer:
    customer, source = _both(request, ctx)
    offer = find_offer(ctx.store, source["offerId"]) if is_legacy(source) else None
    targets = [find_offer(ctx.store, id) for id in (offer or {}).get("_upgradeTargets", [])]
    return Answer(200, collection([_upgrade(ctx, customer, source, one) for one in targets if one is not None]))


def _upgrade(ctx: Context, customer: Document, source: Document, target: Document) -> Document:
    errors = _upgrade_errors(source)
    return {
        "targetOffer": offer_wire(target, customer["_market"], "en-us", ctx.partner),
        "upgradeType": "upgrade_only" if errors else "upgrade_with_license_transfer",
        "isEligible": not errors,
        "quantity": source["quantity"],
        "upgradeErrors": errors,
        "attributes": {"objectType": "Upgrade"},
    }


def _upgrade_errors(source: Document) -> list[Document]:
    if source["status"] == "active":
        return []
    text = "Subscription cannot be upgraded because the source subscription state is not active."
    details = f" Additional Details contains the current source subscription state: {source['status']}."
    return [{"code": 2, "description": text + details, "attributes": {"objectType": "UpgradeError"}}]


async def upgrade(request: Request, ctx: Context) -> Answer:
    """A new subscription of the target offer takes over all seats; the source is suspended (impl.)."""
    customer, source = _both(request, ctx)
    require_free(source, ctx.settings)
    body = body_of(request)
    wanted = str((body.get("targetOffer") or {}).get("id") or "").lower()
    offer = find_offer(ctx.store, source["offerId"]) if is_legacy(source) else None
    target = find_offer(ctx.store, wanted) if wanted in [i.lower() for i in (offer or {}).get("_upgradeTargets", [])] \
        else None  # fmt: skip  # one choice
    if target is None:
        raise ApiError(400, 800004, f"Invalid offer ID: {wanted or 'none'} is no upgrade of this subscription.")
    result: Document = {
        "sourceSubscriptionId": source["id"],
        "upgradeType": body.get("upgradeType", "upgrade_only"),
        "upgradeErrors": _upgrade_errors(source),
        "licenseErrors": [],
        "attributes": {"objectType": "UpgradeResult"},
    }
    if result["upgradeErrors"]:
        return Answer(200, result)
    now, order_id = ctx.clock.now(), new_guid(ctx.store, "legacy order")
    bought = LegacyPurchase(
        customer, target, source["quantity"], source["billingCycle"], source["friendlyName"], source["partnerId"]
    )
    new = legacy_subscription(bought, new_guid(ctx.store, "subscription"), order_id, now)
    order = legacy_order(order_id, customer, [new], source["billingCycle"], now)
    ctx.store.put("order", ctx.partner, order_id, order, parent=customer["id"])
    ctx.store.put("subscription", ctx.partner, new["id"], new, parent=customer["id"])
    after = {**source, "status": "suspended", "autoRenewEnabled": False, "_updates": source["_updates"] + 1}
    after["_suspended"] = new["creationDate"]
    record(after, "cancelImmediate", now, before=source["quantity"], returned=source["quantity"])
    ctx.store.put("subscription", ctx.partner, source["id"], after)
    _audit(ctx, customer, "upgrade_subscription", source, new)
    return Answer(200, {**result, "targetSubscriptionId": new["id"]})


async def get_contact(request: Request, ctx: Context) -> Answer:
    """The partner itself until another one is named."""
    customer, subscription = _both(request, ctx)
    partner = partner_of(ctx)
    own = {"supportTenantId": ctx.partner, "supportMpnId": partner.get("mpnId"), "name": partner.get("displayName")}
    kept = ctx.store.get("support_contact", ctx.partner, subscription["id"]) or own
    return Answer(200, _contact(customer, subscription, kept))


async def put_contact(request: Request, ctx: Context) -> Answer:
    """The contact must be the partner or a reseller of it. Raises 400/800002, 404/800015."""
    customer, subscription = _both(request, ctx)
    body = body_of(request)
    tenant, mpn = text_of(body, "supportTenantId").lower(), text_of(body, "supportMpnId")
    name = text_of(body, "name")
    if tenant != ctx.partner:
        reseller = ctx.store.get("reseller", ctx.partner, mpn)
        if reseller is None:
            raise ApiError(404, 800015, f"PartnerID isn't found: {mpn}.")
        if reseller["accountId"].lower() != tenant:
            raise invalid("supportTenantId is not the account of supportMpnId")
    kept = {"supportTenantId": tenant, "supportMpnId": mpn, "name": name}
    before = ctx.store.get("support_contact", ctx.partner, subscription["id"])
    ctx.store.put("support_contact", ctx.partner, subscription["id"], kept)
    _audit(ctx, customer, "update_subscription", before or {}, kept, subscription["id"])
    return Answer(200, _contact(customer, subscription, kept))


def _contact(customer: Document, subscription: Document, kept: Document) -> Document:
    uri = f"/customers/{customer['id']}/subscriptions/{subscription['id']}/supportcontact"
    return {**kept, "links": {"self": link(uri)}, "attributes": {"objectType": "SupportContact"}}


def _audit(
    ctx: Context, customer: Document, operation: str, old: Document, new: Document, subscription_id: str = ""
) -> None:
    ctx.audit.record(
        operation=operation,
        resource_type="subscription",
        customer_id=customer["id"],
        old=old,
        new=new,
        customized=[{"key": "SubscriptionId", "value": subscription_id or old["id"]}],
    )


_ONE = "/v1/customers/{customer_id}/subscriptions/{subscription_id}"
ROUTES: list[RouteSpec] = [
    RouteSpec("GET", f"{_ONE}/addons", list_addons, name="get a list of add-ons for a subscription",
              throttle="subscriptions"),
    RouteSpec("GET", f"{_ONE}/conversions", list_conversions, auth="U", name="get a list of trial conversion offers"),
    RouteSpec("POST", f"{_ONE}/conversions", convert, auth="U", name="convert a trial subscription to paid"),
    RouteSpec("GET", f"{_ONE}/upgrades", list_upgrades, name="get upgrade options of a subscription"),
    RouteSpec("POST", f"{_ONE}/upgrades", upgrade, name="transition a subscription"),
    RouteSpec("GET", f"{_ONE}/supportcontact", get_contact, auth="U", name="get a subscription's support contact"),
    RouteSpec("PUT", f"{_ONE}/supportcontact", put_contact, auth="U", name="update a subscription's support contact"),
]  # fmt: skip  # one route, one or two lines
