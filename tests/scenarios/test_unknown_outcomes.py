"""Answers that never come: what happened is found out by reading, and nothing is bought twice."""

from __future__ import annotations

import httpx
import pytest

from cspctl.partnercenter import transport

CHECKOUT = "/v1/customers/{customer_id}/carts/{cart_id}/checkout"
CART = "/v1/customers/{customer_id}/carts/{cart_id}"
CARTS = "/v1/customers/{customer_id}/carts"
SUBSCRIPTION = "/v1/customers/{customer_id}/subscriptions/{subscription_id}"


def assert_bought_once(world, **more):
    assert world.emulator.purchases == 1
    live = world.portal.only("alpha")
    assert world.bindings()["alpha-e3"].live_id == live["id"]
    assert {key: live[key] for key in more} == more
    world.assert_converged()


LOST = [
    {"drop": "after"},
    {"drop": "before"},
    {"status": 500, "effect": "after"},
    {"status": 500},
    {"status": 503, "effect": "after"},
    {"truncate": True},
    {"status": 408, "effect": "after"},
]
NAMES = ["dropped-after", "dropped-before", "500-after", "500-before", "503-after", "half-an-answer", "408-after"]


@pytest.mark.parametrize("fault", LOST, ids=NAMES)
def test_a_checkout_without_a_usable_answer_buys_once_and_ends_well_in_the_same_run(world, fault):
    world.project.sub("alpha-e3")
    world.emulator.fault("POST", CHECKOUT, **fault)
    world.applied()
    assert_bought_once(world)


@pytest.mark.parametrize("fault", LOST[:4], ids=NAMES[:4])
def test_a_cart_without_a_usable_answer_leads_to_one_purchase(world, fault):
    world.project.sub("alpha-e3")
    world.emulator.fault("POST", CARTS, **fault)
    world.applied()
    assert_bought_once(world)


@pytest.mark.parametrize("fault", LOST, ids=NAMES)
def test_a_change_without_a_usable_answer_is_made_once(bought, fault):
    bought.project.sub("alpha-e3", quantity=13)
    bought.emulator.fault("PATCH", SUBSCRIPTION, **fault)
    writes = bought.emulator.stats()["writes"]
    bought.applied()
    assert bought.emulator.stats()["writes"] == writes + 1
    assert_bought_once(bought, quantity=13)


def test_a_change_that_times_out_and_lands_late_is_made_once(bought, monkeypatch):
    monkeypatch.setattr(transport, "TIMEOUT", httpx.Timeout(0.3))
    bought.project.sub("alpha-e3", quantity=13)
    bought.emulator.fault("PATCH", SUBSCRIPTION, delaySeconds=0.5)
    writes = bought.emulator.stats()["writes"]
    bought.applied()
    bought.emulator.wait_for(lambda: bought.emulator.stats()["replayed"] == 1, "the late request")
    assert bought.emulator.stats()["writes"] == writes + 1
    assert_bought_once(bought, quantity=13)


def test_a_checkout_that_times_out_and_lands_late_buys_once(world, monkeypatch):
    monkeypatch.setattr(transport, "TIMEOUT", httpx.Timeout(0.3))
    world.project.sub("alpha-e3")
    world.emulator.fault("POST", CHECKOUT, delaySeconds=0.5)
    world.applied()
    world.emulator.wait_for(lambda: world.emulator.stats()["replayed"] == 1, "the late request")
    assert_bought_once(world)


def test_the_answer_is_lost_although_the_service_refuses_a_second_checkout(world):
    world.emulator.switch(checkout_repeat="refuse")
    world.project.sub("alpha-e3")
    world.emulator.fault("POST", CHECKOUT, drop="after")
    world.applied()
    assert_bought_once(world)


def test_the_cart_cannot_be_read_and_new_orders_are_not_listed_yet(world):
    world.emulator.switch(order_list_lag_seconds=900)
    world.project.sub("alpha-e3")
    world.emulator.fault("POST", CHECKOUT, drop="after")
    world.emulator.fault("GET", CART, times=0, status=404)
    world.applied()
    assert_bought_once(world)


def test_an_order_that_is_listed_after_fifteen_minutes_is_waited_for(world):
    world.emulator.switch(order_list_lag_seconds=900, provisioning_lag_seconds=600)
    world.project.sub("alpha-e3")
    world.emulator.fault("POST", CHECKOUT, drop="after")
    world.applied(settle=1000)
    assert_bought_once(world)


def test_provisioning_that_takes_a_while_is_waited_for(world):
    world.emulator.switch(provisioning_lag_seconds=45)
    world.project.sub("alpha-e3")
    world.applied(settle=60)
    assert_bought_once(world)


def test_provisioning_beyond_the_budget_parks_the_tenant_and_the_next_run_settles_first(make_world):
    world = make_world("alpha", "beta")
    world.emulator.switch(provisioning_lag_seconds=600)
    world.project.sub("alpha-e3")
    world.project.sub("alpha-e5", item="e5")
    first = world.apply(settle=60)
    assert (first.code, first.statuses()) == (3, {"alpha-e3": "unknown", "alpha-e5": "not-tried"})
    assert world.emulator.purchases == 1

    world.project.sub("beta-e3", tenant="beta")
    second = world.apply(settle=0)
    assert second.code == 3
    assert second.statuses()["alpha-e3"] == "blocked"
    assert world.emulator.purchases <= 3

    world.emulator.advance("PT15M")
    third = world.apply(settle=0)
    world.emulator.advance("PT15M")
    fourth = world.apply(settle=0)
    assert 0 in (third.code, fourth.code)
    assert world.emulator.purchases == 3
    assert len({b.live_id for b in world.bindings().values()}) == 3
    world.assert_converged()


def test_the_next_run_finds_the_purchase_that_nobody_could_see(world):
    world.emulator.switch(provisioning_lag_seconds=300)
    world.project.sub("alpha-e3")
    world.emulator.fault("POST", CHECKOUT, drop="after")
    assert world.apply(settle=30).code == 3
    assert "alpha-e3" not in world.bindings()
    assert world.row("alpha-e3").timing.rule == "E-UNSETTLED"
    world.emulator.advance("PT5M")
    world.applied()
    assert_bought_once(world)


def test_a_saved_plan_does_not_repeat_a_purchase_that_nobody_can_see_yet(world):
    world.project.sub("alpha-e3")
    saved = world.save_plan()
    world.emulator.switch(provisioning_lag_seconds=600)
    assert world.apply(settle=0).code == 3  # a plan of its own
    done = world.apply(saved=saved, settle=0)
    assert done.code in (3, 5)
    assert world.emulator.purchases == 1
    world.emulator.advance("PT15M")
    world.applied()
    assert_bought_once(world)


def test_twins_bought_in_one_run_are_not_taken_for_one_another(world):
    """The second one is bought while the first cannot be seen; each manifest gets its own."""
    world.emulator.switch(provisioning_lag_seconds=300)
    world.project.sub("alpha-one", lifecycle={"allowTwin": True}, friendlyName="same")
    world.project.sub("alpha-two", lifecycle={"allowTwin": True}, friendlyName="same")
    for _ in range(4):
        world.apply(settle=0)
        world.emulator.advance("PT10M")
    world.applied()
    assert world.emulator.purchases == 2
    bindings = world.bindings()
    assert bindings["alpha-one"].live_id != bindings["alpha-two"].live_id
    world.assert_converged()


def test_somebody_buys_the_same_while_the_answer_is_lost(world):
    """The portal's purchase is never taken for ours, and ours is never repeated."""
    world.emulator.switch(provisioning_lag_seconds=300)
    world.project.sub("alpha-e3")
    world.emulator.fault("POST", CHECKOUT, drop="after")
    assert world.apply(settle=0).code == 3
    world.emulator.switch(provisioning_lag_seconds=0)
    foreign = world.portal.buy("alpha")
    for _ in range(3):
        world.apply(settle=0)
        world.emulator.advance("PT10M")
    assert world.emulator.purchases == 2
    binding = world.bindings().get("alpha-e3")
    assert binding is None or binding.live_id != foreign


def test_a_change_that_the_service_accepts_for_later_is_waited_for(bought):
    bought.emulator.switch(patch_mode="accepted", patch_delay_seconds=20)
    bought.project.sub("alpha-e3", quantity=13)
    bought.applied()
    assert_bought_once(bought, quantity=13)


def test_a_change_that_lands_only_after_the_budget_is_found_by_the_next_run(bought):
    bought.emulator.switch(patch_mode="accepted", patch_delay_seconds=3600)
    bought.project.sub("alpha-e3", quantity=13)
    assert bought.apply(settle=30).code == 3
    bought.emulator.advance("PT2H")
    bought.applied()
    assert_bought_once(bought, quantity=13)


def test_the_journal_keeps_every_request_id_of_an_intent(bought):
    bought.project.sub("alpha-e3", quantity=13)
    bought.emulator.fault("PATCH", SUBSCRIPTION, drop="before")
    bought.applied()
    last = bought.intents()[-1]
    assert last.status == "done"
    assert len(last.request_ids) == 1  # no response came, so the id stayed the same

    bought.project.sub("alpha-e3", quantity=14)
    bought.emulator.fault("PATCH", SUBSCRIPTION, status=500)
    bought.applied()
    assert len(bought.intents()[-1].request_ids) == 2  # after a response the id is a new one


def test_a_failed_restoration_of_a_schedule_is_made_good_by_the_next_run(bought):
    end = {"action": "renew", "on": "2027-11-01", "next": {"quantity": 7}}
    bought.project.sub("alpha-e3", endOfTerm=end)
    bought.applied()
    bought.project.sub("alpha-e3", quantity=12, endOfTerm=end)
    bought.emulator.fault("PATCH", SUBSCRIPTION, nth=2, status=400, body={"code": 800002})
    assert bought.apply().code == 3
    assert not bought.portal.only("alpha").get("scheduledNextTermInstructions")
    bought.applied()
    live = bought.portal.only("alpha")
    assert (live["quantity"], live["scheduledNextTermInstructions"]["quantity"]) == (12, 7)
    bought.assert_converged()
