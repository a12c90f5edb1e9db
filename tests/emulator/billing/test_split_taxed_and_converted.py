"""Lines in two parts (telephony), tax per market, usage priced in dollars, partner earned credit, qualifiers.

Sources: pages common-billing-scenarios-onetime-recurring, tax-and-fees-voice-services, modern-invoice-reconciliation-
file, partner-earned-credit-explanation, get-invoiceline-items (2022, 2023).
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import pytest

SUITE, DESK, AZURE = "CFQ7TTAB12CD", "CFQ7TTEF34GH", "DZH318Z0BPS6"
PROVIDER = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
UNBILLED = "/v1/invoices/unbilled/lineitems?provider=onetime&currencycode=EUR"
CALLING = {
    "catalogue": [{"productId": DESK, "title": "Demo Desk", "skus": [
        {"id": "0005", "title": "Demo Desk E5", "telephonyShare": "0.2"}]}],
    "prices": [{"productId": DESK, "skuId": "0005", "term": "P1M", "billing": "monthly", "market": "DE",
                "currency": "EUR", "unitPrice": "36.48"}],
}  # fmt: skip  # a table of a world reads better packed


def at(market, instant):
    assert market.control("POST", "clock", {"now": instant}).status_code == 200


def charged(market, period="current", kind="billinglineitems"):
    return market.get(f"{UNBILLED}&invoicelineitemtype={kind}&period={period}")["items"]


@pytest.fixture
def calling(market):
    assert market.control("POST", "seed", CALLING).status_code == 200
    return market


def buy(market):
    return market.buy(sku=f"{DESK}:0005", termDuration="P1M")


def test_a_product_with_a_telephony_part_is_charged_in_two_lines(calling):
    one = buy(calling)
    lines = charged(calling)
    assert [(line["unitPrice"], line["quantity"], line["subtotal"]) for line in lines] == [
        ("29.184", "10", "291.8"), ("7.296", "10", "72.9"),  # 29.18 and 7.29 by the unit
    ]  # fmt: skip  # one table
    assert (
        len({(line["referenceId"], line["skuId"], line["chargeType"], line["subscriptionId"]) for line in lines}) == 1
    )
    assert lines[0]["subscriptionId"] == one["id"]


def test_every_change_of_it_is_two_lines_each_and_a_full_refund_leaves_nothing(calling):
    one = buy(calling)
    calling.patch(one, quantity=12)
    assert [line["billableQuantity"] for line in charged(calling)] == ["10", "10", "-10", "-10", "12", "12"]
    calling.patch(one, status="deleted")
    lines = charged(calling)
    assert len(lines) == 12
    assert sum(Decimal(line["subtotal"]) for line in lines) == 0


def test_telephony_is_taxed_apart_and_markets_have_their_own_rate(calling):
    calling.switch(market_tax_percent="DE=19", telephony_tax_percent=6)
    buy(calling)
    assert [line["taxTotal"] for line in charged(calling)] == ["55.44", "18.23"]  # 19 % of 291.80, 25 % of 72.90
    assert calling.control("POST", "settings", {"market_tax_percent": "Germany"}).status_code == 400


def test_tax_of_a_full_refund_is_what_was_charged_even_when_the_rate_has_changed(calling):
    calling.switch(tax_percent=19)
    one = buy(calling)
    calling.switch(tax_percent=16)
    calling.patch(one, status="deleted")
    assert sum(Decimal(line["totalForCustomer"]) for line in charged(calling)) == 0


@pytest.mark.parametrize("share", ["0", "1", "x", "-0.1"])
def test_a_share_that_cannot_be_is_refused(market, share):
    skus = [{"id": "0005", "telephonyShare": share}]
    seed = {"catalogue": [{"productId": DESK, "skus": skus}]}
    assert market.control("POST", "seed", seed).status_code == 400


def test_a_line_names_product_sku_and_what_kind_of_thing_it_is(market):
    market.buy(sku=f"{DESK}:0001")
    assert charged(market) == []  # no price
    rows = [{"productId": SUITE, "skuId": "0003", "term": "P1Y", "billing": "monthly", "market": "DE",
             "currency": "EUR", "unitPrice": "120"}]  # fmt: skip  # one row
    market.control("POST", "seed", {"prices": rows})
    market.buy(sku=f"{SUITE}:0003")
    line = charged(market)[0]
    assert (line["productName"], line["skuName"], line["productQualifiers"]) == (
        "Demo Suite",
        "Demo Add-on",
        ["AddOn"],
    )
    assert line["publisherName"] == "Microsoft Corporation"


# a full refund takes back exactly what was charged, whatever happened in between


def test_cancelled_within_24_hours_after_a_longer_term_everything_comes_back(market):
    one = market.buy(termDuration="P1M")
    at(market, "2026-03-11T06:00:00Z")
    market.patch(one, quantity=12)
    assert market.patch(one, termDuration="P1Y", billingCycle="annual").status_code == 200
    market.patch(one, quantity=13)
    at(market, "2026-03-11T09:00:00Z")
    assert market.patch(one, status="deleted").status_code == 200
    lines = charged(market)
    assert sum(Decimal(line["subtotal"]) for line in lines) == 0
    back = [line for line in lines if line["chargeType"] == "cancelImmediate"]
    assert len(back) * 2 == len(lines)


def test_a_credit_given_in_between_stays(market):
    one = market.buy()
    credit = {"partner": PROVIDER, "subscription": one["id"], "amount": "12.50", "reason": "Goodwill"}
    market.control("POST", "seed", {"credits": [credit]})
    market.patch(one, status="deleted")
    assert sum(Decimal(line["subtotal"]) for line in charged(market)) == Decimal("-12.5")


# Azure


def plan_with(market, *records, rate="1.08"):
    plan = market.buy(sku=f"{AZURE}:0001", quantity=1, termDuration=None, billingCycle="one_time")
    usage = [{"partner": PROVIDER, "subscription": plan["id"], "cost": "9", **one} for one in records]
    rates = [{"currency": "EUR", "usdPerUnit": rate, "month": "202603"}] if rate else []
    assert market.control("POST", "seed", {"usage": usage, "fxRates": rates}).status_code == 200
    return plan


def test_usage_priced_in_dollars_is_converted_at_the_rate_of_the_month(market):
    plan_with(market, {"date": "2026-03-11", "quantity": "2.5", "usd": "1.239"},
              {"date": "2026-03-12", "quantity": "2.5", "usd": "1.239"})  # fmt: skip  # two days
    day = charged(market, kind="usagelineitems")[0]
    assert (day["pricingCurrency"], day["billingCurrency"], day["pcToBCExchangeRate"]) == ("USD", "EUR", 0.9259259259)
    assert (day["pricingPreTaxTotal"], day["effectiveUnitPrice"]) == (1.239, 0.4956)
    at(market, "2026-04-07T00:00:00Z")
    invoice = market.get("/v1/invoices")["items"][0]
    path = f"/v1/invoices/{invoice['id']}/lineitems?provider=onetime&invoicelineitemtype=billinglineitems"
    (line,) = market.get(path)["items"]
    assert (line["pricingCurrency"], line["currency"], line["pcToBCExchangeRate"]) == ("USD", "EUR", "0.9259259259")
    assert line["pcToBCExchangeRateDate"] == "2026-03-01T00:00:00"
    assert (line["effectiveUnitPrice"], line["billableQuantity"]) == ("0.4956", "5")
    assert line["subtotal"] == "2.28"  # 2.478 → 2.47 dollars → 2.287 euros
    assert line["meterDescription"].startswith("Virtual Machines - Compute Hours")
    assert invoice["totalCharges"] == 2.28


def test_without_a_rate_usage_is_charged_in_billing_currency(market):
    plan_with(market, {"date": "2026-03-11", "quantity": "2", "usd": "1", "cost": "0.926"}, rate=None)
    (day,) = charged(market, kind="usagelineitems")
    assert (day["pricingCurrency"], day["pcToBCExchangeRate"], day["billingPreTaxTotal"]) == ("EUR", 1, 0.926)


def test_partner_earned_credit_is_decided_per_day_and_said_on_the_line(market):
    plan_with(market, {"date": "2026-03-11", "quantity": "10", "cost": "8.50", "partnerEarnedCredit": True},
              {"date": "2026-03-12", "quantity": "10", "cost": "10"})  # fmt: skip  # two days
    days = charged(market, kind="usagelineitems")
    assert [(one["unitPrice"], one["effectiveUnitPrice"], one["rateOfPartnerEarnedCredit"]) for one in days] == [
        (1, 0.85, 0.15),
        (1, 1, 0),
    ]
    for wanted, dates in (("true", ["2026-03-11T00:00:00Z"]), ("false", ["2026-03-12T00:00:00Z"])):
        path = f"{UNBILLED}&invoicelineitemtype=usagelineitems&period=current&hasPartnerEarnedCredit={wanted}"
        assert [one["usageDate"] for one in market.get(path)["items"]] == dates
    at(market, "2026-04-02T00:00:00Z")
    at(market, "2026-04-07T00:00:00Z")
    invoice = market.get("/v1/invoices")["items"][0]
    path = f"/v1/invoices/{invoice['id']}/lineitems?provider=onetime&invoicelineitemtype=billinglineitems"
    found = defaultdict(list)
    for line in market.get(path)["items"]:
        found[line["priceAdjustmentDescription"]].append(line["subtotal"])
    assert found == {'["15.0% Partner earned credit for services managed"]': ["8.5"], "": ["10"]}


def test_usage_that_becomes_known_too_late_comes_on_the_next_invoice_with_its_own_dates(market):
    plan = plan_with(market, {"date": "2026-03-11", "quantity": "2", "cost": "1.50"})
    at(market, "2026-04-07T00:00:00Z")
    late = {"partner": PROVIDER, "subscription": plan["id"], "date": "2026-03-30", "quantity": "2", "cost": "0.75"}
    market.control("POST", "seed", {"usage": [late, {**late, "date": "2026-04-02", "cost": "0.50"}]})
    at(market, "2026-05-07T00:00:00Z")
    first, second = market.get("/v1/invoices")["items"]
    assert (first["totalCharges"], second["totalCharges"]) == (1.5, 1.25)
    path = "lineitems?provider=onetime&invoicelineitemtype={}&currencycode=EUR"
    lines = market.get(f"/v1/invoices/{second['id']}/{path.format('billinglineitems')}")["items"]
    assert [(one["chargeStartDate"][:10], one["chargeEndDate"][:10], one["subtotal"]) for one in lines] == [
        ("2026-03-01", "2026-03-31", "0.75"), ("2026-04-01", "2026-04-30", "0.5"),
    ]  # fmt: skip  # two months
    for invoice, dates in ((first, ["2026-03-11"]), (second, ["2026-03-30", "2026-04-02"])):
        days = market.get(f"/v1/invoices/{invoice['id']}/{path.format('usagelineitems')}")["items"]
        assert [one["usageDate"][:10] for one in days] == dates
    at(market, "2026-06-07T00:00:00Z")
    assert len(market.get("/v1/invoices")["items"]) == 2
