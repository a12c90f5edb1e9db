"""Inside and around extended service: what it takes, what it refuses, who gets it, and its months.

Source: vendor's announcement of March 2026, by distributors. The roll itself, its prices and its dates are in
test_ending_rules.
"""

from __future__ import annotations

import pytest

SUITE = "CFQ7TTAB12CD"
PATH = "/v1/invoices/unbilled/lineitems?provider=onetime&invoicelineitemtype=billinglineitems&currencycode=EUR"


def code(answer):
    return answer.status_code, answer.json()["code"]


def at(market, instant):
    assert market.control("POST", "clock", {"now": instant}).status_code == 200


def done(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()


def month(market):
    """Bought on 20 April 2026 for a month: its last day is 19 May."""
    at(market, "2026-04-20T08:00:00Z")
    return market.buy(termDuration="P1M")


def extended(market):
    one = month(market)
    done(market.patch(one, autoRenewEnabled=False))
    at(market, "2026-05-21T00:00:00Z")
    assert market.subscription(one)["status"] == "active"
    return one


def lines(market, one):
    items = market.get(f"{PATH}&period=current")["items"]
    return [(item["chargeType"], item["subtotal"]) for item in items if item["subscriptionId"] == one["id"]]


def schedule(one):
    product, sku, availability = one["offerId"].split(":")
    target = {"productId": product, "skuId": sku, "availabilityId": availability, "billingCycle": "monthly"}
    return {"product": {**target, "termDuration": "P1Y"}, "quantity": 8}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"quantity": 11}, 900280),
        ({"quantity": 9}, 900280),
        ({"status": "suspended"}, 900280),
        ({"scheduledNextTermInstructions": "next"}, 800002),
    ],
)
def test_extended_service_is_cancelled_or_converted_and_nothing_else(market, change, expected):
    one = extended(market)
    change = {name: schedule(one) if value == "next" else value for name, value in change.items()}
    before = market.subscription(one)
    assert code(market.patch(one, **change)) == (400, expected)
    assert market.subscription(one) == before


def test_extended_service_converts_at_its_end_to_what_was_scheduled_with_auto_renew(market):
    one = extended(market)
    done(market.patch(one, autoRenewEnabled=True, scheduledNextTermInstructions=schedule(one)))
    at(market, "2026-06-20T01:00:00Z")
    now = market.subscription(one)
    assert (now["termDuration"], now["quantity"], now["commitmentEndDate"]) == ("P1Y", 8, "2027-06-19T00:00:00Z")
    assert now["cancellationAllowedUntilDate"] == "2026-06-27T01:00:00Z"


def test_extended_service_converts_now_with_the_rest_of_its_month_back(market):
    one = extended(market)
    done(market.patch(one, termDuration="P1Y", billingCycle="annual"))
    now = market.subscription(one)
    assert (now["commitmentEndDate"], now["cancellationAllowedUntilDate"]) == (
        "2027-05-20T00:00:00Z",
        "2026-05-28T00:00:00Z",
    )
    back, charged = lines(market, one)[-2:]
    assert back == ("extendTerm", "-363.6")  # 37.5744 / 31 x 30 = 36.36..., truncated, x 10
    assert charged == ("extendTerm", "3500")


def test_extended_service_ends_with_a_cancellation_in_any_month(market):
    one = extended(market)
    at(market, "2026-08-01T00:00:00Z")
    assert market.subscription(one)["cancellationAllowedUntilDate"] == "2026-08-19T23:59:59Z"
    done(market.patch(one, status="deleted"))
    at(market, "2027-01-01T00:00:00Z")
    assert market.subscription(one)["status"] == "deleted"


def test_extended_service_is_not_for_who_chose_the_end(market):
    one = month(market)
    answer = market.control("POST", "actions", {"action": "cancel-at-term-end", "subscription": one["id"]})
    assert answer.json() == {"subscriptionId": one["id"], "commitmentEndDate": "2026-05-19T00:00:00Z"}
    assert market.subscription(one)["autoRenewEnabled"] is False
    at(market, "2026-05-20T00:00:00Z")
    assert market.subscription(one)["status"] == "expired"


def test_the_end_cannot_be_chosen_while_the_next_term_begins(market):
    one = month(market)
    at(market, "2026-05-20T00:30:00Z")
    answer = market.control("POST", "actions", {"action": "cancel-at-term-end", "subscription": one["id"]})
    assert answer.status_code == 400 and "renewed" in answer.json()["description"]
    at(market, "2026-05-20T01:00:00Z")
    assert market.subscription(one)["autoRenewEnabled"] is True


def test_auto_renew_takes_the_chosen_end_back(market):
    one = month(market)
    market.control("POST", "actions", {"action": "cancel-at-term-end", "subscription": one["id"]})
    done(market.patch(one, autoRenewEnabled=True))
    done(market.patch(one, autoRenewEnabled=False))
    at(market, "2026-05-20T00:00:00Z")
    assert market.subscription(one)["status"] == "active"


def test_extended_service_is_not_for_the_suspended(market):
    one = month(market)
    done(market.patch(one, status="suspended"))
    at(market, "2026-05-20T00:00:00Z")
    assert market.subscription(one)["status"] == "disabled"


@pytest.mark.parametrize(
    ("bought", "status"),
    [("2025-05-03T08:00:00Z", "expired"), ("2025-05-04T08:00:00Z", "expired"), ("2025-05-05T08:00:00Z", "active")],
)
def test_extended_service_begins_with_terms_that_end_on_4_may_2026(open_market, bought, status):
    """A year from 5 May 2025 has 4 May 2026 as its last day, one from the day before ends too early."""
    market = open_market(now=bought)
    one = market.buy()
    done(market.patch(one, autoRenewEnabled=False))
    at(market, "2026-05-05T01:00:00Z")
    assert market.subscription(one)["status"] == status


def test_extended_service_is_for_terms_begun_since_april_2025(open_market):
    market = open_market(now="2025-03-31T08:00:00Z")
    old = market.buy(termDuration="P3Y")
    done(market.patch(old, autoRenewEnabled=False))
    at(market, "2025-04-01T08:00:00Z")
    later = market.buy(termDuration="P3Y")
    done(market.patch(later, autoRenewEnabled=False))
    at(market, "2028-04-02T00:00:00Z")
    assert [market.subscription(one)["status"] for one in (old, later)] == ["expired", "active"]


def test_without_the_switch_auto_renew_off_is_the_end_of_it(market):
    market.switch(extended_service_term=False)
    one = month(market)
    done(market.patch(one, autoRenewEnabled=False))
    at(market, "2026-05-20T00:00:00Z")
    assert market.subscription(one)["status"] == "expired"
    at(market, "2026-06-19T00:00:00Z")
    assert market.subscription(one)["status"] == "disabled"
    at(market, "2026-09-17T00:00:00Z")
    assert market.subscription(one)["status"] == "deleted"
