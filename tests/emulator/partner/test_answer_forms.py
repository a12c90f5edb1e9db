"""What every answer has in common: headers, collections and bare arrays, the forms of errors (rules 4, 8)."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import pytest

GATED = "/v1/customers/0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b12"
MCA = "?agreementType=MicrosoftCustomerAgreement"


def test_rule_04_headers_of_every_answer(office):
    for path in ("", "/profiles/none"):
        headers = office.call("GET", path, X_Locale="de-DE").headers
        assert headers["X-Locale"] == "de-DE"
        assert {"MS-RequestId", "MS-CorrelationId", "MS-CV", "MS-ServerId"} <= {
            name if name != "ms-cv" else "MS-CV" for name in _documented(headers)
        }
        assert headers["Content-Type"] == "application/json; charset=utf-8"
        assert parsedate_to_datetime(headers["Date"]).isoformat() == "2026-03-10T09:15:00+00:00", "the virtual clock"
        assert not [name for name in headers if name.lower().startswith("ms-ratelimit")]
        assert "etag" not in headers
    assert office.call("GET", "").headers["X-Locale"] == "en-US"


def _documented(headers):
    names = ("MS-RequestId", "MS-CorrelationId", "MS-CV", "MS-ServerId")
    return [name for name in names if headers.get(name)]


def test_rule_04_no_contract_version_is_asked_for(office):
    bare = {"Authorization": f"Bearer {office.bearer()}"}
    assert office._send("GET", office.customer, headers=bare).status_code == 200
    named = {**bare, "MS-Contract-Version": "v1", "MS-PartnerCenter-Application": "x", "MS-PartnerCenter-Client": "y"}
    assert office._send("GET", office.customer, headers=named).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/qualifications", "/organization", "/customDomains", "/v1/customers/all/validations",
     "/v1/applicationmfaadoptionstatus", "/v1/fraudEvents", "/webhooks/v1/registration/events"],
)  # fmt: skip  # one list
def test_rule_08_these_answer_bare_arrays(office, path):
    assert isinstance(office.get(path), list)


@pytest.mark.parametrize(
    "path",
    ["/v1/customers", "/managedservices", "/users", "/subscribedskus", "/v1/partnerRequests", "/v1/auditrecords",
     "/v1/nonMfaCompliantPartnerPrincipals", f"/v1/agreements{MCA}", "/relationships",
     "/v1/relationships?relationship_type=IsIndirectCloudSolutionProviderOf"],
)  # fmt: skip  # one list
def test_rule_08_these_answer_collections(office, path):
    body = office.get(path)
    assert body["totalCount"] == len(body["items"])
    assert body["attributes"] == {"objectType": "Collection"}


def test_the_classic_form_of_an_error(office):
    body = office.call("GET", "/v1/customers/no-guid").json()
    assert set(body) == {"code", "description", "data", "source"}
    assert (body["code"], body["data"], body["source"]) == (900118, [], "PartnerFD")
    assert "no-guid" in body["description"]


def test_a_description_has_at_most_1024_characters(office):
    answer = office.call("GET", "/v1/countryvalidationrules/" + "x" * 2000)
    assert (answer.status_code, len(answer.json()["description"])) == (400, 1024)


def test_the_form_of_newer_services(office):
    body = office.call("GET", "/validationStatus?type=account").json()
    assert set(body) == {
        "code", "message", "description", "errorName", "isRetryable", "parameters", "errorMessageExtended",
    }  # fmt: skip  # the documented properties
    assert body["message"] == body["description"]
    assert body["errorMessageExtended"] == "InternalErrorCode=600074"


def test_rule_08_request_names_in_any_case_and_unknown_ones_ignored(office):
    body = {"QUALIFICATION": "stateownedentity", "whatever": {"deep": [1]}}
    assert office.call("POST", "/qualifications", body).json() == {"qualification": "StateOwnedEntity"}


def test_links_are_relative_to_the_host_and_without_v1(office):
    found = office.get("")
    assert found["links"]["self"] == {"uri": office.customer.removeprefix("/v1"), "method": "GET", "headers": []}
    assert found["companyProfile"]["links"]["self"]["uri"].startswith("/customers/")
