"""Which documented properties of a request hold an object, a list, or a plain value.

A body whose JSON has another kind there cannot be read and is refused as a whole, before any handler sees it. Names
that pages use for different kinds (`domain`, `category`, `value`, `notes`, ...) are left to their handlers.
Source: the request samples and resource tables of the Partner Center docs (Oct 2023).
"""

from __future__ import annotations

from typing import Any

_OBJECT_NAMES = """
address attributes billingProfile companyApproverAddress companyProfile consent contactPreference customerProfile
defaultAddress domainFederationSettings grantor inventoryContext inviteContext invitedBy legalBusinessProfile links
nextChargeInstructions passwordProfile primaryContact product provisioningContext purchaseCommitment
scheduledNextTermInstructions selfServeEntity targetOffer tenant userCredentials
"""
_LIST_NAMES = """
addOnMigrations addonItems applicationGrants devices eventIds excludedPlans items licensesToAssign licensesToRemove
lineItems participants permissions policies policySettings refundOptions targetItems webhookEvents
"""
_PLAIN_NAMES = """
addressLine1 addressLine2 addressLine3 agreementType allowDelegatedAccess applicationId armRegionName
associatedPartnerId attestationAccepted authenticationType autoRenewEnabled availabilityId azureSubscriptionId batchId
billingCurrency billingCycle billingType capability city companyApproverEmail companyName country culture currencyCode
currentSubscriptionId customTermEndDate customerId dateAgreed description displayName district domainPrefix duration
educationSegment email enableGDAPByDefault etag eventStatus firstName forceChangePassword friendlyName
fromCatalogItemId fromSubscriptionId language lastName middleName mpnId objectType offerId offerName orderGroup
organizationProfileLanguage organizationRegistrationNumber parentSubscriptionId partnerId partnerIdOnRecord
partnerOnRecordAttestationAccepted password phoneNumber postalCode productFamily productId profileType promotionId
purchaseFullTerm purchaseOrderNumber qualification referenceCustomerId region relationshipToPartner resolvedReason
serialNumber signatureTokenToMsSignatureHeader skuId state status subscriptionId supportMpnId supportTenantId
targetDate targetOfferId taxId telephone templateId tenantId termDuration toCatalogItemId toSubscriptionId
transitionType upgradeType usageLocation userPrincipalName validationCode verificationMethod verifiedDomainName
webhookUrl website
"""
_OBJECTS, _LISTS = frozenset(_OBJECT_NAMES.split()), frozenset(_LIST_NAMES.split())
_PLAIN = frozenset(_PLAIN_NAMES.split())
_EITHER = frozenset({"renewsTo"})  # an object in the samples, a list in the schema


def misfit(value: Any) -> str | None:
    """What is wrong with the first property of another kind, as "name must be ..."; None for a body that fits."""
    if isinstance(value, list):
        return next((wrong for one in value if (wrong := misfit(one))), None)
    if not isinstance(value, dict):
        return None
    for name, inner in value.items():
        wrong = _wrong(name, inner) or misfit(inner)
        if wrong:
            return wrong
    return None


def _wrong(name: str, value: Any) -> str | None:
    if value is None:
        return None
    if name in _PLAIN:
        return f"{name} must be a plain value" if isinstance(value, dict | list) else None
    if name in _EITHER:
        return None if isinstance(value, dict | list) else f"{name} must be an object"
    if name in _OBJECTS and not isinstance(value, dict):
        return f"{name} must be an object"
    if name in _LISTS and not isinstance(value, list):
        return f"{name} must be a list"
    return None
