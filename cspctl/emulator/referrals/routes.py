"""Leads and co-sell opportunities: create, list, read, change.

Source: Partner Center docs, pages create-a-referral, get-a-list-of-referrals, get-a-referral-by-id, patch-a-referral
(2019 to 2023) and partner-center-webhook-events. App+user only, with a role for referrals.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

from cspctl.emulator.clock import format_instant
from cspctl.emulator.context import Answer, Context, RouteSpec, body_of, json_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner.customers import partner_of
from cspctl.emulator.partner.graph import base_of
from cspctl.emulator.referrals.changes import patched
from cspctl.emulator.referrals.documents import KIND, PROPERTIES, Document, ReferralError, current, keep, wire
from cspctl.emulator.referrals.engagements import announce, make
from cspctl.emulator.wire.odata import ODataError, predicate
from cspctl.emulator.wire.odata_lists import number, ordered, selected
from cspctl.emulator.wire.requests import invalid

_METADATA = "http://api.partner.microsoft.com/v1.0/$metadata#Referrals"
_ROLES = frozenset({"globaladmin", "referraladmin", "referraluser"})


async def create(request: Request, ctx: Context) -> Answer:
    """The referral as it is stored. Raises 400 for one that cannot be."""
    _identified(request, ctx)
    body, now = body_of(request), ctx.clock.now()
    own = str(body.get("status") or "New").lower() == "new"
    if own and ctx.settings.own_referrals_accepted:
        body = {**body, "status": "Active", "substatus": "Accepted"}
    try:
        made = make(ctx.store, ctx.settings, partner_of(ctx), _writable(body), now, direction="Outgoing")
    except ReferralError as error:
        raise invalid(str(error)) from None
    _record(ctx, "create_referral", None, made)
    return _answer(request, made, ctx.settings.referral_create_status)


def _record(ctx: Context, operation: str, old: Document | None, new: Document) -> None:
    ctx.audit.record(
        operation=operation, resource_type="referral", old=old, new=new,
        customized=[{"key": "ReferralId", "value": new["id"]}],
    )  # fmt: skip  # one record


def _writable(body: Document) -> Document:
    """What the service makes itself is not taken from a caller."""
    return {
        name: value
        for name, value in body.items()
        if name not in ("id", "engagementId", "direction", "createdDateTime")
    }


def _identified(request: Request, ctx: Context) -> None:
    if ctx.settings.require_client_request_id and not request.headers.get("client-request-id"):
        raise invalid("the header client-request-id is required")


def _answer(request: Request, document: Document, status: int = 200) -> Answer:
    return Answer(status, wire(document, base_of(request)), {"ETag": document["eTag"]})


async def listing(request: Request, ctx: Context) -> Answer:
    """`@odata.count` counts the referrals of this page, as in the samples. Raises 400 for a query not readable."""
    _identified(request, ctx)
    query = {key.lower(): value for key, value in request.query_params.items()}
    now, largest = ctx.clock.now(), ctx.settings.referral_page_size
    every = [current(one, now) for one in ctx.store.list(KIND, ctx.partner)]
    try:
        fits = predicate(query.get("$filter"), PROPERTIES)
        rows = ordered([one for one in every if fits(one)], query.get("$orderby"))
        size = min(number(query.get("$top"), largest, "$top", least=1), largest)
        start = number(query.get("$skiptoken") or query.get("$skip"), 0, "$skip")
    except ODataError as error:
        raise invalid(str(error)) from None
    part = rows[start : start + size]
    shown = [selected(wire(one, base_of(request)), query.get("$select")) for one in part]
    body: Document = {"@odata.context": _METADATA, "@odata.count": len(part), "value": shown}
    if start + size < len(rows):
        body["@odata.nextLink"] = _next_link(request, start + size)
    return Answer(200, body)


def _next_link(request: Request, start: int) -> str:
    kept = {key: value for key, value in request.query_params.items() if key.lower() not in ("$skiptoken", "$skip")}
    return f"{base_of(request)}{request.url.path}?{urlencode({**kept, '$skiptoken': str(start)}, safe='$')}"


def _found(request: Request, ctx: Context) -> Document:
    wanted = request.path_params["referral_id"]
    kept = ctx.store.get(KIND, ctx.partner, wanted.lower())
    if kept is None:
        raise ApiError(404, 1000, f"Not found: referral {wanted}.")
    return current(kept, ctx.clock.now())


async def read(request: Request, ctx: Context) -> Answer:
    _identified(request, ctx)
    found = _found(request, ctx)
    body = {"@odata.context": f"{_METADATA}/$entity", **wire(found, base_of(request))}
    return Answer(200, body, {"ETag": found["eTag"]})


async def update(request: Request, ctx: Context) -> Answer:
    """204, or 200 with the referral for `Prefer: return=representation`. Raises 412 for a stale If-Match."""
    _identified(request, ctx)
    before = _found(request, ctx)
    _check_match(request, before)
    try:
        after = patched(before, json_of(request))
    except ReferralError as error:
        raise invalid(str(error)) from None
    now: datetime = ctx.clock.now()
    kept = keep(ctx.store, ctx.partner, after, format_instant(now))
    announce(ctx.store, ctx.settings, now, ctx.partner, kept, "updated")
    _record(ctx, "update_referral", before, kept)
    if "return=representation" in request.headers.get("prefer", "").lower().replace(" ", ""):
        return _answer(request, kept)
    return Answer(204, None, {"ETag": kept["eTag"]})


def _check_match(request: Request, document: Document) -> None:
    """Concurrency is controlled only for callers who send If-Match."""
    given = request.headers.get("if-match")
    if given is None:
        return
    tags = {tag.strip().removeprefix("W/").strip('"') for tag in given.split(",")}
    if "*" not in tags and document["eTag"].strip('"') not in tags:
        raise ApiError(412, 412, "The If-Match value does not match the current version of the referral.")


_MANY = "/v1.0/engagements/referrals"
_ONE = f"{_MANY}/{{referral_id}}"


def _route(method: str, path: str, handler: Any, name: str, *, creates: bool = False) -> RouteSpec:
    return RouteSpec(method, path, handler, "U", name, creates=creates, audience="referrals", roles=_ROLES)


ROUTES: list[RouteSpec] = [
    _route("GET", _MANY, listing, "get a list of leads and opportunities"),
    _route("POST", _MANY, create, "create a referral", creates=True),
    _route("GET", _ONE, read, "get a lead or opportunity by id"),
    _route("PATCH", _ONE, update, "update a lead or opportunity"),
]
