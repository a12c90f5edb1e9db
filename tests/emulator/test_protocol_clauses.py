"""Rules 1 to 6, 9 and 11 clause by clause, over toy operations behind the real protocol layer."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from cspctl.emulator.app import documented_routes
from cspctl.emulator.context import Answer, Context, RouteSpec
from cspctl.emulator.errors import ApiError

ID = {"MS-RequestId": "5f6c9d0e-6c7a-4b66-8d0c-0e8a8c6f1d02"}
OTHER = "99999999-2222-4333-8444-555555555555"


def code(answer):
    return answer.status_code, answer.json()["code"]


async def count(request: Request, ctx: Context) -> Answer:
    """Counts its calls; answers 503 to the first one when asked to."""
    number = ctx.store.next_number("calls")
    if request.query_params.get("first") == "503" and number == 1:
        raise ApiError(503, 800003, "Unexpected service error")
    return Answer(200, {"number": number})


METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
COUNTERS = [RouteSpec(method, "/v1/counter", count) for method in METHODS]
COUNTERS += [RouteSpec("POST", "/v1/limited", count, throttle="orders")]


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "Token x"])
def test_rule_01_no_bearer_at_all_is_401_800001(bench, header):
    answer = bench.client.get(bench.path, headers={"Authorization": header} if header else {})
    assert code(answer) == (401, 800001)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_rule_01_the_scheme_is_read_in_any_case(bench, scheme):
    assert bench.client.get(bench.path, headers={"Authorization": f"{scheme} {bench.bearer}"}).status_code == 200


def test_rule_01_a_token_of_another_emulator_is_garbled(bench, make_bench):
    assert code(bench.call("GET", token=make_bench().bearer)) == (401, 400)


def test_rule_01_every_documented_audience_is_accepted(bench):
    for resource in (
        "https://api.partnercenter.microsoft.com",
        "https://api.partnercenter.microsoft.com/",
        "https://partner.partnercenterapi.microsoftonline.cn",
        "fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd",
    ):
        assert bench.call("GET", token=bench.sign_in(resource=resource)).status_code == 200, resource


@pytest.mark.parametrize("resource", ["https://graph.chinacloudapi.cn", "https://graph.microsoft.com"])
def test_rule_01_tokens_of_directory_and_graph_are_401_900420(bench, resource):
    assert code(bench.call("GET", token=bench.sign_in(resource=resource))) == (401, 900420)


def test_rule_01_identity_comes_before_everything_else(bench):
    assert code(bench.call("GET", "/v1/customers/no-guid/things", token="")) == (401, 800001)
    assert bench.call("POST", token="", content=b"{").status_code == 401


@pytest.mark.parametrize("tier", ["indirect-reseller", "none", "advisor"])
def test_rule_03_only_direct_partners_and_providers_have_access(bench, tier):
    bench.control("POST", "seed", {"partners": [{"accountId": OTHER, "tier": tier}]})
    assert code(bench.call("GET", token=bench.sign_in(tenant=OTHER))) == (403, 2032)


@pytest.mark.parametrize("tier", ["direct", "indirect-provider"])
def test_rule_03_both_kinds_of_partner_that_may_call(bench, tier):
    bench.control("POST", "seed", {"partners": [{"accountId": OTHER, "tier": tier}]})
    assert bench.call("GET", token=bench.sign_in(tenant=OTHER)).status_code == 200


def numbers(bench, method, **more):
    return [bench.call(method, "/v1/counter", headers=ID, **more).json()["number"] for _ in range(2)]


@pytest.mark.parametrize(("method", "expected"), [("POST", [1, 1]), ("PATCH", [1, 1]), ("PUT", [1, 2]),
                                                  ("DELETE", [1, 2]), ("GET", [1, 2])])  # fmt: skip  # one table
def test_rule_05_posts_and_patches_are_replayed_and_nothing_else(make_bench, method, expected):
    assert numbers(make_bench(routes=COUNTERS), method) == expected


def test_rule_05_a_server_error_is_not_kept(make_bench):
    bench = make_bench(routes=COUNTERS)
    path = "/v1/counter?first=503"
    assert bench.call("POST", path, headers=ID).status_code == 503
    assert bench.call("POST", path, headers=ID).status_code == 503, "the failed write was undone"
    assert bench.control("GET", "stats").json()["replayed"] == 0


def test_rule_05_a_throttled_answer_is_not_kept(make_bench):
    bench = make_bench(routes=COUNTERS, rate_limit_per_minute=1)
    bench.world.clock.freeze(bench.world.clock.now())
    bench.call("POST", "/v1/limited")
    assert bench.call("POST", "/v1/limited", headers=ID).status_code == 429
    bench.control("POST", "clock", {"advance": "PT60S"})
    assert bench.call("POST", "/v1/limited", headers=ID).json() == {"number": 2}


def test_rule_05_the_replay_has_the_ids_of_its_own_request(make_bench):
    bench = make_bench(routes=COUNTERS)
    first = bench.call("POST", "/v1/counter", headers={**ID, "MS-CorrelationId": OTHER})
    again = bench.call("POST", "/v1/counter", headers={**ID, "MS-CorrelationId": ID["MS-RequestId"]})
    assert again.content == first.content
    assert again.headers["MS-RequestId"] == ID["MS-RequestId"]
    assert again.headers["MS-CorrelationId"] == ID["MS-RequestId"]


def test_rule_05_the_path_counts_without_case_of_the_id_and_closing_slash(make_bench):
    bench = make_bench(routes=COUNTERS)
    assert bench.call("POST", "/v1/counter", headers=ID).json() == {"number": 1}
    assert bench.call("POST", "/v1/counter/", headers=ID).json() == {"number": 1}


@pytest.mark.parametrize(("hours", "again"), [(24, 1), (1, 2)])
def test_rule_05_how_long_an_id_is_remembered_is_a_setting(make_bench, hours, again):
    bench = make_bench(routes=COUNTERS, replay_hours=hours)
    assert bench.call("POST", "/v1/counter", headers=ID).json() == {"number": 1}
    bench.control("POST", "clock", {"advance": "PT1H1S"})
    token = bench.user_token()
    assert bench.call("POST", "/v1/counter", headers=ID, token=token).json() == {"number": again}


@pytest.mark.parametrize("status", [409, 400])
def test_rule_05_the_answer_to_another_body_is_a_setting(make_bench, status):
    bench = make_bench(routes=COUNTERS, replay_conflict_status=status)
    bench.call("POST", "/v1/counter", headers=ID, json={"a": 1})
    assert bench.call("POST", "/v1/counter", headers=ID, json={"a": 2}).status_code == status


def test_rule_05_after_a_dropped_answer_the_same_id_tells_what_happened(make_bench):
    bench = make_bench(routes=COUNTERS)
    fault = {"method": "POST", "path": "/v1/counter", "drop": "after"}
    assert bench.control("POST", "faults", fault).status_code == 201
    with pytest.raises(ConnectionResetError):
        bench.call("POST", "/v1/counter", headers=ID)
    assert bench.call("POST", "/v1/counter", headers=ID).json() == {"number": 1}
    assert bench.call("POST", "/v1/counter").json() == {"number": 2}, "a new id is a new request"


def test_rule_06_the_429_has_neither_code_nor_the_usual_names(make_bench):
    bench = make_bench(routes=COUNTERS, rate_limit_per_minute=1)
    bench.world.clock.freeze(bench.world.clock.now())
    bench.call("POST", "/v1/limited")
    refused = bench.call("POST", "/v1/limited")
    assert set(refused.json()) == {"statusCode", "message"}
    assert refused.headers["Retry-After"] == "60"
    assert refused.json()["message"] == "Rate limit is exceeded. Try again in 60 seconds."


def test_rule_06_a_refused_call_costs_nothing_more(make_bench):
    bench = make_bench(routes=COUNTERS, rate_limit_per_minute=1)
    bench.world.clock.freeze(bench.world.clock.now())
    bench.call("POST", "/v1/limited")
    for _ in range(5):
        assert bench.call("POST", "/v1/limited").headers["Retry-After"] == "60"
    bench.control("POST", "clock", {"advance": "PT60S"})
    assert bench.call("POST", "/v1/limited").status_code == 200


def test_rule_06_zero_means_unlimited(make_bench):
    bench = make_bench(routes=COUNTERS, rate_limit_per_minute=0)
    assert {bench.call("POST", "/v1/limited").status_code for _ in range(30)} == {200}


def test_rule_06_no_operation_has_a_bucket_of_an_unknown_name():
    known = {"customers", "orders", "subscriptions", "consent", "consent removal", None}
    assert {one.throttle for one in documented_routes()} <= known


def faults(bench, **fault):
    document = {"method": "POST", "path": "/v1/counter", "times": 0, **fault}
    assert bench.control("POST", "faults", document).status_code == 201


@pytest.mark.parametrize("status", [500, 501, 502, 503, 504])
def test_rule_11_injected_server_errors_before_and_after_the_effect(make_bench, status):
    bench = make_bench(routes=COUNTERS)
    faults(bench, status=status, times=1)
    assert bench.call("POST", "/v1/counter", headers=ID).status_code == status
    assert bench.call("POST", "/v1/counter", headers=ID).json() == {"number": 1}, "it never came to the effect"
    faults(bench, status=status, times=1, effect="after")
    other = {"MS-RequestId": OTHER}
    assert bench.call("POST", "/v1/counter", headers=other).status_code == status
    assert bench.call("POST", "/v1/counter", headers=other).json() == {"number": 2}, "the effect stood; it is replayed"


@pytest.mark.parametrize("drop", ["before", "after"])
def test_rule_11_timeouts_leave_the_client_without_an_answer(make_bench, drop):
    bench = make_bench(routes=COUNTERS)
    faults(bench, drop=drop, times=1)
    with pytest.raises(ConnectionResetError):
        bench.call("POST", "/v1/counter", headers=ID)
    assert bench.call("POST", "/v1/counter").json() == {"number": 2 if drop == "after" else 1}


@pytest.mark.parametrize(("probability", "outcomes"), [(0.0, {200}), (1.0, {503}), (0.3, {200, 503})])
def test_rule_11_random_errors_have_their_probability(make_bench, probability, outcomes):
    bench = make_bench(routes=COUNTERS)
    faults(bench, status=503, probability=probability, seed=11)
    statuses = [bench.call("POST", "/v1/counter").status_code for _ in range(60)]
    assert set(statuses) == outcomes
    if probability == 0.3:
        assert 9 <= statuses.count(503) <= 27


def test_rule_11_random_errors_differ_by_their_seed(make_bench):
    runs = []
    for seed in (1, 2, 1):
        bench = make_bench(routes=COUNTERS)
        faults(bench, status=503, probability=0.5, seed=seed)
        runs.append([bench.call("POST", "/v1/counter").status_code for _ in range(40)])
    assert runs[0] == runs[2] != runs[1]
