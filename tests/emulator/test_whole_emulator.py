"""The assembled emulator over real sockets: rule 7, and a lost answer to a purchase."""

from __future__ import annotations

from uuid import uuid4

import httpx
import pytest

from cspctl.emulator.app import documented_routes
from cspctl.emulator.launch import attach_or_embed
from cspctl.emulator.settings import Settings

OURS = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
THEIRS = "99999999-2222-4333-8444-555555555555"
CUSTOMER = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b11"
FOREIGN = "1e4d9b63-7a3f-4f1f-8e1d-7d2a2a7b3c22"
NOWHERE = "2f5eac74-8b40-4a20-9f2e-8e3b3b8c4d33"


def partner(account, domain):
    market = {"market": "DE", "currency": "EUR", "mpnId": "4391200"}
    return {"accountId": account, "domain": domain, "displayName": domain, "tier": "direct", **market}


def customer(owner, id, domain):
    return {"partner": owner, "id": id, "domain": domain, "companyName": domain, "market": "DE"}


PRODUCT = {"productId": "CFQ7TTC0LH16", "skuId": "0001"}
ATTESTED = {"partnerOnRecordAttestationAccepted": True}
SEED = {
    "partners": [partner(OURS, "ours.onmicrosoft.com"), partner(THEIRS, "theirs.onmicrosoft.com")],
    "customers": [
        customer(OURS, CUSTOMER, "c1.onmicrosoft.com"),
        customer(THEIRS, FOREIGN, "c2.onmicrosoft.com"),
    ],
    "catalogue": [
        {
            "productId": PRODUCT["productId"],
            "title": "Example",
            "skus": [
                {
                    "id": PRODUCT["skuId"],
                    "title": "Example",
                    "minimumQuantity": 1,
                    "maximumQuantity": 300,
                    "segments": ["commercial"],
                    "terms": [{"duration": "P1Y", "billingCycle": "monthly"}],
                }
            ],
        }
    ],
    "prices": [
        {
            **PRODUCT,
            "term": "P1Y",
            "billing": "monthly",
            "market": "DE",
            "currency": "EUR",
            "segment": "commercial",
            "unitPrice": "10.00",
            "erpPrice": "12.00",
        }
    ],
}


@pytest.fixture
def handle(tmp_path):
    found = attach_or_embed(tmp_path / "emulator.db", settings=Settings(rate_limit_per_minute=0))
    assert control(found, "POST", "seed", SEED).status_code == 200
    yield found
    found.close()


def control(handle, method, name, body=None):
    headers = {"X-Emulator-Token": handle.control_token}
    with httpx.Client(trust_env=False) as client:
        return client.request(method, f"{handle.base_url}/_emulator/{name}", headers=headers, json=body)


@pytest.fixture
def client(handle):
    with httpx.Client(base_url=handle.base_url, trust_env=False) as opened:
        consent = {"tenant": "ours.onmicrosoft.com", "application": "app", "user": "ops@ours.example"}
        refresh = control(handle, "POST", "consent", consent).json()["refresh_token"]
        form = {"grant_type": "refresh_token", "client_id": "app", "refresh_token": refresh}
        token = opened.post(f"/{OURS}/oauth2/token", data=form).json()["access_token"]
        opened.headers["Authorization"] = f"Bearer {token}"
        yield opened


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/customers/not-a-guid", 400, 900118),
        (f"/v1/customers/{FOREIGN}", 403, 20002),
        (f"/v1/customers/{NOWHERE}", 404, 60003),
        (f"/v1/customers/not-a-guid/subscriptions/{NOWHERE}", 400, 900118),
        (f"/v1/customers/{FOREIGN}/subscriptions/{NOWHERE}", 403, 20002),
        (f"/v1/customers/{NOWHERE}/orders", 404, 60003),
        (f"/v1/customers/{CUSTOMER}/subscriptions/{NOWHERE}", 404, 20003),
        (f"/v1/customers/{CUSTOMER}/orders/34b37d7340cc", 404, 20000),
    ],
)
def test_rule_07_resource_ids(client, path, status, code):
    answer = client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_rule_07_customer_ids_are_compared_without_case(client):
    assert client.get(f"/v1/customers/{CUSTOMER.upper()}").json()["id"] == CUSTOMER


def catalog_item(client):
    path = f"/v1/products/{PRODUCT['productId']}/skus/{PRODUCT['skuId']}/availabilities"
    (found,) = client.get(path, params={"country": "DE"}).json()["items"]
    return found["catalogItemId"]


def test_a_purchase_whose_answer_was_lost_is_bought_once(handle, client):
    item = catalog_item(client)
    line = {"id": 0, "catalogItemId": item, "quantity": 3, "termDuration": "P1Y", "billingCycle": "monthly"}
    carts = f"/v1/customers/{CUSTOMER}/carts"
    cart = client.post(carts, json={**ATTESTED, "lineItems": [line]}).json()
    checkout = f"{carts}/{cart['id']}/checkout"
    rule = {"method": "POST", "path": f"{carts}/*/checkout", "drop": "after"}
    control(handle, "POST", "faults", rule)
    ids = {"MS-RequestId": str(uuid4()), "MS-CorrelationId": str(uuid4())}
    with pytest.raises(httpx.TransportError):
        client.post(checkout, headers=ids)
    answer = client.post(checkout, headers=ids)
    assert answer.status_code == 201
    assert len(answer.json()["orders"]) == 1
    stats = control(handle, "GET", "stats").json()
    assert (stats["purchases"], stats["replayed"]) == (1, 1)
    assert len(client.get(f"/v1/customers/{CUSTOMER}/orders").json()["items"]) == 1


def test_rule_46_a_purchase_is_in_the_audit_records(client):
    line = {"lineItemNumber": 0, "offerId": catalog_item(client), "quantity": 1, "termDuration": "P1Y"}
    order = {**ATTESTED, "referenceCustomerId": CUSTOMER, "billingCycle": "monthly", "lineItems": [line]}
    assert client.post(f"/v1/customers/{CUSTOMER}/orders", json=order).status_code == 201
    records = client.get("/v1/auditrecords").json()["items"]
    created = [record for record in records if record["operationType"] == "create_order"]
    assert [record["userPrincipalName"] for record in created] == ["ops@ours.example"]


def test_every_operation_is_named_and_routed_once():
    routes = documented_routes()
    assert all(spec.name for spec in routes)
    keys = [(spec.method, spec.path) for spec in routes]
    assert len(keys) == len(set(keys))
