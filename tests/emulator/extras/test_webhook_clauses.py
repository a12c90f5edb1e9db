"""Registration, test events and delivery of webhooks, clause by clause (rules 48 and 49)."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

BASE = "/webhooks/v1/registration"
THEIRS = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a20"
HOOK = {"WebhookUrl": "http://127.0.0.1:9/hook", "WebhookEvents": ["test-created"]}


@pytest.fixture
def nobody() -> Iterator[str]:
    """A loopback address that refuses connections."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/hook"


def code(answer):
    return answer.status_code, answer.json()["code"]


def test_rule_48_one_registration_per_partner(shop):
    first = shop.post(BASE, HOOK)
    assert code(shop.call("POST", BASE, {**HOOK, "WebhookEvents": ["invoice-ready"]}))[0] == 409
    assert shop.get(BASE)["WebhookEvents"] == ["test-created"], "the first one stands"
    assert shop.post(BASE, HOOK, partner=THEIRS)["SubscriberId"] != first["SubscriberId"]


def test_rule_48_put_replaces_and_needs_a_registration(shop):
    assert code(shop.call("PUT", BASE, HOOK)) == (404, 1000)
    first = shop.post(BASE, {**HOOK, "WebhookEvents": ["test-created", "invoice-ready"]})
    changed = shop.call("PUT", BASE, {"WebhookUrl": "http://localhost:8/x", "WebhookEvents": ["subscription-updated"]})
    assert changed.status_code == 200
    assert changed.json() == {
        "SubscriberId": first["SubscriberId"],
        "WebhookUrl": "http://localhost:8/x",
        "WebhookEvents": ["subscription-updated"],
    }
    assert shop.get(BASE) == {"WebhookUrl": "http://localhost:8/x", "WebhookEvents": ["subscription-updated"]}


def test_rule_48_there_is_no_way_to_delete(shop):
    shop.post(BASE, HOOK)
    for method in ("DELETE", "PATCH"):
        assert shop.call(method, BASE).status_code == 405


@pytest.mark.parametrize(
    "change",
    [{"WebhookUrl": ""}, {"WebhookUrl": None}, {"WebhookEvents": []}, {"WebhookEvents": None},
     {"WebhookEvents": "test-created"}, {"WebhookEvents": ["nothing-happened"]}],
)  # fmt: skip  # one list
def test_registrations_that_cannot_be(shop, change):
    assert code(shop.call("POST", BASE, {**HOOK, **change})) == (400, 800002)
    assert shop.call("GET", BASE).status_code == 404


def test_registrations_take_any_case(shop):
    body = {
        "webhookurl": HOOK["WebhookUrl"],
        "WEBHOOKEVENTS": ["Test-Created"],
        "signaturetokentomssignatureheader": True,
    }
    made = shop.post(BASE, body)
    assert made["WebhookEvents"] == ["test-created"]
    assert made["SignatureTokenToMsSignatureHeader"] is True


def test_rule_48_the_limit_of_test_events_is_one_partners(shop):
    shop.switch(webhook_delay_seconds=3600)
    for partner in (shop.partner, THEIRS):
        shop.post(BASE, HOOK, partner=partner)
        statuses = [shop.call("POST", f"{BASE}/validationEvents", partner=partner).status_code for _ in range(3)]
        assert statuses == [200, 200, 429]


def test_rule_48_a_minute_passes_for_the_third(shop):
    shop.switch(webhook_delay_seconds=3600)
    shop.post(BASE, HOOK)
    shop.post(f"{BASE}/validationEvents")
    shop.advance("PT30S")
    shop.post(f"{BASE}/validationEvents")
    refused = shop.call("POST", f"{BASE}/validationEvents")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "30")
    assert refused.json() == {"statusCode": 429, "message": "Rate limit is exceeded. Try again in 30 seconds."}
    shop.advance("PT30S")
    assert shop.call("POST", f"{BASE}/validationEvents").status_code == 200
    assert shop.call("POST", f"{BASE}/validationEvents").status_code == 429


def test_a_test_event_is_kept_for_seven_days_and_its_partner(shop):
    shop.switch(webhook_delay_seconds=3600)
    shop.post(BASE, HOOK)
    path = f"{BASE}/validationEvents/{shop.post(f'{BASE}/validationEvents')['correlationId']}"
    assert shop.get(path)["status"] == "pending"
    assert shop.call("GET", path, partner=THEIRS).status_code == 404
    shop.advance("P7D")
    assert shop.call("GET", path).status_code == 200
    shop.advance("PT1S")
    assert code(shop.call("GET", path)) == (404, 1000)


def test_rule_49_a_target_that_does_not_listen_is_tried_ten_times(shop, nobody):
    shop.post(BASE, {**HOOK, "WebhookUrl": nobody})
    id = shop.post(f"{BASE}/validationEvents")["correlationId"]
    shop.advance("P1D")
    results = shop.get(f"{BASE}/validationEvents/{id}")["results"]
    assert len(results) == 10
    assert {one["systemError"] for one in results} == {True}
    assert [one["dateTimeUtc"] for one in results[:2]] == ["2026-03-10T09:15:00", "2026-03-10T09:20:00"]
    assert shop.store.count("webhook_event") == 0, "then the event is dropped"


@pytest.mark.parametrize(("attempts", "seconds"), [(3, 60), (1, 300)])
def test_rule_49_attempts_and_their_spacing_are_settings(open_shop, nobody, attempts, seconds):
    shop = open_shop(webhook_attempts=attempts, webhook_retry_seconds=seconds)
    shop.post(BASE, {**HOOK, "WebhookUrl": nobody})
    id = shop.post(f"{BASE}/validationEvents")["correlationId"]
    shop.advance("P1D")
    times = [one["dateTimeUtc"][11:] for one in shop.get(f"{BASE}/validationEvents/{id}")["results"]]
    assert times == [f"09:{15 + index * seconds // 60}:00" for index in range(attempts)]
