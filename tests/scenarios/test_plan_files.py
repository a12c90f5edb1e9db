"""A saved plan is carried out as it was reviewed, once, or not at all."""

from __future__ import annotations

import json
import stat

import pytest


@pytest.fixture
def two(make_world):
    """Two tenants with E3; both manifests want more seats, and the plan of that is saved as `two.saved`."""
    world = make_world("alpha", "beta")
    for name in ("alpha", "beta"):
        world.project.sub(f"{name}-e3", tenant=name)
    world.applied()
    for name in ("alpha", "beta"):
        world.project.sub(f"{name}-e3", tenant=name, quantity=12)
    world.saved = world.save_plan()
    return world


def refused_with(world, saved, code):
    before = world.emulator.stats()["writes"]
    done = world.apply(saved=saved)
    assert (done.code, done.error and done.error.code) == (5, code)
    assert world.run("apply", "--yes", str(saved)).code == 5
    assert world.emulator.stats()["writes"] == before


def seats(world):
    return {name: world.portal.only(name)["quantity"] for name in world.project.tenants}


def test_a_saved_plan_is_carried_out_once(two):
    assert stat.S_IMODE(two.saved.stat().st_mode) == 0o600
    assert two.run("apply", "--yes", str(two.saved)).code == 0
    assert seats(two) == {"alpha": 12, "beta": 12}
    refused_with(two, two.saved, "E-PLAN-USED")


def test_what_is_applied_is_the_plan_and_not_the_manifests_of_today(two):
    two.project.sub("alpha-e3", quantity=99)
    assert two.apply(saved=two.saved).code == 0
    assert seats(two) == {"alpha": 12, "beta": 12}


def test_a_plan_expires(two):
    two.emulator.advance("PT24H1S")
    refused_with(two, two.saved, "E-PLAN-EXPIRED")


def test_a_plan_that_relies_on_a_refund_window_expires_with_it(two):
    two.emulator.advance("P6DT23H")
    two.project.sub("alpha-e3", quantity=4)
    saved = two.save_plan()
    two.emulator.advance("PT1H1S")
    refused_with(two, saved, "E-PLAN-EXPIRED")


@pytest.mark.parametrize("old, new", [('"quantity": 12', '"quantity": 13'), ('"after": 12', '"after": 11')])
def test_a_plan_whose_quantity_was_edited_is_refused(two, old, new):
    text = two.saved.read_text("utf-8")
    assert old in text
    two.saved.write_text(text.replace(old, new, 1), "utf-8")
    refused_with(two, two.saved, "E-PLAN-EDITED")


def test_a_plan_whose_expiry_was_edited_is_refused(two):
    body = json.loads(two.saved.read_text("utf-8"))
    two.saved.write_text(json.dumps({**body, "expiresAt": "2027-01-01T00:00:00Z"}), "utf-8")
    refused_with(two, two.saved, "E-PLAN-EDITED")


def test_a_plan_is_stale_after_somebody_changed_the_same_subscription(two):
    two.portal.patch("beta", two.portal.only("beta")["id"], quantity=11)
    refused_with(two, two.saved, "E-PLAN-STALE")
    assert seats(two) == {"alpha": 10, "beta": 11}


def test_a_plan_is_stale_when_its_tenant_cannot_be_read(two):
    path = f"/v1/customers/{two.project.tenants['beta']}/subscriptions"
    two.emulator.fault("GET", path, times=0, status=403)
    done = two.apply(saved=two.saved)
    assert (done.code, done.error.code) == (5, "E-PLAN-STALE")


def test_a_change_elsewhere_does_not_matter(make_world):
    world = make_world("alpha", "beta")
    world.project.sub("alpha-e3")
    world.project.sub("beta-e3", tenant="beta")
    world.applied()
    world.project.sub("alpha-e3", quantity=12)
    saved = world.save_plan()
    world.portal.patch("beta", world.portal.only("beta")["id"], quantity=30)
    world.portal.buy("alpha", "e5")
    assert world.apply(saved=saved).code == 0
    assert world.portal.only("beta")["quantity"] == 30


def test_a_purchase_is_stale_after_somebody_bought_the_same(world):
    world.project.sub("alpha-e3")
    saved = world.save_plan()
    world.portal.buy("alpha")
    refused_with(world, saved, "E-PLAN-STALE")
    assert world.emulator.purchases == 1


def test_a_purchase_is_not_stale_after_somebody_bought_something_else(world):
    world.project.sub("alpha-e3")
    saved = world.save_plan()
    world.portal.buy("alpha", "e5")
    assert world.apply(saved=saved).code == 0
    assert world.emulator.purchases == 2


def test_a_partial_run_of_a_plan_is_resumed(two):
    path = f"/v1/customers/{two.project.tenants['beta']}/subscriptions/*"
    two.emulator.fault("PATCH", path, status=400, body={"code": 800002})
    done = two.apply(saved=two.saved)
    assert (done.code, done.statuses()) == (3, {"alpha-e3": "done", "beta-e3": "failed"})
    writes = two.emulator.stats()["writes"]
    again = two.apply(saved=two.saved)
    assert (again.code, again.statuses()) == (0, {"alpha-e3": "done", "beta-e3": "done"})
    assert seats(two) == {"alpha": 12, "beta": 12}
    assert two.emulator.stats()["writes"] == writes + 1
    refused_with(two, two.saved, "E-PLAN-USED")


def test_a_partial_run_of_purchases_is_resumed_without_buying_twice(make_world):
    world = make_world("alpha", "beta")
    world.project.sub("alpha-e3")
    world.project.sub("beta-e3", tenant="beta")
    saved = world.save_plan()
    path = f"/v1/customers/{world.project.tenants['beta']}/carts/*/checkout"
    world.emulator.fault("POST", path, status=400, body={"code": 800002})
    assert world.apply(saved=saved).code == 3
    assert world.emulator.purchases == 1
    assert world.apply(saved=saved).code == 0
    assert world.emulator.purchases == 2
    world.assert_converged()


def test_a_resumed_plan_does_not_undo_what_was_changed_after_its_first_half(two):
    path = f"/v1/customers/{two.project.tenants['beta']}/subscriptions/*"
    two.emulator.fault("PATCH", path, status=400, body={"code": 800002})
    assert two.apply(saved=two.saved).code == 3
    two.portal.patch("alpha", two.portal.only("alpha")["id"], quantity=40)
    assert two.apply(saved=two.saved).code == 0
    assert seats(two) == {"alpha": 40, "beta": 12}


def test_a_plan_of_another_project_is_refused(two):
    two.project.settings()
    (two.root / "cspctl.yaml").write_text('{"project": "elsewhere"}', "utf-8")
    refused_with(two, two.saved, "E-PLAN-REALM")


def test_a_plan_of_the_emulator_is_refused_for_the_live_partner(two):
    environment = two.workspace().settings.environ
    from cspctl.errors import CspctlError
    from cspctl.workspace import Workspace, WorkspaceSettings

    live = Workspace(WorkspaceSettings(config=two.root, emulator=False, environ={**environment, "CI": "true"}))
    with pytest.raises(CspctlError) as refused:
        live.apply((), saved=two.saved)
    assert refused.value.exit_code in (4, 5)
    assert seats(two) == {"alpha": 10, "beta": 10}


def test_what_is_no_plan_is_an_input_error(two):
    (two.root / "no.plan").write_text("{}", "utf-8")
    assert two.run("apply", "--yes", str(two.root / "no.plan")).code == 10
    (two.root / "old.plan").write_text('{"planVersion": "2.0"}', "utf-8")
    assert two.run("apply", "--yes", str(two.root / "old.plan")).code == 10
