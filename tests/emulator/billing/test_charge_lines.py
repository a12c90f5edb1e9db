"""Which lines an event leaves, over the API. Unit prices of the market: P1Y monthly 30.40, P1M 36.48, P1Y annual 350.

Sources: pages common-billing-scenarios-onetime-recurring, recon-file-charge-types, new-commerce-cancellation-policy.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

SUITE, DESK = "CFQ7TTAB12CD", "CFQ7TTEF34GH"
PROVIDER = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
CUSTOMER = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b11"


def at(market, instant):
    assert market.control("POST", "clock", {"now": instant}).status_code == 200


def charged(market, period="current"):
    path = "/v1/invoices/unbilled/lineitems?provider=onetime&invoicelineitemtype=billinglineitems&currencycode=EUR"
    return market.get(f"{path}&period={period}")["items"]


def brief(lines):
    return [(one["chargeType"], one["billableQuantity"], one["subtotal"]) for one in lines]


def total(lines):
    return sum(Decimal(one["subtotal"]) for one in lines)


def test_a_purchase_is_charged_for_its_first_cycle(market):
    one = market.buy()
    line = charged(market)[0]
    assert brief([line]) == [("new", "10", "304")]
    assert (line["unitPrice"], line["effectiveUnitPrice"], line["quantity"]) == ("30.4", "30.4", "10")
    assert (line["chargeStartDate"], line["chargeEndDate"]) == ("2026-03-10T00:00:00Z", "2026-04-09T00:00:00Z")
    assert (line["subscriptionStartDate"], line["subscriptionEndDate"]) == (
        "2026-03-10T00:00:00Z",
        "2027-03-09T00:00:00Z",
    )
    assert line["subscriptionId"] == one["id"] and line["orderId"] == one["orderId"]
    assert line["termAndBillingCycle"] == "One-Year commitment for monthly billing"
    assert line["billingFrequency"] == "Monthly"


def test_a_price_that_is_not_known_is_not_billed(market):
    market.buy(sku=f"{DESK}:0001")
    assert charged(market) == []


def test_more_seats_refund_the_old_and_charge_the_new_quantity_under_one_reference(market):
    one = market.buy()
    at(market, "2026-03-12T18:00:00Z")
    assert market.patch(one, quantity=12).status_code == 200
    lines = charged(market)[1:]
    assert brief(lines) == [("addQuantity", "-10", "-284.38"), ("addQuantity", "12", "341.26")]  # 30.40 / 31 x 29
    assert lines[0]["referenceId"] == lines[1]["referenceId"] != charged(market)[0]["referenceId"]
    assert {line["chargeStartDate"] for line in lines} == {"2026-03-12T00:00:00Z"}
    assert {line["chargeEndDate"] for line in lines} == {"2026-04-09T00:00:00Z"}


def test_fewer_seats_likewise(market):
    one = market.buy()
    at(market, "2026-03-12T18:00:00Z")
    assert market.patch(one, quantity=8).status_code == 200
    assert brief(charged(market)[1:]) == [("removeQuantity", "-10", "-284.38"), ("removeQuantity", "8", "227.5")]


def test_seats_added_on_the_day_of_purchase_cost_whole_cycles(market):
    one = market.buy()
    market.patch(one, quantity=11)
    assert brief(charged(market)) == [
        ("new", "10", "304"),
        ("addQuantity", "-10", "-304"),
        ("addQuantity", "11", "334.4"),
    ]


def test_annual_up_front_is_prorated_by_the_days_of_the_year(market):
    one = market.buy(billingCycle="annual")
    at(market, "2026-03-20T00:00:00Z")
    market.patch(one, quantity=11)
    assert brief(charged(market)) == [
        ("new", "10", "3500"), ("addQuantity", "-10", "-3404.1"), ("addQuantity", "11", "3744.52"),  # 355 of 365 days
    ]  # fmt: skip  # one table


def test_rule_35_cancelled_within_24_hours_everything_comes_back(market):
    one = market.buy()
    at(market, "2026-03-11T08:00:00Z")
    market.patch(one, quantity=12)
    at(market, "2026-03-11T09:00:00Z")
    assert market.patch(one, status="deleted").status_code == 200
    lines = charged(market)
    assert {line["chargeType"] for line in lines[3:]} == {"cancelImmediate"}
    assert total(lines) == 0


def test_rule_35_cancelled_later_the_rest_of_the_cycle_comes_back(market):
    one = market.buy()
    at(market, "2026-03-12T10:00:00Z")
    market.patch(one, status="deleted")
    assert brief(charged(market)) == [("new", "10", "304"), ("cancelImmediate", "-10", "-284.3")]  # 28.43 x 10
    at(market, "2026-04-12T00:00:00Z")
    assert charged(market) == []


def test_the_24_hours_are_a_switch_as_the_policy_page_prorates_from_the_start(market):
    market.switch(full_refund_hours=0)
    one = market.buy()
    at(market, "2026-03-11T08:00:00Z")
    market.patch(one, status="deleted")
    assert brief(charged(market))[1:] == [("cancelImmediate", "-10", "-294.1")]  # 30.40 / 31 x 30 = 29.41


def test_a_longer_term_refunds_the_rest_on_the_old_price_and_charges_the_new(market):
    one = market.buy(termDuration="P1M")
    at(market, "2026-03-12T18:00:00Z")
    assert market.patch(one, termDuration="P1Y", billingCycle="annual").status_code == 200
    assert brief(charged(market)) == [
        ("new", "10", "364.8"), ("extendTerm", "-10", "-341.2"), ("extendTerm", "10", "3500"),  # 36.48 / 31 x 29
    ]  # fmt: skip  # one table


def test_every_following_cycle_and_the_renewal_are_charged(market):
    market.buy()
    for instant in ("2026-04-10T00:00:00Z", "2026-05-10T00:00:00Z"):
        at(market, instant)
        assert brief(charged(market)) == [("cycleCharge", "10", "304")]
    at(market, "2027-03-10T01:00:00Z")
    line = charged(market)[0]
    assert brief([line]) == [("renew", "10", "304")]
    assert (line["chargeStartDate"], line["subscriptionEndDate"]) == ("2027-03-10T00:00:00Z", "2028-03-09T00:00:00Z")


def test_trials_are_lines_of_nothing(market, sample):
    market.buy(sku=f"{SUITE}:0002", quantity=25, termDuration="P1M", billingCycle="none")
    line, documented = charged(market)[0], sample("get-invoiceline-items", 3)["items"][0]
    for name in ("chargeType", "unitPrice", "effectiveUnitPrice", "quantity", "subtotal", "taxTotal",
                 "totalForCustomer", "billableQuantity", "billingFrequency", "termAndBillingCycle"):  # fmt: skip
        assert line[name] == documented[name], name
    assert line["productQualifiers"] == ["Trial"]


def test_credits_are_lines_of_their_own(market):
    one = market.buy()
    credit = {"partner": PROVIDER, "subscription": one["id"], "amount": "12.50", "reason": "Goodwill"}
    assert market.control("POST", "seed", {"credits": [credit]}).status_code == 200
    line = charged(market)[1]
    assert brief([line]) == [("customerCredit", "1", "-12.5")] and line["creditReasonCode"] == "Goodwill"
    for wrong in ({"amount": "-1"}, {"amount": "1.005"}, {"amount": "x"}, {"subscription": "nobody"}):
        assert market.control("POST", "seed", {"credits": [{**credit, **wrong}]}).status_code == 400


@pytest.mark.parametrize(("percent", "tax", "whole"), [(0, "0", "304"), (19, "57.76", "361.76")])
def test_tax_is_a_setting_and_its_own_amount(market, percent, tax, whole):
    market.switch(tax_percent=percent)
    market.buy()
    line = charged(market)[0]
    assert (line["subtotal"], line["taxTotal"], line["totalForCustomer"]) == ("304", tax, whole)


TOOLS = {
    "catalogue": [{"productId": "DG7GMGF0DWT0", "title": "Demo Tools", "productType": "Software", "skus": [
        {"id": "0001", "title": "A year", "terms": [{"duration": "P1Y", "billingCycle": "one_time"}]}]}],
    "prices": [{"productId": "DG7GMGF0DWT0", "skuId": "0001", "term": "P1Y", "billing": "one_time", "market": "DE",
                "currency": "EUR", "unitPrice": "700"}],
}  # fmt: skip  # a table of a world reads better packed


def test_software_paid_once_for_a_year_is_charged_and_refunded_by_the_days_of_that_year(market):
    assert market.control("POST", "seed", TOOLS).status_code == 200
    one = market.buy(sku="DG7GMGF0DWT0:0001", quantity=2, termDuration="P1Y", billingCycle="one_time")
    at(market, "2026-03-12T09:15:00Z")
    assert market.patch(one, quantity=3).status_code == 200
    at(market, "2026-03-13T09:15:00Z")
    assert market.patch(one, status="deleted").status_code == 200
    assert brief(charged(market)) == [
        ("new", "2", "1400"),
        ("addQuantity", "-2", "-1392.32"), ("addQuantity", "3", "2088.49"),  # 700 / 365 x 363
        ("cancelImmediate", "-3", "-2082.72"),  # 700 / 365 x 362 = 694.246, truncated, x 3
    ]  # fmt: skip  # one table


def test_seeded_history_is_not_charged_again_but_this_month_is(market):
    def entry(name, started):
        return {"partner": PROVIDER, "customer": CUSTOMER, "productId": SUITE, "skuId": "0001", "term": "P1Y",
                "billing": "monthly", "quantity": 2, "friendlyName": name, "startedAt": started}  # fmt: skip

    seed = {"subscriptions": [entry("old", "2024-05-20T10:00:00Z"), entry("fresh", "2026-03-02T10:00:00Z")]}
    assert market.control("POST", "seed", seed).status_code == 200
    assert brief(charged(market)) == [("new", "2", "60.8")]
    at(market, "2026-03-20T00:00:00Z")
    assert brief(charged(market)) == [("new", "2", "60.8"), ("cycleCharge", "2", "60.8")]
