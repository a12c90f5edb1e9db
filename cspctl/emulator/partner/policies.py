"""Configuration policies of a customer's devices.

Source: Partner Center docs, pages create-a-new-configuration-policy-for-the-specified-customer,
get-a-list-of-a-customer-s-policies, retrieve-, update- and delete-a-configuration-policy (Oct 2023).
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from cspctl.emulator.clock import format_instant
from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner.customers import customer_of
from cspctl.emulator.wire.requests import invalid, text_of
from cspctl.emulator.wire.shapes import collection, new_guid

KIND = "configuration_policy"
SETTINGS = (
    "none", "remove_oem_preinstalls", "oobe_user_not_local_admin", "skip_express_settings",
    "skip_oem_registration", "skip_eula",
)  # fmt: skip  # one list
DEVICE, CATEGORY = "device", "o_o_b_e"


def policy_of(ctx: Context, customer: dict[str, Any], wanted: str) -> dict[str, Any]:
    """Raises 404/1000."""
    found = ctx.store.get(KIND, ctx.partner, wanted.lower())
    if found is None or found["_customer"] != customer["id"]:
        raise ApiError(404, 1000, f"Not found: configuration policy {wanted}.")
    devices = ctx.store.list(DEVICE, ctx.partner, parent=customer["id"])
    return {**found, "devicesAssigned": sum(policy_on(one) == found["id"] for one in devices)}


def policy_on(device: dict[str, Any]) -> str | None:
    """The policy a device has for the out-of-box experience."""
    return next((one["value"] for one in device["policies"] if one["key"] == CATEGORY), None)


def _checked(body: dict[str, Any]) -> dict[str, Any]:
    given = body.get("policySettings") or []
    if not isinstance(given, list) or not all(str(one).lower() in SETTINGS for one in given):
        raise invalid(f"policySettings are some of {', '.join(SETTINGS)}")
    if str(body.get("category") or CATEGORY).lower().replace("_", "") != "oobe":
        raise invalid("category is OOBE")
    return {
        "name": text_of(body, "name"),
        "category": CATEGORY,
        "description": body.get("description"),
        "policySettings": [str(one).lower() for one in given],
    }


async def list_policies(request: Request, ctx: Context) -> Answer:
    customer = customer_of(ctx, request.path_params["customer_id"])
    found = ctx.store.list(KIND, ctx.partner, parent=customer["id"])
    return Answer(200, collection([policy_of(ctx, customer, one["id"]) for one in found]))


async def get_policy(request: Request, ctx: Context) -> Answer:
    customer = customer_of(ctx, request.path_params["customer_id"])
    return Answer(200, policy_of(ctx, customer, request.path_params["policy_id"]))


async def create_policy(request: Request, ctx: Context) -> Answer:
    """The page's sample answers 200."""
    customer = customer_of(ctx, request.path_params["customer_id"])
    now = format_instant(ctx.clock.now())
    made = {
        "id": new_guid(ctx.store, "configuration-policy"),
        **_checked(body_of(request)),
        "devicesAssigned": 0,
        "createdDate": now,
        "lastModifiedDate": now,
        "attributes": {"objectType": "ConfigurationPolicy"},
        "_customer": customer["id"],
    }
    ctx.store.put(KIND, ctx.partner, made["id"], made, parent=customer["id"])
    _record(ctx, customer, "policy_created", None, made)
    return Answer(200, made)


async def update_policy(request: Request, ctx: Context) -> Answer:
    customer = customer_of(ctx, request.path_params["customer_id"])
    before = policy_of(ctx, customer, request.path_params["policy_id"])
    after = {**before, **_checked(body_of(request)), "lastModifiedDate": format_instant(ctx.clock.now())}
    ctx.store.put(KIND, ctx.partner, before["id"], after)
    _record(ctx, customer, "policy_updated", before, after)
    return Answer(200, after)


async def delete_policy(request: Request, ctx: Context) -> Answer:
    customer = customer_of(ctx, request.path_params["customer_id"])
    before = policy_of(ctx, customer, request.path_params["policy_id"])
    ctx.store.delete(KIND, ctx.partner, before["id"])
    _record(ctx, customer, "policy_deleted", before, None)
    return Answer(204)


def _record(
    ctx: Context, customer: dict[str, Any], operation: str, old: dict[str, Any] | None, new: dict[str, Any] | None
) -> None:
    ctx.audit.record(operation=operation, resource_type="policy", customer_id=customer["id"], old=old, new=new)


_MANY = "/v1/customers/{customer_id}/policies"
_ONE = f"{_MANY}/{{policy_id}}"
ROUTES: list[RouteSpec] = [
    RouteSpec("GET", _MANY, list_policies, name="Get a list of a customer's policies"),
    RouteSpec("POST", _MANY, create_policy, name="Create a new customer configuration policy", creates=True),
    RouteSpec("GET", _ONE, get_policy, name="Retrieve a customer's configuration policy"),
    RouteSpec("PUT", _ONE, update_policy, name="Update a configuration policy"),
    RouteSpec("DELETE", _ONE, delete_policy, name="Delete a configuration policy"),
]
