"""Rules 34 to 36: 168 hours to the second after purchase, increase and renewal; hours for marketplace goods.

Sources: pages create-a-new-subscription, new-commerce-cancellation-policy,
cancel-an-order-from-the-integration-sandbox (2023).
"""

from __future__ import annotations

import pytest

GOODS = [
    {"productId": "DZH318Z0SAAS", "title": "Market thing", "productType": "SaaS", "skus": [
        {"id": "0001", "title": "Market thing", "terms": [{"duration": "P1M", "billingCycle": "monthly"},
                                                          {"duration": "P1Y", "billingCycle": "annual"}]}]},
    {"productId": "DG7GMGF0DWT0", "title": "Demo Tools", "productType": "Software", "skus": [
        {"id": "0001", "title": "Three years", "terms": [{"duration": "P3Y", "billingCycle": "one_time"}]},
        {"id": "0002", "title": "For ever", "terms": [{"billingCycle": "one_time"}]}]},
]  # fmt: skip  # a table of goods
PRICES = [
    {"productId": "DZH318Z0SAAS", "skuId": "0001", "term": "P1M", "billing": "monthly", "market": "DE",
     "currency": "EUR", "segment": "commercial", "unitPrice": "10.00"},
]  # fmt: skip  # one row
PATH = "/v1/invoices/unbilled/lineitems?provider=onetime&invoicelineitemtype=billinglineitems&currencycode=EUR"


def code(answer):
    return answer.status_code, answer.json()["code"]


def at(market, instant):
    assert market.control("POST", "clock", {"now": instant}).status_code == 200


def thing(market, item, **more):
    assert market.control("POST", "seed", {"catalogue": GOODS, "prices": PRICES}).status_code == 200
    return market.buy(catalogItemId=market.item(item), **more)


def cancels_until(market, one, last, late):
    """The cancellation is granted at the last second and refused one second later; the world is left cancelled."""
    at(market, last)
    assert market.subscription(one)["cancellationAllowedUntilDate"] == last
    kept = market.store.get("subscription", market.partner, one["id"])
    market.advance("PT1S")
    assert "cancellationAllowedUntilDate" not in market.subscription(one)
    assert code(market.patch(one, status="deleted")) == late
    assert market.store.get("subscription", market.partner, one["id"]) == kept


@pytest.mark.parametrize(("second", "granted"), [("2026-03-17T09:15:00Z", True), ("2026-03-17T09:15:01Z", False)])
def test_rule_35_a_licence_is_cancelled_for_168_hours_after_its_purchase(market, second, granted):
    one = market.buy()
    at(market, second)
    answer = market.patch(one, status="deleted")
    assert (answer.status_code == 200) == granted
    assert granted or code(answer) == (400, 900117)
    assert granted or "7-day" in answer.json()["description"]


def test_rule_35_a_renewal_opens_168_hours_more_from_its_completion(market):
    market.switch(renewal_seconds=7200)
    one = market.buy(termDuration="P1M")
    at(market, "2026-04-10T02:00:00Z")
    cancels_until(market, one, "2026-04-17T02:00:00Z", (400, 900117))


def test_rule_36_every_increase_has_168_hours_of_its_own(market):
    one = market.buy(quantity=10)
    at(market, "2026-03-12T00:00:00Z")
    assert market.patch(one, quantity=13).status_code == 200
    at(market, "2026-03-16T00:00:00Z")
    assert market.patch(one, quantity=18).status_code == 200
    shown = market.subscription(one)["refundableQuantity"]
    assert shown == {
        "totalQuantity": 18,
        "details": [
            {"quantity": 10, "allowedUntilDateTime": "2026-03-17T09:15:00Z"},
            {"quantity": 3, "allowedUntilDateTime": "2026-03-19T00:00:00Z"},
            {"quantity": 5, "allowedUntilDateTime": "2026-03-23T00:00:00Z"},
        ],
    }
    left = []
    for instant in ("2026-03-17T09:15:01Z", "2026-03-19T00:00:00Z", "2026-03-19T00:00:01Z", "2026-03-23T00:00:00Z"):
        at(market, instant)
        left.append(market.subscription(one)["refundableQuantity"]["totalQuantity"])
    assert left == [8, 8, 5, 5]
    assert code(market.patch(one, quantity=12)) == (400, 800090)
    assert market.patch(one, quantity=13).status_code == 200
    at(market, "2026-03-23T00:00:01Z")
    assert "refundableQuantity" not in market.subscription(one)


def test_rule_36_an_increase_is_charged_from_its_day_and_leaves_the_term_alone(market):
    one = market.buy(quantity=10)
    at(market, "2026-03-20T15:00:00Z")
    after = market.patch(one, quantity=12).json()
    for name in ("commitmentEndDate", "billingCycleEndDate", "effectiveStartDate", "termDuration", "autoRenewEnabled"):
        assert after[name] == one[name], name
    lines = [line for line in market.get(f"{PATH}&period=current")["items"] if line["chargeType"] == "addQuantity"]
    days = {(line["chargeStartDate"], line["chargeEndDate"]) for line in lines}
    assert days == {("2026-03-20T00:00:00Z", "2026-04-09T00:00:00Z")}
    assert [line["subtotal"] for line in lines] == ["-205.93", "247.12"]  # 364.80 / 12 / 31 x 21 x 10, and x 12
    assert len({line["referenceId"] for line in lines}) == 1


def test_rule_36_a_suspended_subscription_takes_no_increase_and_a_reactivated_one_does(market):
    one = market.buy()
    assert market.patch(one, status="suspended").status_code == 200
    assert code(market.patch(one, quantity=11)) == (400, 800091)
    assert code(market.patch(one, quantity=11, status="active")) == (400, 800091)
    assert market.subscription(one)["status"] == "suspended"
    assert market.patch(one, status="active").status_code == 200
    assert market.patch(one, quantity=11).status_code == 200


def test_rule_33_a_legacy_subscription_answers_2001(market):
    offer, id = "031c9e47-4802-4248-838e-778fb1d2cc05", "aa3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2c01"
    old = {"partner": market.partner, "customer": "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b11", "offerId": offer,
           "quantity": 5, "billing": "monthly", "startedAt": "2026-01-15T00:00:00Z", "id": id}  # fmt: skip  # one entry
    seed = {"offers": [{"id": offer, "name": "Old Suite"}], "legacySubscriptions": [old]}
    assert market.control("POST", "seed", seed).status_code == 200
    one = market.get(f"/subscriptions/{id}")
    assert market.patch(one, status="suspended").status_code == 200
    for quantity in (4, 6):
        assert code(market.patch(one, quantity=quantity)) == (400, 2001)
    assert market.patch(one, status="active").status_code == 200
    assert market.patch(one, quantity=1).status_code == 200  # seats go at any time


@pytest.mark.parametrize("code_of_pages", [800091, 2001])
def test_rule_33_a_refused_quantity_changes_nothing_else(market, code_of_pages):
    market.switch(suspended_update_code=code_of_pages)
    one = market.buy()
    assert market.patch(one, status="suspended").status_code == 200
    before = market.subscription(one)
    for change in ({"quantity": 1}, {"quantity": 300}, {"quantity": 11, "friendlyName": "x"}):
        assert code(market.patch(one, **change)) == (400, code_of_pages)
    assert market.subscription(one) == before


# marketplace and software


def test_rule_35_a_monthly_marketplace_subscription_has_24_hours(market):
    one = thing(market, "DZH318Z0SAAS:0001", quantity=3, termDuration="P1M")
    assert one["refundOptions"] == [{"type": "Full", "expiresAt": "2026-03-11T09:15:00Z"}]
    cancels_until(market, one, "2026-03-11T09:15:00Z", (400, 900213))
    assert "24-hour" in market.patch(one, status="deleted").json()["description"]


def test_rule_35_a_yearly_marketplace_subscription_has_14_days(market):
    one = thing(market, "DZH318Z0SAAS:0001", quantity=3, termDuration="P1Y", billingCycle="annual")
    cancels_until(market, one, "2026-03-24T09:15:00Z", (400, 900213))
    assert "336-hour" in market.patch(one, status="deleted").json()["description"]


def test_rule_35_a_marketplace_cancellation_in_time_gives_everything_back(market):
    one = thing(market, "DZH318Z0SAAS:0001", quantity=3, termDuration="P1M")
    at(market, "2026-03-11T09:14:59Z")
    assert market.patch(one, status="deleted").json()["status"] == "deleted"
    assert [line["subtotal"] for line in market.get(f"{PATH}&period=current")["items"]] == ["30", "-30"]


def test_rule_35_the_hours_are_settings_and_a_late_cancellation_may_wait_for_the_renewal(market):
    market.switch(marketplace_monthly_hours=72, marketplace_late_cancel="at_renewal")
    one = thing(market, "DZH318Z0SAAS:0001", quantity=3, termDuration="P1M")
    assert one["cancellationAllowedUntilDate"] == "2026-03-13T09:15:00Z"
    at(market, "2026-03-14T00:00:00Z")
    after = market.patch(one, status="deleted").json()
    assert (after["status"], after["autoRenewEnabled"]) == ("active", False)
    at(market, "2026-04-10T00:00:00Z")
    assert market.subscription(one)["status"] == "expired"


@pytest.mark.parametrize(("switch", "expected"), [(800090, 800090), (900257, 900214)])
def test_rule_35_a_late_decrease_of_marketplace_seats_counts_hours(market, switch, expected):
    market.switch(late_decrease_code=switch)
    one = thing(market, "DZH318Z0SAAS:0001", quantity=3, termDuration="P1M")
    market.advance("PT24H1S")
    assert code(market.patch(one, quantity=2)) == (400, expected)


def test_rule_35_a_software_subscription_has_7_days_and_gives_back_no_single_seats(market):
    one = thing(market, "DG7GMGF0DWT0:0001", quantity=3, termDuration="P3Y", billingCycle="one_time")
    assert "refundableQuantity" not in one
    assert code(market.patch(one, quantity=2)) == (400, 800090)
    assert market.patch(one, quantity=4).status_code == 200
    assert "refundableQuantity" not in market.subscription(one)
    cancels_until(market, one, "2026-03-17T09:15:00Z", (400, 900117))


def test_rule_35_perpetual_software_is_not_cancelled_through_its_subscription(market):
    one = thing(market, "DG7GMGF0DWT0:0002", quantity=3, termDuration=None, billingCycle="one_time")
    assert one["actions"] == ["edit"]
    assert code(market.patch(one, status="deleted")) == (400, 900117)


def test_rule_41_the_1200th_update_is_the_last(market):
    one = market.buy()
    kept = market.store.get("subscription", market.partner, one["id"])
    market.store.put("subscription", market.partner, one["id"], {**kept, "_updates": 1199})
    assert market.subscription(one)["actions"] == ["edit", "cancel"]
    assert market.patch(one, friendlyName="the 1200th").status_code == 200
    assert code(market.patch(one, friendlyName="one more")) == (400, 900311)
    assert code(market.patch(one, status="deleted")) == (400, 900311)
    assert market.subscription(one)["friendlyName"] == "the 1200th"
