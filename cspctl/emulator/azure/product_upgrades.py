"""From legacy Azure to the Azure plan.

Source: Partner Center docs, pages get-eligibility-for-product-upgrade, create-product-upgrade-entity,
get-product-upgrade-status (2023), error-codes 900105 to 900111. App+user only.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.requests import Request

from cspctl.emulator.ageing.agenda import accept
from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.legacy.wire import is_legacy
from cspctl.emulator.partner.customers import customer_of
from cspctl.emulator.subscription.document import Purchase, new_subscription
from cspctl.emulator.terms import parse_moment, stamp
from cspctl.emulator.trade.coterm import customer_subscriptions
from cspctl.emulator.trade.offers import Offer, generation, offers_of
from cspctl.emulator.trade.order_document import new_order
from cspctl.emulator.wire.requests import invalid, text_of
from cspctl.emulator.wire.shapes import new_guid, new_order_id

Document = dict[str, Any]
KIND = "product_upgrade"


def _legacy_azure(subscriptions: list[Document]) -> list[Document]:
    return [one for one in subscriptions if is_legacy(one) and one["billingType"] == "usage"]


def _read(request: Request, ctx: Context) -> tuple[Document, str]:
    body = body_of(request)
    family = text_of(body, "productFamily")
    if family.lower() != "azure":
        raise invalid(f"productFamily {family} is not azure")
    return customer_of(ctx, text_of(body, "customerId")), family


def _running(ctx: Context, customer: Document) -> Document | None:
    now = ctx.clock.now()
    kept = ctx.store.list(KIND, ctx.partner, parent=customer["id"])
    return next((one for one in kept if parse_moment(one["due"]) > now), None)


async def eligibility(request: Request, ctx: Context) -> Answer:
    customer, family = _read(request, ctx)
    running = _running(ctx, customer)
    active = [one for one in _legacy_azure(customer_subscriptions(ctx, customer["id"])) if one["status"] == "active"]
    body = {"customerId": customer["id"], "isEligible": bool(active) and not running, "productFamily": family.lower()}
    return Answer(200, {**body, "upgradeId": running["id"] if running else None})


async def create(request: Request, ctx: Context) -> Answer:
    """202 with the status address. Raises 409/900109, 403/900108, 403/900105, 400/900107."""
    customer, _ = _read(request, ctx)
    running = _running(ctx, customer)
    if running is not None:
        raise ApiError(409, 900109, f"This upgrade isn't allowed as original upgrade {running['id']} is in progress.")
    sources = _legacy_azure(customer_subscriptions(ctx, customer["id"]))
    if any(one["status"] == "suspended" for one in sources):
        text = "You have one or more Azure subscriptions in the suspended state. Suspended Azure subscriptions can't be"
        raise ApiError(403, 900105, text + " transitioned to the Azure plan.")
    sources = [one for one in sources if one["status"] == "active"]
    if not sources:
        raise ApiError(403, 900108, "Can't process Azure upgrade since customer has no Azure subscriptions.")
    now = ctx.clock.now()
    due = now + timedelta(seconds=ctx.settings.product_upgrade_seconds)
    target = _plan(ctx, customer, due)
    lines = []
    for source in sources:
        after = {**source, "status": "deleted", "autoRenewEnabled": False, "_updates": source["_updates"] + 1}
        accept(ctx.store, ctx.partner, source, after, stamp(due))
        lines.append(
            {
                "sourceProduct": {"id": source["id"], "name": "AzureSubscription"},
                "targetProduct": {"id": target["id"], "name": "Microsoft Azure plan"},
            }
        )
    id = new_guid(ctx.store, KIND)
    upgrade = {"id": id, "due": stamp(due), "customerId": customer["id"], "lines": lines}
    ctx.store.put(KIND, ctx.partner, id, upgrade, parent=customer["id"])
    ctx.audit.record(
        operation="upgrade_subscription",
        resource_type="subscription",
        customer_id=customer["id"],
        new=upgrade,
        customized=[{"key": "SubscriptionId", "value": target["id"]}],
    )
    return Answer(202, None, {"Location": f"/productUpgrades/{id}/status"})


def _plan(ctx: Context, customer: Document, due: Any) -> Document:
    """The Azure plan, invisible until the upgrade is done."""
    settings, store = ctx.settings, ctx.store
    number = generation(store, settings, ctx.clock.now())
    products = [one for one in store.list("product", "") if one["productType"]["id"] == "Azure"]
    offer: Offer | None = next((o for p in products for s in p["_skus"] for o in offers_of(p, s, number)), None)
    if offer is None:
        raise ApiError(400, 900107, "Can't process Azure upgrade since Azure catalog item wasn't found.")
    bought = Purchase(customer, offer, 1, "", "one_time", friendly_name="Azure plan")
    id, order_id = new_guid(store, "subscription"), new_order_id(store)
    document = new_subscription(bought, id, order_id, due, due, settings)
    order = new_order(order_id, customer, [(bought, id)], ctx.clock.now(), due, due)
    store.put("order", ctx.partner, order_id, order, parent=customer["id"])
    store.put("subscription", ctx.partner, id, document, parent=customer["id"])
    return document


async def status(request: Request, ctx: Context) -> Answer:
    """Raises 404/900106 for an unknown id, 400/900111 for one of another customer."""
    customer, _ = _read(request, ctx)
    id = request.path_params["upgrade_id"].lower()
    upgrade = ctx.store.get(KIND, ctx.partner, id)
    if upgrade is None:
        raise ApiError(404, 900106, "No upgrade request was found.")
    if upgrade["customerId"] != customer["id"]:
        text = f"The upgrade ID provided doesn't belong to customer {customer['id']}. The customer is mapped to"
        raise ApiError(400, 900111, f"{text} upgrade ID {id}.")
    done = parse_moment(upgrade["due"]) <= ctx.clock.now()
    word = "Completed" if done else "InProgress"
    more = {"upgradedDate": upgrade["due"] if done else None, "status": word}
    lines = [{**line, **more} for line in upgrade["lines"]]
    return Answer(200, {"id": id, "status": word, "productFamily": "Azure", "lineItems": lines})


_ALL = "/v1/productUpgrades"
ROUTES: list[RouteSpec] = [
    RouteSpec("POST", f"{_ALL}/eligibility", eligibility, auth="U", name="get eligibility for product upgrade"),
    RouteSpec("POST", _ALL, create, auth="U", name="create a product upgrade"),
    RouteSpec("POST", f"{_ALL}/{{upgrade_id}}/status", status, auth="U", name="get product upgrade status"),
]
