"""Validation status of a customer's account, and what it keeps a customer from (rule 17).

Source: Partner Center docs, pages retrieve-validation-status and error-codes (Oct 2023).
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner.customers import customer_of
from cspctl.emulator.wire.requests import invalid
from cspctl.emulator.wire.shapes import query_value

KIND = "account_status"
STATUSES = ("Allowed", "UnderReview", "NotAllowed", "Unknown", "Not Ready")


async def get_status(request: Request, ctx: Context) -> Answer:
    customer = customer_of(ctx, request.path_params["customer_id"])
    if (query_value(request, "type") or "").lower() != "account":
        raise invalid("type is required and must be account")
    found = ctx.store.get(KIND, ctx.partner, customer["id"])
    if found is None:
        raise ApiError(
            404, 600074, f"Account Status for the customer, {customer['id']} was not found.",
            shape="modern", name="AccountStatusNotFound",
        )  # fmt: skip  # one error
    return Answer(200, found)


def require_allowed(ctx: Context, customer: dict[str, Any]) -> None:
    """Raises 403/800073 (under review or unknown) and 403/800075 (not allowed) for a purchase; no status is free."""
    found = ctx.store.get(KIND, ctx.partner, customer["id"])
    status = found["status"] if found else "Allowed"
    if status in ("UnderReview", "Unknown"):
        raise ApiError(403, 800073, f"The account of customer {customer['id']} is under review.")
    if status == "NotAllowed":
        raise ApiError(403, 800075, f"The account of customer {customer['id']} isn't approved for transactions.")


ROUTES: list[RouteSpec] = [
    RouteSpec(
        "GET", "/v1/customers/{customer_id}/validationStatus", get_status, auth="U",
        name="Retrieve validation status of a customer",
    ),
]  # fmt: skip  # one route
