"""Rule 7 over all operations: what a malformed, a foreign and an unknown id in the path are answered."""

from __future__ import annotations

from typing import Any

import pytest

from cspctl.emulator.app import documented_routes

FOREIGN, UNKNOWN = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b14", "11111111-2222-3333-4444-555555555555"
IDS = {"MS-RequestId": UNKNOWN, "MS-CorrelationId": UNKNOWN, "If-Match": '"x"'}
CUSTOMER = "/v1/customers/{customer_id}"
SUBSCRIPTION = f"{CUSTOMER}/subscriptions/{{subscription_id}}"
ORDER = f"{CUSTOMER}/orders/{{order_id}}"
ROUTES = sorted((one.method, one.path) for one in documented_routes() if one.path.startswith(CUSTOMER))


@pytest.fixture(scope="module")
def ask(request):
    """A shop that many requests share; none of them may change anything."""
    from importlib import util
    from pathlib import Path

    spec = util.spec_from_file_location("shop_of_ids", Path(__file__).parent / "conftest.py")
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    shop = module.Shop(module.OURS, {}, module.NOW)
    bearer = shop.bearer("https://api.partnercenter.microsoft.com", shop.partner, True)

    def send(method: str, path: str, **values: str) -> tuple[int, Any]:
        names = {"customer_id": shop.customer, **values}
        url = path
        for name, value in names.items():
            url = url.replace("{" + name + "}", value)
        url = url.replace("{", "").replace("}", "")  # the rest is never reached
        body = {} if method in ("POST", "PUT", "PATCH") else None
        answer = shop.send(method=method, url=url, headers={**IDS, "Authorization": f"Bearer {bearer}"}, json=body)
        return answer.status_code, answer.json().get("code") if answer.content else None

    return send


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_rule_07_customer_ids_of_every_operation(ask, method, path):
    answers = [ask(method, path, customer_id=one) for one in ("no-guid", FOREIGN, UNKNOWN)]
    assert answers == [(400, 900118), (403, 20002), (404, 60003)]


@pytest.mark.parametrize(("method", "path"), [one for one in ROUTES if one[1].startswith(SUBSCRIPTION)])
def test_rule_07_subscription_ids_of_every_operation(ask, method, path):
    answers = [ask(method, path, subscription_id=one) for one in ("no-guid", UNKNOWN)]
    assert answers == [(400, 800002), (404, 20003)]


@pytest.mark.parametrize(("method", "path"), [one for one in ROUTES if one[1].startswith(ORDER)])
def test_rule_07_order_ids_of_every_operation(ask, method, path):
    assert ask(method, path, order_id="0123456789ab") == (404, 20000)
