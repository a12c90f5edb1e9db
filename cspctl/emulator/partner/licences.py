"""Licences of a customer, derived from its subscriptions, and who holds them (rule 51).

Source: Partner Center docs, pages get-a-list-of-available-licenses, get-a-list-of-available-licenses-by-license-group,
check-which-licenses-are-assigned-to-a-user, assign-licenses-to-a-user and license-resources (Oct 2023).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from starlette.requests import Request

from cspctl.emulator.clock import parse_instant
from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner import entra_roles
from cspctl.emulator.partner.users import directory_of, keep_user, opened, user_of
from cspctl.emulator.trade.coterm import customer_subscriptions
from cspctl.emulator.wire.requests import invalid
from cspctl.emulator.wire.shapes import collection, stable_guid

Sku = dict[str, Any]
_UNITS = {
    "active": "activeUnits",
    "expired": "warningUnits",
    "suspended": "suspendedUnits",
    "disabled": "suspendedUnits",
}


def subscribed_skus(ctx: Context, customer: dict[str, Any]) -> list[Sku]:
    """One entry per SKU that has units, in the order of first purchase; all numbers are whole units."""
    found: dict[str, Sku] = {}
    limit = ctx.clock.now() - timedelta(seconds=ctx.settings.licence_lag_seconds)
    for one in customer_subscriptions(ctx, customer["id"]):
        units = _UNITS.get(one["status"]) if parse_instant(one["_visible"]) <= limit else None
        parts = str(one["offerId"]).split(":")
        if units is None or len(parts) < 2 or one.get("billingType") == "usage":
            continue
        sku = _sku(ctx, parts[0], parts[1])
        if sku is not None:
            entry = found.setdefault(sku["productSku"]["id"], sku)
            entry[units] += int(one["quantity"])
    held = _holders(directory_of(ctx, customer)) if found else {}
    for id, sku in found.items():
        sku["consumedUnits"] = held.get(id, 0)
        sku["totalUnits"] = sku["activeUnits"] + sku["warningUnits"]
        sku["availableUnits"] = sku["totalUnits"] - sku["consumedUnits"]
    return list(found.values())


def _holders(users: Iterable[dict[str, Any]]) -> dict[str, int]:
    held: dict[str, int] = {}
    for user in users:
        for id in user.get("_licences") or {}:
            held[id] = held.get(id, 0) + 1
    return held


def _sku(ctx: Context, product_id: str, sku_id: str) -> Sku | None:
    product = ctx.store.get("product", "", product_id)
    known = next((one for one in (product or {}).get("_skus", []) if one["id"] == sku_id), None)
    if known is None:
        return None
    title, group = str(known["title"]), "group2" if "minecraft" in str(known["title"]).lower() else "group1"
    part = f"{product_id}/{sku_id}" if group == "group2" else title.upper().replace(" ", "_")
    plan = {
        "displayName": title,
        "serviceName": part,
        "id": stable_guid("plan", product_id, sku_id),
        "capabilityStatus": "Enabled",
        "targetType": "User",
    }
    return {
        "availableUnits": 0,
        "activeUnits": 0,
        "consumedUnits": 0,
        "suspendedUnits": 0,
        "totalUnits": 0,
        "warningUnits": 0,
        "productSku": {
            "id": known["dynamicAttributes"]["provisioningId"],
            "name": title,
            "skuPartNumber": part,
            "targetType": "User",
            "licenseGroupId": group,
        },
        "servicePlans": [] if group == "group2" else [plan],
        "capabilityStatus": "Enabled",
        "attributes": {"objectType": "SubscribedSku"},
    }


def _groups(request: Request) -> set[str]:
    """`licenseGroupIds` may be given twice; left out means group1 (the directory's)."""
    items = request.query_params.multi_items()
    given = {value.lower() for key, value in items if key.lower() == "licensegroupids"}
    if not given <= {"group1", "group2"}:
        raise invalid("licenseGroupIds is Group1 or Group2")
    return given or {"group1"}


async def list_skus(request: Request, ctx: Context) -> Answer:
    customer = opened(request, ctx, entra_roles.READ_USERS + entra_roles.LICENCES)
    groups = _groups(request)
    found = [one for one in subscribed_skus(ctx, customer) if one["productSku"]["licenseGroupId"] in groups]
    return Answer(200, collection(found))


async def list_of_user(request: Request, ctx: Context) -> Answer:
    customer = opened(request, ctx, entra_roles.READ_USERS + entra_roles.LICENCES)
    user, groups = user_of(ctx, customer, request.path_params["user_id"]), _groups(request)
    known = {one["productSku"]["id"]: one for one in subscribed_skus(ctx, customer)}
    held: dict[str, list[str]] = user.get("_licences") or {}
    items = [_licence(known[id], excluded) for id, excluded in held.items() if id in known]
    return Answer(200, collection([one for one in items if one["productSku"]["licenseGroupId"] in groups]))


def _licence(sku: Sku, excluded: list[str]) -> dict[str, Any]:
    plans = [{**plan, "capabilityStatus": "Assigned"} for plan in sku["servicePlans"] if plan["id"] not in excluded]
    shown = {key: value for key, value in sku["productSku"].items() if key != "targetType"}
    return {"servicePlans": plans, "productSku": shown, "attributes": {"objectType": "License"}}


async def update_licences(request: Request, ctx: Context) -> Answer:
    """201. Raises 400/60012 without free units, 403/900309 behind conditional access (switch)."""
    customer = opened(request, ctx, entra_roles.LICENCES)
    if ctx.settings.conditional_access_block:
        text = (
            "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance."
        )
        raise ApiError(403, 900309, text)
    user = user_of(ctx, customer, request.path_params["user_id"])
    body = body_of(request)
    wanted, unwanted = _assignments(body.get("licensesToAssign")), _removals(body.get("licensesToRemove"))
    if not wanted and not unwanted:
        raise invalid("licensesToAssign or licensesToRemove is required")
    known = {one["productSku"]["id"]: one for one in subscribed_skus(ctx, customer)}
    held: dict[str, list[str]] = dict(user.get("_licences") or {})
    _check(customer, user, known, held, wanted, unwanted)
    for id in unwanted:
        held.pop(id)
    held |= wanted
    keep_user(ctx, customer, {**user, "_licences": held})
    echoed = [{"excludedPlans": excluded or None, "skuId": id} for id, excluded in wanted.items()]
    answer: dict[str, Any] = {
        "licensesToAssign": echoed or None,
        "licensesToRemove": unwanted or None,
        "licenseWarnings": [],
        "attributes": {"objectType": "LicenseUpdate"},
    }
    ctx.audit.record(
        operation="update_customer_user_licenses", resource_type="license", customer_id=customer["id"], new=answer,
        customized=[{"key": "CustomerUserId", "value": user["id"]}]
        + [{"key": "AddedLicenseSkuId", "value": id} for id in wanted]
        + [{"key": "RemovedLicenseSkuId", "value": id} for id in unwanted],
    )  # fmt: skip  # one record
    return Answer(201, answer)


def _assignments(given: object) -> dict[str, list[str]]:
    """SKU id → excluded plans."""
    if given is None:
        return {}
    if not isinstance(given, list) or not all(isinstance(one, dict) and one.get("skuId") for one in given):
        raise invalid("licensesToAssign is a list of objects with a skuId")
    return {str(one["skuId"]).lower(): [str(plan).lower() for plan in one.get("excludedPlans") or []] for one in given}


def _removals(given: object) -> list[str]:
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise invalid("licensesToRemove is a list of SKU ids")
    return [one.lower() for one in given]


def _check(
    customer: dict[str, Any],
    user: dict[str, Any],
    known: dict[str, Sku],
    held: dict[str, list[str]],
    wanted: dict[str, list[str]],
    unwanted: list[str],
) -> None:
    unknown = [id for id in (*wanted, *unwanted) if id not in known and id not in held]
    if unknown:
        raise invalid(f"the customer has no license of the SKU {', '.join(unknown)}")
    if any(id not in held for id in unwanted):
        raise invalid("a license to remove is not assigned to this user")
    if len({known[id]["productSku"]["licenseGroupId"] for id in (*wanted, *unwanted) if id in known}) > 1:
        raise invalid("one request takes licenses of one license group")
    if wanted and not user.get("usageLocation"):
        raise invalid("the user has no usageLocation")
    for id in wanted:
        if id not in held and (id not in known or known[id]["availableUnits"] < 1):
            raise ApiError(
                400,
                60012,
                "We are sorry, it looks like you have run out of licenses. Buy more licenses, and then try again.",
                data=[
                    f"LicenseQuotaExceededException : Subscription with Account {customer['id']} and SKU {id} does not "
                    "have any available licenses left."
                ],
            )


_CUSTOMER = "/v1/customers/{customer_id}"
_USER = f"{_CUSTOMER}/users/{{user_id}}"
ROUTES: list[RouteSpec] = [
    RouteSpec(
        "GET",
        f"{_CUSTOMER}/subscribedskus",
        list_skus,
        auth="U",
        name="Get a list of available licenses",
        entra_only=True,
    ),
    RouteSpec(
        "GET", f"{_USER}/licenses", list_of_user, auth="U", name="Get licenses assigned to a user", entra_only=True
    ),
    RouteSpec(
        "POST", f"{_USER}/licenseupdates", update_licences, auth="U", name="Assign licenses to a user", entra_only=True
    ),
]
