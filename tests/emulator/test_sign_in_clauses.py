"""Token requests as the page prints them, and how long what they answer lives (page partner-center-authentication)."""

from __future__ import annotations

import base64
import json

import pytest

API = "https://api.partnercenter.microsoft.com"
APP = {"client_id": "app", "client_secret": "s"}


def claims(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def post(bench, path="oauth2/token", **form):
    return bench.client.post(f"/{bench.partner}/{path}", data={**APP, **form})


def test_the_documented_refresh_request_of_the_v1_route(bench):
    answer = post(bench, grant_type="refresh_token", refresh_token=bench.consent(), resource=API, scope="openid")
    body = answer.json()
    assert answer.status_code == 200
    assert set(body) >= {"token_type", "expires_in", "ext_expires_in", "expires_on", "not_before", "resource",
                         "access_token", "refresh_token", "id_token", "scope"}  # fmt: skip  # the documented names
    assert {type(value) for value in body.values()} == {str}
    assert (body["scope"], body["resource"]) == ("user_impersonation", API)
    assert int(body["expires_on"]) - int(body["not_before"]) == 3599


def test_the_v2_route_answers_integers_without_the_v1_names(bench):
    form = {"grant_type": "refresh_token", "refresh_token": bench.consent(), "scope": f"{API}/.default offline_access"}
    body = post(bench, "oauth2/v2.0/token", **form).json()
    assert (type(body["expires_in"]), body["scope"]) == (int, f"{API}/.default")
    assert not {"expires_on", "not_before", "resource"} & set(body)


def test_an_app_only_answer_has_nothing_of_a_user(bench):
    body = post(bench, grant_type="client_credentials", resource=API).json()
    assert not {"refresh_token", "id_token", "scope", "client_info"} & set(body)
    assert not {"upn", "amr", "scp", "partner_roles"} & set(claims(body["access_token"]))


@pytest.mark.parametrize("missing", ["client_id", "grant_type", "refresh_token"])
def test_each_field_of_a_refresh_request_is_required(bench, missing):
    form = {**APP, "grant_type": "refresh_token", "refresh_token": bench.consent(), "resource": API}
    del form[missing]
    answer = bench.client.post(f"/{bench.partner}/oauth2/token", data=form)
    assert answer.status_code == 400
    assert answer.json()["error_codes"] == [70003 if missing == "grant_type" else 900144]


def test_name_and_password_do_not_work_because_mfa_is_required(bench):
    answer = post(bench, grant_type="password", username="ops@partner.example", password="x", resource=API)
    assert (answer.status_code, answer.json()["error_codes"]) == (400, [50076])
    assert "multi-factor" in answer.json()["error_description"]


def test_an_access_token_lives_for_3599_seconds(make_bench):
    bench = make_bench(access_token_seconds=60)
    bench.control("POST", "clock", {"advance": "PT59S"})
    assert bench.call("GET").status_code == 200
    bench.control("POST", "clock", {"advance": "PT2S"})
    assert bench.call("GET").status_code == 401


def test_every_redemption_gives_a_token_with_ninety_days_of_its_own(bench):
    bench.world.clock.freeze(bench.world.clock.now().replace(microsecond=0))
    token = bench.consent()
    for _ in range(3):
        bench.control("POST", "clock", {"advance": "P89D"})
        body = bench.redeem(token).json()
        assert body["refresh_token"] != token
        token = body["refresh_token"]
    bench.control("POST", "clock", {"advance": "P90D"})
    assert bench.redeem(token).status_code == 200, "ninety days to the second"
    bench.control("POST", "clock", {"advance": "P90DT1S"})
    refused = bench.redeem(token)
    assert (refused.status_code, refused.json()["error"], refused.json()["error_codes"]) == (
        400, "invalid_grant", [700082],
    )  # fmt: skip  # one answer
    assert bench.redeem(bench.consent()).status_code == 200, "after a new consent"


@pytest.mark.parametrize(("days", "status"), [(30, 200), (31, 400)])
def test_how_long_a_refresh_token_may_idle_is_a_setting(make_bench, days, status):
    bench = make_bench(refresh_idle_days=30)
    bench.world.clock.freeze(bench.world.clock.now().replace(microsecond=0))
    token = bench.consent()
    bench.control("POST", "clock", {"advance": f"P{days}D"})
    assert bench.redeem(token).status_code == status


def test_an_access_token_has_exactly_one_audience(bench):
    token = bench.consent()
    form = {"grant_type": "refresh_token", "refresh_token": token}
    for resource in (API, "https://graph.microsoft.com", "https://api.partner.microsoft.com"):
        assert claims(post(bench, **form, resource=resource).json()["access_token"])["aud"] == resource


def test_answers_of_the_token_route_are_not_stored_by_caches(bench):
    for form in ({"grant_type": "client_credentials", "resource": API}, {"grant_type": "no"}):
        assert post(bench, **form).headers["Cache-Control"] == "no-store"
