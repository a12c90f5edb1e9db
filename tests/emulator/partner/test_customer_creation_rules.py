"""Creating customers, clause by clause: what is required, what is checked, what comes back (rules 12, 13, 16)."""

from __future__ import annotations

import json
import re
from uuid import uuid4

import pytest

RESELLER = "aa3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b01"
RELATIONSHIPS = "/v1.0/tenantRelationships/delegatedAdminRelationships"
GERMANY = {"country": "DE", "city": "Bremen", "addressLine1": "Am Wall 1", "postalCode": "28195"}
AMERICA = {"country": "US", "city": "Redmond", "addressLine1": "1 Way", "postalCode": "98052", "state": "WA"}
# the two lists of the pages: who has to give a registration number
REGISTRATION = ["AM", "AZ", "BY", "HU", "IN", "KZ", "KG", "MD", "RU", "TJ", "UZ", "UA",
                "BR", "ZA", "PL", "AE", "SA", "TR", "TH", "VN", "MM", "IQ", "SS", "VE"]  # fmt: skip  # one list


def body_for(address=None, domain="new.onmicrosoft.com", number=None, **more):
    billing = {"culture": "de-DE", "email": "ida@example.org", "language": "de", "companyName": "New GmbH"}
    profile = {"domain": domain, "organizationRegistrationNumber": number}
    return {"companyProfile": profile, "billingProfile": {**billing, "defaultAddress": address or GERMANY}, **more}


def create(office, *args, **more):
    answer = office.call("POST", "/v1/customers", body_for(*args, **more))
    assert answer.status_code == 201, answer.text
    return answer.json()


def refused(office, body, **more):
    return office.refused("POST", "/v1/customers", body, **more)


@pytest.mark.parametrize("address", [GERMANY, AMERICA])
@pytest.mark.parametrize("name", ["country", "city", "addressLine1", "postalCode", "state"])
def test_rule_12_each_address_field_its_market_needs_is_required(office, address, name):
    body = body_for({key: value for key, value in address.items() if key != name})
    if name in address:
        assert refused(office, body) == (400, 800002)
        assert name in office.call("POST", "/v1/customers", body).json()["description"]
    else:
        assert office.call("POST", "/v1/customers", body).status_code == 201, "no states in this market"


@pytest.mark.parametrize(
    "change",
    [{"country": "DEU"}, {"country": "QQ"}, {"country": "49"}, {"addressLine1": "x" * 201}, {"addressLine2": "x" * 201},
     {"state": "BRE"}, {"firstName": "x" * 51}, {"lastName": "x" * 51}],
)  # fmt: skip  # one list
def test_rule_12_lengths_and_forms_of_an_address(office, change):
    assert refused(office, body_for({**GERMANY, **change})) == (400, 800002)


def test_rule_12_the_longest_values_are_taken(office):
    longest = {"addressLine1": "x" * 200, "addressLine2": "y" * 200, "firstName": "f" * 50, "lastName": "l" * 50}
    more = {"district": "Mitte", "addressLine3": "3", "middleName": "M", "emailAddress": "m@example.org"}
    made = create(office, {**GERMANY, **longest, **more})
    kept = office.get(f"/v1/customers/{made['id']}/profiles/billing")["defaultAddress"]
    assert kept == {**GERMANY, **longest, **more}


def test_rule_12_a_state_outside_its_market_is_refused_in_four_markets_only(office):
    assert refused(office, body_for({**AMERICA, "state": "QQ"})) == (400, 800002)
    assert create(office, {**GERMANY, "state": "QQ"})["billingProfile"]["defaultAddress"]["state"] == "QQ"


@pytest.mark.parametrize("name", ["culture", "email", "language", "companyName", "defaultAddress"])
def test_rule_12_each_required_property_of_the_billing_profile(office, name):
    body = body_for()
    del body["billingProfile"][name]
    assert refused(office, body) == (400, 800002)


@pytest.mark.parametrize("name", ["companyProfile", "billingProfile"])
def test_rule_12_both_profiles_are_required(office, name):
    body = body_for()
    del body[name]
    assert refused(office, body) == (400, 800002)


@pytest.mark.parametrize("domain", ["", "example.com", "onmicrosoft.com", "a b.onmicrosoft.com"])
def test_rule_12_a_domain_is_a_name_below_onmicrosoft(office, domain):
    assert refused(office, body_for(domain=domain)) == (400, 800002)


def test_rule_12_domains_of_customers_partners_and_verified_ones_are_taken(office):
    domain = {"AuthenticationType": "Managed", "Capability": "Email", "Name": "own.onmicrosoft.com",
              "Status": "Verified", "VerificationMethod": "None"}  # fmt: skip  # one body
    added = office.call("POST", "/verifieddomain", {"VerifiedDomainName": "own.onmicrosoft.com", "Domain": domain})
    assert added.status_code == 201
    for taken in (
        "birkenau.onmicrosoft.com",
        "straight.onmicrosoft.com",
        "acme.onmicrosoft.com",
        "own.onmicrosoft.com",
    ):
        assert office.call("HEAD", f"/v1/domains/{taken}").status_code == 200
        assert refused(office, body_for(domain=taken)) == (409, 1003)


def test_rule_12_head_answers_have_no_content(office):
    for domain, status in (("acme.onmicrosoft.com", 200), ("free.onmicrosoft.com", 404)):
        answer = office.call("HEAD", f"/v1/domains/{domain}")
        assert (answer.status_code, answer.headers["Content-Length"], answer.content) == (status, "0", b"")
        assert office.get(f"/v1/validations/checkdomainavailability/{domain.split('.')[0]}") is (status == 404)


@pytest.mark.parametrize("country", REGISTRATION)
def test_rule_12_markets_that_need_a_registration_number_and_a_phone(office, country):
    rules = office.get(f"/v1/countryvalidationrules/{country}")
    assert rules["customerOrganizationRegistrationNumberRequired"] is True
    assert rules["customerOrganizationPhoneNumberRequired"] is True
    number = rules["customerOrganizationRegistrationNumberSample"]
    assert re.fullmatch(rules["customerOrganizationRegistrationNumberRegex"], number)
    address = {"country": country, "city": "C", "addressLine1": "1 Street", "postalCode": POSTAL.get(country)}
    with_phone = {**address, "phoneNumber": "5550100"}
    assert refused(office, body_for(with_phone)) == (400, 600049)
    assert refused(office, body_for(with_phone, number="?")) == (400, 600050)
    assert refused(office, body_for(address, number=number)) == (400, 600051)
    made = create(office, with_phone, number=number)
    assert made["companyProfile"]["organizationRegistrationNumber"] == number


POSTAL = {"HU": "1011", "IN": "110001", "RU": "101000", "UA": "01001", "ZA": "0001", "PL": "00-001", "TR": "06000",
          "BR": "01001-000"}  # fmt: skip  # codes of the markets whose form is known


@pytest.mark.parametrize("country", ["DE", "US", "FR", "GB", "CA"])
def test_rule_12_no_registration_number_elsewhere(office, country):
    rules = office.get(f"/v1/countryvalidationrules/{country}")
    assert rules["customerOrganizationRegistrationNumberRequired"] is False
    assert "customerOrganizationRegistrationNumberSample" not in rules
    postal = {"DE": "28195", "US": "98052", "FR": "92130", "GB": "SW1A 1AA", "CA": "K1A 0B1"}[country]
    state = {"US": "WA", "CA": "ON"}.get(country)
    address = {"country": country, "city": "C", "addressLine1": "1 Street", "postalCode": postal, "state": state}
    assert refused(office, body_for(address, number="12345")) == (400, 600002)


def test_rule_12_an_unverified_address_passes_unless_the_switch_is_on(office):
    assert create(office, {**GERMANY, "addressLine1": "Am Wall"})
    office.switch(customer_address_check=True)
    body = body_for({**GERMANY, "addressLine1": "Am Wall"}, domain="other.onmicrosoft.com")
    assert refused(office, body) == (400, 800002)
    assert create(office, domain="other.onmicrosoft.com")


@pytest.mark.parametrize("missing", ["MS_RequestId", "MS_CorrelationId"])
def test_both_ids_are_required_to_create(office, missing):
    answer = office.call("POST", "/v1/customers", body_for(), **{missing: ""})
    assert (answer.status_code, answer.json()["code"]) == (400, 800002)
    assert missing.replace("_", "-") in answer.json()["description"]
    office.switch(require_write_ids=False)
    assert office.call("POST", "/v1/customers", body_for(), **{missing: ""}).status_code == 201


def test_a_password_cannot_be_chosen(office):
    body = body_for(userCredentials={"userName": "admin", "password": "Own456*own"})
    assert refused(office, body) == (400, 800002)
    assert create(office, userCredentials={"userName": "admin"})["userCredentials"]["password"]


def test_culture_and_language_come_back_normalised(office):
    body = body_for()
    body["billingProfile"] |= {"culture": "EN-US", "language": "EN"}
    made = office.call("POST", "/v1/customers", body).json()["billingProfile"]
    assert (made["culture"], made["language"]) == ("en-US", "en")


def test_rule_13_no_later_answer_has_the_credentials(office):
    ids = {"MS_RequestId": str(uuid4())}
    first = office.call("POST", "/v1/customers", body_for(), **ids)
    made = first.json()
    password = made["userCredentials"]["password"]
    one = f"/v1/customers/{made['id']}"
    text = json.dumps({"Field": "CompanyName", "Value": "New", "Operator": "starts_with"})
    for path in (one, f"{one}/profiles/billing", f"{one}/profiles/company", "/v1/customers", "/v1/auditrecords",
                 f"/v1/customers?filter={text}"):  # fmt: skip  # one list
        answer = office.call("GET", path)
        assert answer.status_code == 200
        assert "userCredentials" not in answer.text and password not in answer.text
    again = office.call("POST", "/v1/customers", body_for(), **ids)
    assert again.content == first.content, "the same logical request has the same answer"


def test_rule_16_a_reseller_must_be_an_active_one_of_this_provider(office):
    resellers = {one["displayName"]: one["accountId"] for one in office.store.list("reseller", office.partner)}
    office.control(
        "POST",
        "seed",
        {"resellers": [{"partner": "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a20", "mpnId": "77", "accountId": str(uuid4())}]},
    )
    foreign = office.store.find("reseller", "77")[1]["accountId"]
    for wrong in (resellers["Left"], resellers["No account"], foreign, str(uuid4()), "no-guid", office.partner):
        assert refused(office, body_for(associatedPartnerId=wrong)) == (400, 800016), wrong
    assert create(office, associatedPartnerId=resellers["Ours"].upper())["associatedPartnerId"] == RESELLER


def test_rule_16_without_a_reseller_the_customer_is_the_providers_own(office):
    made = create(office)
    assert "associatedPartnerId" not in made
    one = f"/v1/customers/{made['id']}"
    assert "associatedPartnerId" not in office.get(one)
    assert office.get(f"{one}/relationships")["items"] == []


def test_enable_gdap_by_default_makes_a_relationship(office):
    made = create(office, enableGDAPByDefault=True)
    plain = create(office, domain="plain.onmicrosoft.com")
    assert "enableGDAPByDefault" not in plain
    for customer, count in ((made, 1), (plain, 0)):
        found = office.get(f"{RELATIONSHIPS}?$filter=customer/tenantId eq '{customer['id']}'")["value"]
        assert len(found) == count
        status = office.call("GET", f"/v1/customers/{customer['id']}/users").status_code
        assert status == (200 if count else 403)
    assert found == []


def test_where_the_state_and_the_etags_stand(office):
    made = create(office, AMERICA, enableGDAPByDefault=True)
    found = office.get(f"/v1/customers/{made['id']}")
    assert found["companyProfile"]["address"]["region"] == "wa"
    assert "state" not in found["companyProfile"]["address"]
    assert found["billingProfile"]["defaultAddress"]["state"] == "WA"
    assert found["companyProfile"]["email"] == "ida@example.org"
    etag = found["billingProfile"]["attributes"]["etag"]
    assert -(2**63) <= int(etag) < 2**63
    assert found["attributes"] == {"objectType": "Customer"}
    assert found["companyProfile"]["attributes"] == {"objectType": "CustomerCompanyProfile"}
    assert found["customDomains"] == ["new.onmicrosoft.com"]
    assert found["allowDelegatedAccess"] is False
    (listed,) = [one for one in office.get("/v1/customers")["items"] if one["id"] == made["id"]]
    assert "allowDelegatedAccess" not in listed


def test_without_admin_rights_three_properties_are_left_out(office):
    made = create(office)
    found = office.get(f"/v1/customers/{made['id']}")
    assert "customDomains" not in found
    assert not {"address", "email"} & set(found["companyProfile"])
    assert found["billingProfile"]["email"] == "ida@example.org"


def test_a_new_customer_is_in_every_list_at_once(office):
    made = create(office)
    assert made["id"] in [one["id"] for one in office.get("/v1/customers")["items"]]
    for path in ("/subscriptions", "/orders", "/agreements", "/qualifications"):
        found = office.get(f"/v1/customers/{made['id']}{path}")
        assert (found if isinstance(found, list) else found["items"]) == []
