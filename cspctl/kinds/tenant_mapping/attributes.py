"""What other kinds ask of a TenantMapping."""

from __future__ import annotations

from cspctl.kinds.contract import ProjectView
from cspctl.kinds.reseller import attributes as reseller_attributes
from cspctl.model.resource import Resource

KIND = "TenantMapping"


def tenant_id(resource: Resource) -> str:
    """The customer's tenant GUID, lower case; empty when the mapping names a Customer instead."""
    return str(resource.effective.get("tenantId") or "").lower()


def customer_id(resource: Resource) -> str:
    """The customer id at Partner Center, lower case: the tenant id unless stated."""
    return str(resource.effective.get("customerId") or "").lower() or tenant_id(resource)


def market(resource: Resource) -> str:
    return str(resource.effective["market"])


def billing_currency(resource: Resource, project: ProjectView) -> str:
    """What the partner is billed in: the mapping's currency, else its reseller's; empty if unknown."""
    own = resource.effective.get("currency")
    if own:
        return str(own)
    reseller = project.resources.get(reseller_attributes.KIND, str(resource.effective.get("reseller")))
    return reseller_attributes.currency(reseller) if reseller is not None else ""
