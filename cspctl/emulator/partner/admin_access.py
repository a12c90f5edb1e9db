"""The gate of delegated administration (rule 54).

Commerce needs a reseller relationship only; users, licences, directory, provisioning status and service requests
need an active admin relationship (GDAP). Source: Partner Center docs, page gdap-introduction and the GDAP roles
sections of the operations' pages (Oct 2023). The code of the 403 is not documented (impl.).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cspctl.emulator.context import Context
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner.gdap_state import KIND, OPEN, relationships_with, standing_id

ASSIGNMENT = "gdap_assignment"


def require_admin(ctx: Context, customer: dict[str, Any], roles: Sequence[str], *, dap: bool = True) -> None:
    """Raises 403 unless an active relationship (or, with gdap_gate=roles, one of `roles`) opens the tenant.

    The old DAP opens everything until its last day, but for what asks for GDAP alone (`dap=False`).
    """
    old = dap and customer.get("allowDelegatedAccess") is True
    if old and f"{ctx.clock.now():%Y-%m-%d}" < ctx.settings.dap_until:
        return
    if ctx.settings.gdap_gate == "off" or _opened(ctx, customer, roles):
        return
    raise ApiError(
        403,
        ctx.settings.gdap_denied_code,
        f"Insufficient privileges to complete the operation: the partner has no granular delegated admin privileges "
        f"for this call in the tenant {customer['id']}.",
    )


def has_admin(ctx: Context, customer: dict[str, Any]) -> bool:
    """Admin privileges of any kind in the tenant: the old DAP, or an active GDAP relationship."""
    if ctx.settings.gdap_gate == "off" or customer.get("allowDelegatedAccess") is True:
        return True
    return _came(ctx, customer) or any(one["status"] in OPEN for one in relationships_with(ctx, customer))


def _came(ctx: Context, customer: dict[str, Any]) -> bool:
    """Whether the relationship a customer came with still stands: it extends itself, and a change would be stored."""
    if not customer.get("_gdapSince"):
        return False
    return ctx.store.get(KIND, ctx.partner, standing_id(customer)) is None


def _opened(ctx: Context, customer: dict[str, Any], roles: Sequence[str]) -> bool:
    if _came(ctx, customer):
        return True  # it holds and assigns every role
    open_ones = [one for one in relationships_with(ctx, customer) if one["status"] in OPEN]
    if ctx.settings.gdap_gate == "relationship" or not open_ones:
        return bool(open_ones)
    return any(_roles_of(ctx, one) & set(roles) for one in open_ones)


def _roles_of(ctx: Context, relationship: dict[str, Any]) -> set[str]:
    """Roles that a security group holds through an assignment."""
    assignments = ctx.store.list(ASSIGNMENT, ctx.partner, parent=relationship["id"])
    return {role for one in assignments if not one.get("_deleted") for role in role_ids(one)}


def role_ids(document: dict[str, Any]) -> set[str]:
    """Role definition ids of a relationship or an assignment, in lower case."""
    details = document.get("accessDetails") or {}
    return {str(role["roleDefinitionId"]).lower() for role in details.get("unifiedRoles") or []}
