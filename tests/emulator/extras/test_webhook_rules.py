"""Webhooks: registration, test events, signed delivery and retries; rules 48 and 49."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from cspctl.emulator.launch import attach_or_embed

BASE = "/webhooks/v1/registration"
PARTNER = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"


class Receiver:
    """A real HTTP listener on loopback that remembers what it was sent."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, str], bytes]] = []
        self.status = 200
        self.arrived = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.calls.append((self.path, {key.lower(): value for key, value in self.headers.items()}, body))
                self.send_response(receiver.status)
                self.end_headers()
                receiver.arrived.set()

            def log_message(self, *args: object) -> None:
                """Nothing on the test's output."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?a=1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    yield found
    found.server.shutdown()
    found.server.server_close()


def code(answer):
    return answer.status_code, answer.json()["code"]


def register(shop, url, *events, **more):
    body = {"WebhookUrl": url, "WebhookEvents": list(events or ["subscription-updated", "test-created"]), **more}
    return shop.call("POST", BASE, body)


def flush(shop):
    shop.advance("PT0S")


def test_registration_in_the_documented_casing(shop, sample, receiver):
    assert shop.call("GET", BASE).status_code == 404
    answer = register(shop, receiver.url)
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == set(sample("partner-center-webhooks", 2))
    assert set(shop.get(BASE)) == set(sample("partner-center-webhooks", 3))
    body = {"WebhookUrl": receiver.url, "WebhookEvents": ["test-created"]}
    changed = shop.call("PUT", BASE, body)
    assert set(changed.json()) == set(sample("partner-center-webhooks", 4))
    assert shop.get(BASE)["WebhookEvents"] == ["test-created"], "PUT replaces"
    assert set(sample("partner-center-webhooks", 0)) <= set(shop.get(f"{BASE}/events"))


def test_rule_48_a_second_registration_is_409(shop, receiver):
    assert register(shop, receiver.url).status_code == 200
    assert register(shop, receiver.url).status_code == 409


def test_no_target_but_this_machine(shop):
    for url in ("https://example.org/hook", "http://10.0.0.1/hook", "ftp://127.0.0.1/hook", "not a url"):
        assert code(register(shop, url)) == (400, 800002), url
    assert code(register(shop, "http://127.0.0.1:1/", "nothing-happened")) == (400, 800002)


def test_rule_48_a_test_event_needs_its_registration_and_has_a_limit(shop, receiver):
    assert code(shop.call("POST", f"{BASE}/validationEvents")) == (404, 1000)
    register(shop, receiver.url, "invoice-ready")
    assert code(shop.call("POST", f"{BASE}/validationEvents")) == (400, 800002)
    shop.call("PUT", BASE, {"WebhookUrl": receiver.url, "WebhookEvents": ["test-created"]})
    answers = [shop.call("POST", f"{BASE}/validationEvents") for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert answers[2].json()["statusCode"] == 429
    assert int(answers[2].headers["retry-after"]) > 0
    shop.advance("PT61S")
    assert shop.call("POST", f"{BASE}/validationEvents").status_code == 200


def test_a_test_event_is_delivered_and_its_result_kept(shop, sample, misfits, receiver):
    register(shop, receiver.url)
    id = shop.post(f"{BASE}/validationEvents")["correlationId"]
    flush(shop)
    ((path, _, body),) = receiver.calls
    assert path == "/hook?a=1"
    documented = {"EventName", "ResourceUri", "ResourceName", "AuditUri", "ResourceChangeUtcDate"}
    assert set(json.loads(body)) == documented
    assert json.loads(body)["EventName"] == "test-created"
    result = shop.get(f"{BASE}/validationEvents/{id}")
    assert misfits(sample("partner-center-webhooks", 6), result) == []
    assert (result["status"], result["results"][0]["responseCode"]) == ("completed", "OK")
    shop.advance("P8D")
    assert shop.call("GET", f"{BASE}/validationEvents/{id}").status_code == 404


def test_the_signature_verifies_against_the_served_chain(shop, receiver):
    register(shop, receiver.url)
    shop.post(f"{BASE}/validationEvents")
    flush(shop)
    _, headers, body = receiver.calls[0]
    assert headers["x-ms-signature-algorithm"] == "rsa-sha256"
    address = headers["x-ms-certificate-url"]
    assert address.startswith("https://localhost")
    path = address.removeprefix("https://localhost")
    leaf = x509.load_der_x509_certificate(shop.send(method="GET", url=path).content)
    root = x509.load_der_x509_certificate(shop.send(method="GET", url="/webhooks/certificates/root.cer").content)
    leaf.verify_directly_issued_by(root)
    assert "O=Microsoft Corporation" in leaf.issuer.rfc4514_string()
    scheme, signature = headers["authorization"].split(" ")
    assert scheme == "Signature"
    leaf.public_key().verify(base64.b64decode(signature), body, padding.PKCS1v15(), hashes.SHA256())


def test_the_signature_may_travel_in_the_other_header(shop, receiver):
    register(shop, receiver.url, SignatureTokenToMsSignatureHeader=True)
    shop.post(f"{BASE}/validationEvents")
    flush(shop)
    headers = receiver.calls[0][1]
    assert headers["x-ms-signature"].startswith("Signature ")
    assert "authorization" not in headers


def test_rule_46_a_change_of_a_subscription_is_an_event_with_its_audit_record(shop, receiver):
    bought = shop.buy()
    register(shop, receiver.url)
    shop.patch(bought["id"], quantity=12)
    flush(shop)
    (body,) = [json.loads(one[2]) for one in receiver.calls]
    assert body["EventName"] == "subscription-updated"
    assert body["ResourceUri"].endswith(f"/webhooks/v1/customers/{shop.customer}/subscriptions/{bought['id']}")
    record = shop.get("/v1/auditrecords")["items"][-1]
    audit = body["AuditUri"].removeprefix("https://api.partnercenter.microsoft.com")
    assert audit == f"/auditactivity/v1/auditrecords/{record['id']}"


def test_rule_49_ten_attempts_on_the_virtual_clock_then_nothing(shop, receiver):
    receiver.status = 500
    register(shop, receiver.url)
    shop.post(f"{BASE}/validationEvents")
    flush(shop)
    assert len(receiver.calls) == 1
    shop.advance("PT5M")
    assert len(receiver.calls) == 2
    shop.advance("P1D")
    assert len(receiver.calls) == 10
    shop.advance("P1D")
    assert len(receiver.calls) == 10


def test_rule_49_a_success_ends_the_attempts(shop, receiver):
    receiver.status = 503
    register(shop, receiver.url)
    id = shop.post(f"{BASE}/validationEvents")["correlationId"]
    flush(shop)
    receiver.status = 204
    shop.advance("P1D")
    assert len(receiver.calls) == 2
    results = shop.get(f"{BASE}/validationEvents/{id}")["results"]
    assert [one["responseCode"] for one in results] == ["503", "NoContent"]


def test_a_delayed_event_waits_for_the_clock(shop, receiver):
    shop.switch(webhook_delay_seconds=3600)
    register(shop, receiver.url)
    shop.post(f"{BASE}/validationEvents")
    flush(shop)
    assert receiver.calls == []
    shop.advance("PT1H")
    assert len(receiver.calls) == 1


def test_usage_beyond_the_budget_is_told_once(shop, receiver):
    register(shop, receiver.url, "usagerecords-thresholdExceeded")
    plan = shop.plan()
    use = {"partner": PARTNER, "subscription": plan["id"], "date": "2026-03-02T00:00:00Z", "quantity": 1, "cost": "9"}
    shop.seed({"usage": [use]})
    shop.call("PATCH", "/usagebudget", {"amount": 8})
    flush(shop)
    flush(shop)
    (body,) = [json.loads(one[2]) for one in receiver.calls]
    assert body["EventName"] == "usagerecords-thresholdExceeded"
    assert body["ResourceUri"].endswith("/webhooks/v1/customers/usagerecords")


def test_a_running_server_delivers_without_being_asked(tmp_path, receiver):
    """No control call in between: the write itself wakes the delivery."""
    handle = attach_or_embed(tmp_path / "emulator.db")
    try:
        with httpx.Client(base_url=handle.base_url, timeout=10) as client:
            control = {"X-Emulator-Token": handle.control_token}
            seed = {"partners": [{"accountId": PARTNER, "domain": "a.example", "market": "DE", "currency": "EUR"}]}
            assert client.post("/_emulator/seed", json=seed, headers=control).status_code == 200
            form = {"grant_type": "client_credentials", "client_id": "app", "client_secret": "s"}
            form["resource"] = "https://api.partnercenter.microsoft.com"
            token = client.post(f"/{PARTNER}/oauth2/token", data=form).json()["access_token"]
            client.headers["Authorization"] = f"Bearer {token}"
            body = {"WebhookUrl": receiver.url, "WebhookEvents": ["test-created"]}
            assert client.post(BASE, json=body).status_code == 200
            assert client.post(f"{BASE}/validationEvents").status_code == 200
            assert receiver.arrived.wait(5)
            address = receiver.calls[0][1]["x-ms-certificate-url"]
        assert address == f"{handle.tls_url}/webhooks/certificates/signing.cer"
    finally:
        handle.close()
