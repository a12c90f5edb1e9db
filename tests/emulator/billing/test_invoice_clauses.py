"""Who may read bills, both kinds of invoices side by side, the manifest's tag. Sources: pages get-invoice-by-id,
get-invoice-summaries, get-invoiceline-items (2023), Graph v1.0 partners-billing (2024)."""

from __future__ import annotations

import pytest

PROVIDER = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
CUSTOMER = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b11"
LEGACY = {"id": "195416c1-3447-423a-b37b-ee59a99a19c4", "name": "Legacy", "unitPrice": "8.30"}


@pytest.fixture
def both(market):
    """A market with one invoice of each kind; answers (market, G…, D…)."""
    entry = {"partner": PROVIDER, "customer": CUSTOMER, "offerId": LEGACY["id"], "quantity": 5}
    market.control("POST", "seed", {"offers": [LEGACY], "legacySubscriptions": [entry]})
    market.buy()
    market.control("POST", "clock", {"now": "2026-04-07T00:00:00Z"})
    ids = sorted(one["id"] for one in market.get("/v1/invoices")["items"])
    assert [id[0] for id in ids] == ["D", "G"]
    return market, ids[1], ids[0]


def app_only(market):
    form = {"grant_type": "client_credentials", "client_id": "app", "client_secret": "s",
            "resource": "https://api.partnercenter.microsoft.com"}  # fmt: skip  # one form
    answer = market.send({"method": "POST", "url": f"/{PROVIDER}/oauth2/token", "data": form})[0]
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/v1/invoices", True),
        ("/v1/invoices/summary", True),
        ("/v1/invoices/summaries", False),
        ("/v1/invoices/estimates/links?currencycode=EUR", True),
        ("/v1/invoices/{}", False),
        ("/v1/invoices/{}/documents/statement", False),
        ("/v1/invoices/{}/lineitems?provider=onetime&invoicelineitemtype=billinglineitems", True),
        ("/v1/invoices/unbilled/lineitems?provider=onetime&invoicelineitemtype=billinglineitems&currencycode=EUR"
         "&period=current", True),
        (f"/v1/customers/{CUSTOMER}/servicecosts/mostrecent", False),
        (f"/v1/customers/{CUSTOMER}/servicecosts/mostrecent/lineitems", False),
        (f"/v1/customers/{CUSTOMER}/usagebudget", True),
        (f"/v1/customers/{CUSTOMER}/usagesummary", False),
        ("/v1/usagesummary", False),
    ],
)  # fmt: skip  # a table of addresses
def test_rule_02_some_bills_need_a_person(both, path, allowed):
    market, modern, _ = both
    answer = market.send({"method": "GET", "url": path.format(modern), "headers": app_only(market)})[0]
    assert answer.status_code == (200 if allowed else 403)
    if not allowed:
        assert answer.json()["code"] == 900329


def test_rule_52_either_kind_is_found_with_its_type_in_front(both):
    market, modern, legacy = both
    for name in (f"OneTime-{modern}", f"onetime-{modern.lower()}", f"Recurring-{legacy}", legacy.lower()):
        assert market.get(f"/v1/invoices/{name}")["id"] in (modern, legacy)


def test_balances_are_given_per_kind_and_together(both):
    market, _, _ = both
    found = market.get("/v1/invoices/summary")
    kinds = {one["invoiceType"]: one["summary"]["balanceAmount"] for one in found["details"]}
    assert kinds == {"OneTime": 304, "Recurring": 41.5}
    assert found["balanceAmount"] == 345.5


def test_rule_52_a_provider_without_lines_on_the_invoice_is_an_empty_page(both):
    market, modern, legacy = both
    for id, provider in ((modern, "office"), (modern, "azure"), (legacy, "onetime"), (legacy, "azure")):
        path = f"/v1/invoices/{id}/lineitems?provider={provider}&invoicelineitemtype=billinglineitems"
        assert market.get(path)["items"] == []


def test_rule_52_the_tag_of_a_manifest_changes_with_the_data(market):
    def tag():
        form = {"grant_type": "client_credentials", "client_id": "app", "client_secret": "s",
                "resource": "https://graph.microsoft.com"}  # fmt: skip  # one form
        token = market.send({"method": "POST", "url": f"/{PROVIDER}/oauth2/token", "data": form})[0].json()
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        root = "/v1.0/reports/partners/billing"
        body = {"currencyCode": "EUR", "billingPeriod": "current", "attributeSet": "full"}
        asked = market.send({"method": "POST", "url": f"{root}/reconciliation/unbilled/export", "headers": headers,
                             "json": body})[0]  # fmt: skip  # one request
        market.advance("PT10S")
        done = market.send({"method": "GET", "url": asked.headers["Location"], "headers": headers})[0].json()
        url = done["resourceLocation@odata.navigationLink"]
        return market.send({"method": "GET", "url": url, "headers": headers})[0].json()["eTag"]

    market.buy()
    first = tag()
    assert tag() == first
    market.buy()
    assert tag() != first


def test_lines_are_in_no_order_of_time_where_the_switch_says_so(market):
    one = market.buy()
    for seats in range(11, 17):
        market.patch(one, quantity=seats)
    path = "/v1/invoices/unbilled/lineitems?provider=onetime&invoicelineitemtype=billinglineitems&currencycode=EUR"
    in_time = market.get(f"{path}&period=current")["items"]
    market.switch(line_order="mixed")
    mixed = market.get(f"{path}&period=current")["items"]
    assert mixed != in_time and market.get(f"{path}&period=current")["items"] == mixed

    def order(line):
        return (line["orderDate"], line["referenceId"], line["billableQuantity"])

    assert sorted(mixed, key=order) == sorted(in_time, key=order)
    assert market.control("POST", "settings", {"line_order": "random"}).status_code == 400
