"""Writes about customers and the partner itself."""

from __future__ import annotations

from typing import Any

from writes import IDS, SANDBOX, SANDBOX_PROVIDER, C, Call, writes

ADDRESS = {"country": "DE", "city": "Bremen", "addressLine1": "Am Wall 1", "postalCode": "28195"}
MCA = "MicrosoftCustomerAgreement"


@writes("POST", "/v1/customers", "add_customer")
def add(shop: Any) -> Call:
    billing = {"culture": "de-DE", "email": "i@example.org", "language": "de", "companyName": "New"}
    body = {
        "companyProfile": {"domain": "new.onmicrosoft.com"},
        "billingProfile": {**billing, "defaultAddress": ADDRESS},
    }
    return lambda: shop.call("POST", "/v1/customers", body, headers=IDS)


@writes("PATCH", C, "remove_partner_customer_relationship", removal_needs_suspension=False)
def end(shop: Any) -> Call:
    return lambda: shop.call("PATCH", "", {"relationshipToPartner": "none"})


@writes("DELETE", C, "delete_tip_customer", partner=SANDBOX)
def delete(shop: Any) -> Call:
    return lambda: shop.call("DELETE", "")


@writes("PUT", f"{C}/profiles/billing", "update_customer_billing_profile")
def billing_profile(shop: Any) -> Call:
    before = shop.get("/profiles/billing")
    tag = {"If-Match": f'"{before["attributes"]["etag"]}"'}
    return lambda: shop.call("PUT", "/profiles/billing", {**before, "email": "n@example.org"}, headers=tag)


@writes("POST", f"{C}/verifieddomain", "update_company_info")
def verified_domain(shop: Any) -> Call:
    given = {"authenticationType": "Managed", "capability": "Email", "status": "Verified", "verificationMethod": "None"}
    body = {"verifiedDomainName": "own.example", "domain": {"name": "own.example", **given}}
    return lambda: shop.call("POST", "/verifieddomain", body)


@writes("POST", f"{C}/qualifications", "update_customer_qualification")
def qualification(shop: Any) -> Call:
    return lambda: shop.call("POST", "/qualifications", {"qualification": "StateOwnedEntity"})


@writes("PUT", f"{C}/qualification", "update_customer_qualification")
def qualification_word(shop: Any) -> Call:
    return lambda: shop.call("PUT", "/qualification", "Education")


@writes("POST", f"{C}/agreements", "create_agreement")
def agreement(shop: Any) -> Call:
    template = shop.get(f"/v1/agreements?agreementType={MCA}")["items"][0]["templateId"]
    person = {"firstName": "T", "lastName": "C", "email": "t@example.org"}
    body = {"primaryContact": person, "templateId": template, "dateAgreed": "2026-03-01", "type": MCA}
    return lambda: shop.call("POST", "/agreements", body)


@writes("PATCH", f"{C}/usagebudget", "update_customer_spending_budget")
def budget(shop: Any) -> Call:
    return lambda: shop.call("PATCH", "/usagebudget", {"amount": 100})


@writes("POST", f"{C}/applicationconsents", "register_application")
def consent(shop: Any) -> Call:
    return lambda: shop.call("POST", "/applicationconsents", _consent())


@writes("DELETE", f"{C}/applicationconsents/{{application_id}}", "unregister_application")
def withdraw(shop: Any) -> Call:
    shop.post("/applicationconsents", _consent(), status=201)
    return lambda: shop.call("DELETE", f"/applicationconsents/{_consent()['applicationId']}")


def _consent() -> dict[str, Any]:
    grant = {"enterpriseApplicationId": "00000003-0000-0000-c000-000000000000", "scope": "Mail.Read"}
    return {"applicationId": "11111111-aaaa-2222-bbbb-3333cccc4444", "applicationGrants": [grant]}


def _profile(name: str, path: str = "") -> None:
    @writes("PUT", f"/v1/profiles/{path or name}", "update_company_info")
    def put(shop: Any) -> Call:
        before = shop.get(f"/v1/profiles/{name}")
        return lambda: shop.call("PUT", f"/v1/profiles/{path or name}", before)


for _name in ("legalbusiness", "billing", "organization"):
    _profile(_name)
_profile("support", "supportprofile")


def _as_sandbox_provider(shop: Any) -> None:
    partner = {"accountId": SANDBOX_PROVIDER, "domain": "tip.example", "market": "DE", "currency": "EUR"}
    shop.seed({"partners": [{**partner, "tier": "indirect-provider", "sandbox": True}]})
    shop.partner = SANDBOX_PROVIDER


def _reseller() -> dict[str, Any]:
    tenant = {"domainPrefix": "Tip1", "adminUserName": "admin", "country": "DE", "culture": "de-de"}
    return {"mpnId": "6363276", "tenant": tenant, "legalBusinessProfile": {"companyName": "Tip", "address": ADDRESS}}


@writes("POST", "/v1/sandboxIndirectReseller", "create_partner_relationship")
def reseller(shop: Any) -> Call:
    _as_sandbox_provider(shop)
    return lambda: shop.call("POST", "/v1/sandboxIndirectReseller", _reseller(), headers=IDS)


@writes("DELETE", "/v1/sandboxIndirectReseller/{reseller_id}", "remove_partner_relationship")
def no_reseller(shop: Any) -> Call:
    _as_sandbox_provider(shop)
    made = shop.post("/v1/sandboxIndirectReseller", _reseller(), status=201, headers=IDS)
    return lambda: shop.call("DELETE", f"/v1/sandboxIndirectReseller/{made['accountId']}", headers=IDS)


def _policy(shop: Any) -> dict[str, Any]:
    return {
        "selfServeEntity": {"selfServeEntityType": "customer", "tenantID": shop.customer},
        "grantor": {"grantorType": "billToPartner", "tenantID": shop.partner},
        "permissions": [{"resource": "AzureReservedInstances", "action": "Purchase"}],
    }


@writes("POST", "/v1/SelfServePolicy", "create_self_serve_policy")
def self_serve(shop: Any) -> Call:
    return lambda: shop.call("POST", "/v1/SelfServePolicy", _policy(shop))


@writes("PUT", "/v1/SelfServePolicy", "update_self_serve_policy")
def self_serve_change(shop: Any) -> Call:
    made = shop.post("/v1/SelfServePolicy", _policy(shop), status=201)
    return lambda: shop.call("PUT", "/v1/SelfServePolicy", {**made, "permissions": []})


@writes("DELETE", "/v1/SelfServePolicy/{policy_id}", "delete_self_serve_policy")
def self_serve_end(shop: Any) -> Call:
    made = shop.post("/v1/SelfServePolicy", _policy(shop), status=201)
    return lambda: shop.call("DELETE", f"/v1/SelfServePolicy/{made['id']}")
