"""Migrations planned for a day or for the renewal.

A schedule whose day has come starts its migration when the clock is moved or when anybody reads schedules.
Source: Partner Center docs, pages schedule-, get-, update- and cancel-a-new-commerce-migration-schedule (2022).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.customers import customer_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.moves.migration_rules import Plan, plan_of
from cspctl.emulator.moves.migrations import matching, paged, start
from cspctl.emulator.requests import invalid
from cspctl.emulator.shapes import new_guid
from cspctl.emulator.terms import day_stamp, instant, parse_moment, stamp
from cspctl.emulator.webhooks.events import queue

Document = dict[str, Any]
KIND = "migration_schedule"
_GIVEN = ("customTermEndDate", "targetDate", "migrateOnRenewal", "externalReferenceId")
_FINAL = ("Completed", "Failed", "Cancelled")


async def create(request: Request, ctx: Context) -> Answer:
    customer = customer_of(ctx, request.path_params["customer_id"])
    body = body_of(request)
    now = stamp(ctx.clock.now())
    kept = {"id": new_guid(ctx.store, KIND), "status": "Created", "createdTime": now, **_read(ctx, customer, body)}
    kept["lastModifiedTime"] = now
    ctx.store.put(KIND, ctx.partner, kept["id"], kept, parent=customer["id"])
    _audit(ctx, kept, None)
    return Answer(200, kept)


def _read(ctx: Context, customer: Document, body: Document) -> Document:
    """What a schedule keeps of a request. Raises 400/800002 unless exactly one of the two days is given."""
    target, renewal = body.get("targetDate"), body.get("migrateOnRenewal") is True
    if bool(target) == renewal:
        raise invalid("either targetDate or migrateOnRenewal=true is required")
    plan = plan_of(ctx, customer, body)
    due = instant(date.fromisoformat(plan.source["_end"])) + timedelta(days=1)
    if target:
        due = _day(target)
        if due.date() < ctx.clock.now().date():
            raise invalid("targetDate is in the past")
    addons = [_part(one) for one in plan.addons]
    return {
        **_part(plan),
        "customerTenantId": customer["id"],
        "subscriptionEndDate": day_stamp(plan.end(due.date())),
        **{name: body.get(name) for name in _GIVEN},
        "addOnMigrations": addons or None,
        "_due": stamp(due),
        "_body": {key: value for key, value in body.items() if key not in ("id", "status")},
    }


def _part(plan: Plan) -> Document:
    return {
        "currentSubscriptionId": plan.source["id"],
        "quantity": plan.quantity,
        "termDuration": plan.duration,
        "billingCycle": plan.cycle_name,
        "purchaseFullTerm": plan.full_term,
    }


def _day(value: object) -> datetime:
    try:
        return parse_moment(str(value))
    except ValueError:
        raise invalid(f"targetDate {value!r} is not a date") from None


def _one(request: Request, ctx: Context) -> Document:
    customer = customer_of(ctx, request.path_params["customer_id"])
    land(ctx)
    id = request.path_params["schedule_id"].lower()
    kept = ctx.store.get(KIND, ctx.partner, id)
    if kept is None or kept["customerTenantId"] != customer["id"]:
        raise ApiError(404, 1000, f"Not found: there is no migration schedule {id}.")
    return kept


def _open(kept: Document) -> Document:
    if kept["status"] in _FINAL:
        raise ApiError(400, 900141, f"This operation isn't supported: the schedule is {kept['status']}.")
    return kept


async def get_schedule(request: Request, ctx: Context) -> Answer:
    return Answer(200, _one(request, ctx))


async def list_schedules(request: Request, ctx: Context) -> Answer:
    land(ctx)
    return paged(request, ctx, matching(request, ctx, KIND))


async def update(request: Request, ctx: Context) -> Answer:
    """The whole object; the subscription it is for cannot be changed."""
    before = _open(_one(request, ctx))
    customer, body = customer_of(ctx, request.path_params["customer_id"]), body_of(request)
    if str(body.get("id") or before["id"]).lower() != before["id"]:
        raise invalid("the id of the body must be the id of the path")
    if str(body.get("currentSubscriptionId") or "").lower() != before["currentSubscriptionId"]:
        raise invalid("currentSubscriptionId is required and cannot be changed")
    after = {**before, **_read(ctx, customer, body), "lastModifiedTime": stamp(ctx.clock.now())}
    ctx.store.put(KIND, ctx.partner, before["id"], after)
    _audit(ctx, after, before)
    return Answer(200, after)


async def cancel(request: Request, ctx: Context) -> Answer:
    before = _open(_one(request, ctx))
    after = {**before, "status": "Cancelled", "lastModifiedTime": stamp(ctx.clock.now())}
    ctx.store.put(KIND, ctx.partner, before["id"], after)
    _audit(ctx, after, before)
    return Answer(200, after)


def land(ctx: Context) -> int:
    """Start the migration of every schedule of the partner that is due; answers how many were started."""
    started, now = 0, ctx.clock.now()
    for kept in ctx.store.list(KIND, ctx.partner):
        if kept["status"] != "Created" or parse_moment(kept["_due"]) > now:
            continue
        customer = ctx.store.get("customer", ctx.partner, kept["customerTenantId"]) or {}
        status = "Completed"
        try:
            with ctx.store.transaction():
                start(ctx, customer, plan_of(ctx, customer, kept["_body"]), kept.get("externalReferenceId"))
            started += 1
        except ApiError:
            status = "Failed"
            uri = f"/webhooks/v1/customers/{kept['customerTenantId']}/migrations/newcommerce/schedules/{kept['id']}"
            name = "new-commerce-migration-schedule-failed"
            queue(ctx.store, ctx.settings, now, ctx.partner, name, uri, "newCommerceMigrationSchedule")
        ctx.store.put(KIND, ctx.partner, kept["id"], {**kept, "status": status, "lastModifiedTime": stamp(now)})
    return started


def _audit(ctx: Context, after: Document, before: Document | None) -> None:
    """The documented operation types name no schedules; it is the subscription whose future changes."""
    ctx.audit.record(
        operation="update_subscription",
        resource_type="subscription",
        customer_id=after["customerTenantId"],
        old=before,
        new=after,
        customized=[
            {"key": "SubscriptionId", "value": after["currentSubscriptionId"]},
            {"key": "MigrationScheduleId", "value": after["id"]},
        ],
    )


_ALL = "/v1/customers/{customer_id}/migrations/newcommerce/schedules"
_ONE = f"{_ALL}/{{schedule_id}}"
ROUTES: list[RouteSpec] = [
    RouteSpec("POST", _ALL, create, name="schedule a new commerce migration"),
    RouteSpec("GET", "/v1/migrations/newcommerce/schedules", list_schedules, name="get migration schedules"),
    RouteSpec("GET", _ONE, get_schedule, name="get a new commerce migration schedule"),
    RouteSpec("PUT", _ONE, update, name="update a new commerce migration schedule"),
    RouteSpec("POST", f"{_ONE}/cancel", cancel, name="cancel a new commerce migration schedule"),
]
