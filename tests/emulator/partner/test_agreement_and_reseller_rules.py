"""Agreements, indirect resellers and the partner's own profiles (rules 19, 24, 53)."""

from __future__ import annotations

import pytest

GATED = "/v1/customers/0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b12"
SUITE = "CFQ7TTAB12CD"
MCA = "MicrosoftCustomerAgreement"


def metadata(office, kind=MCA):
    return office.get(f"/v1/agreements?agreementType={kind}")["items"]


def confirmation(office, **contact):
    person = {"firstName": "Tania", "lastName": "Carr", "email": "someone@example.com", "phoneNumber": "1234567890"}
    template = metadata(office)[0]["templateId"]
    return {
        "primaryContact": {**person, **contact},
        "templateId": template,
        "dateAgreed": "2026-03-01T00:00:00.000Z",
        "type": MCA,
    }


def test_agreement_metadata_by_type(office, sample, missing):
    assert missing(sample("get-agreement-metadata"), office.get("/v1/agreements")) == []
    assert office.get("/v1/agreements")["items"][0]["agreementType"] == "MicrosoftCloudAgreement"
    documented = sample("get-customer-agreement-metadata")
    assert missing(documented, office.get(f"/v1/agreements?agreementType={MCA}")) == []
    assert [one["agreementType"] for one in metadata(office, "*")] == ["MicrosoftCloudAgreement", MCA]
    assert metadata(office, "Unheard") == []


def test_rule_19_the_same_contact_is_confirmed_once(office, sample, missing):
    body = confirmation(office)
    made = office.call("POST", f"{GATED}/agreements", body)
    assert made.status_code == 201, made.text
    assert missing(sample("confirm-customer-consent-customer-agreement"), made.json()) == []
    again = office.call("POST", f"{GATED}/agreements", body)
    assert (again.status_code, again.json()["code"]) == (400, 600061)
    assert again.json()["errorName"] == "PartnerConfirmedAgreementAlreadyExists"
    assert again.json()["isRetryable"] is False
    other = confirmation(office, phoneNumber="999")
    assert office.call("POST", f"{GATED}/agreements", other).status_code == 201
    found = office.get(f"{GATED}/agreements?agreementType={MCA}")
    assert missing(sample("get-confirmation-of-customer-agreement"), found) == []
    assert [one["dateAgreed"] for one in found["items"]] == ["2026-03-01T00:00:00"] * 2
    assert office.get(f"{GATED}/agreements")["totalCount"] == 0  # left out means the cloud agreement
    assert office.audited() == ["create_agreement"] * 2


def test_rule_19_no_purchase_without_an_agreement(office):
    found = office.get(f"/v1/products/{SUITE}/skus/0001/availabilities?country=DE")
    item = found["items"][0]["catalogItemId"]
    line = {"id": 0, "catalogItemId": item, "quantity": 1, "termDuration": "P1Y", "billingCycle": "monthly"}
    body = {"partnerOnRecordAttestationAccepted": True, "lineItems": [line]}
    cart = office.call("POST", f"{GATED}/carts", body).json()
    assert office.refused("POST", f"{GATED}/carts/{cart['id']}/checkout") == (403, 13605)
    office.call("POST", f"{GATED}/agreements", confirmation(office))
    assert office.call("POST", f"{GATED}/carts/{cart['id']}/checkout").status_code == 201


@pytest.mark.parametrize(
    "change", [{"templateId": "x"}, {"type": "Other"}, {"dateAgreed": "soon"}, {"primaryContact": {}}]
)
def test_confirmations_that_are_refused(office, change):
    assert office.refused("POST", f"{GATED}/agreements", {**confirmation(office), **change})[0] == 400


def test_direct_signing_is_the_customers_own_act(office, sample):
    path = "/directSignedMicrosoftCustomerAgreementStatus"
    assert office.get(path) == {"isSigned": False}
    office.act("sign-agreement", customer=office.customer[-36:])
    assert office.get(path) == sample("get-direct-sign-status-of-customer-agreement")


def test_a_template_document_has_new_links_each_time(office):
    template = metadata(office)[0]["templateId"]
    path = f"/v1/agreementtemplates/{template}/document?language=de-DE&country=DE"
    first, second = office.get(path), office.get(path)
    assert (first["language"], first["country"]) == ("de-DE", "DE")
    assert first["downloadUri"] != second["downloadUri"]
    assert office.get(f"/v1/agreementtemplates/{template}/document")["country"] == "US"
    assert office.refused("GET", f"/v1/agreementtemplates/{template.upper()}/document")[0] == 404


def test_a_document_in_a_language_that_nobody_offers_is_in_english(office):
    path = f"/v1/agreementtemplates/{metadata(office)[0]['templateId']}/document?country=DE&language="
    assert {language: office.get(path + language)["language"] for language in ("xx-XX", "de", "fr-FR")} == {
        "xx-XX": "en-US",
        "de": "en-US",
        "fr-FR": "fr-FR",
    }


def test_relationships_of_a_provider(office):
    found = office.get("/v1/relationships?relationship_type=IsIndirectCloudSolutionProviderOf")
    first = found["items"][0]
    assert found["totalCount"] == 5
    assert first == {
        "id": "aa3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b01",
        "name": "Ours",
        "relationshipType": "is_indirect_cloud_solution_provider_of",
        "state": "Active",
        "mpnId": "1234567",
        "location": "AT",
        "attributes": {"objectType": "PartnerRelationship"},
    }
    assert office.get("/v1/relationships?relationship_type=IsIndirectResellerOf")["items"] == []
    assert office.refused("GET", "/v1/relationships")[0] == 400
    (mine,) = office.get("/relationships")["items"]
    assert "state" not in mine and "location" not in mine


def test_rule_24_agreement_status_of_a_reseller(office, sample):
    path = "/v1/compliance/csp/agreementstatus"
    signed = office.get(f"{path}?mpnid=1234567")
    assert signed == sample("verify-indirect-reseller-mpa-status", 0)
    assert office.get(f"{path}?tenantId=aa3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b01") == signed
    refusals = {
        "tenantId=no-guid": 2000,
        "mpnId=abc": 2000,
        "": 2001,
        "mpnId=1&tenantId=aa3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b01": 2000,
        "mpnId=123456": 2200,
        "mpnId=1234570": 2201,
        "mpnId=1234569": 2203,
        "mpnId=1234571": 2204,
        "mpnId=4847383": 2204,  # a partner, but no reseller
        "tenantId=12345678-ACBD-1234-ABCD-123456789ABC": 2205,
        "tenantId=aa3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b03": 2206,
    }
    assert {query: office.refused("GET", f"{path}?{query}") for query in refusals} == {
        query: (400, code) for query, code in refusals.items()
    }


@pytest.mark.parametrize(("query", "number"), [("tenantId=x", 1), ("mpnId=x", 2), ("", 3), ("mpnId=1&tenantId=x", 4)])
def test_rule_24_a_malformed_question_names_the_part_that_refused_it(office, sample, query, number):
    printed = sample("verify-indirect-reseller-mpa-status", number)
    answer = office.call("GET", f"/v1/compliance/csp/agreementstatus?{query}").json()
    assert answer == printed


def reseller_body(prefix="TipReseller", mpn="6363276"):
    address = {"country": "FR", "city": "Issy", "addressLine1": "39 quai", "postalCode": "92130"}
    contact = {"firstName": "Sandbox", "lastName": "Scenario", "email": "s@test.example", "phoneNumber": "1"}
    return {
        "mpnId": mpn,
        "tenant": {"domainPrefix": prefix, "name": prefix, "displayName": prefix, "adminUserName": "admin",
                   "country": "US", "culture": "en-us"},
        "legalBusinessProfile": {"companyName": prefix, "address": address, "primaryContact": contact},
        "organizationProfileLanguage": "en",
    }  # fmt: skip  # one body


def test_rule_53_sandbox_resellers_are_made_and_deleted(office, sandbox, sample, missing):
    path = "/v1/sandboxIndirectReseller"
    assert office.refused("POST", path, reseller_body()) == (403, 6004)
    assert office.refused("DELETE", f"{path}/x") == (403, 6003)
    made = sandbox.call("POST", path, reseller_body())
    assert made.status_code == 201, made.text
    assert missing(sample("create-indirect-reseller-in-sandbox"), made.json()) == []
    assert sandbox.refused("POST", path, reseller_body(mpn="6363277")) == (409, 1003)
    for number in range(4):
        assert sandbox.call("POST", path, reseller_body(f"More{number}", f"77{number}")).status_code == 201
    assert sandbox.refused("POST", path, reseller_body("Sixth", "888")) == (400, 800018)
    assert sandbox.call("DELETE", f"{path}/{made.json()['accountId']}").status_code == 204
    assert sandbox.audited()[-1] == "remove_partner_relationship"


def test_sandbox_resellers_belong_to_providers(open_office):
    direct = open_office("7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a30")
    assert direct.refused("POST", "/v1/sandboxIndirectReseller", reseller_body()) == (401, 6002)


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("legalbusiness?vettingVersion=Current", "get-legal-business-profile"),
        ("billing", "get-partner-billing-profile"),
        ("mpn", "get-partner-network-profile"),
        ("support", "get-support-profile"),
    ],
)
def test_partner_profiles_have_every_documented_property(office, sample, missing, name, page):
    assert missing(sample(page), office.get(f"/v1/profiles/{name}")) == []


@pytest.mark.parametrize("name", ["legalbusiness", "billing", "organization", "support"])
def test_partner_profiles_are_replaced_whole(office, sample, name):
    before = office.get(f"/v1/profiles/{name}")
    key = "website" if name == "support" else "companyName"
    path = "/v1/profiles/supportprofile" if name == "support" else f"/v1/profiles/{name}"
    answer = office.call("PUT", path, {**before, key: "changed.example"})
    assert answer.status_code == 200, answer.text
    after, shown = office.get(f"/v1/profiles/{name}"), answer.json()
    if name == "support":  # the answer to an update names its kind in another way than a read does
        kinds = {key: shown.pop(key) for key in ("profileType", "attributes")}
        assert kinds == {key: sample("update-support-profile")[key] for key in kinds}
        assert after["profileType"] == "SupportProfile"
    assert {key: after[key] for key in shown} == shown
    assert {k for k in before if before[k] != after[k]} <= {key, "attributes"}
    assert office.audited() == ["update_company_info"]


def test_fixed_properties_of_the_partner_stay(office):
    billing = office.get("/v1/profiles/billing")
    assert office.refused("PUT", "/v1/profiles/billing", {**billing, "billingCurrency": "USD"})[0] == 400


def test_network_profile_of_others(office):
    assert office.get("/v1/profiles/mpn?mpnId=1234567")["partnerName"] == "Ours"
    assert office.refused("GET", "/v1/profiles/mpn?mpnId=42") == (404, 3000)
