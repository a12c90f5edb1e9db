"""Rule 52: the asynchronous exports on Graph. Sources: Graph v1.0 partners-billing pages (2024), the 410 from the page
get-invoice-billed-unbilled-consumption (2023)."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal

import pytest

BILLING = "/v1.0/reports/partners/billing"
PROVIDER = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"


class Graph:
    """The market's partner with a token for Graph."""

    def __init__(self, market):
        self.market = market

    def call(self, method, path, body=None):
        form = {"grant_type": "client_credentials", "client_id": "app", "client_secret": "s",
                "resource": "https://graph.microsoft.com"}  # fmt: skip  # one form
        url = f"/{self.market.partner}/oauth2/token"
        token = self.market.send({"method": "POST", "url": url, "data": form})[0].json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        return self.market.send({"method": method, "url": path, "headers": headers, "json": body})[0]

    def ask(self, what, **body):
        answer = self.call("POST", f"{BILLING}/{what}/export", body)
        assert answer.status_code == 202, answer.text
        assert answer.headers["Retry-After"] == "10"
        return answer.headers["Location"]

    def run(self, what, **body):
        """Ask, wait, read; answers (operation, manifest)."""
        location = self.ask(what, **body)
        self.market.advance("PT10S")
        operation = self.call("GET", location).json()
        return operation, self.call("GET", operation["resourceLocation@odata.navigationLink"]).json()

    def rows(self, manifest):
        found = []
        for blob in manifest["blobs"]:
            url = f"{manifest['rootDirectory']}/{blob['name']}?{manifest['sasToken']}"
            answer = self.market.send({"method": "GET", "url": url})[0]
            assert answer.status_code == 200, answer.text
            found += [json.loads(line, parse_float=Decimal) for line in gzip.decompress(answer.content).splitlines()]
        return found


@pytest.fixture
def graph(market):
    market.buy()
    market.buy(quantity=3, termDuration="P1M")
    return Graph(market)


@pytest.fixture
def invoice(graph):
    market = graph.market
    market.control("POST", "clock", {"now": "2026-04-07T00:00:00Z"})
    return market.get("/v1/invoices")["items"][0]


def test_rule_52_running_then_success_with_a_link_to_the_manifest(graph, invoice):
    location = graph.ask("reconciliation/billed", invoiceId=invoice["id"], attributeSet="full")
    assert graph.call("GET", location).json()["status"] == "notStarted"
    graph.market.advance("PT5S")
    running = graph.call("GET", location)
    assert running.json()["status"] == "running" and running.headers["Retry-After"] == "5"
    assert running.json()["@odata.type"] == "#microsoft.graph.partners.billing.runningOperation"
    graph.market.advance("PT5S")
    done = graph.call("GET", location).json()
    assert (done["status"], done["@odata.type"]) == (
        "succeeded",
        "#microsoft.graph.partners.billing.exportSuccessOperation",
    )
    assert done["resourceLocation@odata.navigationLink"].endswith(f"{BILLING}/manifests/{done['id']}")


def test_rule_52_the_blobs_hold_every_line_of_the_invoice(graph, invoice):
    _, manifest = graph.run("reconciliation/billed", invoiceId=invoice["id"], attributeSet="full")
    assert (manifest["dataFormat"], manifest["blobCount"]) == ("compressedJSONLines", 1)
    assert manifest["partnerTenantId"] == PROVIDER and manifest["eTag"]
    rows = graph.rows(manifest)
    path = f"/v1/invoices/{invoice['id']}/lineitems?provider=onetime&invoicelineitemtype=billinglineitems"
    lines = graph.market.get(path)["items"]
    assert [(row["ReferenceID"], str(row["Subtotal"])) for row in rows] == [
        (one["referenceId"], one["subtotal"]) for one in lines
    ]
    assert sum(row["Total"] for row in rows) == Decimal(str(invoice["totalCharges"]))
    assert {"PartnerId", "MpnId", "ResellerMpnId", "ChargeType", "UnitPrice", "EffectiveUnitPrice", "BillableQuantity",
            "SubscriptionStartDate", "SubscriptionEndDate", "PCToBCExchangeRate", "PromotionID",
            "TermAndBillingCycle", "BillingFrequency", "AlternateId", "Quantity"} <= set(rows[0])  # fmt: skip
    assert {row["CreditReasonCode"] for row in rows} == {""}  # a column of the file is there in every row


def test_rule_52_basic_is_a_subset(graph, invoice):
    _, full = graph.run("reconciliation/billed", invoiceId=invoice["id"])
    _, basic = graph.run("reconciliation/billed", invoiceId=invoice["id"], attributeSet="basic")
    assert set(graph.rows(basic)[0]) < set(graph.rows(full)[0])


def test_rule_52_any_number_of_blobs(graph, invoice):
    graph.market.switch(export_blob_lines=1)
    _, manifest = graph.run("reconciliation/billed", invoiceId=invoice["id"])
    assert [blob["name"] for blob in manifest["blobs"]] == ["part-00000.json.gz", "part-00001.json.gz"]
    assert len(graph.rows(manifest)) == 2


def test_rule_52_unbilled_holds_what_was_charged_when_it_was_asked_for(graph):
    location = graph.ask("reconciliation/unbilled", currencyCode="EUR", billingPeriod="current")
    graph.market.advance("PT10S")
    graph.market.buy()
    operation = graph.call("GET", location).json()
    manifest = graph.call("GET", operation["resourceLocation@odata.navigationLink"]).json()
    rows = graph.rows(manifest)
    assert len(rows) == 2 and {row["InvoiceNumber"] for row in rows} == {""}


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("reconciliation/billed", {"invoiceId": "G999999999"}),
        ("reconciliation/unbilled", {"currencyCode": "EUR", "billingPeriod": "last"}),
        ("usage/unbilled", {"currencyCode": "EUR", "billingPeriod": "current"}),
    ],
)
def test_rule_52_without_data_the_operation_fails_as_in_the_sample(graph, what, body):
    location = graph.ask(what, **body)
    graph.market.advance("PT10S")
    found = graph.call("GET", location).json()
    assert (found["status"], found["error"]) == ("failed", {"message": "No data available", "code": "5000"})


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("reconciliation/billed", {}),
        ("reconciliation/billed", {"invoiceId": "G1", "attributeSet": "all"}),
        ("reconciliation/unbilled", {"billingPeriod": "current"}),
        ("reconciliation/unbilled", {"currencyCode": "EUR", "billingPeriod": "next"}),
    ],
)
def test_rule_52_a_body_that_cannot_be_is_400_in_the_form_of_graph(graph, what, body):
    answer = graph.call("POST", f"{BILLING}/{what}/export", body)
    assert answer.status_code == 400 and set(answer.json()["error"]) == {"code", "message"}


def test_rule_52_old_links_are_410(graph, invoice):
    operation, manifest = graph.run("reconciliation/billed", invoiceId=invoice["id"])
    blob = f"{manifest['rootDirectory']}/{manifest['blobs'][0]['name']}?{manifest['sasToken']}"
    graph.market.advance("PT61M")
    for path in (f"{BILLING}/operations/{operation['id']}", f"{BILLING}/manifests/{operation['id']}"):
        assert graph.call("GET", path).status_code == 410
    assert graph.market.send({"method": "GET", "url": blob})[0].status_code == 410


def test_rule_52_daily_usage_has_the_columns_of_its_file(graph):
    market = graph.market
    plan = market.buy(sku="DZH318Z0BPS6:0001", quantity=1, termDuration=None, billingCycle="one_time")
    usage = [
        {"partner": PROVIDER, "subscription": plan["id"], "date": f"2026-03-{day}", "quantity": "10", "cost": "8.5",
         "partnerEarnedCredit": earned} for day, earned in (("11", True), ("12", False))
    ]  # fmt: skip  # two days
    assert market.control("POST", "seed", {"usage": usage}).status_code == 200
    _, unbilled = graph.run("usage/unbilled", currencyCode="EUR", billingPeriod="current")
    rows = graph.rows(unbilled)
    assert [(row["PartnerEarnedCreditPercentage"], row["UnitPrice"], row["EffectiveUnitPrice"]) for row in rows] == [
        (15, 1, Decimal("0.85")), (0, Decimal("0.85"), Decimal("0.85")),
    ]  # fmt: skip  # two days
    assert {"BillingPreTaxTotal", "PricingPreTaxTotal", "PCToBCExchangeRate", "CreditPercentage", "EntitlementId",
            "BenefitId", "BenefitOrderId", "MeterName", "UsageDate"} <= set(rows[0])  # fmt: skip  # one set
    assert rows[0]["ResellerMpnId"] == "", "blank while unbilled"
    market.control("POST", "clock", {"now": "2026-04-07T00:00:00Z"})
    invoice = market.get("/v1/invoices")["items"][0]
    _, billed = graph.run("usage/billed", invoiceId=invoice["id"])
    assert [row["InvoiceNumber"] for row in graph.rows(billed)] == [invoice["id"]] * 2


def test_rows_are_in_no_order_of_time_where_the_switch_says_so(graph):
    for _ in range(5):
        graph.market.buy()
    _, in_time = graph.run("reconciliation/unbilled", currencyCode="EUR", billingPeriod="current")
    graph.market.switch(line_order="mixed")
    _, mixed = graph.run("reconciliation/unbilled", currencyCode="EUR", billingPeriod="current")
    first, second = ([row["ReferenceID"] for row in graph.rows(one)] for one in (in_time, mixed))
    assert first != second and sorted(first) == sorted(second)


def test_legacy_invoices_stay_with_the_older_api(graph):
    market = graph.market
    offer = {"id": "195416c1-3447-423a-b37b-ee59a99a19c4", "name": "Legacy", "unitPrice": "8.30"}
    entry = {"partner": PROVIDER, "customer": "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b11", "offerId": offer["id"]}
    market.control("POST", "seed", {"offers": [offer], "legacySubscriptions": [entry]})
    market.control("POST", "clock", {"now": "2026-04-07T00:00:00Z"})
    (legacy,) = (one["id"] for one in market.get("/v1/invoices")["items"] if one["id"].startswith("D"))
    location = graph.ask("reconciliation/billed", invoiceId=legacy)
    market.advance("PT10S")
    assert graph.call("GET", location).json()["error"]["code"] == "5000"


def test_rule_52_a_telephony_part_is_two_rows_and_amounts_have_all_their_digits(graph):
    market = graph.market
    sku = {"id": "0005", "title": "Calling", "telephonyShare": "0.2"}
    price = {"productId": "CFQ7TTEF34GH", "skuId": "0005", "term": "P1Y", "billing": "monthly", "market": "DE",
             "currency": "EUR", "unitPrice": "100"}  # fmt: skip  # one row
    market.control("POST", "seed", {"catalogue": [{"productId": "CFQ7TTEF34GH", "skus": [sku]}], "prices": [price]})
    one = market.buy(sku="CFQ7TTEF34GH:0005", quantity=5)
    _, manifest = graph.run("reconciliation/unbilled", currencyCode="EUR", billingPeriod="current")
    rows = [row for row in graph.rows(manifest) if row["SubscriptionId"] == one["id"]]
    assert [(row["EffectiveUnitPrice"], row["Subtotal"]) for row in rows] == [
        (Decimal("6.6666666667"), Decimal("33.3")), (Decimal("1.6666666667"), Decimal("8.3")),
    ]  # fmt: skip  # two parts


def test_blobs_open_with_their_own_token_only(graph, invoice):
    _, one = graph.run("reconciliation/billed", invoiceId=invoice["id"])
    _, other = graph.run("reconciliation/billed", invoiceId=invoice["id"])
    name = one["blobs"][0]["name"]
    for url in (f"{one['rootDirectory']}/{name}", f"{one['rootDirectory']}/{name}?{other['sasToken']}",
                f"{one['rootDirectory']}/{name}?{one['sasToken']}0"):  # fmt: skip  # one list
        assert graph.market.send({"method": "GET", "url": url})[0].status_code == 403


def test_a_partner_center_token_does_not_open_graph(graph):
    answer = graph.market.call("POST", "/v1.0/../v1.0/reports/partners/billing/reconciliation/billed/export", {})
    assert answer.status_code in (401, 404)
    assert graph.call("GET", f"{BILLING}/operations/00000000-0000-0000-0000-000000000000").status_code == 404
