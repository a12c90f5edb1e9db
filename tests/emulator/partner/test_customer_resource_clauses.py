"""Addresses, domains, profiles, qualifications, validation status, clause by clause (rules 9, 17, 18)."""

from __future__ import annotations

import pytest

GATED = "/v1/customers/0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b12"
US = {"addressLine1": "1 Way", "city": "Redmond", "state": "WA", "postalCode": "98052", "country": "US"}


@pytest.mark.parametrize("name", list(US))
def test_each_required_field_of_an_address_to_validate(office, name):
    refused = office.call("POST", "/v1/validations/address", {key: value for key, value in US.items() if key != name})
    assert (refused.status_code, refused.json()["code"]) == (400, 800002)
    assert name in refused.json()["description"]


@pytest.mark.parametrize(
    ("line", "status", "suggestions"),
    [
        ("1 Way", "VerifiedShippable", 1),
        ("PO Box 12", "Verified", 1),
        ("1 Interaction Street", "InteractionRequired", 1),
        ("Long Way", "StreetPartial", 3),
        ("1 Premises Street", "PremisesPartial", 3),
        ("1 Multiple Street", "Multiple", 3),
        ("1 Nowhere Street", "None", 0),
        ("1 Unvalidated Street", "NotValidated", 0),
    ],
)
def test_the_eight_statuses_of_an_address(office, line, status, suggestions):
    answer = office.call("POST", "/v1/validations/address", {**US, "addressLine1": line})
    assert (answer.status_code, answer.json()["status"]) == (200, status)
    assert len(answer.json()["suggestedAddresses"]) == suggestions


@pytest.mark.parametrize("country", ["US", "CA", "CN", "MX"])
def test_states_are_checked_in_four_markets_only(office, country):
    postal = {"US": "98052", "CA": "K1A 0B1", "CN": "100000", "MX": "01000"}[country]
    body = {**US, "state": "QQ", "country": country, "postalCode": postal}
    assert office.call("POST", "/v1/validations/address", body).json()["status"] == "None"
    elsewhere = {**body, "country": "DE", "postalCode": "28195"}
    assert office.call("POST", "/v1/validations/address", elsewhere).json()["status"] == "VerifiedShippable"
    assert office.get(f"/v1/countryvalidationrules/{country}")["isStateRequired"] is True


def test_country_rules_have_the_recorded_properties(office):
    rules = office.get("/v1/countryvalidationrules/AE")
    assert set(rules) == {
        "iso2Code", "defaultCulture", "isStateRequired", "supportedStatesList", "supportedLanguagesList",
        "supportedCulturesList", "isPostalCodeRequired", "postalCodeRegex", "isCityRequired", "isVatIdSupported",
        "phoneNumberRegex", "isTaxIdSupported", "isTaxIdOptional", "countryCallingCodesList",
        "customerOrganizationRegistrationNumberRegex", "customerOrganizationRegistrationNumberSample",
        "customerOrganizationRegistrationNumberRequired", "customerOrganizationPhoneNumberRequired", "attributes",
    }  # fmt: skip  # tax and VAT texts are for markets that support them


DOMAIN = {"name": "own.example", "authenticationType": "Managed", "capability": "Email", "status": "Verified",
          "verificationMethod": "None"}  # fmt: skip  # one body


@pytest.mark.parametrize("name", list(DOMAIN))
def test_each_required_property_of_a_verified_domain(office, name):
    body = {"verifiedDomainName": "own.example", "domain": {key: value for key, value in DOMAIN.items() if key != name}}
    assert office.refused("POST", "/verifieddomain", body) == (400, 800002)


def test_a_managed_domain_needs_no_federation_settings(office):
    made = office.call("POST", "/verifieddomain", {"verifiedDomainName": "own.example", "domain": DOMAIN})
    assert (made.status_code, made.json()["authenticationType"]) == (201, "managed")
    for wrong in (
        {"domain": DOMAIN},
        {"verifiedDomainName": "two.example"},
        {"verifiedDomainName": "two.example", "domain": {**DOMAIN, "authenticationType": "Other"}},
    ):
        assert office.refused("POST", "/verifieddomain", wrong) == (400, 800002)  # fmt: skip  # one list


@pytest.mark.parametrize("path", ["/organization", "/customDomains"])
def test_rule_54_delegated_access_of_old_does_not_open_the_tenant(office, path):
    kept = office.store.get("customer", office.partner, GATED[-36:])
    office.store.put("customer", office.partner, kept["id"], {**kept, "allowDelegatedAccess": True})
    assert office.refused("GET", GATED + path) == (403, 900308)
    assert office.get("/customDomains" if path == "/customDomains" else path, app_only=True)


def put(office, body, **more):
    etag = office.get("/profiles/billing")["attributes"]["etag"]
    return office.call("PUT", "/profiles/billing", body, **{"If_Match": f'"{etag}"', **more})


@pytest.mark.parametrize("name", ["email", "culture", "language", "companyName", "defaultAddress"])
def test_rule_09_a_billing_profile_is_replaced_whole(office, name):
    body = office.get("/profiles/billing")
    del body[name]
    answer = put(office, body)
    assert (answer.status_code, answer.json()["code"]) == (400, 800002)


@pytest.mark.parametrize("header", ["", '"17"', "*x"])
def test_rule_09_missing_and_stale_are_the_documented_400_2055(office, header):
    before = office.get("/profiles/billing")
    refused = put(office, {**before, "email": "n@example.org"}, If_Match=header)
    assert (refused.status_code, refused.json()["code"]) == (400, 2055)
    assert office.get("/profiles/billing") == before


@pytest.mark.parametrize(("status", "code"), [(412, 2055), (417, 800036)])
def test_rule_09_the_other_documented_answers_to_a_stale_etag(office, status, code):
    office.switch(etag_mismatch_status=status)
    refused = put(office, office.get("/profiles/billing"), If_Match='"17"')
    assert (refused.status_code, refused.json()["code"]) == (status, code)


def test_rule_09_an_etag_is_good_for_one_write(office):
    before = office.get("/profiles/billing")
    etag = f'"{before["attributes"]["etag"]}"'
    assert put(office, {**before, "email": "a@example.org"}, If_Match=etag).status_code == 200
    again = put(office, {**before, "email": "b@example.org"}, If_Match=etag)
    assert (again.status_code, again.json()["code"]) == (400, 2055)
    assert put(office, {**before, "id": "x"}).status_code == 400


@pytest.mark.parametrize("path", ["/profiles/company"])
def test_the_company_profile_is_read_only(office, path):
    for method in ("PUT", "PATCH"):
        assert office.call(method, path, {"companyName": "x"}).status_code == 405


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [
        ("Education", "StateOwnedEntity", 201),
        ("GovernmentCommunityCloud", "StateOwnedEntity", 201),
        ("Education", "GovernmentCommunityCloud", 400),
        ("GovernmentCommunityCloud", "Education", 400),
    ],
)
def test_rule_18_which_qualifications_go_together(office, first, second, status):
    code = office.get("/v1/customers/all/validations")[0]["validationId"]
    more = {"educationSegment": "K12", "validationCode": code}
    assert office.call("POST", "/qualifications", {"qualification": first, **more}).status_code == 201
    assert office.call("POST", "/qualifications", {"qualification": second, **more}).status_code == status
    assert len(office.get("/qualifications")) == (2 if status == 201 else 1)


@pytest.mark.parametrize("segment", [None, "", "University"])
def test_rule_18_an_education_segment_is_k12_or_higher_education(office, segment):
    body = {"qualification": "Education", "educationSegment": segment}
    assert office.refused("POST", "/qualifications", body) == (400, 800002)


@pytest.mark.parametrize("name", ["None", "Nonprofit", "", None])
def test_rule_18_three_qualifications_can_be_set(office, name):
    assert office.refused("POST", "/qualifications", {"qualification": name}) == (400, 800002)


def test_rule_18_a_decision_does_not_come_early_or_by_asking(office):
    office.call("POST", "/qualifications", {"qualification": "Education", "educationSegment": "K12"})
    for _ in range(3):
        assert office.get("/qualifications")[0]["vettingStatus"] == "InReview"
    office.switch(vetting_hours=1)
    office.advance("PT2H")
    assert office.get("/qualifications")[0]["vettingStatus"] == "InReview", "asked for under the old duration"


def order(office):
    items = office.get("/v1/products/CFQ7TTAB12CD/skus/0001/availabilities?country=DE")["items"]
    line = {"lineItemNumber": 0, "offerId": items[0]["catalogItemId"], "quantity": 1, "termDuration": "P1Y"}
    body = {"partnerOnRecordAttestationAccepted": True, "billingCycle": "monthly", "lineItems": [line]}
    return office.call("POST", "/orders", body)


@pytest.mark.parametrize(
    ("status", "expected"),
    [("Allowed", 201), ("Not Ready", 201), ("UnderReview", 800073), ("Unknown", 800073), ("NotAllowed", 800075)],
)
def test_rule_17_what_a_status_means_for_an_order(office, status, expected):
    office.act("set-account-status", customer=office.customer[-36:], status=status)
    answer = order(office)
    found = answer.status_code if answer.status_code == 201 else answer.json()["code"]
    assert found == expected
    assert answer.status_code in (201, 403)


@pytest.mark.parametrize("query", ["", "?type=", "?type=billing"])
def test_rule_17_the_type_is_required(office, query):
    office.act("set-account-status", customer=office.customer[-36:], status="Allowed")
    assert office.refused("GET", f"/validationStatus{query}") == (400, 800002)
    assert office.get("/validationStatus?type=Account") == {
        "type": "account", "status": "Allowed", "lastUpdateDateTime": "2026-03-10T09:15:00",
    }  # fmt: skip  # one document
