"""What a TenantMapping manifest may say."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from cspctl.kinds.contract import Mutability, Reference, SpecModel
from cspctl.kinds.end_of_term import Defaults
from cspctl.kinds.scalars import Currency, Domain, Flag, Guid, IsoDate, Market, Name, Text


class TenantMappingSpec(SpecModel):
    """A customer tenant under a reseller. Exactly one of `tenantId` and `customer`."""

    tenant_id: Guid | None = Field(None, alias="tenantId", description="The customer's tenant.")
    customer: Name | None = Field(None, description="The Customer whose tenant this is.")
    domain: Domain | None = Field(None, description="A domain of the tenant, for people and for checks.")
    reseller: Name = Field(description="The Reseller with API access that sells to this tenant.")
    market: Market = Field(description="The customer's country; chooses the price rows.")
    currency: Currency | None = Field(None, description="Billing currency where it is not the reseller's.")
    indirect_reseller: Name | None = Field(
        None, alias="indirectReseller", description="The indirect Reseller of record."
    )
    customer_id: Guid | None = Field(
        None, alias="customerId", description="Customer id at Partner Center; the tenant id unless stated."
    )
    app_consent: Literal["required"] | None = Field(
        None, alias="appConsent", description="required: nothing is changed before the tenant consented."
    )
    registered_on: IsoDate | None = Field(None, alias="registeredOn", description="When the customer was registered.")
    username: Text | None = Field(None, description="Administrator account in the tenant.")
    prune: Flag = Field(False, description="Set unmanaged subscriptions of the tenant not to renew.")
    offboard: Flag = Field(False, description="The customer is leaving: nothing new is bought.")
    defaults: Defaults | None = Field(None, description="Defaults of the tenant's subscriptions.")


REFERENCES: tuple[Reference, ...] = (
    Reference("reseller", "Reseller"),
    Reference("indirectReseller", "Reseller"),
)

MUTABILITY: dict[str, Mutability] = {
    "tenantId": Mutability.NEVER,
    "customer": Mutability.NEVER,
    "domain": Mutability.UPDATE,
    "reseller": Mutability.TRANSITION,
    "market": Mutability.NEVER,
    "currency": Mutability.UPDATE,
    "indirectReseller": Mutability.TRANSITION,
    "customerId": Mutability.NEVER,
    "appConsent": Mutability.UPDATE,
    "registeredOn": Mutability.UPDATE,
    "username": Mutability.UPDATE,
    "prune": Mutability.UPDATE,
    "offboard": Mutability.UPDATE,
    "defaults": Mutability.UPDATE,
}
