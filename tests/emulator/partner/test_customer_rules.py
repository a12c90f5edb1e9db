"""Creating, changing and removing customers (rules 7, 9, 12 to 16, 20, 53)."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

RESELLER = "aa3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b01"
CUSTOMER = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b11"
ADDRESS = {
    "country": "DE",
    "city": "Bremen",
    "addressLine1": "Am Wall 1",
    "postalCode": "28195",
    "firstName": "Ida",
    "lastName": "Lund",
}


def body_for(domain, country="DE", number=None, phone=None, **more):
    address = {**ADDRESS, "country": country, "phoneNumber": phone}
    if country == "PL":
        address["postalCode"] = "00-001"
    profile = {"domain": domain, "organizationRegistrationNumber": number}
    billing = {"Culture": "de-de", "Email": "ida@example.org", "Language": "DE", "CompanyName": "New GmbH"}
    return {"companyProfile": profile, "billingProfile": {**billing, "defaultAddress": address}, **more}


def create(office, domain="new.onmicrosoft.com", **more):
    return office.call("POST", "/v1/customers", body_for(domain, **more))


def test_create_has_every_documented_property(office, sample, missing):
    made = create(office, AssociatedPartnerId=RESELLER)
    assert made.status_code == 201, made.text
    body = made.json()
    assert missing(sample("create-a-customer-for-an-indirect-reseller"), body) == [
        ".billingProfile.defaultAddress.state",  # no state in this market
        ".billingProfile.defaultAddress.phoneNumber",  # none was given
    ]
    assert body["relationshipToPartner"] == "reseller"
    assert body["billingProfile"]["culture"] == "de-DE"
    assert body["billingProfile"]["language"] == "de"
    assert office.get(f"/v1/customers/{body['id']}/relationships")["items"][0]["id"] == RESELLER


def test_create_for_the_partner_itself_shows_no_relationship_yet(office):
    body = create(office, enableGDAPByDefault=True).json()
    assert body["relationshipToPartner"] == "none"
    assert body["enableGDAPByDefault"] is True
    assert office.get(f"/v1/customers/{body['id']}")["relationshipToPartner"] == "reseller"


def test_get_a_customer_by_id_has_every_documented_property(office, sample, missing):
    found = missing(sample("get-a-customer-by-id"), office.get(""))
    assert found == [".billingProfile.defaultAddress.state"]  # no state in this market


def test_rule_12_a_domain_in_use_is_taken(office):
    assert office.call("HEAD", "/v1/domains/Birkenau.onmicrosoft.com").status_code == 200
    free = office.call("HEAD", "/v1/domains/new.onmicrosoft.com")
    assert (free.status_code, free.content) == (404, b"")
    assert office.refused("POST", "/v1/customers", body_for("BIRKENAU.onmicrosoft.com")) == (409, 1003)
    assert create(office).status_code == 201
    assert office.call("HEAD", "/v1/domains/new.onmicrosoft.com").status_code == 200


@pytest.mark.parametrize("change", [{"country": "XX"}, {"city": ""}, {"addressLine1": None}, {"postalCode": "1"}])
def test_rule_12_an_address_must_fit_its_market(office, change):
    body = body_for("new.onmicrosoft.com")
    body["billingProfile"]["defaultAddress"] |= change
    assert office.refused("POST", "/v1/customers", body)[0] == 400


@pytest.mark.parametrize(
    ("country", "number", "phone", "code"),
    [
        ("PL", None, "555", 600049),
        ("PL", "12", "555", 600050),
        ("PL", "1234567890", None, 600051),
        ("DE", "1234567890", "555", 600002),
    ],
)
def test_rule_12_registration_numbers(office, country, number, phone, code):
    body = body_for("new.onmicrosoft.com", country=country, number=number, phone=phone)
    assert office.refused("POST", "/v1/customers", body) == (400, code)


def test_rule_12_a_registration_number_is_kept(office):
    made = create(office, country="PL", number="1234567890", phone="555").json()
    profile = office.get(f"/v1/customers/{made['id']}/profiles/company")
    assert profile["organizationRegistrationNumber"] == "1234567890"


def test_rule_12_the_bad_format_names_the_expected_one(office):
    answer = office.call("POST", "/v1/customers", body_for("new.onmicrosoft.com", "PL", "12", "555"))
    assert r"^\d{10}$" in answer.json()["description"]


def test_rule_13_credentials_come_once(office):
    made = create(office).json()
    assert set(made["userCredentials"]) == {"userName", "password"}
    assert "userCredentials" not in office.get(f"/v1/customers/{made['id']}")
    assert made["userCredentials"]["password"] not in str(office.store.list("audit", office.partner))


def test_rule_05_a_repeated_create_answers_the_same_customer(office):
    ids = {"MS-RequestId": str(uuid4())}
    first = office.call("POST", "/v1/customers", body_for("new.onmicrosoft.com"), **ids)
    again = office.call("POST", "/v1/customers", body_for("new.onmicrosoft.com"), **ids)
    assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])


def test_create_wants_both_ids(office):
    answer = office.call("POST", "/v1/customers", body_for("new.onmicrosoft.com"), MS_CorrelationId="")
    assert answer.status_code == 400
    assert "MS-CorrelationId" in answer.json()["description"]


def test_rule_14_deletion_is_for_the_sandbox(office, sandbox):
    assert office.refused("DELETE", "")[0] == 403
    office.switch(production_delete_status=405)
    assert office.refused("DELETE", "")[0] == 405
    assert sandbox.call("DELETE", "").status_code == 204
    assert sandbox.refused("GET", "") == (404, 60003)
    assert sandbox.audited() == ["delete_tip_customer"]


def test_rule_15_an_ended_relationship_empties_the_resource(office):
    none = {"relationshipToPartner": "none", "attributes": {"objectType": "Customer"}}
    assert office.refused("PATCH", "", none)[0] == 400  # a subscription is active
    for one in office.get("/subscriptions")["items"]:
        assert office.call("PATCH", f"/subscriptions/{one['id']}", {**one, "status": "suspended"}).status_code == 200
    answer = office.call("PATCH", "", none)
    assert (answer.status_code, answer.json()) == (200, none)
    assert office.refused("GET", "") == (403, 20002)
    assert office.refused("GET", "/subscriptions") == (403, 20002)
    assert CUSTOMER not in [one["id"] for one in office.get("/v1/customers")["items"]]
    assert office.audited()[-1] == "remove_partner_customer_relationship"


def test_rule_15_the_relationship_can_come_back_by_invitation(open_office):
    office = open_office(removal_needs_suspension=False)
    assert office.call("PATCH", "", {"relationshipToPartner": "none"}).status_code == 200
    office.act("accept-relationship", customer={"id": CUSTOMER})
    assert office.get("")["companyProfile"]["companyName"] == "Birkenau Demo"


def test_delegated_access_can_be_given_up(office):
    answer = office.call("PATCH", "/", {"AllowDelegatedAccess": False, "attributes": {"objectType": "Customer"}})
    assert (answer.status_code, answer.content) == (200, b"")
    assert office.audited() == ["dap_admin_relationship_terminated"]


def test_rule_16_the_reseller_of_a_customer_must_be_active(office):
    left = office.store.get("reseller", office.partner, "1234568")["accountId"]
    for reseller in (left, str(uuid4())):
        body = body_for("new.onmicrosoft.com", AssociatedPartnerId=reseller)
        assert office.refused("POST", "/v1/customers", body) == (400, 800016)
    body = body_for("new.onmicrosoft.com", AssociatedPartnerId=RESELLER)
    assert office.refused("POST", "/v1/customers", body, app_only=True) == (403, 900329)


def test_rule_20_an_accepted_invitation_makes_a_customer(office, sample, missing):
    found = office.get("/v1/customers/relationshiprequests")
    assert missing(sample("request-reseller-relationship"), found) == []
    assert f"partnerId={office.partner}" in found["url"]
    entry = {"domain": "guest.onmicrosoft.com", "companyName": "Guest", "market": "DE"}
    id = office.act("accept-relationship", customer=entry)["customerId"]
    assert office.get(f"/v1/customers/{id}")["relationshipToPartner"] == "reseller"
    assert office.refused("GET", f"/v1/customers/{id}/users")[0] == 403  # no admin relationship yet


def test_rule_53_a_sandbox_has_room_for_few_customers(sandbox):
    sandbox.switch(sandbox_customers=2)
    assert create(sandbox).status_code == 201
    assert sandbox.refused("POST", "/v1/customers", body_for("other.onmicrosoft.com")) == (400, 800018)


def test_customers_of_one_reseller_need_a_user(office):
    text = json.dumps({"Field": "IndirectReseller", "Value": RESELLER, "Operator": "starts_with"})
    user = {"Authorization": f"Bearer {office.bearer()}"}
    found = office._send("GET", "/v1/customers", params={"filter": text}, headers=user)
    assert [one["id"] for one in found.json()["items"]] == [CUSTOMER]
    app = {"Authorization": f"Bearer {office.bearer(app_only=True)}"}
    assert office._send("GET", "/v1/customers", params={"filter": text}, headers=app).json()["code"] == 900329
