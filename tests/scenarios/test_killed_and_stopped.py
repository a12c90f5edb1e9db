"""The real command line as a process of its own: killed at the worst moments, stopped politely, started twice."""

from __future__ import annotations

import signal

import pytest

CHECKOUT = "/v1/customers/{customer_id}/carts/{cart_id}/checkout"
CART = "/v1/customers/{customer_id}/carts/{cart_id}"
CARTS = "/v1/customers/{customer_id}/carts"
SUBSCRIPTION = "/v1/customers/{customer_id}/subscriptions/{subscription_id}"


def killed_at(world, method, template, calls=1, arguments=()):
    """Start an apply, kill it as soon as the service has received the request that a fault holds.

    False where it ended before there was such a request.
    """
    before = world.emulator.seen(method, template)
    process = world.start("apply", "--yes", *arguments)

    def reached():
        return world.emulator.seen(method, template) >= before + calls

    world.emulator.wait_for(lambda: reached() or process.poll() is not None, f"{method} {template}")
    process.kill()
    _, err = process.communicate()
    assert process.returncode in (-signal.SIGKILL, 0), err
    return process.returncode != 0


def answered(world):
    """Waits until the service is done with every purchase request, also of those who are not there any more."""

    def all_done():
        stats = world.emulator.stats()
        asked = sum(stats["requests"].get(f"POST {template}", 0) for template in (CARTS, CHECKOUT))
        return stats["writes"] + stats["replayed"] >= asked

    world.emulator.wait_for(all_done, "the late checkout")


def done_checkouts(world):
    """Checkouts that were answered well; the only other good writes are carts."""
    stats = world.emulator.stats()
    return stats["writes"] + stats["replayed"] - stats["created"]


def assert_one(world):
    assert world.emulator.purchases == 1
    assert world.bindings()["alpha-e3"].live_id == world.portal.only("alpha")["id"]
    world.assert_converged()


def test_killed_while_the_cart_is_made(world):
    world.project.sub("alpha-e3")
    world.emulator.fault("POST", CARTS, delaySeconds=1, drop="before")
    assert killed_at(world, "POST", CARTS)
    assert world.run("apply", "--yes").code == 0
    assert_one(world)


def test_killed_between_cart_and_checkout(world):
    """The checkout was journaled and left, but never had an effect."""
    world.project.sub("alpha-e3")
    world.emulator.fault("POST", CHECKOUT, delaySeconds=1, drop="before")
    assert killed_at(world, "POST", CHECKOUT)
    assert world.run("apply", "--yes").code == 0
    assert_one(world)


def test_killed_between_the_checkout_and_its_answer(world):
    """The purchase happened, its answer was cut off, and reading what became of it hangs until the kill."""
    world.project.sub("alpha-e3")
    world.emulator.fault("POST", CHECKOUT, drop="after")
    world.emulator.fault("GET", CART, delaySeconds=2)
    assert killed_at(world, "GET", CART)
    assert world.emulator.purchases == 1
    assert "alpha-e3" not in world.bindings()
    assert world.run("apply", "--yes").code == 0
    assert_one(world)


def test_killed_and_the_checkout_lands_while_the_next_run_already_works(world):
    world.project.sub("alpha-e3")
    world.emulator.fault("POST", CHECKOUT, delaySeconds=1.5)
    assert killed_at(world, "POST", CHECKOUT)
    assert world.run("apply", "--yes").code == 0
    answered(world)
    assert_one(world)


def test_killed_twice_in_the_same_purchase(world):
    world.project.sub("alpha-e3")
    world.emulator.fault("POST", CHECKOUT, times=2, delaySeconds=3)
    assert killed_at(world, "POST", CHECKOUT)
    killed_at(world, "POST", CHECKOUT)
    assert world.run("apply", "--yes").code == 0
    answered(world)
    assert_one(world)


def test_killed_again_before_the_late_checkout_is_taken_up(world):
    """The second run finds out about the first and dies before it sends anything: its cart must not be forgotten."""
    world.project.sub("alpha-e3")
    world.emulator.fault("POST", CHECKOUT, delaySeconds=4)
    assert killed_at(world, "POST", CHECKOUT)
    world.project.sub("alpha-0", item="e5")  # sorts first, so that its cart is what the second run dies at
    world.emulator.fault("POST", CARTS, delaySeconds=1, drop="before")
    assert killed_at(world, "POST", CARTS)
    world.project.drop("alpha-0")
    assert world.run("apply", "--yes").code == 0
    world.emulator.wait_for(lambda: world.emulator.stats()["faulted"] == 2, "both faults")
    asked = world.emulator.seen("POST", CHECKOUT)
    world.emulator.wait_for(lambda: done_checkouts(world) >= asked, "the late checkout")
    assert_one(world)


def test_killed_and_then_the_manifest_changes(world):
    """The cart of the first run must not become a second purchase next to the new wish."""
    world.project.sub("alpha-e3")
    world.emulator.fault("POST", CHECKOUT, delaySeconds=1.5)
    assert killed_at(world, "POST", CHECKOUT)
    world.project.sub("alpha-e3", quantity=25)
    world.apply()
    world.emulator.wait_for(lambda: world.emulator.purchases >= 1, "the late checkout")
    world.emulator.advance("PT5M")
    world.applied()
    assert world.portal.only("alpha")["quantity"] == 25
    assert_one(world)


def test_killed_while_seats_are_changed(bought):
    bought.project.sub("alpha-e3", quantity=12)
    bought.emulator.fault("PATCH", SUBSCRIPTION, delaySeconds=1, drop="before")
    assert killed_at(bought, "PATCH", SUBSCRIPTION)
    assert bought.run("apply", "--yes").code == 0
    assert bought.portal.only("alpha")["quantity"] == 12
    assert_one(bought)


def test_killed_before_the_schedule_is_restored(bought):
    end = {"action": "renew", "on": "2027-11-01", "next": {"quantity": 7}}
    bought.project.sub("alpha-e3", endOfTerm=end)
    bought.applied()
    bought.project.sub("alpha-e3", quantity=12, endOfTerm=end)
    bought.emulator.fault("PATCH", SUBSCRIPTION, nth=2, delaySeconds=1, drop="before")
    assert killed_at(bought, "PATCH", SUBSCRIPTION, calls=2)
    assert not bought.portal.only("alpha").get("scheduledNextTermInstructions")
    assert bought.run("apply", "--yes").code == 0
    live = bought.portal.only("alpha")
    assert (live["quantity"], live["scheduledNextTermInstructions"]["quantity"]) == (12, 7)
    assert_one(bought)


def test_killed_with_a_saved_plan_that_is_then_resumed(world):
    world.project.sub("alpha-e3")
    saved = world.save_plan()
    world.emulator.fault("POST", CHECKOUT, drop="after")
    world.emulator.fault("GET", CART, delaySeconds=2)
    assert killed_at(world, "GET", CART, arguments=[str(saved)])
    assert world.run("apply", "--yes", str(saved)).code == 0
    assert world.run("apply", "--yes", str(saved)).code == 5
    assert_one(world)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stopped_politely(make_world, number):
    """What is in flight is finished, what is left is not tried, and the next apply does it."""
    names = [f"t{n}" for n in range(4)]
    world = make_world(*names, concurrency=1)
    for name in names:
        world.project.sub(f"{name}-e3", tenant=name)
    world.emulator.fault("POST", CHECKOUT, delaySeconds=0.3)
    process = world.start("apply", "--yes", "--format", "json")
    world.emulator.wait_for(lambda: world.emulator.seen("POST", CHECKOUT) == 1, "the first checkout")
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 9, err
    assert "nothing new is started" in err
    assert world.emulator.purchases == 1
    assert [b.state for b in world.bindings().values()] == ["bound"]
    assert '"not-tried"' in out

    again = world.applied()
    assert again.statuses() == dict.fromkeys([f"{n}-e3" for n in names[1:]], "done")
    assert world.emulator.purchases == 4
    world.assert_converged()


def test_two_applies_at_once(world):
    world.project.sub("alpha-e3")
    world.emulator.fault("POST", CHECKOUT, delaySeconds=0.5)
    first = world.start("apply", "--yes")
    world.emulator.wait_for(lambda: world.emulator.seen("POST", CHECKOUT) == 1, "the first checkout")
    second = world.run("apply", "--yes")
    assert (second.code, "E-LEASE-HELD" in second.err) == (4, True)
    assert world.run("plan").code == 0  # reading goes on
    _, err = first.communicate(timeout=30)
    assert first.returncode == 0, err
    assert_one(world)


def test_the_lease_of_a_killed_apply_blocks_nobody(world):
    world.project.sub("alpha-e3")
    world.emulator.fault("POST", CARTS, delaySeconds=1, drop="before")
    assert killed_at(world, "POST", CARTS)
    again = world.run("apply", "--yes")
    assert (again.code, "E-LEASE-HELD" in again.err) == (0, False)
    assert_one(world)
