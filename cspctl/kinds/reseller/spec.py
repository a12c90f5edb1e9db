"""What a Reseller manifest may say; a union by `tier`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, RootModel
from pydantic.json_schema import SkipJsonSchema

from cspctl.kinds.contract import Mutability, Reference, SpecModel
from cspctl.kinds.end_of_term import Defaults
from cspctl.kinds.scalars import (
    Count,
    Currency,
    Domain,
    Flag,
    Guid,
    Locale,
    Market,
    MpnId,
    Name,
    SecretRefText,
    StoreRefText,
    Text,
    refusing,
)

NO_ACCESS = "an indirect reseller has no API access of its own; it is read through its provider"
NoAccess = SkipJsonSchema[Annotated[None, refusing(NO_ACCESS)]]
Days = Annotated[int, Field(strict=True, ge=1, le=365)]


class Application(SpecModel):
    """The registered application that signs in."""

    id: Guid = Field(description="Application (client) id.")
    secret_ref: SecretRefText | None = Field(
        None, alias="secretRef", description="Where the client secret is kept; or certificateRef."
    )
    certificate_ref: SecretRefText | None = Field(
        None, alias="certificateRef", description="Where the certificate with its key is kept; or secretRef."
    )


class Consent(SpecModel):
    """The partner's consent: a refresh token, where it lives and when it is renewed."""

    token_store: StoreRefText | None = Field(
        None, alias="tokenStore", description="Writable store of the refresh token."
    )
    refresh_token_ref: SecretRefText | None = Field(
        None, alias="refreshTokenRef", description="Bootstraps the store the first time."
    )
    rotate_after_days: Days = Field(89, alias="rotateAfterDays", description="Renew the token at this age.")
    max_idle_days: Days = Field(90, alias="maxIdleDays", description="Unused for longer, it is worthless.")
    max_age_days: Days = Field(365, alias="maxAgeDays", description="Older than this, it is worthless.")


class Profile(SpecModel):
    """What this account is known to be able to do."""

    features: tuple[Text, ...] = Field((), description="Features the service is known to support here.")


class _Account(SpecModel):
    """What both tiers with API access share."""

    display_name: Text = Field(alias="displayName", description="Name shown in reports.")
    domain: Domain = Field(description="Domain of the partner tenant.")
    account_id: Guid = Field(alias="accountId", description="Microsoft ID: the partner tenant.")
    market: Market = Field(description="Country of the partner account.")
    currency: Currency = Field(description="Billing currency of the partner account.")
    mpn_id: MpnId | None = Field(None, alias="mpnId", description="Partner (MPN) location id, quoted.")
    locale: Locale | None = Field(None, description="Language of reports.")
    cloud: Literal["global", "us-government", "china"] = Field("global", description="Which cloud.")
    environment: Literal["production", "sandbox", "emulator"] = Field(
        "production", description="Which environment the account belongs to."
    )
    user_id: Text | None = Field(None, alias="userId", description="User that gave the consent.")
    application: Application | None = Field(None, description="The registered application.")
    consent: Consent | None = Field(None, description="The partner's consent.")
    check_domain_availability: Flag = Field(
        True, alias="checkDomainAvailability", description="Ask whether a new customer's domain is free."
    )
    require_customer_agreement: Flag = Field(
        True, alias="requireCustomerAgreement", description="Block purchases without a customer agreement."
    )
    registration_id_countries: tuple[Market, ...] = Field(
        (), alias="registrationIdCountries", description="Countries where a registration id is demanded."
    )
    azure_cost_basis: Literal["cost", "retail"] | None = Field(
        None, alias="azureCostBasis", description="How Azure consumption is valued in reports."
    )
    channel_lead_days: Count = Field(
        0, alias="channelLeadDays", description="Days by which the channel wants changes before a term ends."
    )
    profile: Profile | None = Field(None, description="What this account is known to be able to do.")
    defaults: Defaults | None = Field(None, description="Defaults of the subscriptions of its tenants.")


class DirectReseller(_Account):
    """A direct-bill partner."""

    tier: Literal["direct"] = Field(description="A direct-bill partner.")


class IndirectProvider(_Account):
    """A provider (distributor) with resellers below it."""

    tier: Literal["indirect-provider"] = Field(description="A provider with resellers below it.")


class IndirectReseller(SpecModel):
    """A reseller below a provider. It has no API access of its own."""

    tier: Literal["indirect-reseller"] = Field(description="A reseller below a provider.")
    display_name: Text = Field(alias="displayName", description="Name shown in reports.")
    provider: Name = Field(description="The Reseller (indirect-provider) it buys from.")
    account_id: Guid | None = Field(None, alias="accountId", description="Its own partner tenant.")
    mpn_id: MpnId = Field(alias="mpnId", description="Partner (MPN) location id, quoted.")
    locale: Locale | None = Field(None, description="Language of reports.")
    defaults: Defaults | None = Field(None, description="Defaults of the subscriptions of its tenants.")
    application: NoAccess = Field(None, description="Not for an indirect reseller.")
    consent: NoAccess = Field(None, description="Not for an indirect reseller.")


class ResellerSpec(
    RootModel[Annotated[DirectReseller | IndirectProvider | IndirectReseller, Field(discriminator="tier")]]
):
    """A Partner Center account, or an indirect reseller below one."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


REFERENCES: tuple[Reference, ...] = (Reference("provider", "Reseller"),)

MUTABILITY: dict[str, Mutability] = {
    "displayName": Mutability.UPDATE,
    "tier": Mutability.NEVER,
    "domain": Mutability.UPDATE,
    "accountId": Mutability.NEVER,
    "market": Mutability.NEVER,
    "currency": Mutability.NEVER,
    "mpnId": Mutability.UPDATE,
    "locale": Mutability.UPDATE,
    "cloud": Mutability.NEVER,
    "environment": Mutability.NEVER,
    "userId": Mutability.UPDATE,
    "application": Mutability.UPDATE,
    "consent": Mutability.UPDATE,
    "checkDomainAvailability": Mutability.UPDATE,
    "requireCustomerAgreement": Mutability.UPDATE,
    "registrationIdCountries": Mutability.UPDATE,
    "azureCostBasis": Mutability.UPDATE,
    "channelLeadDays": Mutability.UPDATE,
    "profile": Mutability.UPDATE,
    "defaults": Mutability.UPDATE,
    "provider": Mutability.UPDATE,
}
