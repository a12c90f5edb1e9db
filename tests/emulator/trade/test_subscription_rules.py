"""Rules 31 to 37, 39 to 41, 44 and 45: what a PATCH of a subscription may do, and when."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from cspctl.emulator.settings import DEFAULTS

CUSTOMER = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b11"
SUITE, DESK, AZURE = "CFQ7TTAB12CD", "CFQ7TTEF34GH", "DZH318Z0BPS6"


def code(answer):
    return answer.status_code, answer.json()["code"]


def done(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()


def next_term(market, sku=f"{SUITE}:0001", **more):
    product, code_, availability = market.item(sku).split(":")
    target = {"productId": product, "skuId": code_, "availabilityId": availability}
    end = {"customTermEndDate": more.pop("end")} if "end" in more else {}
    quantity = more.pop("quantity", 8)
    return {
        "product": {**target, "billingCycle": "monthly", "termDuration": "P1Y", **more},
        "quantity": quantity,
        **end,
    }


def test_subscription_has_every_property_of_the_sample(market, sample):
    documented = sample("get-a-subscription-by-id", 2)
    body = market.buy()
    assert set(documented) <= set(body)
    for part in ("productType", "links", "attributes", "refundableQuantity"):
        assert set(body[part]) == set(documented[part])
    assert set(body["refundableQuantity"]["details"][0]) == set(documented["refundableQuantity"]["details"][0])
    assert set(body["refundOptions"][0]) == set(documented["refundOptions"][0])
    for name, value in documented.items():
        assert type(body[name]) is type(value), name
    assert body["commitmentEndDate"] == "2027-03-09T00:00:00Z"
    assert body["commitmentEndDateTime"] == "2027-03-09T23:59:59Z"
    assert body["billingCycleEndDate"] == "2026-04-09T00:00:00Z"
    assert body["cancellationAllowedUntilDate"] == "2026-03-17T09:15:00Z"


def test_subscriptions_of_an_order_are_a_collection(market, sample):
    bought = market.buy()
    market.buy()
    body = market.get(f"/subscriptions?order_id={bought['orderId']}")
    assert set(body) == set(sample("get-all-of-a-customer-s-subscriptions", 1))
    assert [one["id"] for one in body["items"]] == [bought["id"]]
    assert len(market.get("/subscriptions")["items"]) == 2


# rules 31 and 32


def test_rule_31_the_id_of_the_body_is_the_id_of_the_path(market):
    bought = market.buy()
    assert code(market.patch(bought, id=CUSTOMER)) == (400, 800002)
    assert code(market.patch(bought, id=...)) == (400, 800002)


def test_rule_31_deleted_cannot_be_updated(market):
    bought = market.buy()
    assert done(market.patch(bought, status="deleted"))["status"] == "deleted"
    assert code(market.patch(bought, status="active")) == (400, 2011)


def test_rule_32_left_out_auto_renew_is_off_and_takes_the_schedule_along(market):
    bought = market.buy()
    assert bought["autoRenewEnabled"] is True
    done(market.patch(bought, scheduledNextTermInstructions=next_term(market)))
    body = done(market.patch(bought, autoRenewEnabled=...))
    assert body["autoRenewEnabled"] is False
    assert "scheduledNextTermInstructions" not in body


def test_rule_32_left_out_instructions_are_deleted(market):
    bought = market.buy()
    done(market.patch(bought, scheduledNextTermInstructions=next_term(market)))
    assert "scheduledNextTermInstructions" in done(market.patch(bought, friendlyName="kept"))
    assert "scheduledNextTermInstructions" not in done(market.patch(bought, scheduledNextTermInstructions=...))


def test_rule_32_left_out_charge_instructions_are_deleted(open_market):
    market = open_market(now="2025-03-10T00:00:00Z")
    bought = market.buy(termDuration="P3Y")
    done(market.patch(bought, billingCycle="annual"))
    assert "nextChargeInstructions" in market.subscription(bought)
    assert "nextChargeInstructions" not in done(market.patch(bought, nextChargeInstructions=...))


def test_friendly_name_round_trips_and_the_resource_may_be_sent_back_as_it_is(market):
    bought = market.buy(friendlyName="m365-core")
    assert bought["friendlyName"] == "m365-core"
    assert done(market.patch(bought)) == bought
    assert done(market.patch(bought, friendlyName="renamed"))["friendlyName"] == "renamed"


@pytest.mark.parametrize("rule", ["refuse", "ignore", "allow"])
def test_what_a_patch_does_to_the_reseller_of_record_is_a_setting(market, rule):
    market.switch(reseller_change=rule)
    bought = market.buy()
    assert bought["partnerId"] == ""
    answer = market.patch(bought, partnerId="1234567")
    if rule == "refuse":
        assert code(answer) == (400, 800098)
        return
    assert done(answer)["partnerId"] == ("1234567" if rule == "allow" else "")
    if rule == "allow":
        assert code(market.patch(bought, partnerId="7654321")) == (400, 800016)  # another provider's
        assert market.get("/subscriptions?mpn_id=1234567")["items"] == [market.subscription(bought)]


def test_subscriptions_of_a_reseller(market):
    people = [{"key": "transaction_reseller", "value": "1234567"}]
    theirs, _ = market.buy(participants=people), market.buy()
    assert theirs["partnerId"] == "1234567"
    assert [one["id"] for one in market.get("/subscriptions?mpn_id=1234567")["items"]] == [theirs["id"]]
    assert market.get("/subscriptions?mpn_id=7654321")["items"] == []


# rules 33 to 36: seats


@pytest.mark.parametrize("expected", [800091, 2001])
def test_rule_33_no_quantity_while_suspended(market, expected):
    market.switch(suspended_update_code=expected)
    bought = market.buy()
    done(market.patch(bought, status="suspended"))
    assert code(market.patch(bought, quantity=11)) == (400, expected)
    assert code(market.patch(bought, quantity=9)) == (400, expected)


def test_rule_34_a_decrease_within_the_window_consumes_the_batch(market):
    bought = market.buy(quantity=10)
    body = done(market.patch(bought, quantity=7))
    assert body["quantity"] == 7
    assert body["refundableQuantity"]["totalQuantity"] == 7
    stored = market.store.get("subscription", market.partner, bought["id"])
    assert [(e["type"], e["before"], e["after"]) for e in stored["_events"]] == [
        ("new", 0, 10),
        ("removeQuantity", 10, 7),
    ]


@pytest.mark.parametrize(("order", "left"), [("newest", [8]), ("oldest", [3, 5])])
def test_rule_34_which_batch_goes_first_is_a_switch(market, order, left):
    market.switch(decrease_consumes=order)
    bought = market.buy(quantity=10)
    market.advance("P1D")
    done(market.patch(bought, quantity=15))
    market.advance("P1D")
    fewer = 7  # newest: the 5 and 2 of the 10; oldest: 7 of the 10
    body = done(market.patch(bought, quantity=15 - fewer))
    assert [batch["quantity"] for batch in body["refundableQuantity"]["details"]] == left
    assert body["refundableQuantity"]["totalQuantity"] == 8


@pytest.mark.parametrize("expected", [800090, 900257])
def test_rule_35_a_late_decrease(market, expected):
    market.switch(late_decrease_code=expected)
    bought = market.buy(quantity=10)
    market.advance("P7D")
    assert market.subscription(bought)["refundableQuantity"]["totalQuantity"] == 10
    market.advance("PT1S")
    assert "refundableQuantity" not in market.subscription(bought)
    assert code(market.patch(bought, quantity=9)) == (400, expected)


def test_rule_35_only_the_open_batches_can_be_returned(market):
    bought = market.buy(quantity=10)
    market.advance("P8D")
    done(market.patch(bought, quantity=14))
    assert code(market.patch(bought, quantity=9)) == (400, 800090)
    assert done(market.patch(bought, quantity=10))["quantity"] == 10


def test_rule_35_late_cancel_is_900117_and_to_the_second(market):
    bought = market.buy()
    market.advance("P7DT1S")
    assert code(market.patch(bought, status="deleted")) == (400, 900117)
    again = market.buy()
    market.advance("P7D")
    assert done(market.patch(again, status="deleted"))["status"] == "deleted"


def test_rule_36_an_increase_opens_a_batch_and_keeps_the_end(market):
    bought = market.buy(quantity=10)
    market.advance("P20D")
    body = done(market.patch(bought, quantity=12))
    assert body["refundableQuantity"] == {
        "totalQuantity": 2,
        "details": [{"quantity": 2, "allowedUntilDateTime": "2026-04-06T09:15:00Z"}],
    }
    assert body["commitmentEndDate"] == bought["commitmentEndDate"]
    assert "cancellationAllowedUntilDate" not in body


def test_rule_22_quantity_of_a_patch_stays_within_the_sku(market):
    desk = market.buy(catalogItemId=market.item(f"{DESK}:0001"), quantity=6)
    assert code(market.patch(desk, quantity=4)) == (400, 2002)
    assert code(market.patch(desk, quantity=5001)) == (400, 2002)
    suite = market.buy(quantity=200)
    market.buy(quantity=90)
    assert code(market.patch(suite, quantity=211)) == (403, 800088)
    assert done(market.patch(suite, quantity=210))["quantity"] == 210


# rule 37: suspension


def test_rule_37_suspending_turns_renewal_off_and_reactivation_does_not_restore_it(market):
    bought = market.buy()
    done(market.patch(bought, scheduledNextTermInstructions=next_term(market)))
    body = done(market.patch(bought, status="suspended"))
    assert (body["status"], body["autoRenewEnabled"]) == ("suspended", False)
    assert "scheduledNextTermInstructions" not in body
    assert "refundableQuantity" not in body
    assert "suspensionReasons" in body
    body = done(market.patch(bought, status="active"))
    assert (body["status"], body["autoRenewEnabled"]) == ("active", False)
    assert body["refundableQuantity"]["totalQuantity"] == 10
    assert done(market.patch(bought, autoRenewEnabled=True))["autoRenewEnabled"] is True


def test_rule_37_suspended_keeps_charge_instructions(open_market):
    market = open_market(now="2025-03-10T00:00:00Z")
    bought = market.buy(termDuration="P3Y")
    done(market.patch(bought, billingCycle="annual"))
    assert "nextChargeInstructions" in done(market.patch(bought, status="suspended"))


def test_rule_37_suspended_takes_only_reactivation_or_cancel(market):
    bought = market.buy()
    done(market.patch(bought, status="suspended"))
    assert code(market.patch(bought, friendlyName="x")) == (400, 800091)
    assert code(market.patch(bought, autoRenewEnabled=True)) == (400, 800091)
    assert done(market.patch(bought, status="deleted"))["status"] == "deleted"


def test_rule_37_refundable_seats_stay_visible_when_switched(market):
    market.switch(refundable_while_suspended=True)
    bought = market.buy()
    assert done(market.patch(bought, status="suspended"))["refundableQuantity"]["totalQuantity"] == 10


@pytest.mark.parametrize("status", ["expired", "disabled", "pending", "nonsense"])
def test_a_status_that_nobody_may_set(market, status):
    assert code(market.patch(market.buy(), status=status)) == (400, 800096)


# rule 39: term and cycle


@pytest.mark.parametrize("expected", [900267, 800122])
def test_rule_39_a_shorter_term_is_refused(market, expected):
    market.switch(shorter_term_code=expected)
    assert code(market.patch(market.buy(), termDuration="P1M")) == (400, expected)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"billingCycle": "triennial"}, 900270),
        ({"billingCycle": "annual"}, 800097),
        ({"termDuration": "P5Y"}, 800121),
        ({"termDuration": "P3Y", "billingCycle": "one_time"}, 900269),
    ],
)
def test_rule_39_term_and_cycle_that_cannot_be(market, changes, expected):
    assert code(market.patch(market.buy(), **changes)) == (400, expected)


def test_rule_39_a_longer_term_starts_at_once_with_any_of_its_cycles(market):
    bought = market.buy(termDuration="P1M")
    market.advance("P10D")
    body = done(market.patch(bought, termDuration="P1Y", billingCycle="Annual"))
    assert (body["termDuration"], body["billingCycle"]) == ("P1Y", "annual")
    assert body["commitmentEndDate"] == "2027-03-19T00:00:00Z"
    assert body["billingCycleEndDate"] == "2027-03-19T00:00:00Z"


def test_rule_39_the_triennial_switch_waits_for_the_next_charge_and_ended_in_march_2025(open_market):
    market = open_market(now="2025-03-31T12:00:00Z")
    bought = market.buy(termDuration="P3Y")
    body = done(market.patch(bought, billingCycle="annual"))
    assert body["billingCycle"] == "monthly"
    assert body["nextChargeInstructions"]["product"]["billingCycle"] == "annual"
    assert body["commitmentEndDate"] == bought["commitmentEndDate"]
    market.advance("P1D")
    later = market.buy(termDuration="P3Y")
    assert code(market.patch(later, billingCycle="annual")) == (400, 800097)


def test_rule_39_mid_term_changes_can_be_switched_off(market):
    market.switch(mid_term_changes=False)
    assert code(market.patch(market.buy(), termDuration="P3Y")) == (400, 900280)


# trials


def test_rule_39_trials_keep_term_quantity_and_status_and_always_show_what_comes(market):
    trial = market.buy(catalogItemId=market.item(f"{SUITE}:0002"), quantity=25, termDuration="P1M", billingCycle="none")
    assert trial["isTrial"] is True
    target = trial["scheduledNextTermInstructions"]["product"]
    assert (target["skuId"], target["termDuration"], target["billingCycle"]) == ("0001", "P1Y", "monthly")
    assert target["availabilityId"] == market.item().split(":")[2]
    assert code(market.patch(trial, termDuration="P1Y", billingCycle="monthly")) == (400, 800107)
    assert code(market.patch(trial, quantity=26)) == (400, 800095)
    assert code(market.patch(trial, status="suspended")) == (400, 800096)
    kept = done(market.patch(trial, friendlyName="t", scheduledNextTermInstructions=...))
    assert kept["scheduledNextTermInstructions"] == trial["scheduledNextTermInstructions"]


# scheduled changes and rule 44


def test_scheduled_changes_are_answered_like_the_sample(market, sample):
    documented = sample("create-scheduled-changes", 0)["scheduledNextTermInstructions"]
    body = done(market.patch(market.buy(), scheduledNextTermInstructions=next_term(market, billingCycle="Annual")))
    found = body["scheduledNextTermInstructions"]
    assert set(found["product"]) == set(documented["product"]) - {"promotionId"}
    assert found["product"]["billingCycle"] == "annual"
    assert (found["quantity"], body["quantity"]) == (8, 10)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"productId": "CFQ7NOTHING0"}, (404, 400013)),
        ({"skuId": "9999"}, (404, 400018)),
        ({"availabilityId": "CFQ7TT000000"}, (404, 400019)),
        ({"availabilityId": ""}, (400, 800002)),
        ({"termDuration": "P1M", "billingCycle": "annual"}, (400, 900270)),
        ({"termDuration": "P5Y"}, (400, 800121)),
        ({"promotionId": "39NFXXXXXXXX:0001:39NFXXXXXXXX"}, (400, 27007)),
        ({"quantity": 301}, (400, 2002)),
    ],
)
def test_scheduled_changes_must_exist(market, change, expected):
    assert code(market.patch(market.buy(), scheduledNextTermInstructions=next_term(market, **change))) == expected


def test_scheduled_changes_need_auto_renew(market):
    bought = market.buy()
    done(market.patch(bought, autoRenewEnabled=False))
    wanted = next_term(market)
    assert code(market.patch(bought, scheduledNextTermInstructions=wanted)) == (400, 800002)
    both = market.patch(bought, scheduledNextTermInstructions=wanted, autoRenewEnabled=True)
    assert done(both)["scheduledNextTermInstructions"]["quantity"] == 8


def test_rule_44_a_quantity_change_deletes_scheduled_changes(market):
    bought = market.buy()
    done(market.patch(bought, scheduledNextTermInstructions=next_term(market)))
    assert "scheduledNextTermInstructions" not in done(market.patch(bought, quantity=11))


def test_rule_44_cancelling_deletes_scheduled_changes(market):
    bought = market.buy()
    done(market.patch(bought, scheduledNextTermInstructions=next_term(market)))
    assert "scheduledNextTermInstructions" not in done(market.patch(bought, status="deleted"))


# rule 40: custom term end dates


def test_rule_40_answer_has_the_form_of_the_sample(market, sample):
    documented = sample("custom-term-end-dates", 0)
    twin = market.buy()
    body = market.get("/subscriptions/customTermEndDates?term_duration=P1Y")
    assert set(body) == set(documented)
    aligned = next(i for i in body["items"] if i["allowedCustomTermEndDateType"] == "subscriptionAligned")
    assert set(aligned) == set(documented["items"][1])
    assert aligned["cotermSubscriptionIds"] == [twin["id"]]
    assert aligned["allowedCustomTermEndDate"] == "2027-03-09T00:00:00"


@pytest.mark.parametrize(("term", "end"), [("P1Y", "2023-06-30"), ("P1M", "2022-07-31")])
def test_rule_40_calendar_alignment_ends_on_the_last_month_end_inside_the_term(open_market, term, end):
    market = open_market(now="2022-07-15T08:00:00Z")
    items = market.get(f"/subscriptions/customTermEndDates?TermDuration={term}")["items"]
    assert [i["allowedCustomTermEndDate"] for i in items] == [f"{end}T00:00:00"]
    bought = market.buy(termDuration=term, customTermEndDate=f"{end}T00:00:00Z")
    assert bought["commitmentEndDate"] == f"{end}T00:00:00Z"
    assert market.get(f"/orders/{bought['orderId']}")["lineItems"][0]["customTermEndDate"] == f"{end}T00:00:00Z"


def test_rule_40_any_month_end_when_switched(open_market):
    market = open_market(now="2022-07-15T08:00:00Z")
    wanted = market.line(customTermEndDate="2022-12-31T00:00:00Z")
    assert code(market.cart(wanted)) == (400, 900242)
    market.switch(coterm_calendar="any")
    assert market.cart(wanted).status_code == 201


def test_rule_40_a_year_does_not_align_with_a_month_but_a_month_with_a_year(market):
    market.buy(termDuration="P1M")  # ends 9 April 2026
    assert code(market.cart(market.line(customTermEndDate="2026-04-09T00:00:00Z"))) == (400, 900242)
    market.advance("P370D")
    market.buy()  # from 15 March 2027, ends 14 March 2028
    market.advance("P361D")  # 10 March 2028
    body = market.get("/subscriptions/customTermEndDates?term_duration=P1M")
    assert "2028-03-14T00:00:00" in [i["allowedCustomTermEndDate"] for i in body["items"]]


def test_rule_40_a_month_cannot_end_on_the_28th_to_30th_unless_that_is_the_months_end(open_market):
    market = open_market(now="2026-03-29T08:00:00Z")
    market.buy()  # ends 28 March 2027
    market.advance("P345D")  # 9 March 2027
    items = market.get("/subscriptions/customTermEndDates?term_duration=P1M")["items"]
    assert [i["allowedCustomTermEndDate"] for i in items] == ["2027-03-31T00:00:00"]


def test_rule_40_next_term_end_dates_have_their_own_codes(market):
    bought = market.buy()  # ends 9 March 2027; the next term would run to 9 March 2028
    beyond = next_term(market, end="2028-03-31T00:00:00Z")
    assert code(market.patch(bought, scheduledNextTermInstructions=beyond)) == (400, 900245)
    nowhere = next_term(market, end="2027-06-17T00:00:00Z")
    assert code(market.patch(bought, scheduledNextTermInstructions=nowhere)) == (400, 900246)
    fits = next_term(market, end="2028-02-29T00:00:00Z")
    body = done(market.patch(bought, scheduledNextTermInstructions=fits))
    assert body["scheduledNextTermInstructions"]["customTermEndDate"] == "2028-02-29T00:00:00Z"
    azure = next_term(
        market, f"{AZURE}:0001", end="2028-02-29T00:00:00Z", termDuration="", billingCycle="one_time", quantity=1
    )
    assert code(market.patch(bought, scheduledNextTermInstructions=azure)) == (400, 900244)


def test_rule_40_a_next_term_of_a_month_does_not_end_on_the_28th_beside_a_subscription_that_does(open_market):
    market = open_market(now="2026-04-29T08:00:00Z")
    assert market.buy()["commitmentEndDate"] == "2027-04-28T00:00:00Z"
    market.advance("P312D")  # 7 March 2027
    bought = market.buy(termDuration="P1M")  # ends 6 April 2027
    late = next_term(market, termDuration="P1M", end="2027-04-28T00:00:00Z")
    assert code(market.patch(bought, scheduledNextTermInstructions=late)) == (400, 900245)
    other = next_term(market, termDuration="P1M", end="2027-04-17T00:00:00Z")
    assert code(market.patch(bought, scheduledNextTermInstructions=other)) == (400, 900246)
    fits = next_term(market, termDuration="P1M", end="2027-04-30T00:00:00Z")
    assert done(market.patch(bought, scheduledNextTermInstructions=fits))["quantity"] == 10


def test_rule_40_a_month_may_end_with_a_year_in_its_next_term(open_market):
    market = open_market(now="2026-04-16T08:00:00Z")
    year = market.buy()  # ends 15 April 2027
    market.advance("P325D")  # 7 March 2027
    month = market.buy(termDuration="P1M")  # ends 6 April 2027
    wanted = next_term(market, termDuration="P1M", end=year["commitmentEndDate"])
    done(market.patch(month, scheduledNextTermInstructions=wanted))
    market.advance("P31DT1H")
    assert market.subscription(month)["commitmentEndDate"] == "2027-04-15T00:00:00Z"


def test_rule_40_what_is_aligned_is_not_moved_afterwards(market):
    bought = market.buy(customTermEndDate="2027-02-28T00:00:00Z")
    after = done(market.patch(bought, customTermEndDate="2027-01-31T00:00:00Z"))
    assert (after["commitmentEndDate"], after["customTermEndDate"]) == ("2027-02-28T00:00:00Z",) * 2


def test_rule_40_only_active_paid_licences_are_aligned_with(open_market):
    """Each ends inside the month that starts on 1 May; the trial and the suspended one are no one's end date."""
    market = open_market(now="2025-05-12T08:00:00Z")
    good = market.buy()  # ends 11 May 2026
    market.advance("P2D")
    idle = market.buy()  # ends 13 May 2026
    market.advance("P337D")  # 16 April 2026
    trial = market.buy(catalogItemId=market.item(f"{SUITE}:0002"), quantity=25, termDuration="P1M", billingCycle="none")
    assert trial["commitmentEndDate"] == "2026-05-15T00:00:00Z"
    done(market.patch(idle, status="suspended"))
    path = "/subscriptions/customTermEndDates?term_duration=P1M&term_start_date=2026-05-01"
    found = [i["allowedCustomTermEndDate"][:10] for i in market.get(path)["items"]]
    assert found == [good["commitmentEndDate"][:10], "2026-05-31"]
    done(market.patch(idle, status="active"))
    found = [i["allowedCustomTermEndDate"][:10] for i in market.get(path)["items"]]
    assert found == ["2026-05-11", "2026-05-13", "2026-05-31"]


def test_rule_40_dates_of_one_subscription_only(market):
    one, other = market.buy(), market.buy(customTermEndDate="2027-02-28T00:00:00Z")
    path = "/subscriptions/customTermEndDates?term_duration=P1Y&target_coterm_subscription_id="
    found = {id: market.get(path + id)["items"] for id in (one["id"], other["id"])}
    assert [item["allowedCustomTermEndDate"] for item in found[one["id"]]] == ["2027-03-09T00:00:00"]
    assert [item["allowedCustomTermEndDate"] for item in found[other["id"]]] == ["2027-02-28T00:00:00"]


def test_rule_40_pages_end_with_a_token_in_the_response_header(open_market):
    market = open_market(coterm_page_size=1)
    market.buy()
    path = "/subscriptions/customTermEndDates?term_duration=P1Y"
    first = market.call("GET", path)
    token = first.headers["MS-ContinuationToken"]
    second = market.call("GET", path, MS_ContinuationToken=token)
    assert "MS-ContinuationToken" not in second.headers
    kinds = [answer.json()["items"][0]["allowedCustomTermEndDateType"] for answer in (first, second)]
    assert sorted(kinds) == ["calendarMonthAligned", "subscriptionAligned"]


# rules 11, 41, 45, 46, and etags


def test_rule_41_an_accepted_patch_lands_later_and_blocks_the_next(market):
    market.switch(patch_mode="accepted", patch_delay_seconds=120)
    bought = market.buy(quantity=10)
    answer = market.patch(bought, quantity=12)
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/customers/{CUSTOMER}/subscriptions/{bought['id']}"
    assert answer.json()["quantity"] == 10
    assert market.get(f"/subscriptions/{bought['id']}/provisioningstatus")["status"] == "pending"
    assert code(market.patch(bought, friendlyName="x")) == (409, 900278)
    market.advance("PT2M")
    assert market.subscription(bought)["quantity"] == 12
    assert market.get(f"/subscriptions/{bought['id']}/provisioningstatus")["status"] == "success"
    assert market.patch(bought, friendlyName="x").status_code == 202
    assert "_pending" in market.store.get("subscription", market.partner, bought["id"])


def test_rule_41_too_many_updates_are_400_900311(market):
    market.switch(maximum_updates=2)
    bought = market.buy()
    for name in ("one", "two"):
        done(market.patch(bought, friendlyName=name))
    assert code(market.patch(bought, friendlyName="three")) == (400, 900311)


def test_rule_41_the_documented_limit_is_1200():
    assert DEFAULTS.maximum_updates == 1200


def test_rule_45_actions_agree_with_the_window(market):
    bought = market.buy()
    assert bought["actions"] == ["edit", "cancel"]
    market.advance("P8D")
    later = market.subscription(bought)
    assert later["actions"] == ["edit"]
    assert "cancellationAllowedUntilDate" not in later


def test_rule_46_an_update_leaves_old_and_new_values(market):
    bought = market.buy(quantity=10)
    done(market.patch(bought, quantity=8))
    record = market.get("/v1/auditrecords?startDate=2026-03-01")["items"]
    update = next(r for r in record if r["operationType"] == "update_subscription")
    assert update["resourceType"] == "subscription"
    assert (json.loads(update["resourceOldValue"])["Quantity"], json.loads(update["resourceNewValue"])["Quantity"]) == (
        10,
        8,
    )
    assert update["customizedData"] == [{"key": "SubscriptionId", "value": bought["id"]}]


def test_a_refused_patch_changes_nothing(market):
    bought = market.buy()
    assert market.patch(bought, friendlyName="new", quantity=301).status_code == 400
    assert market.subscription(bought) == bought


def test_rule_09_etags_when_switched_on(market):
    bought = market.buy()
    assert "etag" not in bought["attributes"]
    market.switch(subscription_etags=True)
    etag = market.subscription(bought)["attributes"]["etag"]
    body = {**market.subscription(bought), "friendlyName": "a"}
    assert market.call("PATCH", f"/subscriptions/{bought['id']}", body, If_Match=f'"{etag}"').status_code == 200
    stale = market.call("PATCH", f"/subscriptions/{bought['id']}", {**body, "friendlyName": "b"}, If_Match=f'"{etag}"')
    assert code(stale) == (400, 2055)


# switches


def test_switches_are_shown_set_unset_and_checked(market):
    assert market.control("GET", "settings").json()["provisioning_lag_seconds"] == 0
    market.switch(provisioning_lag_seconds=5)
    assert market.control("GET", "settings").json()["provisioning_lag_seconds"] == 5
    market.switch(provisioning_lag_seconds=None)
    assert market.control("GET", "settings").json()["provisioning_lag_seconds"] == 0
    for wrong in (
        {"enforce_mfa": False},
        {"patch_mode": "later"},
        {"window_days": "7"},
        {"order_list_lag_seconds": -1},
    ):
        assert market.control("POST", "settings", {**wrong, "maximum_updates": 1}).status_code == 400
    assert market.control("GET", "settings").json()["maximum_updates"] == 1200


def test_every_switch_is_a_setting_with_an_allowed_default():
    from cspctl.emulator.switches import CHOICES, SWITCHES

    assert replace(DEFAULTS, **{name: getattr(DEFAULTS, name) for name in SWITCHES}) == DEFAULTS
    assert all(getattr(DEFAULTS, name) in allowed for name, allowed in CHOICES.items())
