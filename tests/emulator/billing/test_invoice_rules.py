"""Rule 52: invoices, their line items, balances, statements, estimate links.

Sources: pages get-a-collection-of-invoices, get-invoice-by-id, get-invoiceline-items, get-invoice-summaries,
get-invoice-estimate-links, get-invoice-statement, billing-basics (2022, 2023).
"""

from __future__ import annotations

from decimal import Decimal

import pytest

SUITE = "CFQ7TTAB12CD"
PROVIDER = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
UNBILLED = "/v1/invoices/unbilled/lineitems?provider=onetime&invoicelineitemtype=billinglineitems&currencycode=EUR"


def at(market, instant):
    assert market.control("POST", "clock", {"now": instant}).status_code == 200


@pytest.fixture
def billed(market):
    """A market whose purchases of March are invoiced; answers (market, invoice)."""
    market.buy()
    market.buy(quantity=3, termDuration="P1M")
    at(market, "2026-04-07T00:00:00Z")
    return market, market.get("/v1/invoices")["items"][0]


def same_properties(found, documented, *left_out):
    """Every documented property is there with a value of the same JSON type."""
    for name, value in documented.items():
        if name in left_out or value is None:
            continue
        assert name in found, name
        assert isinstance(found[name], type(value)) or {type(found[name]), type(value)} <= {int, float}, name


def test_rule_52_a_calendar_month_is_invoiced_between_the_6th_and_8th_of_the_next(market):
    market.buy()
    at(market, "2026-04-06T23:59:59Z")
    assert market.get("/v1/invoices")["items"] == []
    at(market, "2026-04-07T00:00:00Z")
    found = market.get("/v1/invoices")["items"]
    assert [(one["id"][0], one["totalCharges"], one["invoiceDate"]) for one in found] == [
        ("G", 304.0, "2026-04-07T00:00:00Z")
    ]
    at(market, "2026-05-07T00:00:00Z")
    assert len(market.get("/v1/invoices")["items"]) == 2


@pytest.mark.parametrize("day", [6, 7, 8])
def test_rule_52_which_day_is_a_setting(market, day):
    market.switch(invoice_day=day)
    market.buy()
    at(market, "2026-04-09T00:00:00Z")
    assert market.get("/v1/invoices")["items"][0]["invoiceDate"] == f"2026-04-0{day}T00:00:00Z"
    assert market.control("POST", "settings", {"invoice_day": 9}).status_code == 400


def test_rule_52_an_invoice_by_id_has_the_properties_of_the_sample(billed, sample):
    market, brief = billed
    found = market.get(f"/v1/invoices/{brief['id']}")
    same_properties(found, sample("get-invoice-by-id", 0), "taxReceipts")
    assert found["billingPeriodStartDate"] == "2026-03-01T00:00:00Z"
    assert found["billingPeriodEndDate"] == "2026-03-31T23:59:59Z"
    assert found["links"]["self"]["uri"] == f"/invoices/OneTime-{found['id']}"
    assert found["invoiceDetails"][0]["links"]["self"]["uri"].endswith("/lineitems/OneTime/BillingLineItems")
    assert (found["documentType"], found["invoiceType"]) == ("invoice", "OneTime")


def test_rule_52_the_list_has_the_properties_of_the_sample_and_pages(billed, sample):
    market, brief = billed
    same_properties(brief, sample("get-a-collection-of-invoices", 0)["items"][1], "taxReceipts", "amendments")
    assert "billingPeriodStartDate" not in brief
    at(market, "2026-06-07T00:00:00Z")
    page = market.get("/v1/invoices?size=2&offset=0")
    assert page["totalCount"] == 2 and page["links"]["next"]["uri"] == "/invoices?size=2&offset=2"
    last = market.get("/v1/invoices?size=2&offset=2")
    assert last["totalCount"] == 1 and "next" not in last["links"]
    wanted = '{"Field":"InvoiceDate","Value":"2026-05-01","Operator":"greater_than"}'
    assert market.get(f"/v1/invoices?filter={wanted}")["totalCount"] == 2


def test_rule_52_unknown_is_404_and_the_type_prefix_is_accepted(billed):
    market, brief = billed
    assert market.get(f"/v1/invoices/OneTime-{brief['id']}")["id"] == brief["id"]
    for path in ("G999999999", "G999999999/lineitems?provider=onetime&invoicelineitemtype=billinglineitems",
                 "G999999999/documents/statement"):  # fmt: skip  # one list
        assert market.call("GET", f"/v1/invoices/{path}").status_code == 404


def test_rule_52_invoices_of_another_partner_are_not_there(open_market, billed):
    market, brief = billed
    market.partner = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a20"
    assert market.get("/v1/invoices")["items"] == []
    assert market.call("GET", f"/v1/invoices/{brief['id']}").status_code == 404


def test_rule_52_line_items_have_the_properties_of_the_sample_and_amounts_are_strings(billed, sample):
    market, brief = billed
    found = market.get(f"/v1/invoices/{brief['id']}/lineitems?provider=OneTime&invoicelineitemtype=BillingLineItems")
    for line, documented in zip(found["items"], sample("get-invoiceline-items", 3)["items"], strict=False):
        same_properties(line, documented, "attributes/objectType")
        assert line["attributes"]["objectType"] == "OneTimeInvoiceLineItem"
    assert {line["invoiceNumber"] for line in found["items"]} == {brief["id"]}
    assert sum(Decimal(line["totalForCustomer"]) for line in found["items"]) == Decimal(str(brief["totalCharges"]))
    path = brief["invoiceDetails"][0]["links"]["self"]["uri"]
    assert market.get(f"/v1{path}")["items"] == found["items"]


def test_rule_52_line_items_page_by_seek_operation(billed):
    market, brief = billed
    path = f"/v1/invoices/{brief['id']}/lineitems?provider=onetime&invoicelineitemtype=billinglineitems&size=1"
    first = market.get(path)
    following = first["links"]["next"]
    assert first["totalCount"] == 1 and "seekOperation=Next" in following["uri"]
    header = following["headers"][0]
    assert header["key"] == "MS-ContinuationToken" and header["value"] == first["continuationToken"]
    second = market.get(f"/v1{following['uri']}", MS_ContinuationToken=header["value"])
    assert second["items"] != first["items"] and "next" not in second["links"]
    other = path.replace("size=1", "size=2&seekOperation=Next")
    assert market.call("GET", other, MS_ContinuationToken=header["value"]).status_code == 400
    assert market.call("GET", path.replace("size=1", "size=2001")).status_code == 400
    assert market.call("GET", f"{path}&seekOperation=Next").status_code == 400


@pytest.mark.parametrize("query", ["provider=onetime", "provider=nobody&invoicelineitemtype=billinglineitems", ""])
def test_rule_52_provider_and_type_must_be_known(billed, query):
    market, brief = billed
    assert market.call("GET", f"/v1/invoices/{brief['id']}/lineitems?{query}").status_code == 400


def test_unbilled_is_current_then_previous_then_invoiced(market):
    market.buy()
    assert len(market.get(f"{UNBILLED}&period=current")["items"]) == 1
    at(market, "2026-04-02T00:00:00Z")
    assert market.get(f"{UNBILLED}&period=current")["items"] == []
    waiting = market.get(f"{UNBILLED}&period=previous")["items"]
    assert [line["invoiceNumber"] for line in waiting] == [""]
    at(market, "2026-04-07T00:00:00Z")
    assert market.get(f"{UNBILLED}&period=previous")["items"] == []
    for wrong in ("&period=next", ""):
        assert market.call("GET", UNBILLED + wrong).status_code == 400
    assert market.call("GET", UNBILLED.replace("&currencycode=EUR", "") + "&period=current").status_code == 400


def test_estimate_links_are_answered_like_the_sample_and_lead_somewhere(market, sample):
    found = market.get("/v1/invoices/estimates/links?currencycode=usd")
    assert found["items"] == sample("get-invoice-estimate-links", 0)["items"]
    for one in found["items"]:
        assert market.get(f"/v1{one['link']['uri']}")["items"] == []


def test_balances_count_what_is_open_and_the_last_payment(billed, sample):
    market, brief = billed
    found = market.get("/v1/invoices/summaries")
    same_properties(found["items"][0], sample("get-invoice-summaries", 0)["items"][2])
    same_properties(
        found["items"][0]["details"][0]["summary"],
        sample("get-invoice-summaries", 0)["items"][2]["details"][0]["summary"],
    )
    assert market.get("/v1/invoices/summary")["balanceAmount"] == brief["totalCharges"]
    at(market, "2026-06-06T00:00:00Z")  # net 60 days after 7 April
    after = market.get("/v1/invoices/summary")
    assert after["lastPaymentAmount"] == brief["totalCharges"]
    assert after["lastPaymentDate"] == "2026-06-06T00:00:00Z"
    assert market.get(f"/v1/invoices/{brief['id']}")["paidAmount"] == brief["totalCharges"]


def test_a_month_of_refunds_is_a_credit_note(market):
    one = market.buy(billingCycle="annual")
    at(market, "2026-03-31T09:00:00Z")
    again = market.buy(billingCycle="annual", quantity=500 // 5)
    at(market, "2026-04-02T09:00:00Z")
    assert market.patch(again, status="deleted").status_code == 200
    at(market, "2026-05-07T00:00:00Z")
    found = market.get("/v1/invoices")["items"][1]
    assert found["documentType"] == "credit_note" and found["totalCharges"] < 0
    assert one["status"] == "active"


def test_rule_52_the_statement_is_a_pdf_and_its_link_expires(billed):
    market, brief = billed
    answer = market.call("GET", f"/v1/invoices/{brief['id']}/documents/statement")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f"attachment; filename=Invoice_{brief['id']}.pdf"
    assert answer.content.startswith(b"%PDF-1.4") and answer.content.rstrip().endswith(b"%%EOF")
    place = int(answer.content.split(b"startxref\n")[1].split(b"\n")[0])
    assert answer.content[place:].startswith(b"xref\n0 6\n")
    link = market.get(f"/v1/invoices/{brief['id']}")["pdfDownloadLink"]
    assert market.call("GET", f"/v1{link}").status_code == 200
    market.advance("PT31M")
    assert market.call("GET", f"/v1{link}").status_code == 404


def test_what_is_issued_does_not_change(billed):
    market, brief = billed
    path = f"/v1/invoices/{brief['id']}/lineitems/onetime/billinglineitems"
    before = market.get(path)["items"]
    for one in market.get("/subscriptions")["items"]:
        market.patch(one, friendlyName="renamed")
    at(market, "2026-09-01T00:00:00Z")
    assert market.get(path)["items"] == before
    assert market.get(f"/v1/invoices/{brief['id']}")["totalCharges"] == brief["totalCharges"]


# seeded: what this emulator does not compute


@pytest.fixture
def legacy(market, sample):
    lines = [
        {"provider": provider, "type": kind, "item": item}
        for index, (provider, kind) in enumerate(
            [("office", "billinglineitems"), ("azure", "billinglineitems"), ("azure", "usagelineitems")]
        )
        for item in sample("get-invoiceline-items", index)["items"]
    ]
    invoice = {**sample("get-a-collection-of-invoices", 0)["items"][0], "partner": PROVIDER, "lines": lines}
    for name in ("links", "attributes", "pdfDownloadLink", "invoiceDetails"):
        invoice.pop(name)
    assert market.control("POST", "seed", {"invoices": [invoice]}).status_code == 200
    return market, invoice


def test_seeded_legacy_invoices_have_their_own_providers_and_page_by_offset(legacy, sample):
    market, invoice = legacy
    for index, (provider, kind) in enumerate(
        [("Office", "BillingLineItems"), ("azure", "billinglineitems"), ("AZURE", "UsageLineItems")]
    ):
        path = f"/v1/invoices/Recurring-{invoice['id']}/lineitems?provider={provider}&invoicelineitemtype={kind}"
        first = market.get(f"{path}&size=1&offset=0")
        wanted = sample("get-invoiceline-items", index)["items"]
        assert first["items"][0]["attributes"] == wanted[0]["attributes"]
        second = market.get(f"/v1{first['links']['next']['uri']}")
        assert second["items"][0]["chargeStartDate"] == wanted[1]["chargeStartDate"]


def test_seeded_tax_receipts_are_pdfs(legacy):
    market, invoice = legacy
    found = market.get(f"/v1/invoices/{invoice['id']}")
    link = found["taxReceipts"][0]["taxReceiptPdfDownloadLink"]
    answer = market.call("GET", f"/v1{link}")
    assert answer.headers["content-disposition"] == "attachment; filename=E-Tax-123456.pdf"
    assert answer.content.startswith(b"%PDF")
    assert market.call("GET", f"/v1/invoices/{invoice['id']}/receipts/1/documents/statement").status_code == 404
    assert found["paidAmount"] == 1000


def test_azure_usage_is_one_charge_per_plan_and_its_days_are_lines_of_numbers(market, sample):
    plan = market.buy(sku="DZH318Z0BPS6:0001", quantity=1, termDuration=None, billingCycle="one_time")
    usage = [
        {"partner": PROVIDER, "subscription": plan["id"], "date": f"2026-03-{day}", "quantity": "2.5", "cost": "1.239"}
        for day in (11, 12)
    ]
    assert market.control("POST", "seed", {"usage": usage}).status_code == 200
    path = "provider=onetime&invoicelineitemtype=usagelineitems&currencycode=EUR"
    unbilled = market.get(f"/v1/invoices/unbilled/lineitems?{path}&period=current")
    same_properties(unbilled["items"][0], sample("get-invoice-unbilled-consumption-lineitems", 0)["items"][0])
    at(market, "2026-04-07T00:00:00Z")
    invoice = market.get("/v1/invoices")["items"][0]
    assert invoice["totalCharges"] == 2.47  # 2.478 of one meter, truncated
    billed = market.get(f"/v1/invoices/{invoice['id']}/lineitems?{path}")
    assert [(one["usageDate"], one["billingPreTaxTotal"]) for one in billed["items"]] == [
        ("2026-03-11T00:00:00Z", 1.239), ("2026-03-12T00:00:00Z", 1.239),
    ]  # fmt: skip  # two days
