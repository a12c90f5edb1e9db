"""`plan --refresh none|auto|full`: what is sent, and what is said about how old the knowledge is."""

from __future__ import annotations

import subprocess
import sys

import pytest

LIST = "GET /v1/customers"
SUBSCRIPTIONS = "GET /v1/customers/{customer_id}/subscriptions"
AUDIT = "GET /v1/auditrecords"


@pytest.fixture
def known(make_partner):
    """A partner that was just discovered, with three tenants mapped."""
    partner = make_partner(20)
    assert partner.run("discover", "start").code == 0
    partner.map(*partner.tenants()[:3])
    return partner


def plan(partner, *options):
    ran = partner.run("plan", "--format", "json", *options)
    assert ran.code == 0, ran.err
    return ran.json


def codes(made):
    return [f["code"] for f in made["findings"]]


def test_none_sends_nothing_and_says_how_old_it_is(known):
    total = known.control("GET", "stats")["total"]
    made = plan(known, "--refresh", "none")
    assert known.control("GET", "stats")["total"] == total
    assert (made["refresh"], made["gaps"], len(made["unmanaged"])) == ("none", [], 6)
    assert codes(made) == ["I-REFRESH-NONE"]
    assert "less than a minute old" in made["findings"][0]["message"]
    known.control("POST", "clock", {"advance": "P3D"})
    assert "3 days old" in plan(known, "--refresh", "none")["findings"][0]["message"]


def test_none_needs_no_emulator_no_secret_and_loads_no_client(known):
    known.handle.close()
    script = (
        "import sys\nfrom cspctl.cli.main import run\n"
        "code = run(sys.argv[1:])\n"
        "assert not {'httpx', 'httpcore', 'msal', 'uvicorn', 'starlette'} & set(sys.modules), 'a client was loaded'\n"
        "sys.exit(code)"
    )
    for extra in (["--emulator"], []):
        command = [sys.executable, "-c", script, *extra, "--config", str(known.root), "plan", "--refresh", "none"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    assert "W-REFRESH-NONE" in done.stdout, "the live ledger knows nothing"


def test_none_takes_a_tenant_that_was_never_read_for_a_gap(known):
    known.sell()
    known.map(*known.tenants()[:3], "0d2a6f5e-1f43-4f0b-b7a3-000000000001")
    known.subscription("new", "t3")
    made = plan(known, "--refresh", "none")
    assert [(g["scopeLabel"], "discover start" in g["reason"]) for g in made["gaps"]] == [("t3", True)]
    (row,) = [c for c in made["changes"] if c["action"] != "local"]
    assert (row["action"], row["timing"]["rule"]) == ("blocked", "E-GAP")


def test_after_an_apply_none_knows_what_was_done(known):
    known.sell()
    known.subscription("new", "t0")
    assert known.run("apply", "--yes", "--allow", "first-apply").code == 0
    assert plan(known, "--refresh", "none")["changes"] == []
    assert plan(known)["changes"] == []


def test_auto_asks_the_records_alone_where_nothing_happened(known):
    sent = known.requests_of(lambda: plan(known))
    assert sent == {AUDIT: 1}
    made = plan(known)
    assert (made["refresh"], codes(made), len(made["unmanaged"])) == ("auto", ["I-REFRESH-AUTO"], 6)


def test_full_reads_every_mapped_tenant(known):
    made = []
    sent = known.requests_of(lambda: made.append(plan(known, "--refresh", "full")))
    assert sent == {LIST: 1, SUBSCRIPTIONS: 3}
    assert (made[0]["refresh"], codes(made[0])) == ("full", [])


def test_auto_reads_the_tenant_that_somebody_wrote_to(known):
    known.portal_rename(known.tenants()[1])
    sent = known.requests_of(lambda: plan(known))
    assert sent == {AUDIT: 1, LIST: 1, SUBSCRIPTIONS: 1}


def test_auto_reads_everything_once_fifteen_minutes_have_passed(known):
    known.control("POST", "clock", {"advance": "PT16M"})
    assert known.requests_of(lambda: plan(known)) == {LIST: 1, SUBSCRIPTIONS: 3}


def test_auto_reads_a_tenant_that_was_never_read(known):
    tenants = known.tenants()[:3]
    extra = "0d2a6f5e-1f43-4f0b-b7a3-000000000001"
    customer = {"id": extra, "domain": "late.onmicrosoft.com", "companyName": "Late", "market": "DE"}
    known.control("POST", "seed", {"customers": [customer]})
    known.map(*tenants, extra)
    assert known.requests_of(lambda: plan(known)) == {AUDIT: 1, LIST: 1, SUBSCRIPTIONS: 1}


@pytest.mark.parametrize("status", [403, 404])
def test_auto_reads_everything_where_the_records_cannot_be_had_and_says_so(known, status):
    known.fault(method="GET", path="/v1/auditrecords", times=0, status=status)
    made = []
    sent = known.requests_of(lambda: made.append(plan(known)))
    assert (sent[LIST], sent[SUBSCRIPTIONS]) == (1, 3)
    assert (made[0]["refresh"], codes(made[0])) == ("full", ["W-REFRESH-FULL"])


def test_auto_never_shows_a_change_on_the_word_of_a_snapshot(known):
    known.sell()
    known.subscription("new", "t1")
    made = []
    sent = known.requests_of(lambda: made.append(plan(known, "--allow", "first-apply")))
    assert sent == {AUDIT: 1, LIST: 1, SUBSCRIPTIONS: 1}
    assert [c["address"] for c in made[0]["changes"] if c["action"] == "create"] == ["Subscription/new"]


def test_auto_reads_what_an_apply_wrote_to(known):
    known.sell()
    known.subscription("new", "t1")
    assert known.run("apply", "--yes", "--allow", "first-apply").code == 0
    assert known.requests_of(lambda: plan(known)) == {AUDIT: 1, LIST: 1, SUBSCRIPTIONS: 1}


def test_a_plan_writes_nothing_in_any_mode(known):
    state = known.root / ".cspctl/emulator-state.db"
    before = state.read_bytes()
    for mode in ("none", "auto", "full"):
        plan(known, "--refresh", mode)
    assert state.read_bytes() == before
    assert not state.with_name(state.name + "-wal").exists()


def test_drift_that_is_recorded_refreshes_the_snapshots(known):
    known.control("POST", "clock", {"advance": "PT1H"})
    assert known.run("drift", "--record").code == 0
    assert "less than a minute old" in plan(known, "--refresh", "none")["findings"][0]["message"]
