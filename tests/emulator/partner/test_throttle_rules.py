"""Rule 6 over the documented operations: which of them are limited, by what, and how consents are."""

from __future__ import annotations

from typing import Any

import pytest

from cspctl.emulator.app import documented_routes
from cspctl.emulator.serving.throttle import bucket_of

DIRECT_CUSTOMER = "/v1/customers/0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b14"
_C, _S = "/v1/customers/{customer_id}", "/v1/customers/{customer_id}/subscriptions/{subscription_id}"
# the list of page api-throttling-guidance; migrations have limits of their own, tested with them
ENFORCED = [
    ("POST", f"{_C}/orders", "orders"),
    ("GET", f"{_C}/orders", "orders"),
    ("GET", f"{_C}/orders/{{order_id}}", "orders"),
    ("PATCH", f"{_C}/orders/{{order_id}}", "orders"),
    ("POST", f"{_C}/carts", "orders"),
    ("PUT", f"{_C}/carts/{{cart_id}}", "orders"),
    ("POST", f"{_C}/carts/{{cart_id}}/checkout", "orders"),
    ("GET", _C, "customers"),
    ("GET", f"{_C}/subscriptions", "subscriptions"),
    ("GET", _S, "subscriptions"),
    ("PATCH", _S, "subscriptions"),
    ("GET", f"{_S}/provisioningstatus", "subscriptions"),
    ("GET", f"{_S}/addons", "subscriptions"),
    ("GET", f"{_S}/azureEntitlements", "subscriptions"),
    ("POST", f"{_S}/azureEntitlements/{{entitlement_id}}/cancel", "subscriptions"),
    ("POST", f"{_S}/registrations", "subscriptions"),
    ("GET", f"{_S}/registrationstatus", "subscriptions"),
    ("POST", f"{_S}/conversions", "subscriptions"),
    ("GET", f"{_S}/upgrades", "subscriptions"),
    ("POST", f"{_S}/upgrades", "subscriptions"),
    ("POST", f"{_C}/transfers", "transfers"),
    ("GET", f"{_C}/transfers", "transfers"),
    ("POST", "/v1/productUpgrades", "product upgrades"),
    ("POST", "/v1/productUpgrades/eligibility", "product upgrades"),
    ("POST", "/v1/productUpgrades/{upgrade_id}/status", "product upgrades"),
]


@pytest.mark.parametrize(("method", "path", "bucket"), ENFORCED)
def test_rule_06_every_operation_of_the_enforced_set_takes_from_a_bucket(method, path, bucket):
    (spec,) = [one for one in documented_routes() if (one.method, one.path) == (method, path)]
    assert bucket_of(spec) == bucket


def test_rule_06_operations_outside_the_list_are_not_limited():
    free = {one.path for one in documented_routes() if bucket_of(one) is None}
    assert {"/v1/auditrecords", "/v1/agreements", "/v1/customers/{customer_id}/users"} <= free


def test_rule_06_five_hundred_a_minute_by_default(open_office):
    office = open_office(rate_limit_per_minute=500)
    token = {"Authorization": f"Bearer {office.bearer(app_only=True)}"}
    statuses = [office._send("GET", office.customer, headers=token).status_code for _ in range(501)]
    assert statuses == [200] * 500 + [429]
    assert office._send("GET", f"{office.customer}/orders", headers=token).status_code == 200  # a resource of its own
    office.advance("PT60S")
    assert office._send("GET", office.customer, headers=token).status_code == 200


def consent(application: str) -> dict[str, object]:
    grant = {"enterpriseApplicationId": "00000003-0000-0000-c000-000000000000", "scope": "Mail.ReadWrite"}
    return {"applicationId": application, "applicationGrants": [grant]}


def ids(count: int) -> list[str]:
    return [f"11111111-aaaa-2222-bbbb-{number:012d}" for number in range(count)]


def test_rule_06_consents_of_an_application_are_limited_by_the_second(open_office):
    office = open_office(consents_per_second=3)
    answers = [office.call("POST", "/applicationconsents", consent(one)) for one in ids(4)]
    assert [one.status_code for one in answers] == [201, 201, 201, 429]
    assert (answers[3].headers["Retry-After"], answers[3].json()["statusCode"]) == ("1", 429)
    removed = [office.call("DELETE", f"/applicationconsents/{one}") for one in ids(3)]
    assert [one.status_code for one in removed] == [200, 200, 200], "removals are counted by themselves"
    assert office.call("DELETE", f"/applicationconsents/{ids(1)[0]}").status_code == 429
    office.advance("PT1S")
    assert office.call("POST", "/applicationconsents", consent(ids(4)[3])).status_code == 201


def test_rule_06_consents_are_fifty_a_second_by_default(office):
    answers = [office.call("POST", "/applicationconsents", consent(one)).status_code for one in ids(51)]
    assert answers == [201] * 50 + [429]


def as_application(office: Any, application: str) -> dict[str, str]:
    wanted = {"tenant": office.partner, "application": application, "user": "ops@acme.example"}
    refresh = office.control("POST", "consent", wanted).json()["refresh_token"]
    form = {"grant_type": "refresh_token", "client_id": application, "refresh_token": refresh}
    form["resource"] = "https://api.partnercenter.microsoft.com"
    token = office._send("POST", f"/{office.partner}/oauth2/token", data=form).json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


def test_rule_06_the_limit_of_consents_is_the_applications_wherever_it_acts(open_office):
    office = open_office(consents_per_second=1)
    statuses = []
    partners = ((office.partner, office.customer), ("7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a30", DIRECT_CUSTOMER))
    for application in ("vendor", "another"):
        for partner, customer in partners:
            office.partner = partner
            body = consent(ids(1)[0] if application == "vendor" else ids(2)[1])
            bearer = as_application(office, application)
            answer = office._send("POST", f"{customer}/applicationconsents", headers=bearer, json=body)
            statuses.append(answer.status_code)
    assert statuses == [201, 429, 201, 429]
