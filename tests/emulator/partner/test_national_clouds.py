"""What partners of 21Vianet and of the US Government cannot do (page on national clouds)."""

from __future__ import annotations

import pytest

ACCOUNTS = {"china": "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a40", "us-government": "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a50"}
CUSTOMERS = {"china": "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b40", "us-government": "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b50"}
MARKETS = {"china": "CN", "us-government": "US"}


@pytest.fixture
def abroad(office):
    """The office signed in as a partner of a national cloud."""

    def enter(cloud):
        account, market = ACCOUNTS[cloud], MARKETS[cloud]
        partner = {"accountId": account, "domain": f"{cloud}.example", "market": market, "currency": "USD"}
        customer = {"partner": account, "id": CUSTOMERS[cloud], "domain": f"c.{cloud}.example", "market": market}
        seed = {"partners": [{**partner, "cloud": cloud, "tier": "direct"}], "customers": [customer]}
        assert office.control("POST", "seed", seed).status_code == 200
        office.partner, office.customer = account, f"/v1/customers/{CUSTOMERS[cloud]}"
        return office

    return enter


AGREEMENTS = [
    ("GET", "/v1/agreements"),
    ("GET", "/agreements"),
    ("POST", "/agreements"),
    ("GET", "/directSignedMicrosoftCustomerAgreementStatus"),
    ("GET", "/v1/agreementtemplates/x/document"),
]


@pytest.mark.parametrize("cloud", ["china", "us-government"])
@pytest.mark.parametrize(("method", "path"), AGREEMENTS)
def test_agreements_exist_in_the_public_cloud_only(abroad, cloud, method, path):
    assert abroad(cloud).refused(method, path) == (400, 900127)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/subscriptions/x/azureEntitlements"),
        ("PATCH", "/users/x/resetpassword"),
        ("GET", "/subscribedskus"),
        ("GET", "/users/x/licenses"),
        ("POST", "/users/x/licenseupdates"),
        ("GET", "/servicerequests"),
        ("GET", "/v1/compliance/csp/agreementstatus?mpnId=1"),
    ],
)
def test_21vianet_has_no_azure_passwords_licences_service_requests(abroad, method, path):
    assert abroad("china").refused(method, path) == (400, 900127)


def test_21vianet_has_no_gdap(abroad):
    answer = abroad("china").call("GET", "/v1.0/tenantRelationships/delegatedAdminRelationships")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalidRequest")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/customers/relationshiprequests"),
        ("POST", "/users"),
        ("PATCH", "/users/x"),
        ("DELETE", "/users/x"),
        ("PATCH", "/users/x/resetpassword"),
        ("POST", "/directoryroles/x/usermembers"),
    ],
)
def test_us_government_sends_no_invitations_and_only_reads_users(abroad, method, path):
    assert abroad("us-government").refused(method, path) == (400, 900127)
    assert abroad("us-government").call("GET", "/users").status_code == 200


@pytest.mark.parametrize("cloud", ["china", "us-government"])
def test_everything_else_is_there(abroad, cloud):
    office = abroad(cloud)
    for path in ("", "/profiles/billing", "/subscriptions", "/orders", "/v1/auditrecords", "/v1/profiles/mpn"):
        assert office.call("GET", path).status_code in (200, 404), path
    assert office.call("GET", "").status_code == 200
