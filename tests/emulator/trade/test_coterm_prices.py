"""What a first term with a custom end costs in cart and order (pages align-subscription-end-dates, create-a-cart)."""

from __future__ import annotations

import pytest

SUITE, END = "CFQ7TTAB12CD", "2027-02-28T00:00:00Z"  # bought on 10 March 2026, aligned with the last month end


def pricing(market, **line):
    made = market.cart(market.line(**line)).json()["lineItems"][0]
    assert "error" not in made
    return made["pricing"]


def test_the_first_monthly_cycle_bills_its_days_of_the_month_and_the_others_are_calendar_months(market):
    """10 to 31 March, 22 of its 31 days, then 11 cycles of 30.40."""
    found = pricing(market, quantity=10, customTermEndDate=END)
    assert found == {
        "listPrice": 30.4,
        "discountedPrice": 30.4,
        "proratedPrice": 21.57,
        "price": 21.57,
        "extendedPrice": 3559.74,  # 10 x (30.4 x 22 / 31 + 11 x 30.4)
    }


def test_by_switch_cycles_count_from_the_purchase_and_the_last_one_bills_its_days(market):
    """11 cycles of 30.40, then 10 to 28 February: 19 of the 28 days of the month in which the cycle starts."""
    market.switch(coterm_cycles="start")
    found = pricing(market, quantity=10, customTermEndDate=END)
    assert found == {
        "listPrice": 30.4,
        "discountedPrice": 30.4,
        "proratedPrice": 30.4,
        "price": 30.4,
        "extendedPrice": 3550.29,  # 10 x (11 x 30.4 + 30.4 x 19 / 28)
    }


def test_an_up_front_term_bills_the_days_of_the_term(market):
    """10 March 2026 to 28 February 2027 are 356 of the 365 days of the full term."""
    found = pricing(market, quantity=10, billingCycle="annual", customTermEndDate=END)
    assert (found["listPrice"], found["discountedPrice"]) == (350.0, 350.0)
    assert (found["proratedPrice"], found["price"]) == (341.37, 341.37)
    assert found["extendedPrice"] == 3413.7


def test_a_monthly_term_up_to_the_month_end(market):
    """10 to 31 March: 22 of 31 days of 36.48."""
    found = pricing(market, quantity=1, termDuration="P1M", customTermEndDate="2026-03-31T00:00:00Z")
    assert (found["listPrice"], found["price"], found["extendedPrice"]) == (36.48, 25.89, 25.89)


def test_a_promotion_is_taken_off_before_the_days_are_counted(market):
    promotion = {
        "id": "39NFABCD12EF:0001:39NFGHJK34LM",
        "startDate": "2026-01-01T00:00:00+00:00",
        "endDate": "2026-06-30T23:59:59+00:00",
        "properties": {"isAutoApplicable": True},
        "requiredProducts": [
            {
                "productId": SUITE,
                "skuId": "0001",
                "term": {"duration": "P1Y", "billingCycle": "Annual"},
                "pricingPolicies": [{"policyType": "PercentDiscount", "value": "0.15"}],
            }
        ],
    }
    assert market.control("POST", "seed", {"promotions": [promotion]}).status_code == 200
    found = pricing(market, quantity=1, billingCycle="annual", customTermEndDate=END)
    assert (found["listPrice"], found["discountedPrice"], found["proratedPrice"]) == (350.0, 297.5, 290.16)


def test_a_term_of_full_length_is_not_prorated(market):
    found = pricing(market, quantity=10, billingCycle="annual")
    assert (found["discountedPrice"], found["proratedPrice"], found["extendedPrice"]) == (350.0, 350.0, 3500.0)


@pytest.mark.parametrize("billing", ["monthly", "annual"])
def test_the_order_repeats_the_prices_of_the_cart_and_adds_them_up(market, billing):
    lines = [market.line(quantity=n, billingCycle=billing, customTermEndDate=END) for n in (10, 1)]
    cart = market.cart(*lines).json()
    (order,) = market.checkout(cart["id"]).json()["orders"]
    assert [line["pricing"] for line in order["lineItems"]] == [line["pricing"] for line in cart["lineItems"]]
    assert order["totalPrice"] == round(sum(line["pricing"]["extendedPrice"] for line in order["lineItems"]), 2)
    assert {line["customTermEndDate"] for line in order["lineItems"]} == {END}


def test_what_is_billed_is_what_the_cart_said(market):
    """The first, short cycle included: 10 units, each cycle truncated to the cent per unit."""
    bought = market.buy(quantity=10, billingCycle="monthly", customTermEndDate=END, autoRenewEnabled=False)
    market.advance("P360D")
    lines = [one for one in market.store.list("charge", market.partner) if one["id"].startswith(bought["id"])]
    billed = [float(one["subtotal"]) for one in lines][:12]
    assert billed[0] == 215.7, "30.4 x 22 / 31 = 21.57 a unit"
    assert billed[1:] == [304.0] * 11
    assert abs(sum(billed) - 3559.74) < 0.10
