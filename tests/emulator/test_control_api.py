"""The control API: its gate, the clock, seed, reset, dump, statistics and fault injection."""

from __future__ import annotations

import pytest

from cspctl.emulator.clock import VirtualClock, add_duration, format_instant, parse_instant
from cspctl.emulator.store import Store

ID = {"MS-RequestId": "5f6c9d0e-6c7a-4b66-8d0c-0e8a8c6f1d02"}


def test_control_needs_its_token_and_a_loopback_host(bench):
    assert bench.client.get("/_emulator/stats").status_code == 403
    wrong = {"X-Emulator-Token": "no"}
    assert bench.client.get("/_emulator/stats", headers=wrong).status_code == 403
    rebound = {"X-Emulator-Token": "control-token-of-the-tests", "Host": "api.partnercenter.microsoft.com"}
    assert bench.client.get("/_emulator/stats", headers=rebound).status_code == 421


def test_control_is_404_when_off(make_bench):
    bench = make_bench(control_token="")
    assert bench.client.get("/_emulator/stats", headers={"X-Emulator-Token": ""}).status_code == 404


def test_clock_freezes_advances_and_runs(bench):
    frozen = bench.control("POST", "clock", {"mode": "frozen", "now": "2026-11-02T09:00:00Z"}).json()
    assert frozen == {"now": "2026-11-02T09:00:00Z", "mode": "frozen"}
    moved = bench.control("POST", "clock", {"advance": "P10D"}).json()
    assert moved == {"now": "2026-11-12T09:00:00Z", "mode": "frozen"}
    running = bench.control("POST", "clock", {"mode": "real"}).json()
    assert running["mode"] == "real"
    assert running["now"].startswith("2026-11-12T09:00:0")
    again = VirtualClock(bench.world.store)
    assert (again.mode, format_instant(again.now())[:16]) == ("real", "2026-11-12T09:00")


@pytest.mark.parametrize("body", [{}, {"now": "tomorrow"}, {"advance": "10 days"}, {"mode": "slow"}])
def test_clock_refuses_nonsense(bench, body):
    assert bench.control("POST", "clock", body).status_code == 400


def test_frozen_clock_survives_a_restart(tmp_path):
    store = Store(tmp_path / "e.db")
    VirtualClock(store).freeze(parse_instant("2026-11-02T09:00:00+01:00"))
    store.close()
    clock = VirtualClock(Store(tmp_path / "e.db"))
    assert (clock.mode, format_instant(clock.now())) == ("frozen", "2026-11-02T08:00:00Z")


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        ("P1M", "2028-02-29T00:00:00Z"),
        ("P1Y", "2029-01-31T00:00:00Z"),
        ("P1W", "2028-02-07T00:00:00Z"),
        ("PT1H30M0.5S", "2028-01-31T01:30:00.500000Z"),
    ],
)
def test_durations_by_the_calendar(duration, expected):
    assert format_instant(add_duration(parse_instant("2028-01-31"), duration)) == expected


def test_stats_count_by_route_template(bench):
    bench.call("GET")
    bench.call("POST", json={})
    bench.call("POST", json={"quantity": -1})
    stats = bench.control("GET", "stats").json()
    template = "/v1/customers/{customer_id}/things"
    assert stats["requests"][f"GET {template}"] == 1
    assert stats["requests"][f"POST {template}"] == 2
    assert (stats["writes"], stats["created"], stats["purchases"]) == (1, 1, 0)


def test_seed_that_is_not_usable_is_400_and_changes_nothing(bench):
    before = bench.control("GET", "dump").json()
    assert bench.control("POST", "seed", {"partners": [{"accountId": "p2"}, {}]}).status_code == 400
    assert bench.control("POST", "seed", {}).status_code == 400
    assert bench.control("GET", "dump").json() == before


def test_reset_forgets_the_world_but_not_the_clock(bench):
    bench.control("POST", "clock", {"mode": "frozen", "now": "2026-11-02T09:00:00Z"})
    assert bench.control("POST", "reset").status_code == 204
    assert bench.world.store.count("partner") == 0
    assert bench.control("GET", "clock").json()["now"] == "2026-11-02T09:00:00Z"
    assert VirtualClock(bench.world.store).mode == "frozen"


def test_dump_shows_internal_keys_and_no_credentials(bench):
    bench.world.store.put("thing", bench.partner, "1", {"id": "1", "_internal": 2}, parent="c")
    bench.call("POST", json={}, headers=ID)
    dump = bench.control("GET", "dump")
    first = dump.json()["documents"]["thing"][0]
    assert first == {"partner": bench.partner, "id": "1", "parent": "c", "body": {"id": "1", "_internal": 2}}
    assert not {"replay", "refresh"} & set(dump.json()["documents"])
    assert not any(key.startswith("_") for key in dump.json()["meta"])


# faults

THINGS = "/v1/customers/{customer_id}/things"


def fault(bench, **document):
    answer = bench.control("POST", "faults", document)
    assert answer.status_code == 201, answer.text


def test_fault_strikes_the_nth_matching_call_only(bench):
    fault(bench, method="GET", path=THINGS, nth=2, status=503, headers={"Retry-After": "7"})
    answers = [bench.call("GET") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 503, 200]
    assert answers[1].headers["Retry-After"] == "7"


def test_fault_times_zero_strikes_for_ever_and_delete_ends_it(bench):
    fault(bench, path="/v1/customers/*", times=0, status=500, body={"code": 0})
    assert [bench.call("GET").status_code for _ in range(3)] == [500] * 3
    assert bench.control("DELETE", "faults").status_code == 204
    assert bench.call("GET").status_code == 200


def test_fault_429_has_the_special_body(bench):
    fault(bench, status=429, headers={"Retry-After": "57"})
    refused = bench.call("GET")
    message = "Rate limit is exceeded. Try again in 57 seconds."
    assert refused.json() == {"statusCode": 429, "message": message}


def test_fault_before_has_no_effect(bench):
    fault(bench, method="POST", path=THINGS, drop="before")
    fault(bench, method="POST", path=THINGS, nth=2, status=500)
    with pytest.raises(ConnectionResetError):
        bench.call("POST", json={}, headers=ID)
    assert bench.call("POST", json={}, headers=ID).status_code == 500
    assert bench.world.store.count("thing") == 0


def test_fault_after_commits_and_the_retry_replays(bench):
    fault(bench, method="POST", path=THINGS, drop="after")
    fault(bench, method="POST", path=THINGS, nth=2, status=502, effect="after", body="<html>bad gateway</html>")
    with pytest.raises(ConnectionResetError):
        bench.call("POST", json={"quantity": 1}, headers=ID)
    assert bench.world.store.count("thing") == 1
    assert bench.call("POST", json={"quantity": 1}, headers=ID).text == "<html>bad gateway</html>"
    assert bench.call("POST", json={"quantity": 1}, headers=ID).json()["quantity"] == 1
    assert bench.world.store.count("thing") == 1


def test_fault_truncates_json(bench):
    fault(bench, method="GET", path=THINGS, truncate=True)
    whole_later = bench.call("GET"), bench.call("GET")
    assert whole_later[0].content == whole_later[1].content[: len(whole_later[1].content) // 2]


def test_rule_11_random_faults_are_repeatable(bench):
    outcomes = []
    for _ in range(2):
        fault(bench, method="GET", path=THINGS, times=0, status=500, probability=0.5, seed=7)
        outcomes.append([bench.call("GET").status_code for _ in range(20)])
        bench.control("DELETE", "faults")
    assert outcomes[0] == outcomes[1]
    assert set(outcomes[0]) == {200, 500}


def test_fault_reaches_sign_in(bench):
    fault(bench, method="POST", path="/{tenant}/oauth2/token", status=503)
    assert bench.redeem(bench.consent()).status_code == 503


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"status": 99},
        {"status": "500"},
        {"drop": "during"},
        {"nth": 0, "status": 500},
        {"nope": 1},
        {"delaySeconds": -1},
        {"status": 500, "probability": 2},
        {"status": 500, "probability": "0.5"},
        {"status": 500, "probability": True},
        {"status": 500, "truncate": "no"},
        {"status": 500, "headers": ["a"]},
        {"status": 500, "headers": {"A": "b\r\nC: d"}},
        {"status": 500, "headers": {"A b": "c"}},
        {"status": 500, "headers": {"A": "\u20ac"}},
        {"status": 500, "headers": {"Content-Length": "5"}},
        {"status": 500, "method": "FETCH"},
        {"status": 500, "path": "v1/customers"},
        {"status": 500, "path": 7},
        {"status": 0},
        {"status": 100},
        {"status": 500, "drop": "after"},
        {"drop": "before", "body": "x"},
        {"delaySeconds": "soon"},
        {"delaySeconds": 3601},
        {"skewSeconds": 400_000_000},
        {"faults": [{"status": 500}, {}]},
    ],
)
def test_fault_that_is_not_well_formed_is_refused(bench, document):
    assert bench.control("POST", "faults", document).status_code == 400
    assert bench.control("GET", "faults").json() == {"faults": []}
