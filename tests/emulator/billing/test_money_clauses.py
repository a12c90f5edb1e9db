"""Locked prices, renewals and promotions, plans of billing, suspension and extended service, as they show on the bill.

Sources: pages create-a-new-subscription, new-commerce-promotions, common-billing-scenarios-onetime-recurring,
align-subscription-end-dates, subscription-lifecycle (2022, 2023). Unit prices: P1Y monthly 30.40, P1M 36.48.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

SUITE = "CFQ7TTAB12CD"
UNBILLED = "/v1/invoices/unbilled/lineitems?provider=onetime&invoicelineitemtype=billinglineitems&currencycode=EUR"
PROMOTION = "39NFABCD12EF:0001:39NFGHJK34LM"


def at(market, instant):
    assert market.control("POST", "clock", {"now": instant}).status_code == 200


def brief(market, period="current"):
    lines = market.get(f"{UNBILLED}&period={period}")["items"]
    return [(one["chargeType"], one["billableQuantity"], one["subtotal"]) for one in lines]


def dearer(market, amount="480.00", term="P1Y", since="2026-03-15T00:00:00Z"):
    row = {"productId": SUITE, "skuId": "0001", "term": term, "billing": "monthly", "market": "DE", "currency": "EUR",
           "unitPrice": amount, "effectiveStartDate": since}  # fmt: skip  # one row
    assert market.control("POST", "seed", {"prices": [row]}).status_code == 200


def promote(market, until):
    policy = {"policyType": "PercentDiscount", "value": "0.15"}
    wanted = {"productId": SUITE, "skuId": "0001", "term": {"duration": "P1Y", "billingCycle": "Monthly"}}
    one = {"id": PROMOTION, "name": "Demo 15", "startDate": "2026-01-01T00:00:00Z", "endDate": until,
           "properties": {"isAutoApplicable": True},
           "requiredProducts": [{**wanted, "pricingPolicies": [policy]}]}  # fmt: skip  # one document
    assert market.control("POST", "seed", {"promotions": [one]}).status_code == 200


# section 0: locked price


def test_seats_added_under_a_new_price_list_cost_the_locked_price(market):
    one = market.buy()
    dearer(market)
    at(market, "2026-04-10T12:00:00Z")
    market.patch(one, quantity=12)
    assert brief(market) == [
        ("cycleCharge", "10", "304"),
        ("addQuantity", "-10", "-304"),
        ("addQuantity", "12", "364.8"),
    ]
    assert market.buy()["id"]
    assert brief(market)[-1] == ("new", "10", "400"), "a purchase of today costs today's price"


def test_the_renewal_takes_the_price_of_its_day(market):
    market.buy()
    dearer(market, since="2027-03-01T00:00:00Z")
    at(market, "2027-02-10T00:00:00Z")
    assert brief(market) == [("cycleCharge", "10", "304")]
    at(market, "2027-03-10T01:00:00Z")
    assert brief(market) == [("renew", "10", "400")]


def test_a_longer_term_is_charged_at_the_price_of_its_day(market):
    one = market.buy(termDuration="P1M")
    dearer(market)
    at(market, "2026-03-20T09:00:00Z")
    assert market.patch(one, termDuration="P1Y", billingCycle="monthly").status_code == 200
    assert brief(market)[1:] == [("extendTerm", "-10", "-247.1"), ("extendTerm", "10", "400")]  # 36.48 / 31 x 21


def test_the_charge_type_of_a_longer_term_is_a_setting_as_no_page_names_it(market):
    market.switch(longer_term_charge_type="convert")
    one = market.buy(termDuration="P1M")
    at(market, "2026-03-20T09:00:00Z")
    market.patch(one, termDuration="P1Y", billingCycle="monthly")
    assert brief(market)[1:] == [("convert", "-10", "-247.1"), ("convert", "10", "304")]


# section 10: promotions and trials


@pytest.mark.parametrize(("until", "amount"), [("2027-06-30T23:59:59Z", "258.4"), ("2026-12-31T23:59:59Z", "304")])
def test_at_renewal_the_promotion_stays_while_it_runs(market, until, amount):
    promote(market, until)
    market.buy()
    assert brief(market) == [("new", "10", "258.4")]  # 25.84 x 10
    line = market.get(f"{UNBILLED}&period=current")["items"][0]
    assert (line["unitPrice"], line["effectiveUnitPrice"], line["promotionId"]) == ("30.4", "25.84", PROMOTION)
    assert "promotion" in line["priceAdjustmentDescription"]
    at(market, "2027-03-10T01:00:00Z")
    assert brief(market) == [("renew", "10", amount)]


def test_added_seats_share_the_promotion_of_the_purchase_even_when_it_has_ended(market):
    promote(market, "2026-03-31T23:59:59Z")
    one = market.buy()
    at(market, "2026-04-10T09:00:00Z")
    market.patch(one, quantity=11)
    assert brief(market)[1:] == [("addQuantity", "-10", "-258.4"), ("addQuantity", "11", "284.24")]


def test_a_change_of_term_loses_the_promotion(market):
    promote(market, "2027-06-30T23:59:59Z")
    one = market.buy()
    at(market, "2026-03-20T09:00:00Z")
    market.patch(one, termDuration="P3Y", billingCycle="monthly")
    assert brief(market)[2] == ("extendTerm", "10", "277.7")  # 1000 / 36


def test_the_conversion_of_a_trial_gets_no_promotion(market):
    promote(market, "2027-06-30T23:59:59Z")
    market.buy(sku=f"{SUITE}:0002", quantity=25, termDuration="P1M", billingCycle="none")
    at(market, "2026-04-15T00:00:00Z")
    assert brief(market) == [("convert", "25", "760")]


# section 3: cycles


def test_a_changed_billing_plan_waits_for_its_cycle_and_is_reckoned_in_months(open_market):
    market = open_market(now="2024-06-10T09:00:00Z")
    one = market.buy(termDuration="P3Y")
    assert market.patch(one, billingCycle="annual").status_code == 200
    assert brief(market) == [("new", "10", "277.7")]
    at(market, "2024-07-10T00:00:00Z")
    line = market.get(f"{UNBILLED}&period=current")["items"][0]
    assert (line["chargeType"], line["subtotal"]) == ("changeBillingPlan", "3055.5")  # 333.33 x 11 / 12 = 305.55
    assert (line["chargeStartDate"][:10], line["chargeEndDate"][:10]) == ("2024-07-10", "2025-06-09")
    assert line["billingFrequency"] == "Annual"
    at(market, "2025-06-10T00:00:00Z")
    assert brief(market) == [("cycleCharge", "10", "3333.3")]


def test_a_suspended_subscription_is_billed_on(market):
    one = market.buy()
    at(market, "2026-03-20T00:00:00Z")
    market.patch(one, status="suspended")
    at(market, "2026-04-10T00:00:00Z")
    assert brief(market) == [("cycleCharge", "10", "304")]
    at(market, "2027-03-12T00:00:00Z")
    assert brief(market) == [], "but it does not renew"


def test_cancelling_counts_to_the_second_and_refunds_by_the_day(market):
    one = market.buy()
    at(market, "2026-03-17T09:15:00Z")  # 168 hours after the purchase
    assert market.patch(one, status="deleted").status_code == 200
    assert brief(market)[1] == ("cancelImmediate", "-10", "-235.3")  # 30.40 / 31 x 24
    other = market.buy()
    at(market, "2026-03-24T09:15:01Z")
    assert market.patch(other, status="deleted").status_code == 400


def test_removing_seats_is_prorated_from_the_first_day_on(market):
    """The 24 hours of full refund are for cancelling only: from the second UTC day on a day is kept."""
    one = market.buy()
    at(market, "2026-03-11T08:00:00Z")
    market.patch(one, quantity=9)
    assert brief(market)[1:] == [("removeQuantity", "-10", "-294.19"), ("removeQuantity", "9", "264.77")]


def test_the_29th_of_february_is_a_day_of_its_cycle(open_market):
    market = open_market(now="2028-02-01T09:00:00Z")
    one = market.buy()
    at(market, "2028-02-29T09:00:00Z")
    market.patch(one, quantity=29)
    assert brief(market)[1:] == [("addQuantity", "-10", "-10.48"), ("addQuantity", "29", "30.4")]  # 30.40 / 29 x 1
    at(market, "2028-03-01T00:00:00Z")
    assert brief(market) == [("cycleCharge", "29", "881.6")]


def test_an_annual_cycle_through_a_leap_year_has_366_days(open_market):
    market = open_market(now="2027-06-01T09:00:00Z")
    one = market.buy(billingCycle="annual")
    at(market, "2027-06-02T09:00:00Z")
    market.patch(one, quantity=11)
    assert brief(market)[1:] == [("addQuantity", "-10", "-3490.43"), ("addQuantity", "11", "3839.48")]  # 365 of 366


def test_only_the_first_term_is_short_and_its_seats_are_prorated_in_it(market):
    one = market.buy(termDuration="P1M", customTermEndDate="2026-03-31T00:00:00Z")
    at(market, "2026-03-21T09:00:00Z")
    market.patch(one, quantity=11)
    assert brief(market)[1:] == [("addQuantity", "-10", "-129.44"), ("addQuantity", "11", "142.38")]  # 11 of 31 days
    at(market, "2026-04-01T01:00:00Z")
    assert brief(market) == [("renew", "11", "401.28")]


# section 8: extended service


def test_an_extended_month_is_charged_3_percent_above_the_monthly_row(market):
    one = market.buy()
    market.patch(one, autoRenewEnabled=False)
    at(market, "2027-03-10T00:00:00Z")
    assert brief(market) == [("renew", "10", "375.7")]  # 36.48 x 1.03 = 37.5744, truncated, x 10


def test_lines_of_the_unbilled_month_add_up_to_the_invoice_that_follows(market):
    one = market.buy()
    market.patch(one, quantity=17)
    lines = market.get(f"{UNBILLED}&period=current")["items"]
    at(market, "2026-04-07T00:00:00Z")
    invoice = market.get("/v1/invoices")["items"][0]
    assert sum(Decimal(line["totalForCustomer"]) for line in lines) == Decimal(str(invoice["totalCharges"]))
