"""Rule 38 and what it rests on: renewal, the wait for it, what was scheduled, prices and promotions of the new term.

Sources: pages create-a-new-subscription, create-scheduled-changes, align-subscription-end-dates,
new-commerce-promotions (2023).
"""

from __future__ import annotations

import pytest

SUITE = "CFQ7TTAB12CD"
PROVIDER = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
WAIT = {"P1M": "2026-04-10T00:30:00Z", "P1Y": "2027-03-10T00:30:00Z"}  # half an hour into the renewal


def code(answer):
    return answer.status_code, answer.json()["code"]


def at(market, instant):
    assert market.control("POST", "clock", {"now": instant}).status_code == 200


def month(market, **more):
    return market.buy(termDuration="P1M", **more)


def price(market, term, billing, amount, **more):
    row = {"productId": SUITE, "skuId": "0001", "term": term, "billing": billing, "market": "DE", "currency": "EUR",
           "unitPrice": amount, **more}  # fmt: skip  # one row
    assert market.control("POST", "seed", {"prices": [row]}).status_code == 200


def test_rule_38_a_term_renews_on_the_day_after_its_end_and_its_windows_open_when_that_is_done(market):
    one = month(market)
    assert one["commitmentEndDate"] == "2026-04-09T00:00:00Z"
    at(market, "2026-04-10T01:00:00Z")  # the settings say an hour; documented are up to 24
    now = market.subscription(one)
    assert (now["status"], now["commitmentEndDate"]) == ("active", "2026-05-09T00:00:00Z")
    assert now["cancellationAllowedUntilDate"] == "2026-04-17T01:00:00Z"
    assert now["refundableQuantity"]["details"] == [{"quantity": 10, "allowedUntilDateTime": "2026-04-17T01:00:00Z"}]
    assert now["autoRenewEnabled"] is True


@pytest.mark.parametrize(
    "change",
    [{"quantity": 11}, {"friendlyName": "other"}, {"autoRenewEnabled": False}, {"status": "suspended"}],
)
def test_rule_38_while_a_renewal_waits_writes_are_409(market, change):
    one = month(market)
    at(market, WAIT["P1M"])
    assert market.subscription(one)["commitmentEndDate"] == "2026-04-09T00:00:00Z"
    assert code(market.patch(one, **change)) == (409, 800082)
    at(market, "2026-04-10T01:00:00Z")
    assert market.patch(one, **change).status_code == 200


def test_rule_38_read_only_is_what_the_page_names_when_switched(market):
    market.switch(renewal_wait="documented")
    one = month(market)
    at(market, WAIT["P1M"])
    for refused in ({"autoRenewEnabled": False}, {"status": "suspended"}):
        assert code(market.patch(one, **refused)) == (409, 800082)
    assert market.patch(one, friendlyName="renamed").status_code == 200
    at(market, "2026-04-10T01:00:00Z")
    assert market.subscription(one)["friendlyName"] == "renamed"


def test_rule_38_the_wait_is_a_setting_of_at_most_a_day(market):
    market.switch(renewal_seconds=86400)
    one = month(market)
    at(market, "2026-04-10T23:59:59Z")
    assert market.subscription(one)["commitmentEndDate"] == "2026-04-09T00:00:00Z"
    at(market, "2026-04-11T00:00:00Z")
    assert market.subscription(one)["commitmentEndDate"] == "2026-05-09T00:00:00Z"
    assert market.control("POST", "settings", {"renewal_seconds": 86401}).status_code == 400


def test_rule_38_scheduled_changes_apply_at_the_renewal_and_are_gone_then(market):
    one = market.buy()
    product = {"productId": SUITE, "skuId": "0003", "availabilityId": market.item(f"{SUITE}:0003").split(":")[2],
               "billingCycle": "Annual", "termDuration": "P1Y"}  # fmt: skip  # one shape
    scheduled = {"product": product, "quantity": 8}
    assert market.patch(one, scheduledNextTermInstructions=scheduled).status_code == 200
    at(market, WAIT["P1Y"])
    assert market.subscription(one)["scheduledNextTermInstructions"]["quantity"] == 8
    at(market, "2027-03-10T01:00:00Z")
    now = market.subscription(one)
    assert (now["quantity"], now["billingCycle"], now["termDuration"]) == (8, "annual", "P1Y")
    assert now["offerId"].startswith(f"{SUITE}:0003:") and now["offerName"] == "Demo Add-on"
    assert now["commitmentEndDate"] == "2028-03-09T00:00:00Z"
    assert "scheduledNextTermInstructions" not in now


def test_rule_38_renews_to_of_the_purchase_changes_the_term_once(market):
    one = market.buy(renewsTo={"termDuration": "P1M"})
    at(market, "2027-03-10T01:00:00Z")
    now = market.subscription(one)
    assert (now["termDuration"], now["billingCycle"]) == ("P1M", "monthly")
    assert now["commitmentEndDate"] == "2027-04-09T00:00:00Z"


def test_rule_38_a_cycle_longer_than_the_term_it_renews_to_becomes_the_term(market):
    one = market.buy(termDuration="P3Y", billingCycle="triennial", renewsTo={"termDuration": "P1Y"})
    at(market, "2029-03-10T01:00:00Z")
    now = market.subscription(one)
    assert (now["termDuration"], now["billingCycle"]) == ("P1Y", "annual")


def test_only_the_first_term_of_a_coterminated_subscription_is_short(market):
    one = market.buy(customTermEndDate="2027-02-28T00:00:00Z")
    assert one["commitmentEndDate"] == "2027-02-28T00:00:00Z"
    at(market, "2027-03-01T01:00:00Z")
    now = market.subscription(one)
    assert now["commitmentEndDate"] == "2028-02-29T00:00:00Z"
    assert "customTermEndDate" not in now


def test_an_end_scheduled_for_the_next_term_holds_for_that_term_only(market):
    one = month(market)
    product = {"productId": SUITE, "skuId": "0001", "availabilityId": one["offerId"].split(":")[2],
               "billingCycle": "Monthly", "termDuration": "P1M"}  # fmt: skip  # one shape
    scheduled = {"product": product, "quantity": 10, "customTermEndDate": "2026-04-30T00:00:00Z"}
    assert market.patch(one, scheduledNextTermInstructions=scheduled).status_code == 200
    at(market, "2026-04-10T01:00:00Z")
    assert market.subscription(one)["commitmentEndDate"] == "2026-04-30T00:00:00Z"
    at(market, "2026-05-01T01:00:00Z")
    assert market.subscription(one)["commitmentEndDate"] == "2026-05-31T00:00:00Z"


@pytest.mark.parametrize(("returns", "ends"), [(False, "2026-03-27"), (True, "2026-03-30")])
def test_what_a_clipped_month_does_after_its_renewal_is_a_switch(open_market, returns, ends):
    market = open_market(now="2026-01-31T09:00:00Z")
    market.switch(clipped_month_returns=returns)
    one = month(market)
    assert one["commitmentEndDate"] == "2026-02-27T00:00:00Z"  # documented: 31 Jan ends 27 Feb, renews 28 Feb
    at(market, "2026-02-28T01:00:00Z")
    assert market.subscription(one)["commitmentEndDate"] == f"{ends}T00:00:00Z"


def test_a_leap_day_is_the_27th_a_year_later(open_market):
    market = open_market(now="2024-02-29T09:00:00Z")
    one = market.buy()
    assert one["commitmentEndDate"] == "2025-02-27T00:00:00Z"
    at(market, "2025-02-28T01:00:00Z")
    assert market.subscription(one)["commitmentEndDate"] == "2026-02-27T00:00:00Z"


# price and promotion of the new term


def charged(market, period):
    path = "/v1/invoices/unbilled/lineitems?provider=onetime&invoicelineitemtype=billinglineitems&currencycode=EUR"
    return market.get(f"{path}&period={period}")["items"]


def test_locked_price_a_running_term_keeps_it_and_the_renewal_takes_the_row_in_force(market):
    one = month(market)
    price(market, "P1M", "monthly", "40.00", effectiveStartDate="2026-04-01T00:00:00Z")
    at(market, "2026-04-05T09:00:00Z")
    assert market.patch(one, quantity=11).status_code == 200
    added = charged(market, "current")
    assert {line["unitPrice"] for line in added} == {"36.48"}
    at(market, "2026-04-10T01:00:00Z")
    renewed = [line for line in charged(market, "current") if line["chargeType"] == "renew"]
    assert [(line["unitPrice"], line["subtotal"]) for line in renewed] == [("40", "440")]


def test_a_price_row_that_ended_is_not_in_force(market):
    price(market, "P1M", "monthly", "30.00", effectiveStartDate="2026-03-01T00:00:00Z",
          effectiveEndDate="2026-03-31T23:59:59Z")  # fmt: skip  # one row
    one = month(market)
    assert charged(market, "current")[0]["unitPrice"] == "30"
    at(market, "2026-04-10T01:00:00Z")
    renewed = [line for line in charged(market, "current") if line["subscriptionId"] == one["id"]]
    assert renewed[0]["unitPrice"] == "36.48"


@pytest.mark.parametrize(("ends", "effective"), [("2026-04-30T00:00:00Z", "32.832"), ("2026-04-09T00:00:00Z", "36.48")])
def test_a_promotion_holds_at_the_renewal_only_while_it_runs(market, ends, effective):
    promotion = {
        "id": "39NFJQT1X27N:0002:39NFJQT1Q5KL", "startDate": "2026-03-01T00:00:00Z", "endDate": ends,
        "properties": {"isAutoApplicable": True},
        "requiredProducts": [
            {"productId": SUITE, "skuId": "0001", "term": {"duration": "P1M", "billingCycle": "Monthly"},
             "pricingPolicies": [{"policyType": "PercentDiscount", "value": 0.1}]},
        ],
    }  # fmt: skip  # one promotion
    assert market.control("POST", "seed", {"promotions": [promotion]}).status_code == 200
    one = month(market)
    assert charged(market, "current")[0]["effectiveUnitPrice"] == "32.832"
    at(market, "2026-04-10T01:00:00Z")
    assert charged(market, "current")[0]["effectiveUnitPrice"] == effective
    assert ("promotionId" in market.subscription(one)) == (effective == "32.832")


@pytest.mark.parametrize(("named", "effective"), [(True, "32.832"), (False, "36.48")])
def test_a_scheduled_next_term_has_the_promotion_it_names_and_no_other(market, named, effective):
    promotion = {
        "id": "39NFJQT1X27N:0002:39NFJQT1Q5KL", "startDate": "2026-03-01T00:00:00Z", "endDate": "2026-12-31T00:00:00Z",
        "properties": {"isAutoApplicable": True},
        "requiredProducts": [
            {"productId": SUITE, "skuId": "0001", "term": {"duration": "P1M", "billingCycle": "Monthly"},
             "pricingPolicies": [{"policyType": "PercentDiscount", "value": 0.1}]},
        ],
    }  # fmt: skip  # one promotion
    assert market.control("POST", "seed", {"promotions": [promotion]}).status_code == 200
    one = month(market)
    product = {"productId": SUITE, "skuId": "0001", "availabilityId": one["offerId"].split(":")[2],
               "billingCycle": "Monthly", "termDuration": "P1M"}  # fmt: skip  # one shape
    product |= {"promotionId": promotion["id"]} if named else {}
    scheduled = {"product": product, "quantity": 10}
    assert market.patch(one, scheduledNextTermInstructions=scheduled).status_code == 200
    at(market, "2026-04-10T01:00:00Z")
    assert charged(market, "current")[0]["effectiveUnitPrice"] == effective
    assert ("promotionId" in market.subscription(one)) == named


def test_rule_44_trials_become_the_paid_product_for_a_year_billed_monthly_without_a_promotion(market):
    one = market.buy(sku=f"{SUITE}:0002", quantity=25, termDuration="P1M", billingCycle="none")
    assert one["isTrial"] is True
    at(market, "2026-04-09T01:00:00Z")
    now = market.subscription(one)
    assert (now["isTrial"], now["termDuration"], now["billingCycle"], now["quantity"]) == (False, "P1Y", "monthly", 25)
    assert now["offerId"].startswith(f"{SUITE}:0001:") and now["commitmentEndDate"] == "2027-04-08T00:00:00Z"
    assert now["id"] == one["id"] and "promotionId" not in now
    lines = charged(market, "current")
    assert [(line["chargeType"], line["subtotal"]) for line in lines] == [("convert", "760")]  # 364.80 / 12 x 25


def test_trial_converts_to_what_was_scheduled(market):
    one = market.buy(sku=f"{SUITE}:0002", quantity=25, termDuration="P1M", billingCycle="none")
    target = one["scheduledNextTermInstructions"]
    target["product"] = {**target["product"], "billingCycle": "annual"}
    assert market.patch(one, scheduledNextTermInstructions={**target, "quantity": 3}).status_code == 200
    at(market, "2026-04-10T01:00:00Z")
    now = market.subscription(one)
    assert (now["quantity"], now["billingCycle"], now["isTrial"]) == (3, "annual", False)


# the clock


def test_real_time_an_answer_is_of_its_moment_even_when_nobody_moved_the_clock_by_hand(market):
    from cspctl.emulator.clock import parse_instant

    one = month(market)
    market._transport.app.state.world.clock.set(parse_instant("2026-04-10T02:00:00Z"))
    assert market.subscription(one)["commitmentEndDate"] == "2026-05-09T00:00:00Z"


def test_the_same_happens_in_one_step_and_in_many(open_market):
    def run(steps):
        market = open_market()
        one, other = month(market), market.buy(quantity=3)
        market.patch(other, autoRenewEnabled=False)
        for step in steps:
            at(market, step)
        lines = [entry["body"] for entry in market.store.dump()["documents"]["charge"]]
        return market.subscription(one), market.subscription(other), lines

    days = [f"2026-{number:02d}-{day:02d}T06:00:00Z" for number in range(4, 9) for day in (1, 8, 11, 22)]
    assert run(days) == run(days[-1:])


def test_an_accepted_patch_lands_before_the_renewal_it_was_made_for(open_market):
    market = open_market(patch_mode="accepted", patch_delay_seconds=86400)
    one = month(market)
    at(market, "2026-04-09T20:00:00Z")
    assert market.patch(one, autoRenewEnabled=False).status_code == 202
    at(market, "2026-04-10T00:00:00Z")
    assert market.subscription(one)["status"] == "expired"
