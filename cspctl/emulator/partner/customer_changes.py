"""Ending a relationship, ending delegated access, deleting a sandbox customer (rules 14 and 15).

Source: Partner Center docs, pages remove-a-reseller-relationship-with-a-customer, remove-dap and
delete-a-customer-account-from-the-integration-sandbox (Oct 2023).
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.fulfilment.families import PERPETUAL, RESERVATION, SOFTWARE, family_of
from cspctl.emulator.partner.addresses import is_physical
from cspctl.emulator.partner.customers import customer_of
from cspctl.emulator.partner.sandbox_account import is_sandbox
from cspctl.emulator.trade.coterm import customer_subscriptions
from cspctl.emulator.wire.requests import invalid


async def patch_customer(request: Request, ctx: Context) -> Answer:
    customer = customer_of(ctx, request.path_params["customer_id"])
    body = body_of(request)
    if str(body.get("relationshipToPartner") or "").lower() == "none":
        return _end_relationship(ctx, customer)
    if body.get("allowDelegatedAccess") is False:
        return _end_delegated_access(ctx, customer)
    raise invalid("relationshipToPartner none or allowDelegatedAccess false is what can be patched")


def _end_relationship(ctx: Context, customer: dict[str, Any]) -> Answer:
    owned = customer_subscriptions(ctx, customer["id"])
    _refuse_active_orders(ctx, owned, "The relationship cannot be removed")
    if ctx.settings.removal_needs_suspension and any(one["status"] == "active" for one in owned):
        raise invalid("the relationship cannot be removed while a subscription is active; suspend it first")
    ended = {**customer, "relationshipToPartner": "none", "allowDelegatedAccess": False}
    ctx.store.put("customer", ctx.partner, customer["id"], ended)
    answer = {"relationshipToPartner": "none", "attributes": {"objectType": "Customer"}}
    ctx.audit.record(
        operation="remove_partner_customer_relationship", resource_type="partner_customer_relationship",
        customer_id=customer["id"], old={"relationshipToPartner": customer["relationshipToPartner"]}, new=answer,
    )  # fmt: skip  # one record
    return Answer(200, answer)


def _refuse_active_orders(ctx: Context, owned: list[dict[str, Any]], what: str) -> None:
    """Azure reservations and software must be cancelled first. Raises 400 (impl. code)."""
    for one in owned:
        kind = family_of(ctx.store, one["offerId"], one.get("termDuration"))
        if one["status"] in ("active", "suspended") and kind in (RESERVATION, SOFTWARE, PERPETUAL):
            raise invalid(f"{what} while the {kind} {one['id']} is active; cancel its order first")


def _end_delegated_access(ctx: Context, customer: dict[str, Any]) -> Answer:
    """The page's answer is 200 without content."""
    ctx.store.put("customer", ctx.partner, customer["id"], {**customer, "allowDelegatedAccess": False})
    ctx.audit.record(
        operation="dap_admin_relationship_terminated", resource_type="partner_customer_dap",
        customer_id=customer["id"], old={"allowDelegatedAccess": customer.get("allowDelegatedAccess")},
        new={"allowDelegatedAccess": False},
    )  # fmt: skip  # one record
    return Answer(200)


async def delete_customer(request: Request, ctx: Context) -> Answer:
    """204 in the integration sandbox, with everything below the tenant; refused in production."""
    customer = customer_of(ctx, request.path_params["customer_id"])
    if not is_sandbox(ctx):
        raise ApiError(
            ctx.settings.production_delete_status, 900127, "This operation isn't supported in this environment."
        )
    if not is_physical(customer["billingProfile"]["defaultAddress"]):
        raise invalid("a customer with an invalid address cannot be deleted")
    _refuse_active_orders(ctx, customer_subscriptions(ctx, customer["id"]), "The customer cannot be deleted")
    ctx.audit.record(
        operation="delete_tip_customer", resource_type="customer", customer_id=customer["id"], old=customer,
    )  # fmt: skip  # one record
    ctx.store.delete_below(ctx.partner, customer["id"], keep=("audit",))
    ctx.store.delete("customer", ctx.partner, customer["id"])
    return Answer(204)


_CUSTOMER = "/v1/customers/{customer_id}"
ROUTES: list[RouteSpec] = [
    RouteSpec(
        "PATCH", _CUSTOMER, patch_customer, auth="U",
        name="Remove a reseller or DAP relationship with a customer", throttle="customers",
    ),
    RouteSpec(
        "DELETE", _CUSTOMER, delete_customer,
        name="Delete a customer account from the integration sandbox", throttle="customers",
    ),
]  # fmt: skip  # one route, few lines
