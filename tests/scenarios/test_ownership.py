"""Whose subscription is it: adopting, renaming, releasing, and never buying by accident."""

from __future__ import annotations

import pytest


@pytest.fixture
def foreign(world):
    """The tenant already holds E3, bought in the portal; `live_id` is its id."""
    world.seed()
    world.live_id = world.portal.buy("alpha")
    return world


def rule_of(world, name):
    change = world.row(name)
    assert change.action == "blocked"
    assert change.steps == ()
    return change.timing.rule


def test_a_subscription_is_adopted_by_its_id(foreign):
    foreign.project.sub("alpha-e3", subscriptionId=foreign.live_id)
    assert foreign.row("alpha-e3").action == "adopt"
    writes = foreign.emulator.stats()["writes"]
    foreign.applied()
    assert foreign.bindings()["alpha-e3"].live_id == foreign.live_id
    assert foreign.emulator.stats()["writes"] == writes
    assert foreign.emulator.purchases == 1
    foreign.assert_converged()


def test_what_differs_is_changed_after_the_adoption(foreign):
    foreign.project.sub("alpha-e3", subscriptionId=foreign.live_id, quantity=14)
    assert [c.action for c in foreign.rows()["alpha-e3"]] == ["adopt", "update"]
    foreign.applied()
    assert foreign.portal.only("alpha")["quantity"] == 14
    assert foreign.emulator.purchases == 1
    foreign.assert_converged()


def test_the_only_subscription_that_matches_is_adopted(foreign):
    foreign.project.sub("alpha-e3")
    assert foreign.row("alpha-e3").action == "adopt"
    foreign.applied()
    assert foreign.bindings()["alpha-e3"].live_id == foreign.live_id
    assert foreign.emulator.purchases == 1
    foreign.assert_converged()


def test_a_twin_that_nobody_owns_stops_a_purchase(foreign):
    foreign.project.sub("alpha-e3", billing="annual")
    change = foreign.row("alpha-e3")
    assert change.timing.rule == "E-UNBOUND-TWIN"
    assert foreign.live_id in change.reason
    assert foreign.apply().code == 3
    assert foreign.emulator.purchases == 1


def test_a_second_one_is_bought_where_twins_are_allowed(foreign):
    foreign.project.sub("alpha-e3", billing="annual", lifecycle={"allowTwin": True})
    assert foreign.apply().code == 4  # the ledger is empty and something is alive
    foreign.applied(allow=["first-apply"])
    assert foreign.emulator.purchases == 2
    assert len(foreign.portal.subscriptions("alpha")) == 2
    foreign.assert_converged()


def test_two_that_match_are_ambiguous(foreign):
    foreign.portal.buy("alpha")
    foreign.project.sub("alpha-e3")
    assert rule_of(foreign, "alpha-e3") == "E-AMBIGUOUS"
    assert foreign.apply().code == 3
    assert foreign.emulator.purchases == 2


def test_two_manifests_that_match_one_subscription_are_ambiguous(foreign):
    foreign.project.sub("alpha-one")
    foreign.project.sub("alpha-two")
    assert {rule_of(foreign, name) for name in ("alpha-one", "alpha-two")} == {"E-AMBIGUOUS"}
    assert foreign.apply().code == 3
    assert foreign.emulator.purchases == 1


def test_one_subscription_named_by_two_manifests_belongs_to_neither(foreign):
    foreign.project.sub("alpha-one", subscriptionId=foreign.live_id)
    foreign.project.sub("alpha-two", subscriptionId=foreign.live_id.upper())
    assert {rule_of(foreign, name) for name in ("alpha-one", "alpha-two")} == {"E-ADOPT-TAKEN"}


def test_a_subscription_that_one_manifest_names_is_not_matched_by_another(foreign):
    foreign.project.sub("alpha-one", subscriptionId=foreign.live_id)
    foreign.project.sub("alpha-two")
    assert foreign.apply().statuses() == {"alpha-one": "done", "alpha-two": "blocked"}
    assert foreign.emulator.purchases == 1
    foreign.applied()
    assert foreign.emulator.purchases == 2
    assert foreign.bindings()["alpha-one"].live_id == foreign.live_id
    foreign.assert_converged()


@pytest.mark.parametrize(
    ("spec", "rule"),
    [
        ({"subscriptionId": "11111111-2222-4333-8444-555555555555"}, "E-ADOPT-MISSING"),
        ({"item": "e5"}, "E-ADOPT-OTHER"),
    ],
)
def test_an_id_that_is_wrong_buys_nothing(foreign, spec, rule):
    foreign.project.sub("alpha-e3", **{"subscriptionId": foreign.live_id, **spec})
    assert rule_of(foreign, "alpha-e3") == rule
    assert foreign.apply().code == 3
    assert foreign.emulator.purchases == 1


def test_removing_a_manifest_sends_nothing_and_the_name_binds_again(bought):
    live_id = bought.portal.only("alpha")["id"]
    bought.project.sub("beta-keeper", item="e5")
    bought.applied()
    writes = bought.emulator.stats()["writes"]
    bought.project.drop("alpha-e3")
    change = bought.row("alpha-e3")
    assert (change.action, change.steps) == ("release", ())
    assert "10 seats keep billing until 2027-11-01" in change.reason
    bought.applied()
    assert bought.emulator.stats()["writes"] == writes
    assert bought.bindings()["alpha-e3"].state == "released"
    bought.assert_converged()
    assert live_id in {u.live_id for u in bought.plan().unmanaged}

    bought.project.sub("alpha-e3")
    assert bought.row("alpha-e3").action == "adopt"
    bought.applied()
    binding = bought.bindings()["alpha-e3"]
    assert (binding.state, binding.live_id) == ("bound", live_id)
    assert bought.emulator.purchases == 2
    bought.assert_converged()


def test_a_released_subscription_whose_manifest_is_back_is_not_given_to_another_one(bought):
    bought.project.sub("alpha-keeper", item="e5")
    bought.applied()
    bought.project.drop("alpha-e3")
    bought.applied()
    bought.project.sub("alpha-e3")
    bought.project.sub("alpha-more")
    bought.apply()
    ids = [b.live_id for b in bought.bindings().values() if b.state == "bound"]
    assert len(ids) == len(set(ids))


def test_a_rename_with_previous_names_moves_the_binding(bought):
    live_id = bought.bindings()["alpha-e3"].live_id
    bought.project.drop("alpha-e3")
    bought.project.sub("alpha-suite", metadata={"previousNames": ["alpha-e3"]}, friendlyName="alpha-e3")
    assert bought.row("alpha-suite").action == "move"
    bought.applied()
    bindings = bought.bindings()
    assert set(bindings) == {"alpha-suite"}
    assert bindings["alpha-suite"].live_id == live_id
    assert bought.emulator.purchases == 1
    bought.assert_converged()


def test_a_rename_without_previous_names_is_blocked_on_both_sides(bought):
    bought.project.drop("alpha-e3")
    bought.project.sub("alpha-suite")
    assert {rule_of(bought, name) for name in ("alpha-e3", "alpha-suite")} == {"E-LOOKS-RENAMED"}
    assert bought.apply().code == 3
    assert bought.emulator.purchases == 1


def test_a_rename_is_seen_when_the_run_is_narrowed_to_the_new_name(bought):
    bought.project.drop("alpha-e3")
    path = bought.project.sub("alpha-suite")
    for narrowing in ({"target": ["Subscription/alpha-suite"]}, {"exclude": ["Subscription/other"]}):
        assert bought.row("alpha-suite", **narrowing).timing.rule == "E-LOOKS-RENAMED"
    assert bought.apply(path).code == 3
    assert bought.emulator.purchases == 1


def test_a_rename_beside_something_foreign_releases_nothing(bought):
    """Once released, the old subscription would be the new name's only match, and lose its seats to it."""
    bought.portal.buy("alpha", "e3", 1)
    bought.project.drop("alpha-e3")
    bought.project.sub("alpha-suite", quantity=1, term="P1M")
    rules = {name: rule_of(bought, name) for name in ("alpha-e3", "alpha-suite")}
    assert rules == {"alpha-e3": "E-LOOKS-RENAMED", "alpha-suite": "E-UNBOUND-TWIN"}
    for _ in range(2):
        assert bought.apply().code == 3
        assert set(bought.bindings()) == {"alpha-e3"}
    assert bought.emulator.purchases == 2  # ours and theirs


def test_a_lost_ledger_does_not_make_a_twin_of_what_was_bought(bought):
    """allowTwin speaks of what others bought; a subscription with the manifest's own name is adopted."""
    live_id = bought.bindings()["alpha-e3"].live_id
    bought.project.sub("alpha-e3", lifecycle={"allowTwin": True})
    for file in (bought.root / ".cspctl").glob("emulator-state.db*"):
        file.unlink()
    bought.applied(allow=frozenset({"first-apply"}))
    assert bought.bindings()["alpha-e3"].live_id == live_id
    assert bought.emulator.purchases == 1


def test_a_rename_of_one_to_two_names_buys_neither(bought):
    bought.project.drop("alpha-e3")
    bought.project.sub("alpha-one", quantity=5)
    bought.project.sub("alpha-two", quantity=5)
    assert bought.apply().code == 3
    assert bought.emulator.purchases == 1


def test_a_protected_subscription_that_is_renamed_is_not_bought_again(world):
    world.project.sub("alpha-e3", lifecycle={"protect": True})
    world.applied()
    world.project.drop("alpha-e3")
    world.project.sub("alpha-suite")
    assert rule_of(world, "alpha-suite") == "E-LOOKS-RENAMED"
    assert world.apply().code == 3
    assert world.emulator.purchases == 1


def test_what_ended_is_bought_again_only_in_a_new_generation(bought):
    old = bought.portal.only("alpha")
    bought.portal.patch("alpha", old["id"], status="deleted")
    assert rule_of(bought, "alpha-e3") == "E-ENDED"
    assert bought.apply().code == 3
    assert bought.emulator.purchases == 1

    bought.project.sub("alpha-e3", generation=2)
    assert bought.row("alpha-e3").action == "create"
    bought.applied()
    assert bought.emulator.purchases == 2
    assert bought.bindings()["alpha-e3"].live_id != old["id"]
    bought.assert_converged()


def test_a_new_generation_is_not_bought_beside_one_that_nobody_owns(bought):
    bought.portal.patch("alpha", bought.portal.only("alpha")["id"], status="deleted")
    replaced = bought.portal.buy("alpha")
    bought.project.sub("alpha-e3", generation=2, billing="annual")
    assert rule_of(bought, "alpha-e3") == "E-UNBOUND-TWIN"
    bought.project.sub("alpha-e3", generation=2)
    assert bought.row("alpha-e3").action == "adopt"
    bought.applied()
    assert bought.bindings()["alpha-e3"].live_id == replaced
    assert bought.emulator.purchases == 2
    bought.assert_converged()


def test_a_protected_subscription_is_not_suspended_cancelled_or_released(world):
    world.project.sub("alpha-e3", lifecycle={"protect": True})
    world.applied()
    world.project.sub("alpha-e3", state="suspended", lifecycle={"protect": True})
    assert rule_of(world, "alpha-e3") == "E-PROTECTED"
    world.project.sub("alpha-e3", state="cancelled", lifecycle={"protect": True})
    assert world.run("validate").code == 10
    world.project.drop("alpha-e3")
    world.project.sub("alpha-e5", item="e5")
    assert rule_of(world, "alpha-e3") == "E-PROTECTED"
    assert world.apply().code == 3
    assert world.bindings()["alpha-e3"].state == "bound"


def test_unprotecting_is_an_apply_of_its_own(world):
    world.project.sub("alpha-e3", lifecycle={"protect": True})
    world.applied()
    world.project.sub("alpha-e3", state="cancelled")
    for _ in range(2):  # repeating it does not help
        assert world.apply().code == 3
        assert world.portal.only("alpha")["status"] == "active"
        assert world.bindings()["alpha-e3"].memory["protect"] is True
    world.project.sub("alpha-e3")
    world.applied()
    world.project.sub("alpha-e3", state="cancelled")
    world.applied()
    assert world.portal.only("alpha")["status"] == "deleted"


def test_an_empty_ledger_against_a_full_partner_buys_nothing(foreign):
    foreign.portal.buy("alpha", "e5")
    foreign.project.sub("alpha-audio", item="audio")
    refused = foreign.apply()
    assert (refused.code, refused.error.code) == (4, "E-GUARD")
    assert "2 subscriptions are already alive" in refused.error.message
    assert foreign.run("plan").code == 4
    assert foreign.emulator.purchases == 2
    foreign.applied(allow=["first-apply"])
    assert foreign.emulator.purchases == 3


def test_an_empty_project_against_bound_subscriptions_is_refused(bought):
    bought.project.drop("alpha-e3")
    refused = bought.apply()
    assert (refused.code, refused.error.code) == (4, "E-GUARD")
    assert "empty-desired" in refused.error.hint
    assert bought.bindings()["alpha-e3"].state == "bound"
    bought.applied(allow=["empty-desired"])
    assert bought.bindings()["alpha-e3"].state == "released"


def test_the_number_of_changes_is_guarded(make_world):
    world = make_world("alpha", guards={"changes": 2})
    for item in ("e3", "e5", "audio"):
        world.project.sub(f"alpha-{item}", item=item)
    refused = world.apply()
    assert (refused.code, refused.error.code) == (4, "E-GUARD")
    assert "3 changes are more than the 2" in refused.error.message
    assert len(world.plan().changes) > 3  # the plan is shown all the same
    assert world.emulator.purchases == 0
    world.applied(allow=["count"])
    assert world.emulator.purchases == 3


def test_seats_are_guarded_and_a_saved_plan_can_be_allowed_at_apply(make_world):
    world = make_world("alpha", guards={"seats": 50})
    world.project.sub("alpha-e3", quantity=51)
    saved = world.save_plan()
    refused = world.apply(saved=saved)
    assert (refused.code, "51 seats added" in refused.error.message) == (4, True)
    assert world.run("apply", "--yes", str(saved)).code == 4
    assert world.run("apply", "--yes", "--allow", "seats", str(saved)).code == 0
    assert world.emulator.purchases == 1


def test_the_share_of_disturbed_subscriptions_is_guarded_from_ten_on(make_world):
    names = [f"t{n}" for n in range(10)]
    world = make_world(*names)
    for name in names:
        world.project.sub(f"{name}-e3", tenant=name)
    world.applied()
    for name in names[:4]:
        world.project.sub(f"{name}-e3", tenant=name, quantity=11)
    refused = world.apply()
    assert refused.code == 4
    assert "4 of 10 managed objects" in refused.error.message
    assert "40 %, guards.percent allows 30 %" in refused.error.message
    world.applied(allow=["percent"])
    assert sum(world.portal.only(n)["quantity"] for n in names) == 104
