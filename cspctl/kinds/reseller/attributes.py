"""What other kinds ask of a Reseller."""

from __future__ import annotations

from cspctl.model.resource import Resource

KIND = "Reseller"
WITH_ACCESS = frozenset({"direct", "indirect-provider"})


def tier(resource: Resource) -> str:
    return str(resource.effective["tier"])


def has_access(resource: Resource) -> bool:
    """Whether the account signs in at Partner Center itself."""
    return tier(resource) in WITH_ACCESS


def account_id(resource: Resource) -> str:
    """The partner tenant, lower case; empty for an indirect reseller that states none."""
    return str(resource.effective.get("accountId") or "").lower()


def cloud(resource: Resource) -> str:
    return str(resource.effective.get("cloud") or "global")


def environment(resource: Resource) -> str:
    return str(resource.effective.get("environment") or "production")


def currency(resource: Resource) -> str:
    """Billing currency; empty for an indirect reseller."""
    return str(resource.effective.get("currency") or "")
