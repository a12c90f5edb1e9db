"""Who changed what behind Git's back, and the log that cannot be changed unseen."""

from __future__ import annotations

import json
import sqlite3

import pytest

PORTAL_USER = "mallory@portal.example"


def drift_rows(world):
    return world.workspace().drift().rows


def test_a_change_in_the_portal_is_drift_with_who_when_and_how(bought):
    at = bought.emulator.advance("PT3H")
    live = bought.portal.only("alpha")
    bought.portal.patch("alpha", live["id"], quantity=17)

    (row,) = drift_rows(bought)
    assert (row.address, row.path, row.old, row.new, row.klass) == (
        "Subscription/alpha-e3",
        "quantity",
        10,
        17,
        "changed",
    )
    assert (row.principal, row.operation) == (PORTAL_USER, "update_subscription")
    assert row.at.isoformat().replace("+00:00", "Z") == at
    assert row.revertible is True

    told = bought.run("drift")
    assert told.code == 2
    assert all(word in told.out for word in ("alpha-e3", "10", "17", PORTAL_USER, "update_subscription"))
    machine = json.loads(bought.run("drift", "--format", "json").out)
    assert "alpha-e3" in json.dumps(machine)


def test_apply_after_drift_takes_it_back(bought):
    bought.portal.patch("alpha", bought.portal.only("alpha")["id"], quantity=17)
    assert bought.row("alpha-e3").cause.type == "drift"
    bought.applied()
    assert bought.portal.only("alpha")["quantity"] == 10
    assert drift_rows(bought) == ()
    bought.assert_converged()


def test_drift_that_cannot_be_taken_back_any_more_says_so(bought):
    bought.portal.patch("alpha", bought.portal.only("alpha")["id"], quantity=17)
    bought.emulator.advance("P8D")
    (row,) = drift_rows(bought)
    assert row.revertible is False
    assert bought.row("alpha-e3").timing.rule == "E-DECREASE-WINDOW"


def test_no_drift_right_after_an_apply(bought):
    assert drift_rows(bought) == ()
    assert bought.run("drift").code == 0


def test_a_change_that_the_manifest_wants_too_is_no_drift(bought):
    bought.portal.patch("alpha", bought.portal.only("alpha")["id"], quantity=17)
    bought.project.sub("alpha-e3", quantity=17)
    assert drift_rows(bought) == ()
    writes = bought.emulator.stats()["writes"]
    bought.applied()
    assert bought.emulator.stats()["writes"] == writes
    assert bought.bindings()["alpha-e3"].applied["quantity"] == 17


def test_an_edit_of_the_manifest_that_is_not_applied_yet_is_no_drift(bought):
    bought.project.sub("alpha-e3", quantity=17)
    assert drift_rows(bought) == ()
    assert bought.run("drift").code == 0


def test_drift_and_a_pending_edit_of_the_same_attribute(bought):
    bought.portal.patch("alpha", bought.portal.only("alpha")["id"], quantity=17)
    bought.project.sub("alpha-e3", quantity=30)
    (row,) = drift_rows(bought)
    assert (row.old, row.new) == (10, 17)
    assert bought.row("alpha-e3").cause.type == "manifest"


def test_an_own_schedule_is_no_drift_and_a_foreign_one_is(bought):
    end = {"action": "renew", "on": "2027-11-01", "next": {"quantity": 7}}
    bought.project.sub("alpha-e3", endOfTerm=end)
    bought.applied()
    assert drift_rows(bought) == ()
    live = bought.portal.only("alpha")
    instructions = {**live["scheduledNextTermInstructions"], "quantity": 3}
    bought.portal.patch("alpha", live["id"], scheduledNextTermInstructions=instructions)
    (row,) = drift_rows(bought)
    assert row.path == "next"


def test_own_scheduled_changes_that_landed_are_no_drift(bought):
    end = {"action": "renew", "on": "2027-11-01", "next": {"quantity": 7}}
    bought.project.sub("alpha-e3", endOfTerm=end)
    bought.applied()
    bought.emulator.control("POST", "clock", {"now": "2027-11-03T09:00:00Z"})
    live = bought.portal.only("alpha")
    assert (live["commitmentEndDate"][:10], live["quantity"]) == ("2028-11-01", 7)
    assert drift_rows(bought) == ()
    assert bought.rows() == {}


def test_what_was_cancelled_in_the_portal_has_ended(bought):
    bought.portal.patch("alpha", bought.portal.only("alpha")["id"], status="deleted")
    (row,) = drift_rows(bought)
    assert (row.klass, row.new, row.revertible, row.principal) == ("ended", "cancelled", False, PORTAL_USER)
    assert bought.run("drift").code == 2


def test_what_could_not_be_read_is_no_drift_but_no_clean_bill_either(bought):
    path = f"/v1/customers/{bought.project.tenants['alpha']}/subscriptions"
    bought.emulator.fault("GET", path, times=0, status=403)
    found = bought.workspace().drift()
    assert (found.rows, len(found.gaps)) == ((), 1)
    assert bought.run("drift").code == 3


def test_an_empty_answer_is_no_drift_either(bought):
    path = f"/v1/customers/{bought.project.tenants['alpha']}/subscriptions"
    bought.emulator.fault("GET", path, times=0, status=200, body={"totalCount": 0, "items": []})
    assert bought.workspace().drift().rows == ()
    assert bought.run("drift").code == 3


def tamper(world, statement, *values):
    """What somebody who owns the file can do, guards against slips of the hand taken off first."""
    connection = sqlite3.connect(world.root / ".cspctl/emulator-state.db")
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    assert connection.execute(statement, values).rowcount == 1
    connection.commit()
    connection.close()


def test_the_audit_log_holds_every_write_and_verifies(bought):
    events = bought.workspace().audit_list(subscription="alpha-e3")
    steps = [(e.step, e.outcome) for e in events if e.step]
    assert steps == [("cart.create", "done"), ("cart.checkout", "done")]
    assert all(e.request_id and e.correlation_id and e.digest for e in events if e.step)
    told = bought.run("audit", "list", "--subscription", "alpha-e3")
    assert (told.code, told.out.count("step")) == (0, 2)
    assert "cart.checkout" in bought.run("audit", "list", "--subscription", "alpha-e3", "--format", "json").out
    verified = bought.run("audit", "verify")
    assert verified.code == 0, verified.err


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET outcome = 'Done' WHERE seq = 3",
        "UPDATE audit SET detail = replace(detail, 'a', 'b') WHERE seq = 3",
        "UPDATE audit SET at = replace(at, '09:00', '09:01') WHERE seq = 3",
        "DELETE FROM audit WHERE seq = 3",
    ],
    ids=["outcome", "detail", "time", "row"],
)
def test_one_changed_byte_in_the_log_is_found_and_named(bought, statement):
    tamper(bought, statement)
    told = bought.run("audit", "verify")
    assert told.code == 1
    assert "row 3" in told.err


def test_a_log_cut_off_at_its_end_is_found_with_an_anchor(bought):
    anchor = bought.root / "anchor.json"
    anchor.write_text(bought.workspace().audit_anchor(), "utf-8")
    last = max(e.seq for e in bought.workspace().audit_list())
    tamper(bought, "DELETE FROM audit WHERE seq = ?", last)
    assert bought.run("audit", "verify").code == 0  # the chain itself is whole
    told = bought.run("audit", "verify", "--anchor", str(anchor))
    assert (told.code, f"row {last}" in told.err) == (1, True)


def test_no_secret_is_in_the_ledger(bought):
    content = (bought.root / ".cspctl/emulator-state.db").read_bytes()
    assert bought.emulator.handle.control_token.encode() not in content
    assert b"Bearer " not in content
    assert b"refresh_token" not in content
