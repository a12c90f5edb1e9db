"""The one webhook registration of a partner, and test events (rule 48).

Source: Partner Center docs, page partner-center-webhooks (Oct 2023): 409 when a registration exists, 2 test events a
minute, results kept for 7 days. Answers are PascalCase here, unlike everywhere else.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner.customers import partner_of
from cspctl.emulator.terms import parse_moment, stamp
from cspctl.emulator.webhooks.events import NAMES, REGISTRATION, SANDBOX_ACTIVE, TEST, queue
from cspctl.emulator.webhooks.targets import target_of
from cspctl.emulator.wire.requests import invalid, text_of
from cspctl.emulator.wire.shapes import new_guid

Document = dict[str, Any]
VALIDATION = "webhook_validation"
_BASE = "/webhooks/v1/registration"


def _wire(registration: Document, *, subscriber: bool) -> Document:
    more = {"SubscriberId": registration["id"]} if subscriber else {}
    body = {**more, "WebhookUrl": registration["url"], "WebhookEvents": registration["events"]}
    if registration["other_header"]:
        body["SignatureTokenToMsSignatureHeader"] = True
    return body


def _offered(ctx: Context) -> tuple[str, ...]:
    """Names a partner can register for: a sandbox account has one more."""
    return (*NAMES, SANDBOX_ACTIVE) if partner_of(ctx).get("sandbox") else NAMES


def _read(request: Request, ctx: Context) -> Document:
    """Raises 400/800002 for an address or an event that cannot be registered."""
    body = body_of(request)
    url, events = text_of(body, "webhookUrl"), body.get("webhookEvents")
    try:
        target_of(url)
    except ValueError as error:
        raise invalid(f"WebhookUrl {error}") from None
    if not isinstance(events, list) or not events:
        raise invalid("WebhookEvents must name at least one event")
    known = {name.lower(): name for name in _offered(ctx)}
    unknown = [str(one) for one in events if str(one).lower() not in known]
    if unknown:
        raise invalid(f"unknown webhook event {', '.join(unknown)}")
    chosen = list(dict.fromkeys(known[str(one).lower()] for one in events))
    return {"url": url, "events": chosen, "other_header": body.get("signatureTokenToMsSignatureHeader") is True}


async def event_types(request: Request, ctx: Context) -> Answer:
    return Answer(200, sorted(_offered(ctx), key=str.lower))


async def view(request: Request, ctx: Context) -> Answer:
    return Answer(200, _wire(_registration(ctx), subscriber=False))


def _registration(ctx: Context) -> Document:
    found = ctx.store.get(REGISTRATION, "", ctx.partner)
    if found is None:
        raise ApiError(404, 1000, "Not found: there is no webhook registration.")
    return found


async def register(request: Request, ctx: Context) -> Answer:
    given = _read(request, ctx)
    if ctx.store.get(REGISTRATION, "", ctx.partner) is not None:
        raise ApiError(409, 409, "A webhook registration exists already; update it instead.")
    kept = {"id": new_guid(ctx.store, REGISTRATION), **given}
    ctx.store.put(REGISTRATION, "", ctx.partner, kept)
    return Answer(200, _wire(kept, subscriber=True))


async def update(request: Request, ctx: Context) -> Answer:
    """Replaces the registration as a whole. Raises 404 without one."""
    kept = {**_registration(ctx), **_read(request, ctx)}
    ctx.store.put(REGISTRATION, "", ctx.partner, kept)
    return Answer(200, _wire(kept, subscriber=True))


async def send_test(request: Request, ctx: Context) -> Answer:
    """Raises 400/800002 when test-created is not registered, 429 for the third within a minute."""
    registration, now = _registration(ctx), ctx.clock.now()
    if TEST not in registration["events"]:
        raise invalid(f"the event {TEST} is not registered")
    _take(ctx)
    id = new_guid(ctx.store, VALIDATION)
    validation = {
        "correlationId": id, "partnerId": ctx.partner, "status": "pending", "callbackUrl": registration["url"],
        "results": [], "_created": stamp(now),
    }  # fmt: skip  # one document
    ctx.store.put(VALIDATION, ctx.partner, id, validation)
    queue(ctx.store, ctx.settings, now, ctx.partner, TEST, f"{_BASE}/validationEvents/{id}", "test")
    return Answer(200, {"correlationId": id})


def _take(ctx: Context) -> None:
    now, key = ctx.clock.now(), f"webhook tests:{ctx.partner}"
    recent = [text for text in ctx.store.meta(key, []) if now - parse_moment(text) < timedelta(minutes=1)]
    if len(recent) >= ctx.settings.validation_events_per_minute:
        wait = max(1, 60 - int((now - parse_moment(recent[0])).total_seconds()))
        text = f"Rate limit is exceeded. Try again in {wait} seconds."
        raise ApiError(429, 429, text, shape="throttle", headers={"Retry-After": str(wait)})
    ctx.store.set_meta(key, [*recent, stamp(now)])


async def test_result(request: Request, ctx: Context) -> Answer:
    found = ctx.store.get(VALIDATION, ctx.partner, request.path_params["correlation_id"].lower())
    days = timedelta(days=ctx.settings.validation_event_days)
    if found is None or ctx.clock.now() - parse_moment(found["_created"]) > days:
        raise ApiError(404, 1000, "Not found: there is no such test event.")
    return Answer(200, found)


_ROLES = frozenset({"globaladmin", "billingadmin", "adminagent", "salesagent", "helpdeskagent"})
ROUTES: list[RouteSpec] = [
    RouteSpec("GET", f"{_BASE}/events", event_types, name="get a list of webhook events", roles=_ROLES),
    RouteSpec("GET", _BASE, view, name="view a webhook registration", roles=_ROLES),
    RouteSpec("POST", _BASE, register, name="register to receive webhook events", roles=_ROLES),
    RouteSpec("PUT", _BASE, update, name="update a webhook registration", roles=_ROLES),
    RouteSpec("POST", f"{_BASE}/validationEvents", send_test, name="send a test webhook event", roles=_ROLES),
    RouteSpec(
        "GET", f"{_BASE}/validationEvents/{{correlation_id}}", test_result,
        name="verify that a test webhook event was received", roles=_ROLES,
    ),
]  # fmt: skip  # one route each
