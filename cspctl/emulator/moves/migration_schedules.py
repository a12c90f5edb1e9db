"""Migrations planned for a day or for the renewal.

A schedule starts its migration at the instant it is due, in the order of time with everything else that happens.
Source: Partner Center docs, pages schedule-, get-, update- and cancel-a-new-commerce-migration-schedule (2022).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from starlette.requests import Request

from cspctl.emulator.audit.log import AuditLog
from cspctl.emulator.clock import VirtualClock
from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.moves.migration_rules import Plan, plan_of
from cspctl.emulator.moves.migrations import matching, paged, start
from cspctl.emulator.partner.customers import customer_of
from cspctl.emulator.settings import Settings
from cspctl.emulator.store import Store
from cspctl.emulator.terms import day_stamp, instant, parse_moment, stamp
from cspctl.emulator.webhooks.events import queue
from cspctl.emulator.wire.requests import invalid
from cspctl.emulator.wire.shapes import new_guid

Document = dict[str, Any]
KIND = "migration_schedule"
_GIVEN = ("customTermEndDate", "targetDate", "migrateOnRenewal", "externalReferenceId")
_APPLICATION = "emulator"
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
    plan = plan_of(ctx, customer, body, renewing=renewal)
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


def next_due(schedule: Document) -> datetime | None:
    """When a schedule starts its migration; None once it is over."""
    return parse_moment(schedule["_due"]) if schedule["status"] == "Created" else None


def fall_due(store: Store, settings: Settings, partner: str, id: str, at: datetime) -> None:
    """Start the migration of a schedule at `at`; what is no longer possible fails, with its event."""
    kept = store.get(KIND, partner, id)
    if kept is None:
        return
    ctx = _system(store, settings, partner, at)
    renewing = kept.get("migrateOnRenewal") is True
    status = "Completed"
    try:
        with store.transaction():
            customer = customer_of(ctx, kept["customerTenantId"])
            plan = plan_of(ctx, customer, kept["_body"], renewing=renewing)
            if renewing and not plan.source["autoRenewEnabled"]:
                raise invalid("the subscription does not renew")
            start(ctx, customer, plan, kept.get("externalReferenceId"))
    except ApiError:
        status = "Failed"
        uri = f"/webhooks/v1/customers/{kept['customerTenantId']}/migrations/newcommerce/schedules/{id}"
        name = "new-commerce-migration-schedule-failed"
        queue(store, settings, at, partner, name, uri, "newCommerceMigrationSchedule")
    store.put(KIND, partner, id, {**kept, "status": status, "lastModifiedTime": stamp(at)})


def _system(store: Store, settings: Settings, partner: str, at: datetime) -> Context:
    """The service itself acting for a partner at an instant: no user, no request."""
    clock = VirtualClock()
    clock.freeze(at)
    return Context(
        store=store, settings=settings, clock=clock, partner=partner, principal=None, application=_APPLICATION,
        app_only=True, mfa=False, request_id="", correlation_id="",
        audit=AuditLog(store, clock, partner, None, _APPLICATION, settings=settings),
    )  # fmt: skip  # one context


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
