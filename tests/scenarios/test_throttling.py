"""Throttled on the frozen virtual clock: waiting advances it, and there is an end to it."""

from __future__ import annotations

CHECKOUT = "/v1/customers/{customer_id}/carts/{cart_id}/checkout"


def test_a_storm_of_429_ends_well(make_world):
    names = [f"t{n}" for n in range(6)]
    world = make_world(*names)
    for name in names:
        world.project.sub(f"{name}-e3", tenant=name)
    before = world.emulator.control("GET", "clock")["now"]
    world.emulator.fault("*", "/v1/customers*", nth=2, times=25, status=429, headers={"Retry-After": "7"})
    world.applied()
    stats = world.emulator.stats()
    assert (stats["purchases"], stats["faulted"]) == (6, 25)
    assert world.emulator.control("GET", "clock")["now"] > before
    world.assert_converged()


def test_a_purchase_that_is_throttled_is_made_once(world):
    world.project.sub("alpha-e3")
    world.emulator.fault("POST", CHECKOUT, times=3, status=429, headers={"Retry-After": "30"})
    world.applied()
    assert world.emulator.purchases == 1
    assert world.emulator.control("GET", "clock")["now"] >= "2026-11-02T09:01:30Z"
    world.assert_converged()


def test_throttled_beyond_the_budget(world):
    world.project.sub("alpha-e3")
    world.seed()
    world.emulator.fault("GET", "/v1/customers*", times=0, status=429, headers={"Retry-After": "120"})
    done = world.apply()
    assert (done.code, done.error.code) == (7, "E-THROTTLED")
    assert world.run("plan").code == 7
    assert world.emulator.purchases == 0
    world.emulator.heal()
    world.applied()
    assert world.emulator.purchases == 1


def test_a_purchase_that_stays_throttled_fails_and_is_made_by_the_next_run(world):
    world.project.sub("alpha-e3")
    world.emulator.fault("POST", CHECKOUT, times=0, status=429, headers={"Retry-After": "300"})
    done = world.apply()
    assert (done.code, done.statuses()) == (3, {"alpha-e3": "failed"})
    world.emulator.heal()
    world.applied()
    assert world.emulator.purchases == 1
    world.assert_converged()


def test_a_service_that_is_not_there(world):
    world.project.sub("alpha-e3")
    world.seed()
    world.emulator.fault("GET", "/v1/customers*", times=0, drop="before")
    assert world.apply().code == 7
    assert world.run("drift").code == 7
