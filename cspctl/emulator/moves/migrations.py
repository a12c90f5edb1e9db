"""Migrations from legacy to new commerce: validate, create, read, list, events.

The new subscription exists from the start but is seen only when the migration has completed; the legacy one ends at
the same instant. So everything follows from the clock and nothing has to run in between.
Source: Partner Center docs, pages create-migration, get-new-commerce-migration, query-migrated-subscriptions,
get-migration-events, validate-subscription-for-migration (2022). Irreversible.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request

from cspctl.emulator.ageing.agenda import accept
from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.moves.migration_rules import (
    Plan,
    plan_of,
    reasons,
    require_allowed,
    source_of,
    target_of,
    validation_error,
)
from cspctl.emulator.partner.customers import customer_of
from cspctl.emulator.subscription.document import Purchase, aligned_cycles, new_subscription, record
from cspctl.emulator.terms import day_stamp, parse_moment, stamp
from cspctl.emulator.trade.coterm import customer_subscriptions
from cspctl.emulator.trade.order_document import new_order, order_wire
from cspctl.emulator.trade.pricing import unit_price
from cspctl.emulator.webhooks.events import queue
from cspctl.emulator.wire.requests import invalid, text_of
from cspctl.emulator.wire.shapes import new_guid, new_order_id, query_value, stable_guid

Document = dict[str, Any]
KIND = "migration"
_WINDOW = timedelta(minutes=5)
_EVENTS = ("MigrationStarted", "NewCommerceSubscriptionCreated", "NewCommerceSubscriptionProvisioned")
_FILTERS = {
    "customerTenantId": "CustomerTenantId",
    "currentSubscriptionId": "CurrentSubscriptionId",
    "externalReferenceId": "ExternalReferenceId",
}


async def validate(request: Request, ctx: Context) -> Answer:
    """Ineligibility is a 200; promotions are not judged."""
    customer = customer_of(ctx, request.path_params["customer_id"])
    require_allowed(ctx)
    take(ctx, f"validate:{customer['id']}", ctx.settings.migration_validates_per_window)
    body, owned = body_of(request), customer_subscriptions(ctx, customer["id"])
    given = [one for one in body.get("addOnMigrations") or [] if isinstance(one, dict)]
    named = {text_of(one, "currentSubscriptionId").lower() for one in given}
    answer = _validation(ctx, owned, body, named)
    addons = [_validation(ctx, owned, one, named) for one in given]
    return Answer(200, {**answer, "addOnMigrations": addons or None})


def _validation(ctx: Context, owned: list[Document], body: Document, named: set[str]) -> Document:
    source = source_of(owned, body)
    errors = [validation_error(one, source) for one in reasons(ctx, source, owned, named)]
    offer = target_of(ctx, source)
    return {
        "currentSubscriptionId": source["id"],
        "isEligible": not errors,
        "catalogItemId": offer.catalog_item_id if offer else None,
        "errors": errors or None,
    }


async def create(request: Request, ctx: Context) -> Answer:
    customer = customer_of(ctx, request.path_params["customer_id"])
    take(ctx, "create", ctx.settings.migration_creates_per_window)
    body = body_of(request)
    plan = plan_of(ctx, customer, body)
    kept = start(ctx, customer, plan, body.get("externalReferenceId"))
    return Answer(200, wire(kept, ctx.clock.now()))


def take(ctx: Context, name: str, most: int) -> None:
    """Count one call against a limit per five minutes. Raises 429 in the throttle's own form."""
    now, key = ctx.clock.now(), f"migrations:{ctx.partner}:{name}"
    recent = [text for text in ctx.store.meta(key, []) if now - parse_moment(text) < _WINDOW]
    if len(recent) >= most:
        wait = max(1, int((parse_moment(recent[0]) + _WINDOW - now).total_seconds()))
        text = f"Rate limit is exceeded. Try again in {wait} seconds."
        raise ApiError(429, 429, text, shape="throttle", headers={"Retry-After": str(wait)})
    ctx.store.set_meta(key, [*recent, stamp(now)])


def start(ctx: Context, customer: Document, plan: Plan, reference: object) -> Document:
    """Store a migration with everything it will have caused when it completes."""
    now = ctx.clock.now()
    done = now + timedelta(seconds=ctx.settings.migration_seconds)
    failed = plan.fails or any(one.fails for one in plan.addons)
    kept: Document = {
        "id": new_guid(ctx.store, KIND),
        "customerTenantId": customer["id"],
        "externalReferenceId": str(reference) if reference else None,
        "addOnMigrations": [_part(ctx, customer, one, now, done, failed) for one in plan.addons],
        **_part(ctx, customer, plan, now, done, failed),
        "_started": stamp(now),
        "_done": stamp(done),
        "_failed": failed,
    }
    ctx.store.put(KIND, ctx.partner, kept["id"], kept, parent=customer["id"])
    uri = f"/webhooks/v1/customers/{customer['id']}/migrations/newcommerce/{kept['id']}"
    end = "new-commerce-migration-failed" if failed else "new-commerce-migration-completed"
    for name, at in (("new-commerce-migration-created", now), (end, done)):
        queue(ctx.store, ctx.settings, now, ctx.partner, name, uri, "newCommerceMigration", at=at)
    return kept


def _part(ctx: Context, customer: Document, plan: Plan, now: datetime, done: datetime, failed: bool) -> Document:
    body: Document = {
        "currentSubscriptionId": plan.source["id"],
        "customerTenantId": customer["id"],
        "catalogItemId": plan.offer.catalog_item_id,
        "subscriptionEndDate": day_stamp(plan.end(done.date())),
        "quantity": plan.quantity,
        "termDuration": plan.duration,
        "billingCycle": plan.cycle_name,
        "purchaseFullTerm": plan.full_term,
        "customTermEndDate": day_stamp(plan.custom_end) if plan.custom_end else None,
    }
    if failed:
        return body
    order_id, id = new_order_id(ctx.store), new_guid(ctx.store, "subscription")
    market, currency = customer["_market"], customer["_currency"]
    end = plan.end(done.date())
    bought = Purchase(
        customer=customer,
        offer=plan.offer,
        quantity=plan.quantity,
        duration=plan.duration,
        billing=plan.billing,
        friendly_name=plan.source["friendlyName"],
        partner_id=plan.source["partnerId"],
        custom_end=end,
        cycles_from=aligned_cycles(ctx.settings, done.date(), end, plan.duration, plan.billing),
        unit_price=unit_price(ctx.store, plan.offer, plan.duration, plan.billing, market, currency, now),
    )
    document = new_subscription(bought, id, order_id, done, done, ctx.settings)
    document["migratedFromSubscriptionId"] = plan.source["id"]
    if plan.custom_end is None:
        document.pop("customTermEndDate", None)
    order = new_order(order_id, customer, [(bought, id)], now, done, done)
    ctx.store.put("subscription", ctx.partner, id, document, parent=customer["id"])
    ctx.store.put("order", ctx.partner, order_id, order, parent=customer["id"])
    after = {**plan.source, "status": "deleted", "autoRenewEnabled": False, "_updates": plan.source["_updates"] + 1}
    record(after, "cancelImmediate", done, before=plan.source["quantity"], returned=plan.source["quantity"])
    accept(ctx.store, ctx.partner, plan.source, after, stamp(done))
    ctx.audit.record(
        operation="create_order",
        resource_type="order",
        customer_id=customer["id"],
        new=order_wire(order, done),
        customized=[{"key": "OrderId", "value": order_id}, {"key": "SubscriptionId-0", "value": id}],
    )
    return {**body, "_subscription": id, "_order": order_id}


def wire(kept: Document, now: datetime) -> Document:
    """A migration as it stands at `now`; the new ids only when it has completed."""
    over = parse_moment(kept["_done"]) <= now
    status = "Processing" if not over else "Failed" if kept["_failed"] else "Completed"
    body = _visible(kept, over)
    body["addOnMigrations"] = [_visible(one, over) for one in kept["addOnMigrations"]]
    done = kept["_done"] if status == "Completed" else None
    return {**body, "startedTime": kept["_started"], "completedTime": done, "status": status}


def _visible(part: Document, over: bool) -> Document:
    body = {key: value for key, value in part.items() if not key.startswith("_")}
    if over:
        body["newCommerceSubscriptionId"] = part.get("_subscription")
        body["newCommerceOrderId"] = part.get("_order")
    return body


def migration_of(ctx: Context, customer: Document, id: str) -> Document:
    kept = ctx.store.get(KIND, ctx.partner, id.lower())
    if kept is None or kept["customerTenantId"] != customer["id"]:
        raise ApiError(400, 900224, f"New-Commerce migration {id} could not be found.")
    return kept


async def get_migration(request: Request, ctx: Context) -> Answer:
    customer = customer_of(ctx, request.path_params["customer_id"])
    kept = migration_of(ctx, customer, request.path_params["migration_id"])
    return Answer(200, wire(kept, ctx.clock.now()))


async def list_migrations(request: Request, ctx: Context) -> Answer:
    now = ctx.clock.now()
    found = matching(request, ctx, KIND)
    return paged(request, ctx, [wire(one, now) for one in found])


def matching(request: Request, ctx: Context, kind: str) -> list[Document]:
    """Documents of the partner that meet every filter of the query. Raises 400/800002 without any filter."""
    wanted = {name: query_value(request, spelling) for name, spelling in _FILTERS.items()}
    wanted = {name: value.lower() for name, value in wanted.items() if value}
    if not wanted:
        raise invalid(f"at least one of {', '.join(_FILTERS.values())} is required")
    kept = ctx.store.list(kind, ctx.partner)
    return [one for one in kept if all(str(one.get(name) or "").lower() == value for name, value in wanted.items())]


def paged(request: Request, ctx: Context, items: list[Document]) -> Answer:
    """A bare array of at most one page; what comes next is named by a token in the response header."""
    token, size = request.headers.get("ms-continuationtoken", "0"), ctx.settings.migration_page_size
    if not token.isascii() or not token.isdigit():
        raise invalid("the continuation token is not valid")
    first = int(token)
    more = {"MS-ContinuationToken": str(first + size)} if first + size < len(items) else {}
    return Answer(200, items[first : first + size], more)


async def events(request: Request, ctx: Context) -> Answer:
    """By the legacy subscription or by the migration, in order of time."""
    customer = customer_of(ctx, request.path_params["customer_id"])
    source = (query_value(request, "current_subscription_id", "currentSubscriptionId") or "").lower()
    id = (query_value(request, "migration_id", "newCommerceMigrationId", "migrationId") or "").lower()
    if not source and not id:
        raise invalid("current_subscription_id or migration_id is required")
    now, items = ctx.clock.now(), []
    for kept in ctx.store.list(KIND, ctx.partner, parent=customer["id"]):
        if (not source or kept["currentSubscriptionId"] == source) and (not id or kept["id"] == id):
            items += _events_of(kept, now)
    return Answer(200, items)


def _events_of(kept: Document, now: datetime) -> list[Document]:
    begin, done = parse_moment(kept["_started"]), parse_moment(kept["_done"])
    last = "MigrationFailed" if kept["_failed"] else "MigrationCompleted"
    names = (_EVENTS[0], last) if kept["_failed"] else (*_EVENTS, last)
    step = (done - begin) / (len(names) - 1)
    found = [(name, begin + step * index) for index, name in enumerate(names)]
    return [
        {
            "id": stable_guid("migration event", kept["id"], name),
            "newCommerceMigrationId": kept["id"],
            "currentSubscriptionId": kept["currentSubscriptionId"],
            "customerTenantId": kept["customerTenantId"],
            "createdTime": stamp(at),
            "eventName": name,
        }
        for name, at in found
        if at <= now
    ]


_ALL = "/v1/customers/{customer_id}/migrations/newcommerce"
ROUTES: list[RouteSpec] = [
    RouteSpec("POST", f"{_ALL}/validate", validate, name="validate a subscription for migration"),
    RouteSpec("POST", _ALL, create, name="create a new commerce migration", creates=True),
    RouteSpec("GET", f"{_ALL}/events", events, name="get migration events"),
    RouteSpec("GET", f"{_ALL}/{{migration_id}}", get_migration, name="get a new commerce migration"),
    RouteSpec("GET", "/v1/migrations/newcommerce", list_migrations, name="query migrated subscriptions"),
]
