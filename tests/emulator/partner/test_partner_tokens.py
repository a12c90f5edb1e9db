"""The optional exchange of a sign-in token for one of Partner Center, and where the result is not accepted."""

from __future__ import annotations

import json

import pytest

from cspctl.emulator.settings import DEFAULTS

LICENCE_CALLS = [
    ("GET", "/subscribedskus", None),
    ("GET", "/users/{user}/licenses", None),
    ("POST", "/users/{user}/licenseupdates", {"licensesToAssign": [], "licensesToRemove": ["x"]}),
]


def exchange(office, path="/v3/generatetoken", token="", form=None):
    headers = {"Authorization": f"Bearer {token or office.bearer()}"}
    return office._send("POST", path, headers=headers, data=form or {"grant_type": "jwt_token"})


def test_an_exchanged_token_works_for_the_same_caller_and_ends_with_the_first(office):
    first = office.bearer()
    office.advance("PT59M")
    answer = exchange(office, token=first)
    assert (answer.status_code, answer.json()["token_type"], answer.json()["expires_in"]) == (200, "bearer", 59)
    bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert office._send("GET", office.customer, headers=bearer).status_code == 200
    assert office._send("GET", f"{office.customer}/agreements", headers=bearer).status_code == 200, "still a user"
    office.advance("PT1M")
    assert office._send("GET", office.customer, headers=bearer).status_code == 401


def test_only_the_partner_center_audience_is_exchanged(office):
    for resource in ("https://graph.windows.net", "https://graph.microsoft.com"):
        refused = exchange(office, token=office.bearer(resource))
        assert (refused.status_code, refused.json()["code"]) == (401, 900420)
    assert exchange(office, form={"grant_type": "password"}).status_code == 400


def test_the_path_without_v3_ended_in_february_2025(office):
    assert DEFAULTS.old_exchange_path_until == "2025-02-27"
    assert exchange(office, "/generatetoken").status_code == 404


def test_the_path_without_v3_ends_at_midnight(open_office):
    office = open_office(old_exchange_path_until="2026-03-11")
    office.advance("PT14H44M59S")
    assert exchange(office, "/generatetoken").status_code == 200
    office.advance("PT1S")
    assert exchange(office, "/generatetoken").status_code == 404


@pytest.mark.parametrize(("method", "path", "body"), LICENCE_CALLS)
def test_rule_51_a_partner_token_is_not_for_licence_calls(office, sample, method, path, body):
    path = office.customer + path.format(user=office.get("/users")["items"][0]["id"])
    documented = sample("assign-licenses-to-a-user", 2)
    partner = {"Authorization": f"Bearer {exchange(office).json()['access_token']}"}
    refused = office._send(method, path, headers=partner, json=body)
    assert refused.status_code == 400
    assert {name: refused.json()[name] for name in documented} == documented
    own = {"Authorization": f"Bearer {office.bearer()}"}
    assert "900316" not in office._send(method, path, headers=own, json=body).text
    assert office._send("GET", f"{office.customer}/users", headers=partner).status_code == 200


def test_exchanged_tokens_are_not_kept(office):
    headers = {"Authorization": f"Bearer {office.bearer()}", "MS-RequestId": "5f6c9d0e-6c7a-4b66-8d0c-0e8a8c6f1d02"}
    answer = office._send("POST", "/v3/generatetoken", headers=headers, data={"grant_type": "jwt_token"})
    token = answer.json()["access_token"]
    assert token not in json.dumps(office.store.list("replay", office.partner))
    assert token not in office.control("GET", "dump").text
