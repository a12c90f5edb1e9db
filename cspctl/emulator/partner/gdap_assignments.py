"""Access assignments: which security group of the partner holds which roles in the customer's tenant.

Source: Microsoft Graph v1.0 docs, pages delegatedadminrelationship-post-accessassignments,
delegatedadminaccessassignment-update and -delete (2023, 2024).
"""

from __future__ import annotations

from datetime import timedelta

from starlette.requests import Request

from cspctl.emulator.clock import format_instant, parse_instant
from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.partner import gdap_operations
from cspctl.emulator.partner.admin_access import ASSIGNMENT, role_ids
from cspctl.emulator.partner.gdap import PATH, relationship_of
from cspctl.emulator.partner.gdap_state import Document, touched
from cspctl.emulator.partner.graph import base_of, check_etag, entity, graph_error, listing
from cspctl.emulator.wire.shapes import is_guid, new_guid

_TYPE = "delegatedAdminAccessAssignment"


async def create(request: Request, ctx: Context) -> Answer:
    relationship = _active(ctx, request)
    body = body_of(request)
    container = body.get("accessContainer")
    if not isinstance(container, dict) or not is_guid(str(container.get("accessContainerId") or "")):
        raise graph_error(400, "accessContainer.accessContainerId must be a GUID.")
    if str(container.get("accessContainerType") or "").lower() != "securitygroup":
        raise graph_error(400, "accessContainer.accessContainerType is securityGroup.")
    details = _details(relationship, body)
    group = str(container["accessContainerId"]).lower()
    if any(one["accessContainer"]["accessContainerId"] == group for one in _kept(ctx, relationship)):
        raise graph_error(409, f"The group {group} has an assignment already.")
    now = format_instant(ctx.clock.now())
    document: Document = {
        "id": new_guid(ctx.store, "gdap-assignment"),
        "createdDateTime": now,
        "lastModifiedDateTime": now,
        "accessContainer": {"accessContainerId": group, "accessContainerType": "securityGroup"},
        "accessDetails": details,
    }
    ctx.store.put(ASSIGNMENT, ctx.partner, document["id"], document, parent=relationship["id"])
    _record(ctx, relationship, "created", document)
    _record(ctx, relationship, "activated", document)
    location = f"{base_of(request)}{PATH}/{relationship['id']}/accessAssignments/{document['id']}"
    made = {**document, "status": "pending"}
    return Answer(201, entity(made, _TYPE, "accessAssignments"), {"Location": location})


async def get(request: Request, ctx: Context) -> Answer:
    relationship = relationship_of(ctx, request.path_params["relationship_id"])
    found = _one(ctx, request, relationship)
    return Answer(200, entity(_at_now(ctx, found), _TYPE, "accessAssignments/$entity"))


async def list_all(request: Request, ctx: Context) -> Answer:
    relationship = relationship_of(ctx, request.path_params["relationship_id"])
    found = [_at_now(ctx, one) for one in _kept(ctx, relationship)]
    return Answer(200, listing(request, found, _TYPE, "accessAssignments", ctx.settings.gdap_page_size))


async def update(request: Request, ctx: Context) -> Answer:
    """Replaces the whole role list; 200 with the assignment when nothing differs, else 202."""
    relationship = _active(ctx, request)
    found = _one(ctx, request, relationship)
    check_etag(request, found)
    details = _details(relationship, body_of(request))
    if role_ids({"accessDetails": details}) == role_ids(found):
        return Answer(200, entity(_at_now(ctx, found), _TYPE, "accessAssignments/$entity"))
    changed = touched(found, ctx.clock.now(), accessDetails=details)
    ctx.store.put(ASSIGNMENT, ctx.partner, found["id"], changed)
    _record(ctx, relationship, "updated", changed)
    data = {**changed, "status": "active"}
    operation = gdap_operations.start(ctx, relationship["id"], "delegatedAdminAccessAssignmentUpdate", data)
    return gdap_operations.accepted(request, f"{PATH}/{relationship['id']}", operation)


async def delete(request: Request, ctx: Context) -> Answer:
    relationship = relationship_of(ctx, request.path_params["relationship_id"])
    found = _one(ctx, request, relationship)
    check_etag(request, found)
    gone = touched(found, ctx.clock.now(), _deleted=format_instant(ctx.clock.now()))
    ctx.store.put(ASSIGNMENT, ctx.partner, found["id"], gone)
    _record(ctx, relationship, "deleted", gone)
    return Answer(204)


def _active(ctx: Context, request: Request) -> Document:
    relationship = relationship_of(ctx, request.path_params["relationship_id"])
    if relationship["status"] != "active":
        text = f"Access is assigned on an active relationship; this one is {relationship['status']}."
        raise graph_error(ctx.settings.gdap_state_status, text)
    return relationship


def _kept(ctx: Context, relationship: Document) -> list[Document]:
    every = ctx.store.list(ASSIGNMENT, ctx.partner, parent=relationship["id"])
    return [one for one in every if not _gone(ctx, one)]


def _gone(ctx: Context, assignment: Document) -> bool:
    """A deleted assignment stays visible as `deleting` until the settle time has passed."""
    if not assignment.get("_deleted"):
        return False
    settling = timedelta(seconds=ctx.settings.gdap_settle_seconds)
    return parse_instant(assignment["_deleted"]) + settling <= ctx.clock.now()


def _one(ctx: Context, request: Request, relationship: Document) -> Document:
    wanted = request.path_params["assignment_id"].lower()
    found = next((one for one in _kept(ctx, relationship) if one["id"] == wanted), None)
    if found is None:
        raise graph_error(404, f"The access assignment {wanted} was not found.")
    return found


def _at_now(ctx: Context, assignment: Document) -> Document:
    if assignment.get("_deleted"):
        return {**assignment, "status": "deleting"}
    settling = timedelta(seconds=ctx.settings.gdap_settle_seconds)
    pending = parse_instant(assignment["lastModifiedDateTime"]) + settling > ctx.clock.now()
    return {**assignment, "status": "pending" if pending else "active"}


def _details(relationship: Document, body: Document) -> Document:
    """Roles of an assignment. Raises 400 unless they are some of the relationship's."""
    details = body.get("accessDetails")
    roles = details.get("unifiedRoles") if isinstance(details, dict) else None
    if not isinstance(roles, list) or not roles or not all(isinstance(role, dict) for role in roles):
        raise graph_error(400, "accessDetails.unifiedRoles needs at least one role.")
    wanted = [str(role.get("roleDefinitionId") or "").lower() for role in roles]
    if not set(wanted) <= role_ids(relationship):
        raise graph_error(400, "The roles of an assignment must be roles of the relationship.")
    return {"unifiedRoles": [{"roleDefinitionId": role} for role in wanted]}


def _record(ctx: Context, relationship: Document, what: str, assignment: Document) -> None:
    ctx.audit.record(
        operation=f"granular_admin_access_assignment_{what}",
        resource_type="granular_admin_access_assignment",
        customer_id=(relationship.get("customer") or {}).get("tenantId"),
        new=assignment,
        customized=[
            {"key": "RelationshipId", "value": relationship["id"]},
            {"key": "AccessAssignmentId", "value": assignment["id"]},
        ],
    )


_MANY = f"{PATH}/{{relationship_id}}/accessAssignments"
_SINGLE = f"{_MANY}/{{assignment_id}}"
ROUTES: list[RouteSpec] = [
    RouteSpec("POST", _MANY, create, name="Create a delegated admin access assignment", audience="graph", creates=True),
    RouteSpec("GET", _MANY, list_all, name="List delegated admin access assignments", audience="graph"),
    RouteSpec("GET", _SINGLE, get, name="Get a delegated admin access assignment", audience="graph"),
    RouteSpec("PATCH", _SINGLE, update, name="Update a delegated admin access assignment", audience="graph"),
    RouteSpec("DELETE", _SINGLE, delete, name="Delete a delegated admin access assignment", audience="graph"),
]
