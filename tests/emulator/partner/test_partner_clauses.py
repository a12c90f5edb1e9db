"""Resellers, profiles and sandbox resellers of a partner, clause by clause (rules 16, 24, 53)."""

from __future__ import annotations

import inspect
import re

import pytest

from cspctl.emulator.partner import resellers

DIRECT, SANDBOX = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a30", "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a20"
STATUS = "/v1/compliance/csp/agreementstatus"
PATH = "/v1/sandboxIndirectReseller"
ADDRESS = {"country": "FR", "city": "Issy", "addressLine1": "39 quai", "postalCode": "92130"}


@pytest.mark.parametrize("spelling", ["IsIndirectCloudSolutionProviderOf", "isindirectcloudsolutionproviderof",
                                      "is_indirect_cloud_solution_provider_of"])  # fmt: skip  # one list
def test_relationship_types_are_read_in_any_case(office, spelling):
    found = office.get(f"/v1/relationships?relationship_type={spelling}")
    assert {one["relationshipType"] for one in found["items"]} == {"is_indirect_cloud_solution_provider_of"}
    assert "links" not in found
    assert {one["mpnId"]: one["state"] for one in found["items"]}["1234568"] == "Inactive"


@pytest.mark.parametrize("query", ["", "?relationship_type=", "?relationship_type=IsFriendOf"])
def test_the_relationship_type_is_required(office, query):
    assert office.refused("GET", f"/v1/relationships{query}") == (400, 800002)


def test_a_direct_partner_has_no_resellers(open_office):
    direct = open_office(DIRECT)
    assert direct.get("/v1/relationships?relationship_type=IsIndirectCloudSolutionProviderOf")["items"] == []
    assert direct.get("/relationships")["items"] == []


def test_rule_24_the_codes_are_those_of_the_page():
    written = {int(code) for code in re.findall(r"_refusal\((\d+)", inspect.getsource(resellers))}
    assert written == {2000, 2001, 2200, 2201, 2203, 2204, 2205, 2206}, "no page explains 2202"


def test_rule_24_a_refusal_links_to_its_explanation(office):
    body = office.call("GET", f"{STATUS}?mpnId=1234569").json()
    assert body["code"] == 2203
    assert body["data"] and all(one.startswith("https://") for one in body["data"])


def test_rule_24_europe_is_one_region(office):
    assert office.get(f"{STATUS}?mpnId=1234567") == {"isAgreementSigned": True}, "Austria and Germany"


@pytest.mark.parametrize("name", ["legalbusiness", "billing", "organization", "support"])
def test_a_profile_is_replaced_whole_or_not_at_all(office, name):
    path = "/v1/profiles/supportprofile" if name == "support" else f"/v1/profiles/{name}"
    before = office.get(f"/v1/profiles/{name}")
    required = {"support": ("email", "telephone", "website"), "organization": ("companyName", "defaultAddress")}
    for missing in required.get(name, ("companyName", "address")):
        body = {key: value for key, value in before.items() if key != missing}
        assert office.refused("PUT", path, body) == (400, 800002), missing
    assert office.get(f"/v1/profiles/{name}") == before
    assert office.call("PUT", path, before, If_Match="").status_code == 200, "no If-Match is asked for"


@pytest.mark.parametrize(("name", "fixed"), [("billing", "billingCurrency"), ("organization", "tenantId"),
                                             ("organization", "domain"), ("legalbusiness", "vettingStatus"),
                                             ("legalbusiness", "vettingSubStatus")])  # fmt: skip  # one table
def test_what_a_profile_keeps(office, name, fixed):
    before = office.get(f"/v1/profiles/{name}")
    assert office.refused("PUT", f"/v1/profiles/{name}", {**before, fixed: "other"}) == (400, 800002)


@pytest.mark.parametrize(("name", "kind", "tagged"), [("legalbusiness", "LegalBusinessProfile", False),
                                                      ("billing", "BillingProfile", True),
                                                      ("organization", "OrganizationProfile", True),
                                                      ("support", "SupportProfile", False),
                                                      ("mpn", "MpnProfile", False)])  # fmt: skip  # one table
def test_kinds_and_etags_of_profiles(office, name, kind, tagged):
    found = office.get(f"/v1/profiles/{name}")
    assert found["profileType"] == kind
    assert ("etag" in found["attributes"]) == tagged
    if tagged:
        changed = office.call("PUT", f"/v1/profiles/{name}", {**found, "companyName": "Other"}).json()
        assert changed["attributes"]["etag"] != found["attributes"]["etag"]


def body_for(prefix="Trey", mpn="6363276", **tenant):
    made = {
        "domainPrefix": prefix,
        "name": prefix,
        "adminUserName": "admin",
        "country": "FR",
        "culture": "fr-fr",
        **tenant,
    }
    legal = {"companyName": prefix, "address": ADDRESS, "primaryContact": {}}
    return {"mpnId": mpn, "tenant": made, "legalBusinessProfile": legal, "organizationProfileLanguage": "fr"}


@pytest.mark.parametrize("missing", ["MS_RequestId", "MS_CorrelationId"])
def test_sandbox_resellers_need_both_ids(sandbox, missing):
    refused = sandbox.call("POST", PATH, body_for(), **{missing: ""})
    assert (refused.status_code, refused.json()["code"]) == (400, 800002)
    made = sandbox.call("POST", PATH, body_for()).json()
    assert sandbox.call("DELETE", f"{PATH}/{made['accountId']}", **{missing: ""}).status_code == 400


@pytest.mark.parametrize("missing", ["mpnId", "tenant", "legalBusinessProfile"])
def test_required_properties_of_a_sandbox_reseller(sandbox, missing):
    body = body_for()
    del body[missing]
    assert sandbox.refused("POST", PATH, body) == (400, 800002)
    assert sandbox.refused("POST", PATH, body_for(domainPrefix="")) == (400, 800002)


def test_a_domain_prefix_is_used_once(sandbox):
    assert sandbox.call("POST", PATH, body_for()).status_code == 201
    assert sandbox.refused("POST", PATH, body_for(prefix="TREY", mpn="2")) == (409, 1003)
    assert sandbox.refused("POST", PATH, body_for(prefix="tipped", mpn="3")) == (409, 1003), "a customer has it"
    assert sandbox.refused("POST", PATH, body_for(prefix="Other")) == (409, 1003), "the partner id is taken"


def test_the_answer_of_a_sandbox_reseller(sandbox):
    made = sandbox.call("POST", PATH, body_for()).json()
    assert set(made) == {"accountId", "mpnId", "tenant", "agreementSignature", "partnerRelationship"}
    assert made["tenant"]["password"]
    (listed,) = sandbox.get("/v1/relationships?relationship_type=IsIndirectCloudSolutionProviderOf")["items"]
    assert (listed["id"], listed["mpnId"], listed["location"]) == (made["accountId"], "6363276", "FR")
    assert sandbox.get(f"{STATUS}?tenantId={made['accountId']}") == {"isAgreementSigned": True}


def test_a_sandbox_reseller_with_customers_stays(sandbox):
    made = sandbox.call("POST", PATH, body_for()).json()
    billing = {"culture": "fr-FR", "email": "i@example.org", "language": "fr", "companyName": "New"}
    profile = {"companyProfile": {"domain": "new.onmicrosoft.com"}, "associatedPartnerId": made["accountId"]}
    address = {"defaultAddress": {**ADDRESS, "country": "FR"}}
    customer = sandbox.call("POST", "/v1/customers", {**profile, "billingProfile": {**billing, **address}}).json()
    assert sandbox.refused("DELETE", f"{PATH}/{made['accountId']}") == (400, 800002)
    assert sandbox.call("DELETE", f"/v1/customers/{customer['id']}").status_code == 204
    assert sandbox.call("DELETE", f"{PATH}/{made['accountId']}").status_code == 204
    assert sandbox.refused("DELETE", f"{PATH}/{made['accountId']}") == (404, 1000)


def test_rule_53_a_deleted_sandbox_reseller_makes_room(sandbox):
    made = [sandbox.call("POST", PATH, body_for(f"Tip{n}", f"77{n}")).json() for n in range(5)]
    assert sandbox.refused("POST", PATH, body_for("Sixth", "888")) == (400, 800018)
    assert sandbox.call("DELETE", f"{PATH}/{made[0]['accountId']}").status_code == 204
    assert sandbox.call("POST", PATH, body_for("Sixth", "888")).status_code == 201


def test_rule_53_a_direct_sandbox_partner_makes_no_resellers(open_office):
    direct = open_office(DIRECT)
    assert direct.refused("POST", PATH, body_for()) == (401, 6002)
    assert direct.refused("DELETE", f"{PATH}/x") == (401, 6002)


def test_rule_53_production_neither_makes_nor_deletes_them(office):
    assert office.refused("POST", PATH, body_for()) == (403, 6004)
    assert office.refused("DELETE", f"{PATH}/x") == (403, 6003)
