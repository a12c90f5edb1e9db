"""`discover` against the emulator: what it sends, what survives a kill, and what a reader sees meanwhile."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

ACCOUNT = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
SECOND = "9e2d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a11"
LIST = "GET /v1/customers"
SUBSCRIPTIONS = "GET /v1/customers/{customer_id}/subscriptions"


def status(partner, *more):
    return partner.run("discover", "status", "--format", "json", *more).json


def done(partner):
    """Customers read so far; quicker than a command."""
    with partner.ledger() as ledger:
        return ledger.discoveries.of([ACCOUNT])[0].done


def test_calls_are_the_pages_of_the_list_and_one_per_customer(make_partner):
    partner = make_partner(30)
    assert status(partner)[0]["state"] == "not-started"
    sent = partner.requests_of(lambda: partner.run("discover", "start"))
    assert sent == {LIST: 1, SUBSCRIPTIONS: 30}
    (seen,) = status(partner)
    assert (seen["state"], seen["total"], seen["done"], seen["objects"]) == ("completed", 30, 30, 60)
    assert (seen["partial"], seen["gaps"], seen["changed"]) == (False, 0, 60)


def test_with_one_customer_per_page_the_numbers_agree(make_partner, one_per_page):
    partner = make_partner(12)
    sent = partner.requests_of(lambda: partner.run("discover", "start"))
    assert sent == {LIST: 12, SUBSCRIPTIONS: 12}
    (seen,) = status(partner, "--customers")
    held = partner.control("GET", "stats")
    assert (len(seen["customers"]), seen["objects"]) == (held["customers"], held["subscriptions"])


def test_reading_the_status_sends_nothing(make_partner):
    partner = make_partner(3)
    partner.run("discover", "start")
    assert partner.requests_of(lambda: partner.run("discover", "status", "--customers")) == {}


def test_a_second_run_without_a_change_writes_no_object(make_partner):
    partner = make_partner(10)
    assert partner.run("discover", "start").code == 0
    with partner.ledger() as ledger:
        before = ledger.snapshots()
    ran = partner.run("discover", "start")
    assert ran.code == 0
    assert "nothing had changed" in ran.out
    with partner.ledger() as ledger:
        assert ledger.snapshots() == before
    assert status(partner)[0]["changed"] == 0


def test_killed_half_way_and_resumed_no_customer_is_read_twice_after_its_checkpoint(make_partner):
    partner = make_partner(300, latency_ms=150)
    process = partner.start("discover", "start")
    partner.wait_for(lambda: done(partner) >= 100, "reading a third")
    process.send_signal(signal.SIGKILL)
    process.wait()

    (seen,) = status(partner, "--customers")
    assert (seen["state"], seen["code"]) == ("error", "E-DISCOVERY-INTERRUPTED")
    assert seen["partial"] and seen["resumable"]
    kept = seen["done"]
    assert 100 <= kept < 300
    states = [c["state"] for c in seen["customers"]]
    assert (states.count("read"), states.count("unread")) == (kept, 300 - kept)
    text = partner.run("discover", "status").out
    assert f"{kept} of 300 customers" in text
    assert f"goes on with the {300 - kept} customers left" in text
    with partner.ledger() as ledger:
        assert len(ledger.snapshots("Subscription")) == seen["objects"] == 2 * kept

    sent = partner.requests_of(lambda: partner.run("discover", "resume"))
    assert sent == {SUBSCRIPTIONS: 300 - kept}
    (seen,) = status(partner)
    assert (seen["state"], seen["done"], seen["objects"], seen["code"]) == ("completed", 300, 600, None)


def test_stop_from_another_process_is_graceful(make_partner):
    partner = make_partner(300, latency_ms=150)
    process = partner.start("discover", "start")
    partner.wait_for(lambda: done(partner) > 0, "the first checkpoint")
    running = partner.run("discover", "status")
    assert "in-progress" in running.out and "left" in running.out
    assert partner.run("discover", "start").code == 4, "one discovery of an account at a time"
    stopped = partner.run("discover", "stop", "--format", "json").json[0]
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 9
    assert (stopped["state"], stopped["code"]) == ("stopped", None)
    assert f"{stopped['done']} of 300 customers" in out
    sent = partner.requests_of(lambda: partner.run("discover", "resume"))
    assert sent == {SUBSCRIPTIONS: 300 - stopped["done"]}


def test_sigterm_is_a_stop_too(make_partner):
    partner = make_partner(300, latency_ms=150)
    process = partner.start("discover", "start")
    partner.wait_for(lambda: done(partner) > 0, "the first checkpoint")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 9
    assert status(partner)[0]["state"] == "stopped"


def test_a_lost_right_is_an_error_with_its_cause(make_partner):
    partner = make_partner(60)
    partner.fault(method="GET", path="/v1/customers/{customer_id}/subscriptions", nth=20, times=0, status=401)
    ran = partner.run("discover", "start")
    assert ran.code == 6
    (seen,) = status(partner)
    assert (seen["state"], seen["resumable"]) == ("error", True)
    assert seen["code"] and seen["message"]
    assert seen["code"] in ran.out
    partner.heal()
    sent = partner.requests_of(lambda: partner.run("discover", "resume"))
    assert sent == {SUBSCRIPTIONS: 60 - seen["done"]}
    assert status(partner)[0]["state"] == "completed"


def test_a_customer_that_may_not_be_read_is_a_gap_that_resume_tries_again(make_partner):
    partner = make_partner(5)
    partner.fault(method="GET", path="/v1/customers/{customer_id}/subscriptions", nth=2, times=1, status=403)
    assert partner.run("discover", "start").code == 3
    (seen,) = status(partner, "--customers")
    assert (seen["state"], seen["done"], seen["gaps"]) == ("completed", 5, 1)
    assert [c["state"] for c in seen["customers"]].count("gap") == 1
    assert partner.requests_of(lambda: partner.run("discover", "resume")) == {SUBSCRIPTIONS: 1}
    (seen,) = status(partner)
    assert (seen["state"], seen["gaps"]) == ("completed", 0)


def test_two_accounts_each_have_a_state_of_their_own(make_partner):
    partner = make_partner(4, accounts=(ACCOUNT, SECOND))
    assert partner.run("discover", "start", "--reseller", "bravo").code == 0
    assert [(s["reseller"], s["state"]) for s in status(partner)] == [("acme", "not-started"), ("bravo", "completed")]
    assert partner.run("discover", "start").code == 0
    assert {s["state"] for s in status(partner)} == {"completed"}
    assert partner.run("discover", "resume").code == 4
    unknown = partner.run("discover", "status", "--reseller", "nobody")
    assert unknown.code == 10
    assert "acme" in unknown.err and "bravo" in unknown.err


def test_declining_leaves_everything_as_it_was(make_partner):
    partner = make_partner(3)
    for answer, code in (("no\n", 4), ("yes\n", 0)):
        ours, theirs = pty.openpty()
        command = [sys.executable, "-m", "cspctl", "--emulator", "--config", str(partner.root), "discover", "start"]
        before = partner.requests()
        process = subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        os.close(theirs)
        os.write(ours, answer.encode())
        process.communicate(timeout=30)
        os.close(ours)
        assert process.returncode == code
        if code:
            assert partner.requests() == before
            assert not (Path(partner.root) / ".cspctl/emulator-state.db").exists()
            assert status(partner)[0]["state"] == "not-started"
    assert status(partner)[0]["state"] == "completed"
