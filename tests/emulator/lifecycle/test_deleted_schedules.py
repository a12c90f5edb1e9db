"""What deletes scheduled changes, and what does not; the wait for a renewal and for a charge cycle.

Source: pages create-a-new-subscription, subscription-lifecycle, create-scheduled-changes (2023); rules 32, 37, 38, 44.
"""

from __future__ import annotations

import pytest

SUITE = "CFQ7TTAB12CD"


def code(answer):
    return answer.status_code, answer.json()["code"]


def at(market, instant):
    assert market.control("POST", "clock", {"now": instant}).status_code == 200


def done(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()


def schedule(market, one, **more):
    product, sku, availability = one["offerId"].split(":")
    target = {"productId": product, "skuId": sku, "availabilityId": availability, "billingCycle": "monthly"}
    end = {"customTermEndDate": more.pop("end")} if "end" in more else {}
    return {"product": {**target, "termDuration": "P1Y", **more}, "quantity": 8, **end}


def scheduled(market, **more):
    one = market.buy(**more)
    body = done(market.patch(one, scheduledNextTermInstructions=schedule(market, one)))
    assert body["scheduledNextTermInstructions"]["quantity"] == 8
    return one


def upgrade(market, one, **more):
    seed = {"catalogue": [{"productId": SUITE, "title": "Demo Suite", "skus": [
        {"id": "0001", "title": "Demo Suite Basic", "upgradeTargetOffers": [f"{SUITE}:0006"]},
        {"id": "0006", "title": "Demo Suite Premium"}]}]}  # fmt: skip  # one product
    assert market.control("POST", "seed", seed).status_code == 200
    body = {"toCatalogItemId": market.item(f"{SUITE}:0006"), "quantity": one["quantity"],
            "transitionType": "transition_only", **more}  # fmt: skip  # one body
    return done(market.call("POST", f"/subscriptions/{one['id']}/transitions", body))


def cancel(market, one):
    done(market.patch(one, status="deleted"))


def auto_renew_off(market, one):
    done(market.patch(one, autoRenewEnabled=False))


def more_seats(market, one):
    done(market.patch(one, quantity=one["quantity"] + 1))


def fewer_seats(market, one):
    done(market.patch(one, quantity=one["quantity"] - 1))


def full_upgrade(market, one):
    upgrade(market, one)


def part_upgrade(market, one):
    upgrade(market, one, quantity=4)


def suspend(market, one):
    done(market.patch(one, status="suspended"))


@pytest.mark.parametrize(
    "change", [cancel, auto_renew_off, more_seats, fewer_seats, full_upgrade, part_upgrade, suspend]
)
def test_rule_44_scheduled_changes_are_deleted_by(market, change):
    one = scheduled(market)
    change(market, one)
    assert "scheduledNextTermInstructions" not in market.subscription(one)


@pytest.mark.parametrize("change", [more_seats, full_upgrade])
def test_rule_44_what_was_deleted_does_not_happen_at_the_renewal(market, change):
    one = scheduled(market)
    change(market, one)
    seats = market.subscription(one)["quantity"]
    at(market, "2027-03-10T01:00:00Z")
    assert market.subscription(one)["quantity"] == seats != 8


def test_rule_44_the_conversion_of_a_trial_deletes_what_was_scheduled_for_its_end(market):
    trial = market.buy(catalogItemId=market.item(f"{SUITE}:0002"), quantity=25, termDuration="P1M", billingCycle="none")
    assert trial["scheduledNextTermInstructions"]["quantity"] == 25
    body = {"toCatalogItemId": market.item(), "quantity": 25, "transitionType": "transition_only"}
    done(market.call("POST", f"/subscriptions/{trial['id']}/transitions", body))
    assert "scheduledNextTermInstructions" not in market.subscription(trial)


LONGER = {"termDuration": "P3Y", "billingCycle": "annual"}


def test_rule_32_another_name_keeps_what_is_sent_back(market):
    one = scheduled(market)
    assert done(market.patch(one, friendlyName="renamed"))["scheduledNextTermInstructions"]["quantity"] == 8


def test_a_longer_term_deletes_what_was_scheduled_like_every_immediate_change(market):
    one = scheduled(market)
    assert "scheduledNextTermInstructions" not in done(market.patch(one, **LONGER))
    at(market, "2029-03-10T01:00:00Z")
    after = market.subscription(one)
    assert (after["termDuration"], after["quantity"]) == ("P3Y", 10)


def test_by_switch_a_longer_term_keeps_what_was_scheduled(market):
    market.switch(term_change_keeps_schedule=True)
    one = scheduled(market)
    assert done(market.patch(one, **LONGER))["scheduledNextTermInstructions"]["quantity"] == 8


def test_rule_32_a_charge_cycle_keeps_what_is_scheduled(market):
    one = scheduled(market)
    at(market, "2026-05-10T03:00:00Z")
    assert market.subscription(one)["scheduledNextTermInstructions"]["quantity"] == 8


def test_rule_40_a_scheduled_end_date_must_still_fit_when_the_running_term_changes(market):
    """From a month that ends on 9 April to a year from today: 30 April lies before its renewal."""
    market.switch(term_change_keeps_schedule=True)
    one = market.buy(termDuration="P1M")
    wanted = schedule(market, one, termDuration="P1M", end="2026-04-30T00:00:00Z")
    done(market.patch(one, scheduledNextTermInstructions=wanted))
    longer = {"termDuration": "P1Y", "billingCycle": "monthly"}
    assert code(market.patch(one, **longer)) == (400, 900245)
    after = done(market.patch(one, **longer, scheduledNextTermInstructions=...))
    assert after["commitmentEndDate"] == "2027-03-09T00:00:00Z"


@pytest.mark.parametrize("status", ["suspended", "active"])
def test_rule_32_left_out_charge_instructions_are_deleted_by_a_change_of_status_too(open_market, status):
    market = open_market(now="2025-03-10T00:00:00Z")
    one = market.buy(termDuration="P3Y")
    done(market.patch(one, billingCycle="annual"))
    if status == "active":
        suspend(market, one)
    assert "nextChargeInstructions" in market.subscription(one)
    done(market.patch(one, status=status, nextChargeInstructions=...))
    assert "nextChargeInstructions" not in market.subscription(one)


# the night of a renewal


def transition(market, one):
    body = {"toCatalogItemId": market.item(f"{SUITE}:0006"), "quantity": 10, "transitionType": "transition_only"}
    return market.call("POST", f"/subscriptions/{one['id']}/transitions", body)


def test_rule_38_while_a_renewal_waits_nothing_is_upgraded(market):
    spare = market.buy()
    upgrade(market, spare)  # seeds the target as well
    one = market.buy(termDuration="P1M")
    at(market, "2026-04-10T00:30:00Z")
    path = f"/subscriptions/{one['id']}/transitionEligibilities"
    (target,) = market.get(path)["items"]
    assert {(kind["isEligible"], kind["errors"][0]["code"]) for kind in target["eligibilities"]} == {(False, 2)}
    assert code(transition(market, one)) == (409, 800082)
    at(market, "2026-04-10T01:00:00Z")
    assert done(transition(market, one))["toSubscriptionId"] == one["id"]


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"autoRenewEnabled": False}, True),
        ({"scheduledNextTermInstructions": ...}, True),
        ({"status": "suspended"}, True),
        ({"termDuration": "P1Y"}, True),
        ({"termDuration": "P3Y", "billingCycle": "annual"}, True),
        ({"friendlyName": "renamed"}, False),
        ({"quantity": 11}, False),
    ],
)
def test_rule_38_the_page_names_what_is_read_only(market, change, refused):
    market.switch(renewal_wait="documented")
    one = market.buy(termDuration="P1M")
    done(market.patch(one, scheduledNextTermInstructions=schedule(market, one)))
    at(market, "2026-04-10T00:59:59Z")
    answer = market.patch(one, **change)
    if refused:
        assert code(answer) == (409, 800082)
    else:
        assert answer.status_code == 200


@pytest.mark.parametrize(("quantity", "charged"), [(12, "437.76"), (8, "291.84")])
def test_rule_38_seats_of_the_wait_are_charged_by_the_renewal_and_by_nothing_else(market, quantity, charged):
    market.switch(renewal_wait="documented", window_days=60)  # else no batch is open at the end of a month
    one = market.buy(termDuration="P1M")
    at(market, "2026-04-10T00:30:00Z")
    done(market.patch(one, quantity=quantity))
    at(market, "2026-04-10T01:00:00Z")
    kept = [entry["body"] for entry in market.store.dump()["documents"]["charge"]]
    lines = [(line["type"], line["from"], line["quantity"], line["subtotal"]) for line in kept]
    assert lines == [("new", "2026-03-10", 10, "364.80"), ("renew", "2026-04-10", quantity, charged)]


def test_rule_38_while_a_cycle_is_charged_only_what_waits_for_the_next_one_is_read_only(open_market):
    market = open_market(now="2025-01-10T09:00:00Z")
    one = market.buy(termDuration="P3Y")
    at(market, "2025-02-10T00:59:59Z")
    assert code(market.patch(one, billingCycle="annual")) == (409, 800082)
    assert market.patch(one, friendlyName="renamed").status_code == 200
    assert market.patch(one, autoRenewEnabled=False).status_code == 200
    at(market, "2025-02-10T01:00:00Z")
    assert "nextChargeInstructions" in done(market.patch(one, billingCycle="annual"))
