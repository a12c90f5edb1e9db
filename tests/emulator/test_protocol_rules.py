"""Rules 1 to 8 and 46 of the protocol, each in a test of that number, over toy operations."""

from __future__ import annotations

import json
from uuid import UUID

import pytest

CUSTOMER = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b11"


def code(answer):
    return answer.status_code, answer.json()["code"]


# rule 1


def test_rule_01_missing_bearer_is_401_800001(bench):
    assert code(bench.call("GET", token="")) == (401, 800001)


@pytest.mark.parametrize("garbled", ["x", "a.b.c", "a.b", "e30.e30.e30", "é"])
def test_rule_01_garbled_bearer_is_401_400(bench, garbled):
    answer = bench.client.get(bench.path, headers={"Authorization": f"Bearer {garbled}".encode()})
    assert code(answer) == (401, 400)


def test_rule_01_changed_claims_break_the_signature(bench):
    head, claims, signature = bench.bearer.split(".")
    assert code(bench.call("GET", token=f"{head}.{claims[:-2]}AA.{signature}")) == (401, 400)


def test_rule_01_token_expires_by_the_virtual_clock(bench):
    bench.control("POST", "clock", {"mode": "frozen", "now": "2026-11-02T09:00:00Z"})
    token = bench.user_token()
    bench.control("POST", "clock", {"advance": "PT3598S"})
    assert bench.call("GET", token=token).status_code == 200
    bench.control("POST", "clock", {"advance": "PT1S"})
    assert code(bench.call("GET", token=token)) == (401, 400)


@pytest.mark.parametrize("audience", ["https://graph.windows.net", "https://api.partner.microsoft.com"])
def test_rule_01_other_audience_is_401_900420(bench, audience):
    assert code(bench.call("GET", token=bench.sign_in(resource=audience))) == (401, 900420)


def test_rule_01_the_price_host_wants_its_own_audience(bench):
    prices = bench.sign_in(resource="https://api.partner.microsoft.com")
    assert bench.call("GET", "/v1.0/prices", token=prices).status_code == 200
    answer = bench.call("GET", "/v1.0/prices")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthenticated")


def test_rule_01_user_without_mfa_is_401_900421(bench):
    assert code(bench.call("GET", token=bench.user_token(mfa=False))) == (401, 900421)


def test_rule_01_no_mfa_passes_when_enforcement_is_off(make_bench):
    bench = make_bench(enforce_mfa=False)
    token = bench.user_token(mfa=False)
    answer = bench.call("GET", token=token, headers={"ValidateMfa": "true"})
    assert (answer.status_code, answer.headers["isMfaCompliant"]) == (200, "false")


# rule 2


def test_rule_02_app_only_on_a_user_operation_is_403_900329(bench):
    assert code(bench.call("GET", "/v1/for-users", token=bench.sign_in())) == (403, 900329)
    assert bench.call("GET", "/v1/for-users").status_code == 200


def test_rule_02_role_must_suffice(bench):
    token = bench.user_token(roles=["Helpdesk agent"])
    assert bench.call("GET", token=token).status_code == 200
    assert code(bench.call("POST", token=token, json={})) == (403, 900308)
    assert code(bench.call("GET", token=bench.user_token(roles=[]))) == (403, 900308)


# rule 3


def test_rule_03_a_reseller_has_no_api_access(bench):
    reseller = "11111111-2222-4333-8444-555555555555"
    bench.control("POST", "seed", {"partners": [{"accountId": reseller, "tier": "indirect-reseller"}]})
    assert code(bench.call("GET", token=bench.sign_in(tenant=reseller))) == (403, 2032)


def test_rule_03_a_tenant_that_is_gone_has_no_api_access(bench):
    bench.control("POST", "reset")
    assert code(bench.call("GET")) == (403, 2032)


# rule 4


def test_rule_04_ids_are_echoed(bench):
    ids = {
        "MS-RequestId": "74ca1db9-df92-41c6-a362-a16433b0542b",
        "MS-CorrelationId": "a176c585-b5de-4d65-824c-67a6deb45cd9",
    }
    for answer in (bench.call("GET", headers=ids), bench.call("GET", token="", headers=ids)):
        assert {name: answer.headers[name] for name in ids} == ids


def test_rule_04_ids_are_made_up_when_absent(bench):
    first, second = bench.call("GET"), bench.call("GET")
    assert UUID(first.headers["MS-RequestId"]) != UUID(second.headers["MS-RequestId"])
    assert UUID(first.headers["MS-CorrelationId"])
    assert first.headers["MS-CV"] and first.headers["MS-ServerId"]
    assert first.headers["Content-Type"] == "application/json; charset=utf-8"


def test_rule_04_writes_need_no_ms_headers(bench):
    assert bench.call("POST", json={"a": 1}).status_code == 201


# rule 5

ID = {"MS-RequestId": "5f6c9d0e-6c7a-4b66-8d0c-0e8a8c6f1d02"}


def test_rule_05_same_id_and_body_replays_the_answer(bench):
    first = bench.call("POST", json={"quantity": 1}, headers=ID)
    again = bench.call("POST", json={"quantity": 1}, headers={"MS-RequestId": ID["MS-RequestId"].upper()})
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["Location"] == first.headers["Location"]
    stats = bench.control("GET", "stats").json()
    assert (stats["writes"], stats["created"], stats["replayed"]) == (1, 1, 1)
    assert bench.world.store.count("thing") == 1


def test_rule_05_same_id_other_body_is_409(bench):
    bench.call("POST", json={"quantity": 1}, headers=ID)
    assert bench.call("POST", json={"quantity": 2}, headers=ID).status_code == 409
    assert bench.world.store.count("thing") == 1


def test_rule_05_refusals_are_replayed_and_leave_nothing_behind(bench):
    for _ in range(2):
        assert code(bench.call("POST", json={"quantity": -1}, headers=ID)) == (400, 2002)
    assert bench.world.store.count("thing") == 0
    assert bench.control("GET", "stats").json()["replayed"] == 1


def test_rule_05_key_is_tenant_method_and_path(bench):
    other = "99999999-2222-4333-8444-555555555555"
    bench.control("POST", "seed", {"partners": [{"accountId": other, "tier": "indirect-provider"}]})
    bench.call("POST", json={}, headers=ID)
    bench.call("PATCH", json={}, headers=ID)
    bench.call("POST", bench.path.replace("0d3c", "0d3d"), json={}, headers=ID)
    bench.call("POST", json={}, headers=ID, token=bench.sign_in(tenant=other))
    assert bench.world.store.count("thing") == 4


def test_rule_05_without_an_id_every_call_acts(bench):
    bench.call("POST", json={})
    bench.call("POST", json={})
    assert bench.world.store.count("thing") == 2


def test_rule_05_an_id_is_forgotten_after_24_hours(bench):
    bench.call("POST", json={}, headers=ID)
    bench.control("POST", "clock", {"advance": "PT24H1S"})
    bench.call("POST", json={}, headers=ID, token=bench.user_token())
    assert bench.world.store.count("thing") == 2


# rule 6


def test_rule_06_bucket_empties_and_refills(make_bench):
    bench = make_bench(rate_limit_per_minute=2)
    bench.world.clock.freeze(bench.world.clock.now())
    assert [bench.call("GET").status_code for _ in range(3)] == [200, 200, 429]
    refused = bench.call("GET")
    assert refused.headers["Retry-After"] == "30"
    assert refused.json() == {
        "statusCode": 429,
        "message": "Rate limit is exceeded. Try again in 30 seconds.",
    }
    bench.control("POST", "clock", {"advance": "PT30S"})
    assert [bench.call("GET").status_code for _ in range(2)] == [200, 429]
    assert bench.control("GET", "stats").json()["throttled"] == 3


def test_rule_06_buckets_are_per_tenant_and_resource(make_bench):
    bench = make_bench(rate_limit_per_minute=1)
    other = "99999999-2222-4333-8444-555555555555"
    bench.control("POST", "seed", {"partners": [{"accountId": other, "tier": "direct"}]})
    assert bench.call("GET").status_code == 200
    assert bench.call("GET").status_code == 429
    assert bench.call("POST", json={}).status_code == 201
    assert bench.call("GET", token=bench.sign_in(tenant=other)).status_code == 200
    assert bench.call("GET", "/v1/for-users").status_code == 200


# rule 8


def test_rule_08_nulls_and_internal_keys_are_omitted(bench):
    bench.world.store.put("thing", bench.partner, "1", {"id": "1", "_secret": 1, "deep": [{"a": None}]})
    assert bench.call("GET").json() == {"items": [{"id": "1", "deep": [{}]}]}


def test_rule_08_request_names_in_any_case(bench):
    sent = {"AutoRenewEnabled": True, "FRIENDLYNAME": "x", "lineitems": [{"CatalogItemId": "P:S:A"}]}
    answer = bench.call("POST", json=sent).json()
    del answer["id"]
    assert answer == {
        "autoRenewEnabled": True,
        "friendlyName": "x",
        "lineItems": [{"catalogItemId": "P:S:A"}],
    }


def test_rule_08_body_that_is_no_json_object_is_400_800002(bench):
    assert code(bench.call("POST", content=b"{")) == (400, 800002)
    assert code(bench.call("POST", content=b"[]")) == (400, 800002)


# rule 46


def test_rule_46_a_write_leaves_an_audit_record(bench):
    bench.world.clock.freeze(bench.world.clock.now().replace(year=2026, month=11, day=2))
    token = bench.user_token()
    thing = bench.call("POST", json={"quantity": 8}, token=token).json()
    records = bench.call("GET", "/v1/auditrecords", token=token)
    assert records.status_code == 501  # the toy emulator has no audit route; the store holds the record
    (record,) = bench.world.store.list("audit", bench.partner)
    assert json.loads(record["resourceNewValue"]) == {
        "Id": thing["id"],
        "Quantity": 8,
        "PartnerOnRecord": None,
    }
    assert record["resourceOldValue"] is None
    assert (record["operationType"], record["operationStatus"]) == ("create_order", "succeeded")
    assert record["resourceType"] == "order"
    assert (record["userPrincipalName"], record["applicationId"]) == ("ops@partner.example", "app")
    assert record["customerId"] == CUSTOMER
    assert record["customizedData"] == [{"key": "OrderId", "value": thing["id"]}]
    assert record["operationDate"].startswith("2026-11-02T")
    assert record["attributes"] == {"objectType": "AuditRecord"}


def test_rule_46_app_only_leaves_no_user_and_a_refusal_no_record(bench):
    bench.call("POST", json={}, token=bench.sign_in())
    bench.call("POST", json={"quantity": -1})
    (record,) = bench.world.store.list("audit", bench.partner)
    assert record["userPrincipalName"] is None


def test_rule_46_record_ids_differ_on_a_frozen_clock(bench):
    bench.world.clock.freeze(bench.world.clock.now())
    for _ in range(3):
        bench.call("POST", json={})
    assert len({record["id"] for record in bench.world.store.list("audit", bench.partner)}) == 3


# what no rule numbers


def test_foreign_host_is_421(bench):
    assert bench.call("GET", headers={"Host": "evil.example"}).status_code == 421
    assert bench.call("GET", headers={"Host": "api.partnercenter.microsoft.com"}).status_code == 200
    assert bench.call("GET", headers={"Host": "[::1]:8080"}).status_code == 200


def test_documented_operation_that_is_not_built_is_501_with_its_name(bench):
    answer = bench.call("GET", "/v1/invoices/G000000001")
    assert answer.status_code == 501
    assert "Get invoice by ID" in answer.json()["description"]


def test_unknown_path_is_404_and_unknown_method_405(bench):
    assert code(bench.call("GET", "/v1/no/such/thing")) == (404, 1000)
    refused = bench.call("DELETE")
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, PATCH, POST")


def test_a_defect_is_500_and_logged_without_the_token(bench, caplog):
    assert code(bench.call("GET", "/v1/defect")) == (500, 800003)
    assert "/v1/defect failed" in caplog.text
    assert bench.bearer not in caplog.text


def test_body_over_the_limit_is_413(make_bench):
    bench = make_bench(max_body_bytes=1000)
    assert bench.call("POST", content=b"x" * 1001).status_code == 413
    assert bench.call("POST", content=b"x" * 1000).status_code == 400
