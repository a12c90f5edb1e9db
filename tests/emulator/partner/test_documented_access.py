"""Rule 2 over the documented operations: which work with an app-only token and which want a user, and the roles."""

from __future__ import annotations

import pytest

_CUSTOMERS = [
    ("B", "GET", "/v1/customers?size=1"),
    ("B", "GET", ""),
    ("B", "POST", "/v1/customers"),
    ("U", "PATCH", ""),
    ("B", "DELETE", ""),
    ("B", "GET", "/profiles/billing"),
    ("B", "PUT", "/profiles/billing"),
    ("U", "GET", "/profiles/company"),
    ("B", "POST", "/verifieddomain"),
    ("B", "GET", "/organization"),
    ("B", "GET", "/customDomains"),
    ("B", "HEAD", "/v1/domains/x.onmicrosoft.com"),
    ("B", "POST", "/v1/validations/address"),
    ("B", "GET", "/v1/countryvalidationrules/DE"),
    ("B", "GET", "/qualifications"),
    ("U", "POST", "/qualifications"),
    ("B", "GET", "/v1/customers/all/validations"),
    ("U", "GET", "/validationStatus?type=account"),
    ("U", "GET", "/v1/customers/relationshiprequests"),
    ("U", "GET", "/relationships"),
    ("B", "GET", "/usagebudget"),
    ("B", "PATCH", "/usagebudget"),
    ("U", "GET", "/managedservices"),
]
_PARTNER = [
    ("U", "GET", "/v1/relationships?relationship_type=IsIndirectCloudSolutionProviderOf"),
    ("U", "GET", "/v1/compliance/csp/agreementstatus?mpnId=1"),
    ("U", "GET", "/v1/profiles/mpn"),
    ("B", "GET", "/v1/profiles/legalbusiness"),
    ("U", "GET", "/v1/profiles/billing"),
    ("U", "GET", "/v1/profiles/organization"),
    ("U", "GET", "/v1/profiles/support"),
    ("U", "PUT", "/v1/profiles/legalbusiness"),
    ("U", "PUT", "/v1/profiles/billing"),
    ("U", "PUT", "/v1/profiles/organization"),
    ("U", "PUT", "/v1/profiles/supportprofile"),
    ("U", "POST", "/v1/sandboxIndirectReseller"),
    ("U", "DELETE", "/v1/sandboxIndirectReseller/x"),
    ("U", "GET", "/v1/partnerRequests"),
    ("U", "GET", "/v1/nonMfaCompliantPartnerPrincipals"),
    ("U", "GET", "/v1/applicationmfaadoptionstatus"),
]
_AGREEMENTS = [
    ("U", "GET", "/v1/agreements"),
    ("U", "GET", "/agreements"),
    ("U", "POST", "/agreements"),
    ("U", "GET", "/directSignedMicrosoftCustomerAgreementStatus"),
    ("U", "GET", "/v1/agreementtemplates/x/document"),
]
_DIRECTORY = [
    ("U", "GET", "/users"),
    ("U", "POST", "/users"),
    ("U", "GET", "/users/x"),
    ("U", "PATCH", "/users/x"),
    ("U", "DELETE", "/users/x"),
    ("U", "GET", "/subscribedskus"),
    ("U", "GET", "/users/x/licenses"),
    ("U", "POST", "/users/x/licenseupdates"),
    ("U", "GET", "/directoryroles"),
    ("U", "GET", "/directoryroles/x/usermembers"),
    ("U", "POST", "/directoryroles/x/usermembers"),
    ("U", "DELETE", "/directoryroles/x/usermembers/y"),
    ("U", "GET", "/users/x/directoryroles"),
    ("U", "POST", "/applicationconsents"),
    ("U", "DELETE", "/applicationconsents/x"),
]
_EVENTS = [
    ("B", "GET", "/v1/auditrecords"),
    ("B", "GET", "/webhooks/v1/registration/events"),
    ("B", "GET", "/webhooks/v1/registration"),
    ("B", "POST", "/webhooks/v1/registration"),
    ("B", "PUT", "/webhooks/v1/registration"),
    ("B", "POST", "/webhooks/v1/registration/validationEvents"),
    ("B", "GET", "/webhooks/v1/registration/validationEvents/x"),
]
_GRAPH = "/v1.0/tenantRelationships"
_GDAP = [
    ("B", "POST", f"{_GRAPH}/delegatedAdminRelationships"),
    ("B", "GET", f"{_GRAPH}/delegatedAdminRelationships"),
    ("B", "GET", f"{_GRAPH}/delegatedAdminRelationships/x"),
    ("B", "PATCH", f"{_GRAPH}/delegatedAdminRelationships/x"),
    ("B", "DELETE", f"{_GRAPH}/delegatedAdminRelationships/x"),
    ("B", "POST", f"{_GRAPH}/delegatedAdminRelationships/x/requests"),
    ("B", "POST", f"{_GRAPH}/delegatedAdminRelationships/x/accessAssignments"),
    ("B", "PATCH", f"{_GRAPH}/delegatedAdminRelationships/x/accessAssignments/y"),
    ("B", "DELETE", f"{_GRAPH}/delegatedAdminRelationships/x/accessAssignments/y"),
    ("B", "GET", f"{_GRAPH}/delegatedAdminCustomers"),
    ("B", "GET", f"{_GRAPH}/delegatedAdminCustomers/x/serviceManagementDetails"),
]
_ALL = [*_CUSTOMERS, *_PARTNER, *_AGREEMENTS, *_DIRECTORY, *_EVENTS, *_GDAP]


@pytest.mark.parametrize(("auth", "method", "path"), _ALL)
def test_rule_02_app_only_works_exactly_where_the_pages_say_so(office, auth, method, path):
    body = {} if method in ("POST", "PUT", "PATCH") else None
    answer = office.call(method, path, body, app_only=True)
    assert answer.status_code not in (401, 405, 500, 501), answer.text
    refused = answer.status_code == 403 and answer.json().get("code") == 900329
    assert refused == (auth == "U"), answer.text


@pytest.mark.parametrize("role", ["Global admin", "Billing admin", "Admin agent", "Sales agent", "Helpdesk agent"])
def test_rule_02_five_roles_may_register_webhooks(office, role):
    body = {"WebhookUrl": "http://127.0.0.1:9/hook", "WebhookEvents": ["test-created"]}
    bearer = {"Authorization": f"Bearer {as_role(office, role)}"}
    assert office._send("POST", "/webhooks/v1/registration", headers=bearer, json=body).status_code == 200
    other = {"Authorization": f"Bearer {as_role(office, 'Referral admin')}"}
    assert office._send("PUT", "/webhooks/v1/registration", headers=other, json=body).json()["code"] == 900308


@pytest.mark.parametrize(("role", "status"), [("Global admin", 201), ("Admin agent", 201), ("Helpdesk agent", 403)])
def test_rule_02_a_helpdesk_agent_reads_and_does_not_write(office, role, status):
    bearer = {"Authorization": f"Bearer {as_role(office, role)}"}
    url = f"{office.customer}/qualifications"
    assert office._send("GET", url, headers=bearer).status_code == 200
    answer = office._send("POST", url, headers=bearer, json={"qualification": "StateOwnedEntity"})
    assert answer.status_code == status
    assert status == 201 or answer.json()["code"] == 900308


def as_role(office, role):
    wanted = {"tenant": office.partner, "application": "app", "user": "ops@acme.example", "roles": [role]}
    refresh = office.control("POST", "consent", wanted).json()["refresh_token"]
    form = {"grant_type": "refresh_token", "client_id": "app", "refresh_token": refresh}
    form["resource"] = "https://api.partnercenter.microsoft.com"
    return office._send("POST", f"/{office.partner}/oauth2/token", data=form).json()["access_token"]


@pytest.mark.parametrize(("mfa", "status", "said"), [(True, 200, "true"), (False, 401, "false")])
def test_rule_01_validate_mfa_is_answered_for_refused_calls_too(office, mfa, status, said):
    answer = office.call("GET", "", mfa=mfa, ValidateMfa="true")
    assert (answer.status_code, answer.headers["isMfaCompliant"]) == (status, said)
    assert "isMfaCompliant" not in office.call("GET", "", mfa=mfa).headers


def test_rule_01_app_only_calls_are_outside_mfa(office):
    answer = office.call("GET", "", app_only=True, ValidateMfa="true")
    assert (answer.status_code, answer.headers["isMfaCompliant"]) == (200, "true")
