"""Every named scenario does what docs/emulator.md says it does, against the real operations."""

from __future__ import annotations

import asyncio
import json
from email.utils import parsedate_to_datetime
from pathlib import Path
from uuid import uuid4

import pytest
from emulated import CONTROL

from cspctl.emulator.clock import parse_instant
from cspctl.emulator.faults.scenarios import SCENARIOS

PROVIDER = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
DOCUMENTED = """
throttle-storm lost-answer lost-request html-instead-of-json truncated-json repeated-page shifted-page slow-body
clock-skew revoked-token revoked-sign-in withdrawn-consent renewal-night server-errors
"""


def summon(market, name, **narrowing):
    answer = market.control("POST", "faults", {"scenario": name, **narrowing})
    assert answer.status_code == 201, answer.text


def customers(market):
    return market.call("GET", "/v1/customers?size=1")


def purchases(market):
    return market.control("GET", "stats").json()["purchases"]


def following(market, first):
    link = first["links"]["next"]
    (header,) = link["headers"]
    return market.get("/v1" + link["uri"], **{header["key"].replace("-", "_"): header["value"]})


def as_user(market, token, path="/v1/customers?size=1"):
    return market.send({"method": "GET", "url": path, "headers": {"Authorization": f"Bearer {token}"}})[0]


def consent(market):
    body = {"tenant": PROVIDER, "application": "app", "user": "ops@acme.example"}
    return market.control("POST", "consent", body).json()["refresh_token"]


def redeem(market, refresh):
    form = {"grant_type": "refresh_token", "client_id": "app", "refresh_token": refresh}
    form["resource"] = "https://api.partnercenter.microsoft.com"
    return market.send({"method": "POST", "url": f"/{PROVIDER}/oauth2/token", "data": form})[0]


def test_the_names_are_the_documented_ones(market):
    assert list(SCENARIOS) == DOCUMENTED.split()
    listed = market.control("GET", "scenarios").json()["scenarios"]
    assert listed == {name: scenario.text for name, scenario in SCENARIOS.items()}


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_has_a_test_of_its_effect(name):
    """Which is what stands in quotes somewhere below."""
    assert f'"{name}"' in Path(__file__).read_text(encoding="utf-8")


def test_throttle_storm(market):
    summon(market, "throttle-storm")
    answers = [customers(market) for _ in range(101)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert 30 <= len(refused) <= 70  # half of a hundred, always the same ones
    assert {answer.headers["Retry-After"] for answer in refused} == {"1"}
    assert {answer.json()["message"] for answer in refused} == {"Rate limit is exceeded. Try again in 1 seconds."}
    assert answers[100].status_code == 200


def test_lost_answer_buys_and_a_retry_buys_nothing_more(market):
    cart = market.cart(market.line()).json()["id"]
    summon(market, "lost-answer")
    ids = {"MS_RequestId": str(uuid4())}
    with pytest.raises(ConnectionResetError):
        market.call("POST", f"/carts/{cart}/checkout", **ids)
    assert purchases(market) == 1
    assert market.call("POST", f"/carts/{cart}/checkout", **ids).status_code == 201
    assert purchases(market) == 1


def test_lost_request_buys_nothing(market):
    cart = market.cart(market.line()).json()["id"]
    summon(market, "lost-request")
    with pytest.raises(ConnectionResetError):
        market.checkout(cart)
    assert purchases(market) == 0
    assert market.checkout(cart).status_code == 201
    assert purchases(market) == 1


def test_html_instead_of_json(market):
    summon(market, "html-instead-of-json")
    answer = customers(market)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html")
    assert answer.text.startswith("<!DOCTYPE html>")
    assert customers(market).json()["totalCount"] == 1


def test_truncated_json(market):
    summon(market, "truncated-json")
    half, whole = customers(market), customers(market)
    assert half.content == whole.content[: len(whole.content) // 2]
    assert half.headers["Content-Length"] == str(len(half.content))
    with pytest.raises(json.JSONDecodeError):
        half.json()


def test_repeated_page_strikes_the_second_page_and_leads_on(market):
    first = market.get("/v1/customers?size=1")
    second = following(market, first)
    summon(market, "repeated-page")
    assert market.get("/v1/customers?size=1") == first  # a first page is never struck
    again = following(market, first)
    assert again["items"] == first["items"]
    assert following(market, again)["items"] == second["items"]


def test_shifted_page_lacks_a_row(market):
    first = market.get("/v1/customers?size=1")
    second = following(market, first)
    summon(market, "shifted-page")
    shifted = following(market, first)
    assert shifted["items"] == second["items"][1:]
    assert shifted["totalCount"] == len(second["items"]) - 1
    assert following(market, first) == second


def test_slow_body_arrives_in_pieces(market, monkeypatch):
    naps = []
    sleep = asyncio.sleep

    async def nap(seconds, result=None):
        naps.append(seconds)
        return await sleep(0, result)

    whole = customers(market).content
    summon(market, "slow-body", times=1)
    with monkeypatch.context() as patched:
        patched.setattr(asyncio, "sleep", nap)
        assert customers(market).content == whole
    assert sum(naps) == pytest.approx(2)
    assert len(naps) == 10


def test_clock_skew_is_in_the_date_and_in_the_age_of_tokens(market):
    token = market.bearer()
    assert parsedate_to_datetime(customers(market).headers["Date"]) == parse_instant("2026-03-10T09:15:00Z")
    summon(market, "clock-skew")
    answer = as_user(market, token)
    assert answer.status_code == 200
    assert parsedate_to_datetime(answer.headers["Date"]) == parse_instant("2026-03-10T10:10:00Z")
    market.advance("PT5M")  # of an hour, by the clock of the client
    refused = as_user(market, token)
    assert (refused.status_code, refused.json()["code"]) == (401, 400)
    assert as_user(market, market.bearer()).status_code == 200


def test_revoked_token_leaves_the_refresh_token_good(market):
    refresh = consent(market)
    token = redeem(market, refresh).json()["access_token"]
    assert as_user(market, token).status_code == 200
    summon(market, "revoked-token")
    assert as_user(market, token).status_code == 401
    assert as_user(market, redeem(market, refresh).json()["access_token"]).status_code == 200


@pytest.mark.parametrize(
    ("name", "number", "token_lives"), [("revoked-sign-in", 50173, False), ("withdrawn-consent", 65001, True)]
)
def test_a_lost_sign_in_is_refused_until_there_is_a_new_one(market, name, number, token_lives):
    refresh = consent(market)
    token = redeem(market, refresh).json()["access_token"]
    summon(market, name)
    refused = redeem(market, refresh)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert refused.json()["error_codes"] == [number]
    assert (as_user(market, token).status_code == 200) is token_lives
    assert redeem(market, consent(market)).status_code == 200


def test_renewal_night_moves_into_the_night_and_refuses_writes(market):
    one = market.buy(termDuration="P1M")
    assert one["commitmentEndDate"] == "2026-04-09T00:00:00Z"
    market.buy(termDuration="P1Y")
    summon(market, "renewal-night", probability=0)
    assert market.control("GET", "clock").json()["now"] == "2026-04-10T00:01:00Z"
    assert market.patch(one, friendlyName="other").status_code == 409
    market.advance("PT5H58M")
    assert market.patch(one, friendlyName="other").status_code == 409
    market.advance("PT2M")
    assert market.patch(one, friendlyName="other").status_code == 200


def test_renewal_night_with_nothing_to_renew_leaves_the_clock(market):
    summon(market, "renewal-night")
    assert market.control("GET", "clock").json()["now"] == "2026-03-10T09:15:00Z"
    statuses = {customers(market).status_code for _ in range(200)}
    assert statuses == {200, 503}


def test_server_errors_come_before_any_effect(market):
    cart = market.cart(market.line()).json()["id"]
    summon(market, "server-errors", method="POST", path="*/checkout")
    statuses = []
    while not statuses or statuses[-1] != 201:
        statuses.append(market.checkout(cart).status_code)
    summon(market, "server-errors")
    statuses += [customers(market).status_code for _ in range(60)]
    assert set(statuses) == {200, 201, 500, 503}
    assert purchases(market) == 1


def test_a_scenario_is_narrowed_and_mixes_with_faults(market):
    both = [
        {"scenario": "server-errors", "path": "/v1/agreements", "probability": 1},
        {"status": 418, "path": "/v1/customers"},
    ]
    assert market.control("POST", "faults", {"faults": both}).json() == {"added": 3}
    assert market.call("GET", "/v1/agreements?agreementType=MicrosoftCustomerAgreement").status_code == 500
    assert [customers(market).status_code for _ in range(2)] == [418, 200]
    market.control("DELETE", "faults")
    assert market.control("GET", "faults").json() == {"faults": []}


@pytest.mark.parametrize(
    "document",
    [
        {"scenario": "nonsense"},
        {"scenario": None},
        {"scenario": ["lost-answer"]},
        {"scenario": "lost-answer", "status": 200},
        {"scenario": "lost-answer", "nth": 0},
        {"faults": [{"scenario": "revoked-token"}, {"scenario": "nonsense"}]},
        {"page": "upside-down"},
        {"skewSeconds": "1"},
        {"slowBodySeconds": -1},
        {"slowBodySeconds": 1e999},
    ],
)
def test_what_is_not_well_formed_is_refused_and_changes_nothing(market, document):
    token = market.bearer()
    text = json.dumps(document)
    header = {"X-Emulator-Token": CONTROL}
    request = {"method": "POST", "url": "/_emulator/faults", "headers": header, "content": text}
    assert market.send(request)[0].status_code == 400
    assert market.control("GET", "faults").json() == {"faults": []}
    assert as_user(market, token).status_code == 200
