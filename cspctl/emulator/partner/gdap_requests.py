"""Requests on a delegated admin relationship (lockForApproval, terminate) and its operations (rule 55).

Source: Microsoft Graph v1.0 docs, pages delegatedadminrelationship-post-requests and -list-operations (2022).
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from cspctl.emulator.clock import format_instant
from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.partner import gdap_operations
from cspctl.emulator.partner.gdap import PATH, relationship_of
from cspctl.emulator.partner.gdap_state import Document, current, keep, record, touched
from cspctl.emulator.partner.graph import base_of, entity, graph_error, listing
from cspctl.emulator.wire.shapes import new_guid

_KIND, _TYPE = "gdap_request", "delegatedAdminRelationshipRequest"
_ACTIONS = {"lockforapproval": "lockForApproval", "terminate": "terminate", "approve": "approve", "reject": "reject"}


async def create(request: Request, ctx: Context) -> Answer:
    relationship = relationship_of(ctx, request.path_params["relationship_id"])
    action = _ACTIONS.get(str(body_of(request).get("action") or "").lower())
    if action is None:
        raise graph_error(400, "action is lockForApproval or terminate.")
    if action in ("approve", "reject"):
        raise graph_error(
            ctx.settings.gdap_state_status, f"{action} is for relationships a provider asked you to share."
        )
    _apply(ctx, relationship, action)
    now = format_instant(ctx.clock.now())
    made: Document = {
        "id": new_guid(ctx.store, "gdap-request"),
        "action": action,
        "status": "created",
        "createdDateTime": now,
        "lastModifiedDateTime": now,
    }
    # what a later read shows: the effect above has taken place
    ctx.store.put(_KIND, ctx.partner, made["id"], {**made, "status": "succeeded"}, parent=relationship["id"])
    location = f"{base_of(request)}{PATH}/{relationship['id']}/requests/{made['id']}"
    return Answer(201, entity(made, _TYPE, "requests", etag=False), {"Location": location})


def _apply(ctx: Context, relationship: Document, action: str) -> None:
    """lockForApproval only from created, terminate only from active."""
    status, now = relationship["status"], ctx.clock.now()
    if status != {"lockForApproval": "created", "terminate": "active"}[action]:
        raise graph_error(
            ctx.settings.gdap_state_status, f"{action} is not possible while the relationship is {status}."
        )
    if action == "lockForApproval":
        keep(ctx.store, ctx.partner, touched(relationship, now, status="approvalPending"))
        return
    asked = touched(relationship, now, status="terminationRequested", _terminationAt=format_instant(now))
    asked["_standing"] = None
    keep(ctx.store, ctx.partner, asked)
    record(ctx.audit, "granular_admin_relationship_termination_requested", asked)
    current(ctx.store, ctx.partner, asked, ctx.settings, now)


def _held(ctx: Context, request: Request, kind: str, name: str) -> Document:
    relationship = relationship_of(ctx, request.path_params["relationship_id"])
    wanted = request.path_params[name].lower()
    found = next(
        (one for one in ctx.store.list(kind, ctx.partner, parent=relationship["id"]) if one["id"] == wanted), None
    )
    if found is None:
        raise graph_error(404, f"{wanted} was not found.")
    return found


async def get(request: Request, ctx: Context) -> Answer:
    return Answer(200, entity(_held(ctx, request, _KIND, "request_id"), _TYPE, "requests/$entity", etag=False))


async def list_all(request: Request, ctx: Context) -> Answer:
    relationship = relationship_of(ctx, request.path_params["relationship_id"])
    found = ctx.store.list(_KIND, ctx.partner, parent=relationship["id"])
    return Answer(200, listing(request, found, _TYPE, "requests", ctx.settings.gdap_page_size))


async def list_operations(request: Request, ctx: Context) -> Answer:
    relationship = relationship_of(ctx, request.path_params["relationship_id"])
    kept = ctx.store.list(gdap_operations.KIND, ctx.partner, parent=relationship["id"])
    found: list[dict[str, Any]] = [gdap_operations.at_now(ctx, one) for one in kept]
    kind, size = "delegatedAdminRelationshipOperation", ctx.settings.gdap_page_size
    return Answer(200, listing(request, found, kind, "operations", size))


async def get_operation(request: Request, ctx: Context) -> Answer:
    found = gdap_operations.at_now(ctx, _held(ctx, request, gdap_operations.KIND, "operation_id"))
    return Answer(200, entity(found, "delegatedAdminRelationshipOperation", "operations/$entity"))


_ONE = f"{PATH}/{{relationship_id}}"
ROUTES: list[RouteSpec] = [
    RouteSpec(
        "POST", f"{_ONE}/requests", create,
        name="Create a delegated admin relationship request", audience="graph",
    ),
    RouteSpec(
        "GET", f"{_ONE}/requests", list_all,
        name="List delegated admin relationship requests", audience="graph",
    ),
    RouteSpec(
        "GET", f"{_ONE}/requests/{{request_id}}", get,
        name="Get a delegated admin relationship request", audience="graph",
    ),
    RouteSpec(
        "GET", f"{_ONE}/operations", list_operations,
        name="List delegated admin relationship operations", audience="graph",
    ),
    RouteSpec(
        "GET", f"{_ONE}/operations/{{operation_id}}", get_operation,
        name="Get a delegated admin relationship operation", audience="graph",
    ),
]  # fmt: skip  # one route, few lines
