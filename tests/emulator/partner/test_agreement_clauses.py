"""Agreements clause by clause: what a confirmation needs, when it is another one, what a purchase counts (rule 19)."""

from __future__ import annotations

import base64
import io
import json
import zipfile

import pytest

GATED = "/v1/customers/0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b12"
MCA, CLOUD = "MicrosoftCustomerAgreement", "MicrosoftCloudAgreement"
PERSON = {"firstName": "Tania", "lastName": "Carr", "email": "someone@example.com", "phoneNumber": "1234567890"}


def template(office, kind=MCA):
    return office.get(f"/v1/agreements?agreementType={kind}")["items"][0]["templateId"]


def confirmation(office, kind=MCA, **contact):
    body = {"primaryContact": {**PERSON, **contact}, "templateId": template(office, kind), "type": kind}
    return {**body, "dateAgreed": "2026-03-01T00:00:00.000Z"}


@pytest.mark.parametrize("name", ["firstName", "lastName", "email"])
def test_rule_19_each_required_property_of_the_contact(office, name):
    body = confirmation(office)
    del body["primaryContact"][name]
    assert office.refused("POST", f"{GATED}/agreements", body) == (400, 800002)


@pytest.mark.parametrize("name", ["primaryContact", "templateId", "dateAgreed", "type"])
def test_rule_19_each_required_property_of_a_confirmation(office, name):
    body = confirmation(office)
    del body[name]
    assert office.refused("POST", f"{GATED}/agreements", body) == (400, 800002)


@pytest.mark.parametrize("name", list(PERSON))
def test_rule_19_another_value_in_any_of_the_four_fields_is_another_confirmation(office, name):
    assert office.call("POST", f"{GATED}/agreements", confirmation(office)).status_code == 201
    assert office.refused("POST", f"{GATED}/agreements", confirmation(office)) == (400, 600061)
    other = confirmation(office, **{name: "other@example.com"})
    assert office.call("POST", f"{GATED}/agreements", other).status_code == 201
    assert office.get(f"{GATED}/agreements?agreementType={MCA}")["totalCount"] == 2


def test_rule_19_a_repeated_confirmation_has_the_documented_body(office):
    office.call("POST", f"{GATED}/agreements", confirmation(office))
    body = office.call("POST", f"{GATED}/agreements", confirmation(office)).json()
    assert body["parameters"] == {}
    assert body["errorMessageExtended"] == "InternalErrorCode=600061"
    assert body["message"] == body["description"] != ""


def test_rule_19_the_phone_number_is_optional(office):
    body = confirmation(office)
    del body["primaryContact"]["phoneNumber"]
    made = office.call("POST", f"{GATED}/agreements", body)
    assert (made.status_code, "phoneNumber" in made.json()["primaryContact"]) == (201, False)


def test_the_confirming_user_is_the_one_of_the_token(office):
    part = office.bearer().split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    made = office.call("POST", f"{GATED}/agreements", confirmation(office)).json()
    assert made["userId"] == claims["oid"]
    assert "id" not in made
    (kept,) = office.get(f"{GATED}/agreements?agreementType={MCA}")["items"]
    assert not {"userId", "links", "attributes", "id"} & set(kept)


def test_confirmations_are_append_only(office):
    for method in ("DELETE", "PUT", "PATCH"):
        assert office.call(method, f"{GATED}/agreements", {}).status_code == 405


def test_kinds_of_agreements_are_told_apart(office):
    office.call("POST", f"{GATED}/agreements", confirmation(office))
    office.call("POST", f"{GATED}/agreements", confirmation(office, CLOUD))
    found = {
        query: office.get(f"{GATED}/agreements{query}")["items"]
        for query in (
            "",
            "?agreementType=*",
            f"?agreementType={MCA}",
            f"?agreementType={CLOUD}",
            "?agreementType=Other",
        )
    }
    types = {query: [one["type"] for one in items] for query, items in found.items()}
    assert types == {
        "": [CLOUD],
        "?agreementType=*": [MCA, CLOUD],
        f"?agreementType={MCA}": [MCA],
        f"?agreementType={CLOUD}": [CLOUD],
        "?agreementType=Other": [],
    }


def order(office, customer=GATED):
    items = office.get("/v1/products/CFQ7TTAB12CD/skus/0001/availabilities?country=DE")["items"]
    line = {"lineItemNumber": 0, "offerId": items[0]["catalogItemId"], "quantity": 1, "termDuration": "P1Y"}
    body = {"partnerOnRecordAttestationAccepted": True, "billingCycle": "monthly", "lineItems": [line]}
    return office.call("POST", f"{customer}/orders", body)


def test_rule_19_an_order_without_any_agreement_is_403_13605(office):
    refused = order(office)
    assert (refused.status_code, refused.json()["code"]) == (403, 13605)
    office.call("POST", f"{GATED}/agreements", confirmation(office, CLOUD))
    assert order(office).json()["code"] == 13605, "the older agreement does not count"
    office.call("POST", f"{GATED}/agreements", confirmation(office))
    assert order(office).status_code == 201


def test_rule_19_a_customer_who_signed_itself_may_buy(office):
    assert order(office).status_code == 403
    office.act("sign-agreement", customer=GATED[-36:])
    assert order(office).status_code == 201
    office.act("sign-agreement", customer=GATED[-36:], signed=False)
    assert order(office).status_code == 403


def test_a_link_opens_a_word_file_for_five_minutes(office):
    links = office.get(f"/v1/agreementtemplates/{template(office)}/document?language=de-DE&country=DE")
    assert links["downloadUri"].startswith("http://127.0.0.1/")
    opened = office._send("GET", links["downloadUri"])
    assert opened.status_code == 200
    with zipfile.ZipFile(io.BytesIO(opened.content)) as archive:
        assert b"de-DE for DE" in archive.read("word/document.xml")
        assert archive.testzip() is None
    assert "de-DE for DE" in office._send("GET", links["displayUri"]).text
    changed = links["downloadUri"].replace("/DE/", "/AT/")
    assert office._send("GET", changed).status_code == 403
    office.advance("PT5M")
    assert office._send("GET", links["downloadUri"]).status_code == 200
    office.advance("PT1S")
    assert office._send("GET", links["downloadUri"]).status_code == 403


def test_template_documents(office):
    path = f"/v1/agreementtemplates/{template(office)}/document"
    plain = office.get(path)
    assert set(plain) == {"displayUri", "downloadUri", "language", "country"}
    assert (plain["language"], plain["country"]) == ("en-US", "US")
    assert office.get(f"{path}?language=nonsense")["language"] == "en-US", "a language that is not offered"
    assert office.refused("GET", f"{path}?country=de") == (400, 800002), "countries are compared with case"
    cloud = f"/v1/agreementtemplates/{template(office, CLOUD)}/document"
    assert office.refused("GET", cloud)[0] == 404, "the customer agreement only"
