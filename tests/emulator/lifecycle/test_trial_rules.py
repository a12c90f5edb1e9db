"""Trials: 25 seats, 30 days, locked; how they become paid, and when left alone.

Source: page create-a-new-subscription (2023); rules 39 and 44.
"""

from __future__ import annotations

import pytest

SUITE = "CFQ7TTAB12CD"
TRIAL = f"{SUITE}:0002"
PATH = "/v1/invoices/unbilled/lineitems?provider=onetime&invoicelineitemtype=billinglineitems&currencycode=EUR"


def code(answer):
    return answer.status_code, answer.json()["code"]


def at(market, instant):
    assert market.control("POST", "clock", {"now": instant}).status_code == 200


def line(market, **more):
    return market.line(catalogItemId=market.item(TRIAL), **{"quantity": 25, "termDuration": "P1M",
                                                            "billingCycle": "none", **more})  # fmt: skip  # one line


def trial(market):
    return market.buy(**line(market))


def move(market, source, quantity, **more):
    body = {"toCatalogItemId": market.item(), "quantity": quantity, "transitionType": "transition_only", **more}
    return market.call("POST", f"/subscriptions/{source['id']}/transitions", body)


def lines(market, one):
    items = market.get(f"{PATH}&period=current")["items"]
    return [(item["chargeType"], item["subtotal"]) for item in items if item["subscriptionId"] == one["id"]]


def test_a_trial_has_25_seats_and_runs_30_days(market):
    one = trial(market)
    assert (one["quantity"], one["isTrial"], one["autoRenewEnabled"], one["actions"]) == (25, True, True, ["edit"])
    assert one["commitmentEndDate"] == "2026-04-08T00:00:00Z"  # 10 March is the first of 30 days
    at(market, "2026-04-08T23:59:59Z")
    assert market.subscription(one)["isTrial"] is True
    at(market, "2026-04-09T01:00:00Z")
    assert market.subscription(one)["isTrial"] is False


def test_the_length_of_a_trial_is_a_setting(market):
    market.switch(trial_days=7)
    assert trial(market)["commitmentEndDate"] == "2026-03-16T00:00:00Z"


def test_a_trial_has_no_other_number_of_seats(market):
    assert code(market.cart(line(market, quantity=24))) == (400, 2002)
    answer = market.cart(line(market, quantity=26)).json()
    assert answer["lineItems"][0]["error"]["errorCode"] == 10015


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"quantity": 24}, 800095),
        ({"quantity": 26}, 800095),
        ({"status": "suspended"}, 800096),
        ({"status": "deleted"}, 800096),
        ({"termDuration": "P1Y", "billingCycle": "monthly"}, 800107),
    ],
)
def test_rule_39_a_trial_is_locked(market, change, expected):
    one = trial(market)
    assert code(market.patch(one, **change)) == (400, expected)
    assert market.subscription(one) == one


def test_a_trial_cannot_be_given_an_end_date(market):
    assert code(market.cart(line(market, customTermEndDate="2026-03-31T00:00:00Z"))) == (400, 900242)


@pytest.mark.parametrize(("fixed", "after"), [(False, False), (True, True)])
def test_whether_auto_renew_of_a_trial_is_locked_too_is_a_setting(market, fixed, after):
    market.switch(trial_auto_renew_fixed=fixed)
    assert market.patch(trial(market), autoRenewEnabled=False).json()["autoRenewEnabled"] is after


def test_rule_44_a_trial_left_alone_becomes_a_paid_year_billed_monthly(market):
    one = trial(market)
    assert lines(market, one) == [("new", "0")]
    at(market, "2026-04-09T01:00:00Z")
    now = market.subscription(one)
    assert (now["termDuration"], now["billingCycle"], now["quantity"]) == ("P1Y", "monthly", 25)
    assert (now["commitmentEndDate"], now["billingCycleEndDate"]) == ("2027-04-08T00:00:00Z", "2026-05-08T00:00:00Z")
    assert now["cancellationAllowedUntilDate"] == "2026-04-16T01:00:00Z"
    assert lines(market, one) == [("convert", "760")]


@pytest.mark.parametrize("quantity", [1, 24, 25, 300])
def test_rule_44_a_scheduled_conversion_takes_any_number_of_seats(market, quantity):
    one = trial(market)
    target = {**one["scheduledNextTermInstructions"], "quantity": quantity}
    assert market.patch(one, scheduledNextTermInstructions=target).status_code == 200
    at(market, "2026-04-09T01:00:00Z")
    assert market.subscription(one)["quantity"] == quantity


@pytest.mark.parametrize(("quantity", "expected"), [(24, 400), (25, 200), (26, 200), (300, 200), (301, 400)])
def test_rule_44_a_conversion_now_takes_at_least_25(market, quantity, expected):
    one = trial(market)
    answer = move(market, one, quantity)
    assert answer.status_code == expected
    if expected == 400:
        assert answer.json()["code"] == 2002
        assert market.subscription(one) == one
        return
    now = market.subscription(one)
    assert (now["quantity"], now["isTrial"], now["termDuration"]) == (quantity, False, "P1Y")
    assert now["commitmentEndDate"] == "2027-03-09T00:00:00Z"
    assert lines(market, one)[-1] == ("convert", f"{quantity * 30.4:.2f}".rstrip("0").rstrip("."))


@pytest.mark.parametrize(
    ("term", "billing", "end"), [("P1M", "monthly", "2026-04-09"), ("P3Y", "annual", "2029-03-09")]
)
def test_rule_44_a_conversion_now_may_name_any_term(market, term, billing, end):
    one = trial(market)
    assert move(market, one, 25, termDuration=term, billingCycle=billing).status_code == 200
    now = market.subscription(one)
    assert (now["termDuration"], now["commitmentEndDate"]) == (term, f"{end}T00:00:00Z")


def test_rule_44_the_25_seats_may_go_into_a_paid_subscription_that_ends_no_earlier(market):
    paid, short = market.buy(quantity=3), market.buy(quantity=2, termDuration="P1M")
    at(market, "2026-03-18T00:00:00Z")
    one = trial(market)
    assert code(move(market, one, 25, toSubscriptionId=short["id"])) == (400, 900236)
    assert code(move(market, one, 24, toSubscriptionId=paid["id"])) == (400, 2002)
    assert code(move(market, one, 26, toSubscriptionId=paid["id"])) == (400, 2002)
    assert move(market, one, 25, toSubscriptionId=paid["id"]).json()["toSubscriptionId"] == paid["id"]
    now = market.subscription(paid)
    assert (now["quantity"], now["commitmentEndDate"]) == (28, paid["commitmentEndDate"])
    assert market.subscription(one)["status"] == "deleted"


PROMOTION = {
    "id": "39NFJQT1X27N:0002:39NFJQT1Q5KL", "startDate": "2026-03-01T00:00:00Z", "endDate": "2026-12-31T00:00:00Z",
    "properties": {"isAutoApplicable": True},
    "requiredProducts": [
        {"productId": SUITE, "skuId": "0001", "term": {"duration": "P1Y", "billingCycle": "Monthly"},
         "pricingPolicies": [{"policyType": "PercentDiscount", "value": 0.1}]}],
}  # fmt: skip  # one promotion


@pytest.mark.parametrize("way", ["now", "scheduled", "left alone"])
def test_rule_44_no_conversion_has_a_promotion(market, way):
    assert market.control("POST", "seed", {"promotions": [PROMOTION]}).status_code == 200
    assert "promotionId" in market.buy()  # anybody else gets it
    one = trial(market)
    if way == "now":
        assert move(market, one, 25, promotionId=PROMOTION["id"]).status_code == 200
    elif way == "scheduled":
        wanted = one["scheduledNextTermInstructions"]
        wanted = {**wanted, "product": {**wanted["product"], "promotionId": PROMOTION["id"]}}
        assert market.patch(one, scheduledNextTermInstructions=wanted).status_code == 200
    at(market, "2026-04-09T01:00:00Z")
    assert "promotionId" not in market.subscription(one)
    kept = [entry["body"] for entry in market.store.dump()["documents"]["charge"]]
    (converted,) = [each for each in kept if each["subscription"] == one["id"] and each["type"] == "convert"]
    assert converted["subtotal"] == "760.00"  # 364.80 / 12 x 25, undiscounted
