"""Customers: one by id, and the checks every customer-scoped call shares (rule 7).

Source: Partner Center docs, page get-a-customer-by-id (Oct 2023). Creating and changing customers is not here.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec
from cspctl.emulator.errors import ApiError
from cspctl.emulator.seeding.documents import AGREEMENT_TYPE
from cspctl.emulator.wire.shapes import is_guid


def customer_of(ctx: Context, customer_id: str) -> dict[str, Any]:
    """The calling partner's customer.

    Raises 400/900118 (no GUID), 403/20002 (customer of another partner, or relationship ended), 404/60003 (unknown).
    """
    if not is_guid(customer_id):
        raise ApiError(400, 900118, f"Invalid Customer ID: {customer_id}.")
    key = customer_id.lower()
    customer = ctx.store.get("customer", ctx.partner, key)
    if customer is not None and customer["relationshipToPartner"] != "none":
        return qualified(ctx, customer) if customer.get("_vetted") else customer
    if customer is None and ctx.store.find("customer", key) is None:
        raise ApiError(404, 60003, f"Tenant not found: {customer_id}.")
    raise ApiError(
        403, 20002, f"The partner ID {ctx.partner} has no commerce relationship with the customer ID {customer_id}."
    )


def qualified(ctx: Context, customer: dict[str, Any]) -> dict[str, Any]:
    """The customer with the segments that its approved qualifications open (rule 18)."""
    from cspctl.emulator.partner.qualifications import open_segments  # qualifications build on this module

    more = [segment for segment in open_segments(ctx, customer) if segment not in customer["_segments"]]
    return {**customer, "_segments": [*customer["_segments"], *more]} if more else customer


def partner_of(ctx: Context) -> dict[str, Any]:
    """The calling partner's own document; {} when the store holds none (never the case behind a sign-in)."""
    return ctx.store.get("partner", "", ctx.partner) or {}


def has_agreement(ctx: Context, customer: dict[str, Any]) -> bool:
    """Whether the customer signed the agreement itself or a confirmation that counts today exists (rule 19)."""
    if customer.get("_directSigned"):
        return True
    return any(_counts(ctx, one) for one in ctx.store.list("agreement", ctx.partner, parent=customer["id"]))


def _counts(ctx: Context, agreement: dict[str, Any]) -> bool:
    """The Customer Agreement alone; one accepted before April 2023 stopped counting in October 2025 (distributors'
    pages, 2025).
    """
    if agreement["type"] != AGREEMENT_TYPE:
        return False
    if f"{ctx.clock.now():%Y-%m-%d}" < ctx.settings.old_agreement_until:
        return True
    return str(agreement.get("dateAgreed") or "9999") >= ctx.settings.old_agreement_before


def require_counting_agreement(ctx: Context, customer_id: str) -> None:
    """Raises 403/13605 for a change of seats whose customer has agreements, but none that still counts."""
    customer = ctx.store.get("customer", ctx.partner, customer_id) or {}
    every = ctx.store.list("agreement", ctx.partner, parent=customer_id)
    held = [one for one in every if one["type"] == AGREEMENT_TYPE]
    if held and not customer.get("_directSigned") and not any(_counts(ctx, one) for one in held):
        raise _no_agreement()


def require_agreement(ctx: Context, customer: dict[str, Any]) -> None:
    """Raises 403/13605 for a purchase without an agreement."""
    if ctx.settings.require_agreement and not has_agreement(ctx, customer):
        raise _no_agreement()


def _no_agreement() -> ApiError:
    return ApiError(
        403,
        13605,
        "Either a partner confirmation of the customer acceptance of the Microsoft Customer Agreement must be "
        "provided or the customer must accept the Microsoft Customer Agreement in the Admin Center.",
    )


async def get_customer(request: Request, ctx: Context) -> Answer:
    """Address, e-mail and custom domains only for who has admin privileges in the tenant."""
    from cspctl.emulator.partner.customer_profiles import shown_company  # profiles build on this module

    customer = customer_of(ctx, request.path_params["customer_id"])
    company = shown_company(ctx, customer)
    if company is not customer["companyProfile"]:
        customer = {**customer, "companyProfile": company, "customDomains": None}
    return Answer(200, customer)


ROUTES: list[RouteSpec] = [
    RouteSpec("GET", "/v1/customers/{customer_id}", get_customer, name="get a customer by id", throttle="customers"),
]
