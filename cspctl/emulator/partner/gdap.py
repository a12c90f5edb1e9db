"""Delegated admin relationships on Graph: create, list, read, change, delete (rule 55).

Source: Microsoft Graph v1.0 docs, pages tenantrelationship-post-delegatedadminrelationships,
delegatedadminrelationship-get, -update and -delete (2023, 2024).
"""

from __future__ import annotations

import re

from starlette.requests import Request

from cspctl.emulator.clock import add_duration, format_instant
from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.partner import gdap_operations
from cspctl.emulator.partner.admin_access import role_ids
from cspctl.emulator.partner.entra_roles import GLOBAL_ADMINISTRATOR
from cspctl.emulator.partner.gdap_state import KIND, Document, current, etag_of, keep, standing, touched
from cspctl.emulator.partner.graph import ROOT, base_of, check_etag, entity, graph_error, listing
from cspctl.emulator.wire.shapes import is_guid, new_guid

PATH = f"{ROOT}/delegatedAdminRelationships"
_TYPE, _COLLECTION = "delegatedAdminRelationship", "delegatedAdminRelationships"
_EXTENSIONS = ("P0D", "PT0S", "P180D")
_DAYS = re.compile(r"P(?:\d+[YMWD])+")


def relationship_of(ctx: Context, wanted: str) -> Document:
    """A relationship of the calling partner at this instant. Raises 404 in the form of Graph."""
    found = ctx.store.get(KIND, ctx.partner, wanted.lower())
    if found is None:
        customer = ctx.store.get("customer", ctx.partner, wanted.lower()[37:])
        came = standing(customer) if customer else None
        found = came if came and came["id"] == wanted.lower() else None
    if found is None:
        raise graph_error(404, f"The relationship {wanted} was not found.")
    return current(ctx.store, ctx.partner, found, ctx.settings, ctx.clock.now())


def every_relationship(ctx: Context) -> list[Document]:
    """Those that were created, then those that customers came with, each in order of insertion."""
    now = ctx.clock.now()
    stored = [current(ctx.store, ctx.partner, one, ctx.settings, now) for one in ctx.store.list(KIND, ctx.partner)]
    known = {one["id"] for one in stored}
    came = (standing(customer) for customer in ctx.store.list("customer", ctx.partner))
    fresh = [one for one in came if one is not None and one["id"] not in known]
    return stored + [current(ctx.store, ctx.partner, one, ctx.settings, now) for one in fresh]


async def create(request: Request, ctx: Context) -> Answer:
    body = body_of(request)
    now = ctx.clock.now()
    settings = _settable(ctx, {"autoExtendDuration": "PT0S", **body}, required=True)
    stamp = format_instant(now)
    customer = (settings.get("customer") or {}).get("tenantId") or new_guid(ctx.store, "gdap-customer")
    document = {
        "id": f"{new_guid(ctx.store, 'gdap')}-{customer}",
        **settings,
        "status": "created",
        "createdDateTime": stamp,
        "lastModifiedDateTime": stamp,
    }
    keep(ctx.store, ctx.partner, document)
    location = f"{base_of(request)}{PATH}/{document['id']}"
    return Answer(201, entity(document, _TYPE, f"{_COLLECTION}/$entity"), {"Location": location})


async def get(request: Request, ctx: Context) -> Answer:
    document = relationship_of(ctx, request.path_params["relationship_id"])
    return Answer(200, entity(document, _TYPE, f"{_COLLECTION}/$entity"))


async def list_all(request: Request, ctx: Context) -> Answer:
    return Answer(200, listing(request, every_relationship(ctx), _TYPE, _COLLECTION, ctx.settings.gdap_page_size))


async def update(request: Request, ctx: Context) -> Answer:
    """In `created` everything that create takes; in `active` the extension, and dropping Global Administrator."""
    document = relationship_of(ctx, request.path_params["relationship_id"])
    check_etag(request, document)
    body = body_of(request)
    if document["status"] == "created":
        merged = {**{key: document.get(key) for key in _SETTABLE}, **body}
        changed = touched(document, ctx.clock.now(), **_settable(ctx, merged, required=True, own=document["id"]))
        keep(ctx.store, ctx.partner, changed)
        return Answer(200, entity(changed, _TYPE, f"{_COLLECTION}/$entity"))
    if document["status"] != "active":
        raise graph_error(
            ctx.settings.gdap_state_status, f"A relationship that is {document['status']} is not changed."
        )
    return _update_active(request, ctx, document, body)


def _update_active(request: Request, ctx: Context, document: Document, body: Document) -> Answer:
    given = {key for key in body if key in _SETTABLE and body[key] != document.get(key)}
    if not given <= {"autoExtendDuration", "accessDetails"}:
        text = "An active relationship takes autoExtendDuration and the removal of Global Administrator only."
        raise graph_error(ctx.settings.gdap_state_status, text)
    changes = {key: body[key] for key in given}
    if "autoExtendDuration" in given and body["autoExtendDuration"] not in _EXTENSIONS:
        raise graph_error(400, f"autoExtendDuration is one of {', '.join(_EXTENSIONS)}.")
    removal = "accessDetails" in given and role_ids(body) != role_ids(document)
    if removal and role_ids(document) - role_ids(body) != {GLOBAL_ADMINISTRATOR}:
        raise graph_error(ctx.settings.gdap_state_status, "Only Global Administrator can be removed while active.")
    changed = {**touched(document, ctx.clock.now(), **changes), "_standing": None}
    keep(ctx.store, ctx.partner, changed)
    if not removal:
        return Answer(200, entity(changed, _TYPE, f"{_COLLECTION}/$entity"))
    operation = gdap_operations.start(ctx, changed["id"], "delegatedAdminRelationshipUpdate", changed)
    return gdap_operations.accepted(request, f"{PATH}/{changed['id']}", operation)


async def delete(request: Request, ctx: Context) -> Answer:
    document = relationship_of(ctx, request.path_params["relationship_id"])
    check_etag(request, document)
    if document["status"] != "created":
        raise graph_error(
            ctx.settings.gdap_state_status, f"A relationship that is {document['status']} is not deleted."
        )
    ctx.store.delete(KIND, ctx.partner, document["id"])
    return Answer(204)


_SETTABLE = ("displayName", "duration", "customer", "accessDetails", "autoExtendDuration")


def _settable(ctx: Context, body: Document, *, required: bool, own: str = "") -> Document:
    """What a partner may set, checked. Raises 400, and 409 for a name that is taken."""
    name, duration = body.get("displayName"), str(body.get("duration") or "")
    if not isinstance(name, str) or not 1 <= len(name) <= 50:
        raise graph_error(400, "displayName is required and has at most 50 characters.")
    _check_duration(ctx, duration)
    if body.get("autoExtendDuration") not in _EXTENSIONS:
        raise graph_error(400, f"autoExtendDuration is one of {', '.join(_EXTENSIONS)}.")
    details = body.get("accessDetails")
    if not isinstance(details, dict) or not details.get("unifiedRoles"):
        raise graph_error(400, "accessDetails.unifiedRoles needs at least one role.")
    _check_roles(details)
    if any(one["displayName"] == name and one["id"] != own for one in every_relationship(ctx)):
        raise graph_error(409, f"A relationship named {name!r} exists already.")
    customer = _customer(ctx, body.get("customer"))
    found = {key: body[key] for key in ("displayName", "duration", "accessDetails", "autoExtendDuration")}
    return {**found, "customer": customer} if customer else found


def _check_roles(details: Document) -> None:
    roles = details["unifiedRoles"]
    if not isinstance(roles, list) or not all(
        isinstance(role, dict) and is_guid(str(role.get("roleDefinitionId") or "")) for role in roles
    ):
        raise graph_error(400, "accessDetails.unifiedRoles holds objects with a roleDefinitionId GUID.")


def _check_duration(ctx: Context, text: str) -> None:
    """P1D to P2Y inclusive."""
    now = ctx.clock.now()
    try:
        end = add_duration(now, text) if _DAYS.fullmatch(text) else now
    except (ValueError, OverflowError):
        end = now
    if not add_duration(now, "P1D") <= end <= add_duration(now, "P2Y"):
        raise graph_error(400, "duration is required and lies between P1D and P2Y.")


def _customer(ctx: Context, given: object) -> Document | None:
    if given is None:
        return None
    if not isinstance(given, dict) or not is_guid(str(given.get("tenantId") or "")):
        raise graph_error(400, "customer.tenantId must be a GUID.")
    tenant = str(given["tenantId"]).lower()
    found = ctx.store.find("customer", tenant)
    name = found[1]["companyProfile"]["companyName"] if found else given.get("displayName")
    return {"tenantId": tenant, "displayName": name}


__all__ = ["PATH", "ROUTES", "etag_of", "every_relationship", "relationship_of"]

_ONE = f"{PATH}/{{relationship_id}}"
ROUTES: list[RouteSpec] = [
    RouteSpec("POST", PATH, create, name="Create a delegated admin relationship", audience="graph", creates=True),
    RouteSpec("GET", PATH, list_all, name="List delegated admin relationships", audience="graph"),
    RouteSpec("GET", _ONE, get, name="Get a delegated admin relationship", audience="graph"),
    RouteSpec("PATCH", _ONE, update, name="Update a delegated admin relationship", audience="graph"),
    RouteSpec("DELETE", _ONE, delete, name="Delete a delegated admin relationship", audience="graph"),
]
