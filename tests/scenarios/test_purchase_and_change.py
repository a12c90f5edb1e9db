"""The daily life of subscriptions: buy, change, schedule, end."""

from __future__ import annotations

from datetime import date

# The term bought on 2 November 2026 ends on 1 November 2027, inclusive. Source: Partner Center docs,
# common-billing-scenarios-onetime-recurring (Oct 2023).
END, FIRST_LEGAL = "2027-11-01", date(2027, 11, 2)


def test_a_purchase_is_planned_applied_and_then_nothing_is_left(world):
    world.project.sub("alpha-e3", quantity=30)
    planned = world.row("alpha-e3")
    assert (planned.action, planned.timing.when) == ("create", "now")
    assert world.plan().detailed_exit_code() == 2
    assert world.emulator.purchases == 0

    done = world.applied()

    live = world.portal.only("alpha")
    assert (live["quantity"], live["status"], live["termDuration"]) == (30, "active", "P1Y")
    binding = world.bindings()["alpha-e3"]
    assert (binding.live_id, binding.state, binding.applied["quantity"]) == (live["id"], "bound", 30)
    assert done.statuses() == {"alpha-e3": "done"}
    assert world.emulator.purchases == 1
    world.assert_converged()


def test_the_command_line_says_the_same_with_its_exit_codes(world):
    world.project.sub("alpha-e3")
    assert world.run("plan", "--detailed-exitcode").code == 2
    assert world.run("plan").code == 0
    assert world.run("apply", "--yes").code == 0
    assert world.run("plan", "--detailed-exitcode").code == 0
    second = world.run("apply", "--yes")
    assert (second.code, "No changes" in second.out) == (0, True)
    assert world.emulator.purchases == 1


def test_apply_without_yes_and_without_a_terminal_is_refused_before_anything_is_read(world, monkeypatch):
    world.project.sub("alpha-e3")
    process = world.start("apply")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 4, err
    assert world.emulator.stats()["total"] == 0


def test_seats_are_added_at_once(bought):
    bought.project.sub("alpha-e3", quantity=25)
    change = bought.row("alpha-e3")
    assert [(a.path, a.before, a.after) for a in change.attributes] == [("quantity", 10, 25)]
    assert change.cause.type == "manifest"
    bought.applied()
    assert bought.portal.only("alpha")["quantity"] == 25
    assert bought.bindings()["alpha-e3"].applied["quantity"] == 25
    assert bought.emulator.purchases == 1
    bought.assert_converged()


def test_seats_are_given_back_inside_their_window(bought):
    bought.emulator.advance("P6D")
    bought.project.sub("alpha-e3", quantity=4)
    bought.applied()
    assert bought.portal.only("alpha")["quantity"] == 4
    bought.assert_converged()


def test_seats_cannot_be_given_back_later_and_the_first_legal_day_is_named(bought):
    bought.emulator.advance("P8D")
    bought.project.sub("alpha-e3", quantity=4)
    change = bought.row("alpha-e3")
    assert (change.action, change.timing.rule, change.timing.first_legal) == (
        "blocked", "E-DECREASE-WINDOW", FIRST_LEGAL,
    )  # fmt: skip  # one triple
    assert bought.plan().detailed_exit_code() == 3
    assert bought.apply().code == 3
    assert bought.portal.only("alpha")["quantity"] == 10
    assert bought.bindings()["alpha-e3"].applied["quantity"] == 10


def test_only_the_seats_of_an_open_window_can_be_given_back(bought):
    bought.emulator.advance("P8D")
    bought.project.sub("alpha-e3", quantity=15)
    bought.applied()
    bought.project.sub("alpha-e3", quantity=9)
    assert bought.row("alpha-e3").timing.rule == "E-DECREASE-WINDOW"
    bought.project.sub("alpha-e3", quantity=10)
    bought.applied()
    assert bought.portal.only("alpha")["quantity"] == 10


def test_a_decrease_that_is_too_late_is_scheduled_where_the_manifest_says_so(bought):
    bought.emulator.advance("P8D")
    bought.project.sub("alpha-e3", quantity=4, whenDecreaseNotRefundable="schedule")
    change = bought.row("alpha-e3")
    assert (change.action, change.timing.when, change.timing.on) == ("schedule", "at-renewal", date(2027, 11, 1))
    bought.applied()
    live = bought.portal.only("alpha")
    assert (live["quantity"], live["scheduledNextTermInstructions"]["quantity"]) == (10, 4)
    bought.assert_converged()


def test_what_follows_the_term_is_scheduled(bought):
    bought.project.sub("alpha-e3", endOfTerm={"action": "renew", "on": END, "next": {"quantity": 7}})
    assert bought.row("alpha-e3").action == "schedule"
    bought.applied()
    assert bought.portal.only("alpha")["scheduledNextTermInstructions"]["quantity"] == 7
    bought.assert_converged()


def test_a_schedule_survives_a_change_of_seats_because_it_is_restored(bought):
    end = {"action": "renew", "on": END, "next": {"quantity": 7}}
    bought.project.sub("alpha-e3", endOfTerm=end)
    bought.applied()
    bought.project.sub("alpha-e3", quantity=12, endOfTerm=end)
    change = bought.row("alpha-e3")
    assert [s.type for s in change.steps] == ["subscription.patch", "subscription.schedule"]
    assert len({s.unit for s in change.steps}) == 1
    bought.applied()
    live = bought.portal.only("alpha")
    assert (live["quantity"], live["scheduledNextTermInstructions"]["quantity"]) == (12, 7)
    bought.assert_converged()


def test_a_schedule_that_is_not_wanted_any_more_is_removed(bought):
    bought.project.sub("alpha-e3", endOfTerm={"action": "renew", "on": END, "next": {"quantity": 7}})
    bought.applied()
    bought.project.sub("alpha-e3")
    bought.applied()
    assert not bought.portal.only("alpha").get("scheduledNextTermInstructions")
    bought.assert_converged()


def test_a_subscription_is_suspended_and_comes_back_with_its_renewal(bought):
    bought.project.sub("alpha-e3", state="suspended")
    assert bought.row("alpha-e3").action == "suspend"
    bought.applied()
    assert bought.portal.only("alpha")["status"] == "suspended"
    bought.assert_converged()

    bought.project.sub("alpha-e3")
    assert bought.row("alpha-e3").action == "reactivate"
    bought.applied()
    live = bought.portal.only("alpha")
    assert (live["status"], live["autoRenewEnabled"]) == ("active", True)
    assert bought.emulator.purchases == 1
    bought.assert_converged()


def test_a_subscription_is_cancelled_inside_its_window_and_never_bought_again(bought):
    bought.emulator.advance("P6D")
    bought.project.sub("alpha-e3", state="cancelled")
    assert bought.row("alpha-e3").action == "cancel"
    bought.applied()
    assert bought.portal.only("alpha")["status"] == "deleted"
    bought.assert_converged()
    bought.project.sub("alpha-e3")
    assert bought.row("alpha-e3").timing.rule == "E-ENDED"
    assert bought.apply().code == 3
    assert bought.emulator.purchases == 1


def test_a_cancellation_after_its_window_is_blocked_with_the_first_legal_day(bought):
    bought.emulator.advance("P8D")
    bought.project.sub("alpha-e3", state="cancelled")
    change = bought.row("alpha-e3")
    assert (change.action, change.timing.rule, change.timing.first_legal) == ("blocked", "E-CANCEL-WINDOW", FIRST_LEGAL)
    assert bought.apply().code == 3
    assert bought.portal.only("alpha")["status"] == "active"


def test_a_term_is_extended_and_never_shortened(world):
    world.project.sub("alpha-e3", term="P1M")
    world.applied()
    world.project.sub("alpha-e3", term="P1Y")
    assert world.row("alpha-e3").action == "extend-term"
    world.applied()
    live = world.portal.only("alpha")
    assert (live["termDuration"], live["commitmentEndDate"][:10]) == ("P1Y", END)
    world.assert_converged()
    world.project.sub("alpha-e3", term="P1M")
    assert world.row("alpha-e3").timing.rule == "E-TERM-SHORTER"
    assert world.emulator.purchases == 1


def test_the_name_that_customers_see_is_changed(bought):
    bought.project.sub("alpha-e3", friendlyName="Head office")
    bought.applied()
    assert bought.portal.only("alpha")["friendlyName"] == "Head office"
    bought.assert_converged()


def test_a_purchase_is_aligned_to_a_subscription_bought_in_the_same_apply(world):
    world.project.sub("alpha-main", endDate={"alignTo": "calendar-month"})
    world.project.sub("alpha-also", item="e5", endDate={"alignTo": "alpha-main"})
    world.applied()
    ends = {s["friendlyName"]: s["commitmentEndDate"][:10] for s in world.portal.subscriptions("alpha")}
    assert ends == {"alpha-main": "2027-10-31", "alpha-also": "2027-10-31"}
    assert world.emulator.purchases == 2
    world.assert_converged()


def test_a_chain_of_alignments_is_bought_from_its_end(world):
    world.project.sub("a-last", item="audio", endDate={"alignTo": "z-middle"})
    world.project.sub("z-middle", item="e5", endDate={"alignTo": "m-first"})
    world.project.sub("m-first", endDate={"alignTo": "calendar-month"})
    world.applied()
    assert {s["commitmentEndDate"][:10] for s in world.portal.subscriptions("alpha")} == {"2027-10-31"}
    assert world.emulator.purchases == 3


def test_an_add_on_is_bought_after_what_it_requires(world):
    world.project.sub("a-addon", item="audio", requires="z-main")
    world.project.sub("z-main")
    rows = [c.addr.name for c in world.plan().changes if c.addr.kind == "Subscription"]
    assert rows == ["z-main", "a-addon"]
    world.applied()
    assert [s["friendlyName"] for s in world.portal.subscriptions("alpha")].count("a-addon") == 1
    assert world.emulator.purchases == 2


def test_an_add_on_is_not_bought_when_what_it_requires_failed(world):
    world.project.sub("a-addon", item="audio", requires="z-main")
    world.project.sub("z-main")
    world.emulator.fault("POST", "/v1/customers/{customer_id}/carts", status=400, body={"code": 800002})
    done = world.apply()
    assert (done.code, done.statuses()) == (3, {"z-main": "failed", "a-addon": "not-tried"})
    assert world.emulator.purchases == 0
