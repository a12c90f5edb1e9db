"""The assembled emulator over real sockets: rule 7, and a lost answer to a purchase."""

from __future__ import annotations

from uuid import uuid4

import httpx
import pytest

from cspctl.emulator.app import documented_routes

CUSTOMER, FOREIGN = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b11", "1e4d9b63-7a3f-4f1f-8e1d-7d2a2a7b3c22"
NOWHERE = "2f5eac74-8b40-4a20-9f2e-8e3b3b8c4d33"
ATTESTED = {"partnerOnRecordAttestationAccepted": True}


@pytest.fixture
def client(served):
    with served.signed_in() as opened:
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


def catalog_item(served, client):
    path = f"/v1/products/{served.product['productId']}/skus/{served.product['skuId']}/availabilities"
    (found,) = client.get(path, params={"country": "DE"}).json()["items"]
    return found["catalogItemId"]


def test_a_purchase_whose_answer_was_lost_is_bought_once(serve_world):
    served = serve_world()
    client = served.signed_in()
    item = catalog_item(served, client)
    line = {"id": 0, "catalogItemId": item, "quantity": 3, "termDuration": "P1Y", "billingCycle": "monthly"}
    carts = f"/v1/customers/{CUSTOMER}/carts"
    cart = client.post(carts, json={**ATTESTED, "lineItems": [line]}).json()
    checkout = f"{carts}/{cart['id']}/checkout"
    rule = {"method": "POST", "path": f"{carts}/*/checkout", "drop": "after"}
    served.control("POST", "faults", rule)
    ids = {"MS-RequestId": str(uuid4()), "MS-CorrelationId": str(uuid4())}
    with pytest.raises(httpx.TransportError):
        client.post(checkout, headers=ids)
    answer = client.post(checkout, headers=ids)
    assert answer.status_code == 201
    assert len(answer.json()["orders"]) == 1
    stats = served.control("GET", "stats").json()
    assert (stats["purchases"], stats["replayed"]) == (1, 1)
    assert len(client.get(f"/v1/customers/{CUSTOMER}/orders").json()["items"]) == 1


def test_rule_46_a_purchase_is_in_the_audit_records(served, client):
    line = {"lineItemNumber": 0, "offerId": catalog_item(served, client), "quantity": 1, "termDuration": "P1Y"}
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
