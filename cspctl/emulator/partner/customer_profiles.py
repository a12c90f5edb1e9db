"""Billing and company profile of a customer.

Source: Partner Center docs, pages get-all-of-a-customer-s-billing-profiles, update-a-customer-s-billing-profile and
get-a-customer-s-company-profile (Oct 2023).
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.partner.addresses import checked_address
from cspctl.emulator.partner.admin_access import has_admin
from cspctl.emulator.partner.customers import customer_of
from cspctl.emulator.partner.profile_documents import billing_profile, signed_number
from cspctl.emulator.wire.etags import check_if_match, next_etag
from cspctl.emulator.wire.requests import invalid, text_of


async def get_billing(request: Request, ctx: Context) -> Answer:
    return Answer(200, customer_of(ctx, request.path_params["customer_id"])["billingProfile"])


async def put_billing(request: Request, ctx: Context) -> Answer:
    """The full resource with If-Match; 200 with a new etag. Raises 400/2055 (stale) and 400 (no header)."""
    customer = customer_of(ctx, request.path_params["customer_id"])
    before = customer["billingProfile"]
    check_if_match(request, before["attributes"]["etag"], ctx.settings, required=True)
    body = body_of(request)
    for name in ("email", "culture", "language", "companyName"):
        text_of(body, name)
    if body.get("id") and str(body["id"]).lower() != before["id"]:
        raise invalid(f"id {body['id']} is not the profile of this customer")
    given = {**body, "defaultAddress": checked_address(body.get("defaultAddress"), "defaultAddress")}
    made = billing_profile(customer["id"], before["id"], given, before["attributes"]["etag"])
    made["attributes"]["etag"] = signed_number(next_etag(made))
    ctx.store.put("customer", ctx.partner, customer["id"], {**customer, "billingProfile": made})
    ctx.audit.record(
        operation="update_customer_billing_profile", resource_type="customer",
        customer_id=customer["id"], old=before, new=made,
    )  # fmt: skip  # one record
    return Answer(200, made)


async def get_company(request: Request, ctx: Context) -> Answer:
    return Answer(200, shown_company(ctx, customer_of(ctx, request.path_params["customer_id"])))


def shown_company(ctx: Context, customer: dict[str, Any]) -> dict[str, Any]:
    """Address and e-mail only for who has admin privileges in the tenant."""
    profile: dict[str, Any] = customer["companyProfile"]
    if has_admin(ctx, customer):
        return profile
    return {key: value for key, value in profile.items() if key not in ("address", "email")}


_PROFILES = "/v1/customers/{customer_id}/profiles"
ROUTES: list[RouteSpec] = [
    RouteSpec("GET", f"{_PROFILES}/billing", get_billing, name="Get a customer's billing profile"),
    RouteSpec("PUT", f"{_PROFILES}/billing", put_billing, name="Update a customer's billing profile"),
    RouteSpec("GET", f"{_PROFILES}/company", get_company, auth="U", name="Get a customer's company profile"),
]
