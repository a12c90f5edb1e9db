"""User accounts of a customer's directory (rule 54).

Source: Partner Center docs, pages create-user-accounts-for-a-customer, get-a-list-of-all-user-accounts-for-a-customer,
get-a-user-account-by-id, update-user-accounts-for-a-customer, delete-user-accounts-for-a-customer,
restore-a-user-for-a-customer, view-a-deleted-user and reset-user-password-for-a-customer (Oct 2023).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.requests import Request

from cspctl.emulator.clock import format_instant, parse_instant
from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner import entra_roles
from cspctl.emulator.partner.admin_access import require_admin
from cspctl.emulator.partner.customers import customer_of
from cspctl.emulator.wire.paging import page_of
from cspctl.emulator.wire.requests import filter_of, invalid, text_of
from cspctl.emulator.wire.shapes import link, new_guid, query_value, stable_guid

KIND = "user"
User = dict[str, Any]
_PLAIN = ("usageLocation", "firstName", "lastName", "displayName", "immutableId")


def user_document(customer: dict[str, Any], id: str, **values: Any) -> User:
    return {
        "id": id,
        "userDomainType": "none",
        "state": "active",
        **values,
        "links": {"self": link(f"/customers/{customer['id']}/users/{id}")},
        "attributes": {"objectType": "CustomerUser"},
    }


def directory_of(ctx: Context, customer: dict[str, Any]) -> list[User]:
    """Every account, deleted ones included while they can be restored. A new tenant has its first administrator."""
    kept = ctx.store.list(KIND, ctx.partner, parent=customer["id"])
    if not kept:
        id = stable_guid("admin", customer["id"])
        profile = customer["billingProfile"]
        names = {"firstName": profile.get("firstName"), "lastName": profile.get("lastName")}
        name = f"admin@{customer['companyProfile']['domain']}"
        shown = {"displayName": customer["companyProfile"]["companyName"], "usageLocation": customer["_market"]}
        admin = user_document(customer, id, userPrincipalName=name, **names, **shown)
        ctx.store.put(KIND, ctx.partner, id, admin, parent=customer["id"])
        kept = [admin]
    limit = ctx.clock.now() - timedelta(days=ctx.settings.user_restore_days)
    return [one for one in kept if one["state"] == "active" or parse_instant(one["softDeletionTime"]) > limit]


def user_of(ctx: Context, customer: dict[str, Any], wanted: str, *, deleted: bool = False) -> User:
    """Raises 404/60002 for a user the directory does not have."""
    for one in directory_of(ctx, customer):
        if one["id"] == wanted.lower() and (one["state"] == "active" or deleted):
            return one
    raise ApiError(404, 60002, f"User object ID isn't found: {wanted}.")


def keep_user(ctx: Context, customer: dict[str, Any], user: User) -> None:
    ctx.store.put(KIND, ctx.partner, user["id"], user, parent=customer["id"])


def opened(request: Request, ctx: Context, roles: tuple[str, ...]) -> dict[str, Any]:
    """The customer of the path, behind the gate of delegated administration."""
    customer = customer_of(ctx, request.path_params["customer_id"])
    require_admin(ctx, customer, roles)
    return customer


async def list_users(request: Request, ctx: Context) -> Answer:
    customer = opened(request, ctx, entra_roles.READ_USERS)
    state = _state(query_value(request, "filter"))
    found = [one for one in directory_of(ctx, customer) if one["state"] == state]
    path, settings = f"/customers/{customer['id']}/users", ctx.settings
    body = page_of(request, found, default=settings.page_size, largest=settings.page_size_maximum, path=path)
    return Answer(200, body)


def _state(text: str | None) -> str:
    """`UserState` or `UserStatus` equals Inactive lists deleted accounts; the page spells the field both ways."""
    if not text:
        return "active"
    given = {key: value.lower() for key, value in filter_of(text).items()}
    if given.get("field") not in ("userstate", "userstatus") or given.get("operator") != "equals":
        raise invalid("users are filtered by UserState equals Inactive")
    if given.get("value") not in ("active", "inactive"):
        raise invalid("UserState is Active or Inactive")
    return given["value"]


async def get_user(request: Request, ctx: Context) -> Answer:
    customer = opened(request, ctx, entra_roles.READ_USERS)
    return Answer(200, user_of(ctx, customer, request.path_params["user_id"]))


async def create_user(request: Request, ctx: Context) -> Answer:
    customer = opened(request, ctx, entra_roles.WRITE_USERS)
    body = body_of(request)
    name = _principal_name(ctx, customer, text_of(body, "userPrincipalName"))
    text_of(body, "displayName")
    _password(body.get("passwordProfile"))
    values = {key: body.get(key) for key in _PLAIN}
    user = user_document(customer, new_guid(ctx.store, "user"), userPrincipalName=name, **values)
    keep_user(ctx, customer, user)
    _record(ctx, customer, "create_customer_user", None, user)
    return Answer(200, {**user, "passwordProfile": body["passwordProfile"]})


async def update_user(request: Request, ctx: Context) -> Answer:
    """Changes the properties given; `state` active brings a deleted account back."""
    customer = opened(request, ctx, entra_roles.WRITE_USERS)
    body = body_of(request)
    wanted = request.path_params.get("user_id") or str(body.get("id") or "")
    restore = str(body.get("state") or "").lower() == "active"
    before = user_of(ctx, customer, wanted, deleted=restore)
    after = {**before, **{key: body[key] for key in _PLAIN if body.get(key) is not None}}
    renamed = body.get("userPrincipalName")
    if renamed and str(renamed).lower() != before["userPrincipalName"].lower():
        after["userPrincipalName"] = _principal_name(ctx, customer, str(renamed))
    after |= {"state": "active", "softDeletionTime": None}
    keep_user(ctx, customer, after)
    operation = "update_customer_user"
    if before["state"] != "active":
        operation = "restore_customer_user"
    elif after["userPrincipalName"] != before["userPrincipalName"]:
        operation = "update_customer_user_principal_name"
    _record(ctx, customer, operation, before, after)
    return Answer(200, after)


async def delete_user(request: Request, ctx: Context) -> Answer:
    """Soft: 204, licences and roles go, the account can be restored for 30 days."""
    customer = opened(request, ctx, entra_roles.DELETE_USERS)
    before = user_of(ctx, customer, request.path_params["user_id"])
    gone = {**before, "state": "inactive", "softDeletionTime": format_instant(ctx.clock.now())}
    keep_user(ctx, customer, {**gone, "_licences": {}, "_roles": []})
    _record(ctx, customer, "delete_customer_user", before, None)
    return Answer(204)


async def reset_password(request: Request, ctx: Context) -> Answer:
    customer = opened(request, ctx, entra_roles.WRITE_USERS)
    user = user_of(ctx, customer, request.path_params["user_id"])
    body = body_of(request)
    profile = _password(body.get("passwordProfile"))
    _record(ctx, customer, "reset_customer_user_password", None, user)
    return Answer(200, {**user, "passwordProfile": profile})


def _principal_name(ctx: Context, customer: dict[str, Any], name: str) -> str:
    """Raises 400 for a name of another domain or of another user (impl. code)."""
    domain = name.rpartition("@")[2].lower()
    own = {customer["companyProfile"]["domain"].lower(), *map(str.lower, customer.get("customDomains") or [])}
    if "@" not in name or domain not in own:
        raise invalid(f"userPrincipalName {name!r} is not of a domain of this customer")
    if any(one["userPrincipalName"].lower() == name.lower() for one in directory_of(ctx, customer)):
        raise invalid(f"another user has the userPrincipalName {name!r}")
    return name


def _password(given: object) -> dict[str, Any]:
    if not isinstance(given, dict) or not 8 <= len(str(given.get("password") or "")) <= 256:
        raise invalid("passwordProfile.password of 8 to 256 characters is required")
    return {"password": given["password"], "forceChangePassword": bool(given.get("forceChangePassword"))}


def _record(ctx: Context, customer: dict[str, Any], operation: str, old: User | None, new: User | None) -> None:
    known = new or old or {}
    ctx.audit.record(
        operation=operation, resource_type="customer_user", customer_id=customer["id"], old=old, new=new,
        customized=[
            {"key": "CustomerUserId", "value": known.get("id")},
            {"key": "UserPrincipalName", "value": known.get("userPrincipalName")},
        ],
    )  # fmt: skip  # one record


_MANY = "/v1/customers/{customer_id}/users"
_ONE = f"{_MANY}/{{user_id}}"
ROUTES: list[RouteSpec] = [
    RouteSpec("GET", _MANY, list_users, auth="U", name="Get a list of all user accounts for a customer"),
    RouteSpec("POST", _MANY, create_user, auth="U", name="Create a user account for a customer", creates=True),
    RouteSpec("PATCH", _MANY, update_user, auth="U", name="Update user accounts for a customer"),
    RouteSpec("GET", _ONE, get_user, auth="U", name="Get a user account by ID"),
    RouteSpec("PATCH", _ONE, update_user, auth="U", name="Update or restore a user account for a customer"),
    RouteSpec("DELETE", _ONE, delete_user, auth="U", name="Delete a user account for a customer"),
    RouteSpec("PATCH", f"{_ONE}/resetpassword", reset_password, auth="U", name="Reset user password for a customer"),
]
