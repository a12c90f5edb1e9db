"""Directory roles of a customer and their members (rule 54).

Source: Partner Center docs, page get-user-roles-for-a-customer and set-user-roles-for-a-customer (Oct 2023).
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner import entra_roles
from cspctl.emulator.partner.users import directory_of, keep_user, opened, user_of
from cspctl.emulator.wire.requests import text_of
from cspctl.emulator.wire.shapes import collection


def _role(id: str) -> dict[str, Any]:
    return {"name": entra_roles.NAMES[id], "id": id, "attributes": {"objectType": "DirectoryRole"}}


def _known(request: Request) -> str:
    """The role of the path. Raises 404/1000."""
    wanted = str(request.path_params["role_id"]).lower()
    if wanted not in entra_roles.NAMES:
        raise ApiError(404, 1000, f"Not found: directory role {wanted}.")
    return wanted


def _member(user: dict[str, Any], role: str) -> dict[str, Any]:
    names = ("id", "userPrincipalName", "displayName", "firstName", "lastName")
    return {**{key: user.get(key) for key in names}, "roleId": role, "attributes": {"objectType": "UserMember"}}


async def list_roles(request: Request, ctx: Context) -> Answer:
    opened(request, ctx, entra_roles.READ_USERS + entra_roles.ROLES)
    return Answer(200, collection([_role(id) for id in entra_roles.NAMES]))


async def list_of_user(request: Request, ctx: Context) -> Answer:
    customer = opened(request, ctx, entra_roles.READ_USERS + entra_roles.ROLES)
    user = user_of(ctx, customer, request.path_params["user_id"])
    return Answer(200, collection([_role(id) for id in user.get("_roles") or []]))


async def list_members(request: Request, ctx: Context) -> Answer:
    customer = opened(request, ctx, entra_roles.READ_USERS + entra_roles.ROLES)
    role = _known(request)
    holders = [one for one in directory_of(ctx, customer) if role in (one.get("_roles") or [])]
    return Answer(200, collection([_member(one, role) for one in holders]))


async def add_member(request: Request, ctx: Context) -> Answer:
    customer = opened(request, ctx, entra_roles.ROLES)
    role = _known(request)
    user = user_of(ctx, customer, text_of(body_of(request), "id"))
    held = user.get("_roles") or []
    if role not in held:
        keep_user(ctx, customer, {**user, "_roles": [*held, role]})
    answer = _member(user, role)
    _record(ctx, customer["id"], "add_user_member", None, answer)
    return Answer(201, answer)


async def remove_member(request: Request, ctx: Context) -> Answer:
    customer = opened(request, ctx, entra_roles.ROLES)
    role = _known(request)
    user = user_of(ctx, customer, request.path_params["user_id"])
    held = user.get("_roles") or []
    if role not in held:
        raise ApiError(404, 60002, f"User object ID isn't found: {user['id']} has not the role {role}.")
    keep_user(ctx, customer, {**user, "_roles": [one for one in held if one != role]})
    _record(ctx, customer["id"], "remove_user_member", _member(user, role), None)
    return Answer(204)


def _record(
    ctx: Context, customer_id: str, operation: str, old: dict[str, Any] | None, new: dict[str, Any] | None
) -> None:
    known = new or old or {}
    ctx.audit.record(
        operation=operation, resource_type="customer_directory_role", customer_id=customer_id, old=old, new=new,
        customized=[{"key": "CustomerUserId", "value": known["id"]}, {"key": "RoleId", "value": known["roleId"]}],
    )  # fmt: skip  # one record


_CUSTOMER = "/v1/customers/{customer_id}"
_MEMBERS = f"{_CUSTOMER}/directoryroles/{{role_id}}/usermembers"
ROUTES: list[RouteSpec] = [
    RouteSpec("GET", f"{_CUSTOMER}/directoryroles", list_roles, auth="U", name="Get directory roles of a customer"),
    RouteSpec(
        "GET", f"{_CUSTOMER}/users/{{user_id}}/directoryroles", list_of_user, auth="U",
        name="Get user roles for a customer",
    ),
    RouteSpec("GET", _MEMBERS, list_members, auth="U", name="Get user members of a directory role"),
    RouteSpec("POST", _MEMBERS, add_member, auth="U", name="Set user roles for a customer"),
    RouteSpec(
        "DELETE", f"{_MEMBERS}/{{user_id}}", remove_member, auth="U", name="Remove a customer user from a role"
    ),
]  # fmt: skip  # one route, few lines
