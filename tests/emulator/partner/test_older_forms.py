"""Older forms that pages still print: qualification in one word, nested country rules, anchors of users."""

from __future__ import annotations

import pytest

CODES = "/v1/customers/all/validations"


def test_a_qualification_in_one_word_follows_the_other_form(office):
    assert office.get("/qualification") == "none"
    asked = {"qualification": "Education", "educationSegment": "K12"}
    assert office.call("POST", "/qualifications", asked).status_code == 201
    assert office.get("/qualification") == "none", "in review"
    office.advance("P30D")
    assert office.get("/qualification") == "education"


def test_a_validation_code_buys_the_government_word_once_each(office):
    (code,) = office.get(CODES)
    answer = office.call("PUT", f"/qualification?code={code['validationId']}")
    assert (answer.status_code, answer.json()) == (200, "governmentcommunitycloud")
    assert office.get("/qualification") == "governmentcommunitycloud"
    assert [one["qualification"] for one in office.get("/qualifications")] == ["GovernmentCommunityCloud"]
    (left,) = office.get(CODES)
    assert left["remainingCreates"] == code["remainingCreates"] - 1


@pytest.mark.parametrize("query", ["", "?code=000"])
def test_no_word_without_a_reason(office, query):
    answer = office.call("PUT", f"/qualification{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, 800002)
    assert office.get("/qualification") == "none"


def test_country_rules_in_the_form_of_the_page(office):
    recorded = office.get("/v1/countryvalidationrules/US")
    assert recorded["attributes"] == {"objectType": "CountryValidationRules"}
    assert "states" not in recorded
    office.switch(country_rules_form="documented")
    nested = office.get("/v1/countryvalidationrules/US")
    assert nested["states"] == {"value": recorded["supportedStatesList"]}
    assert nested["countryCallingCodes"] == {"value": ["1"]}
    assert "supportedStatesList" not in nested
    assert (nested["isRegistrationNumberSupported"], nested["geographicRegion"]) == (False, "NorthAndLatinAmerica")
    assert office.get("/v1/countryvalidationrules/BR")["isRegistrationNumberSupported"] is True


def test_a_user_keeps_the_anchor_of_its_own_directory(office):
    profile = {"password": "Renew456*", "forceChangePassword": True}
    body = {"userPrincipalName": "a@birkenau.onmicrosoft.com", "displayName": "A", "immutableId": "anchor 1"}
    made = office.call("POST", "/users", {**body, "passwordProfile": profile}).json()
    assert office.get(f"/users/{made['id']}")["immutableId"] == "anchor 1"
