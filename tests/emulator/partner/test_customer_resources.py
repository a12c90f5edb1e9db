"""Profiles, domains, addresses, country rules, qualifications, validation status of a customer (rules 9, 17, 18)."""

from __future__ import annotations

import pytest

SUITE = "CFQ7TTAB12CD"
GATED = "/v1/customers/0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b12"


def test_billing_profile_has_every_documented_property(office, sample, missing):
    found = missing(sample("get-all-of-a-customer-s-billing-profiles"), office.get("/profiles/billing"))
    assert found == [".defaultAddress.state"]  # no state in this market


def test_rule_09_a_billing_profile_is_replaced_with_its_etag(office):
    before = office.get("/profiles/billing")
    etag = before["attributes"]["etag"]
    body = {**before, "email": "new@example.org", "culture": "DE-de"}
    answer = office.call("PUT", "/profiles/billing", body, If_Match=f'"{etag}"')
    assert answer.status_code == 200, answer.text
    after = answer.json()
    assert (after["email"], after["culture"]) == ("new@example.org", "de-DE")
    assert after["attributes"]["etag"] != etag
    assert -(2**63) <= int(after["attributes"]["etag"]) < 2**63
    assert office.get("")["billingProfile"] == after
    assert office.audited() == ["update_customer_billing_profile"]


def test_rule_09_a_stale_or_missing_etag_is_refused(office):
    before = office.get("/profiles/billing")
    assert office.refused("PUT", "/profiles/billing", before, If_Match='"17"') == (400, 2055)
    assert office.refused("PUT", "/profiles/billing", before)[0] == 400


def test_company_profile_hides_address_and_mail_without_admin_rights(office, sample, missing):
    assert missing(sample("get-a-customer-s-company-profile"), office.get("/profiles/company")) == []
    hidden = office.get(f"{GATED}/profiles/company")
    assert "address" not in hidden and "email" not in hidden
    assert "customDomains" not in office.get(GATED)


def test_custom_domains_and_organization_are_behind_the_admin_relationship(office):
    assert office.get("/customDomains") == ["birkenau.onmicrosoft.com"]
    (item,) = office.get("/organization")
    assert set(item) == {
        "street", "countryLetterCode", "postalCode", "city", "state", "displayName", "technicalNotificationMails",
    }  # fmt: skip  # the documented properties
    assert office.refused("GET", f"{GATED}/customDomains")[0] == 403
    assert office.refused("GET", f"{GATED}/organization")[0] == 403


def test_a_verified_domain_is_added_once(office, sample, missing):
    domain = {"AuthenticationType": "Federated", "Capability": "Email", "Name": "Example.com", "Status": "Verified"}
    body = {"VerifiedDomainName": "Example.com", "Domain": {**domain, "VerificationMethod": "None"}}
    assert office.refused("POST", "/verifieddomain", body)[0] == 400  # federated without settings
    body["DomainFederationSettings"] = {"IssuerUri": "Example.com"}
    answer = office.call("POST", "/verifieddomain", body)
    assert answer.status_code == 201, answer.text
    assert missing(sample("add-a-verified-domain-for-a-customer"), answer.json()) == []
    assert office.get("/customDomains") == ["birkenau.onmicrosoft.com", "example.com"]
    assert office.refused("POST", "/verifieddomain", body)[0] == 409


@pytest.mark.parametrize(
    ("line", "city_state", "status", "suggestions"),
    [
        ("One Microsoft Way", "WA", "VerifiedShippable", 1),
        ("Microsoft Way", "WA", "StreetPartial", 3),
        ("One Microsoft Way", "QQ", "None", 0),
        ("1 Multiple Street", "WA", "Multiple", 3),
        ("1 Unvalidated Street", "WA", "NotValidated", 0),
    ],
)
def test_addresses_are_judged(office, line, city_state, status, suggestions):
    body = {"AddressLine1": line, "City": "Redmond", "State": city_state, "PostalCode": "98052", "Country": "US"}
    answer = office.call("POST", "/v1/validations/address", body)
    assert answer.status_code == 200
    assert answer.json()["status"] == status
    assert len(answer.json()["suggestedAddresses"]) == suggestions
    assert answer.json()["originalAddress"]["addressLine1"] == line


def test_country_rules_tell_who_needs_a_registration_number(office):
    demanded = office.get("/v1/countryvalidationrules/PL")
    assert demanded["customerOrganizationRegistrationNumberRequired"] is True
    assert demanded["customerOrganizationRegistrationNumberRegex"] == r"^\d{10}$"
    free = office.get("/v1/countryvalidationrules/us")
    assert (free["iso2Code"], free["isStateRequired"]) == ("US", True)
    assert "WA" in free["supportedStatesList"]
    assert free["customerOrganizationRegistrationNumberRequired"] is False
    assert free["attributes"] == {"objectType": "CountryValidationRules"}
    assert office.refused("GET", "/v1/countryvalidationrules/QQ")[0] == 400


def test_rule_17_validation_status(office, sample, missing):
    path = "/validationStatus?type=account"
    answer = office.call("GET", path)
    assert answer.status_code == 404
    assert missing(sample("retrieve-validation-status", 5), answer.json()) == []
    assert answer.json()["errorName"] == "AccountStatusNotFound"
    for index, status in enumerate(("Allowed", "UnderReview", "NotAllowed", "Unknown", "Not Ready")):
        office.act("set-account-status", customer=office.customer[-36:], status=status)
        documented = sample("retrieve-validation-status", index)
        assert {**office.get(path), "lastUpdateDateTime": documented["lastUpdateDateTime"]} == documented
    assert office.refused("GET", "/validationStatus")[0] == 400


def purchase(office):
    found = office.get(f"/v1/products/{SUITE}/skus/0001/availabilities?country=DE")
    item = found["items"][0]["catalogItemId"]
    line = {"id": 0, "catalogItemId": item, "quantity": 1, "termDuration": "P1Y", "billingCycle": "monthly"}
    cart = office.call("POST", "/carts", {"partnerOnRecordAttestationAccepted": True, "lineItems": [line]}).json()
    return office.call("POST", f"/carts/{cart['id']}/checkout")


@pytest.mark.parametrize(("status", "code"), [("UnderReview", 800073), ("Unknown", 800073), ("NotAllowed", 800075)])
def test_rule_17_a_customer_under_review_cannot_buy(office, status, code):
    office.act("set-account-status", customer=office.customer[-36:], status=status)
    answer = purchase(office)
    assert (answer.status_code, answer.json()["code"]) == (403, code)
    office.act("set-account-status", customer=office.customer[-36:], status=None)
    assert purchase(office).status_code == 201


def test_rule_18_a_qualification_is_in_review_before_it_is_approved(office, sample, missing):
    assert office.get("/qualifications") == []
    body = {"Qualification": "Education", "EducationSegment": "K12", "Website": "school.example"}
    answer = office.call("POST", "/qualifications", body)
    assert answer.status_code == 201
    assert (answer.json()["vettingStatus"], "vettingCreateDate" in answer.json()) == ("InReview", True)
    (shown,) = office.get("/qualifications")
    assert missing(sample("get-customer-qualification-asynchronous", 1)[0], shown) == []
    office.advance("PT23H59M")
    assert office.get("/qualifications")[0]["vettingStatus"] == "InReview"
    office.advance("PT1M")
    (approved,) = office.get("/qualifications")
    assert (approved["qualification"], approved["vettingStatus"]) == ("Education", "Approved")
    assert office.audited() == ["update_customer_qualification"]


def test_rule_18_an_approved_school_may_buy_academic_offers(office):
    found = office.get(f"/v1/products/{SUITE}/skus/0003/availabilities?country=DE&targetSegment=education")
    item = found["items"][0]["catalogItemId"]
    line = {"id": 0, "catalogItemId": item, "quantity": 1, "termDuration": "P1Y", "billingCycle": "monthly"}
    cart = {"partnerOnRecordAttestationAccepted": True, "lineItems": [line]}
    assert office.call("POST", "/carts", cart).json()["lineItems"][0]["error"]["errorCode"] == 10001
    office.call("POST", "/qualifications", {"qualification": "education", "educationSegment": "HigherEducation"})
    office.advance("P1D")
    assert "error" not in office.call("POST", "/carts", cart).json()["lineItems"][0]


def test_rule_18_a_denied_qualification_says_why(office, sample, missing):
    office.switch(vetting_outcome="Denied")
    office.call("POST", "/qualifications", {"qualification": "Education", "educationSegment": "K12"})
    office.advance("P1D")
    (shown,) = office.get("/qualifications")
    assert missing(sample("get-customer-qualification-asynchronous", 2)[0], shown) == []
    assert shown["vettingReason"] == "Not an Education Customer"


def test_rule_18_a_decision_can_be_made_at_once(office):
    office.call("POST", "/qualifications", {"qualification": "StateOwnedEntity"})
    office.call("POST", "/qualifications", {"qualification": "Education", "educationSegment": "K12"})
    customer = office.customer[-36:]
    office.act("decide-qualification", customer=customer, qualification="Education", outcome="Approved")
    first, second = office.get("/qualifications")
    assert first == {"qualification": "StateOwnedEntity"}
    assert second["vettingStatus"] == "Approved"


@pytest.mark.parametrize(
    "body",
    [
        {"qualification": "Nonprofit"},
        {"qualification": "Education"},
        {"qualification": "GovernmentCommunityCloud", "validationCode": "1"},
    ],
)
def test_qualifications_that_cannot_be_set(office, body):
    assert office.refused("POST", "/qualifications", body)[0] == 400


def test_a_government_customer_uses_up_a_validation_code(office, sample, missing):
    (code,) = office.get("/v1/customers/all/validations")
    assert missing(sample("get-a-partner-s-validation-codes")[0], code) == []
    body = {"qualification": "GovernmentCommunityCloud", "validationCode": code["validationId"]}
    assert office.call("POST", "/qualifications", body).status_code == 201
    (left,) = office.get("/v1/customers/all/validations")
    assert left["remainingCreates"] == code["remainingCreates"] - 1


def test_managed_services_have_every_documented_property(office, sample, missing):
    documented = sample("get-the-managed-services-for-a-customer-by-id")
    assert missing(documented, office.get("/managedservices")) == []
