"""What cannot be read is unknown, not absent; what fails in one tenant stays there; what is narrowed stays narrow."""

from __future__ import annotations

import pytest

SUBSCRIPTIONS = "/v1/customers/{customer_id}/subscriptions"
CARTS = "/v1/customers/{customer_id}/carts"


@pytest.fixture
def three(make_world):
    """Three tenants: alpha and beta have E3, gamma nothing yet."""
    world = make_world("alpha", "beta", "gamma")
    for name in ("alpha", "beta"):
        world.project.sub(f"{name}-e3", tenant=name)
    world.applied()
    return world


def of_tenant(world, name, template=SUBSCRIPTIONS):
    return template.replace("{customer_id}", world.project.tenants[name])


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 403, "body": {"code": 20002, "description": "Access denied"}},
        {"status": 404, "body": {"code": 20002}},
        {"status": 200, "body": {"totalCount": 0, "items": []}},
        {"status": 200, "body": {"something": "else"}},
        {"truncate": True},
        {"status": 503},
    ],
    ids=["403", "404", "empty-page", "other-body", "half-body", "503"],
)
def test_a_tenant_that_cannot_be_read_is_a_gap_and_the_others_go_on(three, fault):
    three.emulator.fault("GET", of_tenant(three, "alpha"), times=0, **fault)
    three.project.sub("alpha-e3", quantity=11)
    three.project.sub("alpha-new", item="e5")
    three.project.sub("beta-e3", tenant="beta", quantity=12)
    three.project.sub("gamma-e3", tenant="gamma")

    plan = three.plan()
    assert [g.scope for g in plan.gaps] == [three.project.tenants["alpha"]]
    assert plan.detailed_exit_code() == 3

    done = three.apply()
    assert done.code == 3
    assert done.statuses() == {
        "alpha-e3": "blocked", "alpha-new": "blocked", "beta-e3": "done", "gamma-e3": "done",
    }  # fmt: skip  # one map
    three.emulator.heal()
    assert three.portal.only("alpha")["quantity"] == 10
    assert three.portal.only("beta")["quantity"] == 12
    assert three.emulator.purchases == 3
    assert three.bindings()["alpha-e3"].state == "bound"

    three.applied()
    assert three.portal.subscriptions("alpha")[0]["quantity"] == 11
    assert three.emulator.purchases == 4
    three.assert_converged()


def test_a_tenant_that_the_partner_does_not_have_is_a_gap(make_world):
    world = make_world("alpha")
    world.seed()
    world.project.tenants["nowhere"] = "0d2a6f5e-1f43-4f0b-b7a3-999999999999"
    world.project.save("more.yaml", world.project.mapping("nowhere"))
    world.project.sub("alpha-e3")
    world.project.sub("nowhere-e3", tenant="nowhere")
    done = world.apply()
    assert (done.code, done.statuses()) == (3, {"alpha-e3": "done", "nowhere-e3": "blocked"})
    assert world.emulator.purchases == 1


def test_a_gap_alone_is_no_success(three):
    three.emulator.fault("GET", of_tenant(three, "gamma"), times=0, status=403)
    assert three.plan(refresh="full").detailed_exit_code() == 3
    assert three.apply().code == 3
    assert three.run("apply", "--yes").code == 3


def test_a_bound_subscription_that_is_not_listed_is_a_gap_of_its_own(three):
    three.project.sub("alpha-e5", item="e5")
    three.applied()
    listed = three.portal.call("GET", f"/customers/{three.project.tenants['alpha']}/subscriptions")
    lost = three.bindings()["alpha-e3"].live_id
    listed["items"] = [s for s in listed["items"] if s["id"] != lost]
    three.emulator.fault("GET", of_tenant(three, "alpha"), times=0, status=200, body=listed)
    three.project.sub("alpha-e5", item="e5", quantity=12)

    plan = three.plan()
    assert [c.timing.rule for c in plan.changes if c.address == "Subscription/alpha-e3"] == ["E-MISSING"]
    assert [(g.scope, g.affects) for g in plan.gaps] == [(three.project.tenants["alpha"], ("Subscription/alpha-e3",))]
    done = three.apply()
    assert (done.code, done.statuses()) == (3, {"alpha-e3": "blocked", "alpha-e5": "done"})
    assert three.emulator.purchases == 3


def test_the_list_of_customers_being_refused_leaves_everything_unknown(three):
    three.emulator.fault("GET", "/v1/customers", times=0, status=403)
    three.project.sub("alpha-e3", quantity=11)
    done = three.apply()
    assert (done.code, set(done.statuses().values())) == (3, {"blocked"})


def test_one_tenant_fails_and_the_next_apply_tries_only_that_one(three):
    three.emulator.fault("POST", of_tenant(three, "beta", CARTS) + "/*/checkout", status=400, body={"code": 800002})
    for name in ("alpha", "beta", "gamma"):
        three.project.sub(f"{name}-e5", tenant=name, item="e5")
    done = three.apply()
    assert (done.code, done.statuses()) == (3, {"alpha-e5": "done", "beta-e5": "failed", "gamma-e5": "done"})
    assert three.emulator.purchases == 4

    again = three.applied()
    assert [c.address for c in again.plan.changes] == ["Subscription/beta-e5"]
    assert three.emulator.purchases == 5
    three.assert_converged()


def test_a_failure_stops_what_depends_on_it_and_nothing_else_in_its_tenant(three):
    three.emulator.fault("POST", of_tenant(three, "gamma", CARTS), status=400, body={"code": 800002})
    three.project.sub("gamma-a", tenant="gamma")
    three.project.sub("gamma-b", tenant="gamma", item="e5")
    three.project.sub("gamma-c", tenant="gamma", item="audio", requires="gamma-a")
    done = three.apply()
    assert done.statuses() == {"gamma-a": "failed", "gamma-b": "done", "gamma-c": "not-tried"}


def test_a_blocked_row_does_not_hold_back_what_has_nothing_to_do_with_it(three):
    three.emulator.advance("P8D")
    three.project.sub("alpha-e3", quantity=4, friendlyName="Smaller one day")
    three.project.sub("alpha-audio", item="audio", requires="alpha-e3")
    done = three.apply()
    assert (done.code, done.statuses()) == (3, {"alpha-e3": "blocked", "alpha-audio": "done"})
    live = {s["id"]: s for s in three.portal.subscriptions("alpha")}[three.bindings()["alpha-e3"].live_id]
    assert (live["quantity"], live["friendlyName"]) == (10, "Smaller one day")


def test_adoption_goes_on_where_only_a_change_is_blocked(world):
    world.seed()
    live_id = world.portal.buy("alpha")
    world.emulator.advance("P8D")
    world.project.sub("alpha-e3", subscriptionId=live_id, quantity=4)
    assert world.apply().code == 3
    assert world.bindings()["alpha-e3"].live_id == live_id


@pytest.mark.parametrize(
    "changed", [{"item": "e5"}, {"billing": "annual"}, {"term": "P1M"}], ids=["product", "billing", "term"]
)
def test_no_seats_are_added_to_what_the_manifest_does_not_describe_any_more(bought, changed):
    bought.project.sub("alpha-e3", quantity=20, **changed)
    assert bought.apply().code == 3
    live = bought.portal.only("alpha")
    assert (live["quantity"], live["termDuration"], live["billingCycle"]) == (10, "P1Y", "monthly")
    assert bought.emulator.purchases == 1


def test_narrowing_changes_only_what_is_asked_for_and_never_releases(three):
    alpha = three.project.sub("alpha-e3", quantity=11, metadata={"labels": {"team": "north"}})
    three.project.sub("gamma-e3", tenant="gamma", metadata={"labels": {"team": "south"}})
    three.project.drop("beta-e3")
    for narrowing in (
        {"target": ["Subscription/alpha-e3"]},
        {"selector": ["team=north"]},
        {"exclude": ["Subscription/gamma-e3", "TenantMapping/*"]},
    ):
        assert list(three.rows(**narrowing)) == ["alpha-e3"]
    assert list(three.rows(alpha)) == ["alpha-e3"]
    assert list(three.rows(target=["Subscription/beta-e3"])) == []
    assert set(three.rows()) == {"alpha-e3", "beta-e3", "gamma-e3"}

    assert three.run("apply", "--yes", "--target", "Subscription/alpha-e3").code == 0
    assert three.portal.only("alpha")["quantity"] == 11
    assert three.portal.subscriptions("gamma") == []
    assert three.bindings()["beta-e3"].state == "bound"
    assert three.run("apply", "--yes", str(three.root / "subscriptions" / "gamma-e3.yaml")).code == 0
    assert three.emulator.purchases == 3
    assert three.bindings()["beta-e3"].state == "bound"
    three.applied()
    assert three.bindings()["beta-e3"].state == "released"


def test_a_broken_manifest_anywhere_stops_every_plan(three):
    three.project.sub("gamma-e3", tenant="gamma", quantity=0)
    three.project.drop("beta-e3")
    assert three.run("plan", str(three.root / "subscriptions" / "alpha-e3.yaml")).code == 10
    assert three.run("apply", "--yes").code == 10
    assert three.bindings()["beta-e3"].state == "bound"
