"""Self-serve policies: which customers may buy Azure reservations and savings plans themselves.

Source: Partner Center docs, pages create-a-self-serve-policy, get-a-list-of-self-serve-policies,
get-a-self-serve-policy-by-id, update-a-self-serve-policy and delete-a-self-serve-policy (Oct 2023).
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner.customers import customer_of
from cspctl.emulator.wire.requests import invalid
from cspctl.emulator.wire.shapes import collection, new_guid, query_value

KIND = "self_serve_policy"


def _found(ctx: Context, wanted: str) -> dict[str, Any]:
    """Raises 404/600039."""
    found = ctx.store.get(KIND, ctx.partner, wanted.lower())
    if found is None:
        raise ApiError(404, 600039, "Self-serve policy not found.")
    return found


def _checked(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """Entity, grantor and permissions of a body. Raises 400, and as `customer_of` for the entity."""
    entity, grantor, permissions = body.get("selfServeEntity"), body.get("grantor"), body.get("permissions")
    if not isinstance(entity, dict) or str(entity.get("selfServeEntityType") or "").lower() != "customer":
        raise invalid("selfServeEntity of the type customer is required")
    if not isinstance(grantor, dict) or str(grantor.get("grantorType") or "").lower() != "billtopartner":
        raise invalid("grantor of the type billToPartner is required")
    if str(grantor.get("tenantId") or "").lower() != ctx.partner:
        raise invalid("the grantor must be the calling partner")
    if not isinstance(permissions, list) or not all(
        isinstance(one, dict) and one.get("resource") and one.get("action") for one in permissions
    ):
        raise invalid("permissions is a list of resource and action")
    customer = customer_of(ctx, str(entity.get("tenantId") or ""))
    return {
        "selfServeEntity": {"selfServeEntityType": "customer", "tenantID": customer["id"]},
        "grantor": {"grantorType": "billToPartner", "tenantID": ctx.partner},
        "permissions": [{"resource": one["resource"], "action": one["action"]} for one in permissions],
    }


def _with_etag(ctx: Context, id: str, document: dict[str, Any]) -> dict[str, Any]:
    etag = f'"{new_guid(ctx.store, "self-serve-etag")}"'
    return {"id": id, **document, "attributes": {"etag": etag, "objectType": "SelfServePolicy"}}


async def list_policies(request: Request, ctx: Context) -> Answer:
    wanted = (query_value(request, "entity_id") or "").lower()
    if not wanted:
        raise invalid("entity_id is required")
    found = ctx.store.list(KIND, ctx.partner)
    return Answer(200, collection([one for one in found if one["selfServeEntity"]["tenantID"] == wanted]))


async def get_policy(request: Request, ctx: Context) -> Answer:
    return Answer(200, _found(ctx, request.path_params["policy_id"]))


async def create_policy(request: Request, ctx: Context) -> Answer:
    """Raises 409/600041 when the customer has one."""
    document = _checked(ctx, body_of(request))
    customer_id = document["selfServeEntity"]["tenantID"]
    id = f"{ctx.partner}_{customer_id}"
    if ctx.store.get(KIND, ctx.partner, id) is not None:
        raise ApiError(409, 600041, "Self-serve policy already exists.")
    made = _with_etag(ctx, id, document)
    ctx.store.put(KIND, ctx.partner, id, made, parent=customer_id)
    _record(ctx, "create_self_serve_policy", None, made)
    return Answer(201, made)


async def update_policy(request: Request, ctx: Context) -> Answer:
    """The whole policy with its id and the etag in its attributes. Raises 404/600040 (other id), 400/2055 (stale)."""
    body = body_of(request)
    document = _checked(ctx, body)
    id = f"{ctx.partner}_{document['selfServeEntity']['tenantID']}"
    if str(body.get("id") or "").lower() != id:
        raise ApiError(404, 600040, "Self-serve policy identifier is incorrect")
    before = _found(ctx, id)
    etag = request.headers.get("if-match") or (body.get("attributes") or {}).get("etag")
    if etag and str(etag).strip('"') != before["attributes"]["etag"].strip('"'):
        raise ApiError(ctx.settings.etag_mismatch_status, 2055, "Etag is no longer valid")
    made = _with_etag(ctx, id, document)
    ctx.store.put(KIND, ctx.partner, id, made)
    _record(ctx, "update_self_serve_policy", before, made)
    return Answer(200, made)


async def delete_policy(request: Request, ctx: Context) -> Answer:
    before = _found(ctx, request.path_params["policy_id"])
    ctx.store.delete(KIND, ctx.partner, before["id"])
    _record(ctx, "delete_self_serve_policy", before, None)
    return Answer(204)


def _record(ctx: Context, operation: str, old: dict[str, Any] | None, new: dict[str, Any] | None) -> None:
    customer_id = (new or old or {})["selfServeEntity"]["tenantID"]
    ctx.audit.record(
        operation=operation, resource_type="self_serve_policy", customer_id=customer_id, old=old, new=new
    )  # fmt: skip  # one record


_MANY = "/v1/SelfServePolicy"
_ONE = f"{_MANY}/{{policy_id}}"
ROUTES: list[RouteSpec] = [
    RouteSpec("GET", _MANY, list_policies, auth="U", name="Get a list of self-serve policies"),
    RouteSpec("POST", _MANY, create_policy, auth="U", name="Create a self-serve policy", creates=True),
    RouteSpec("PUT", _MANY, update_policy, auth="U", name="Update a self-serve policy"),
    RouteSpec("GET", _ONE, get_policy, auth="U", name="Get a self-serve policy by ID"),
    RouteSpec("DELETE", _ONE, delete_policy, auth="U", name="Delete a self-serve policy"),
]
