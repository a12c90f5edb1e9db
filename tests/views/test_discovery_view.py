"""What a reader sees of a discovery."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from cspctl.model.discovery import Discovery, DiscoveryState, KnownCustomer
from cspctl.views import discovery, table

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ACCOUNT = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"


def running(**more):
    base = {
        "account": ACCOUNT, "state": DiscoveryState.IN_PROGRESS, "id": "d", "started_at": NOW - timedelta(minutes=10),
        "beat_at": NOW, "total": 900, "done": 300, "objects": 700,
    }  # fmt: skip  # one block of facts
    return Discovery(**(base | more))


def text(one, name="acme"):
    return discovery.text([(name, one)], NOW)


def test_a_running_one_tells_counts_and_the_time_left():
    shown = text(running())
    assert "in-progress, 300 of 900 customers (33 %), about 20 min left" in " ".join(shown.split())
    assert "700 objects of 300 customers can be used already" in shown
    assert running().seconds_left(NOW) == 1200


def test_the_pace_is_that_of_the_stretch_since_it_was_resumed():
    one = running(resumed_at=NOW - timedelta(minutes=1), done_before=240)
    assert one.seconds_left(NOW) == 600


@pytest.mark.parametrize("one", [running(total=None), running(done=0), running(state=DiscoveryState.STOPPED)])
def test_where_the_time_left_cannot_be_known_nothing_is_said(one):
    assert one.seconds_left(NOW) is None
    assert " left," not in text(one)


def test_an_error_tells_cause_and_where_it_goes_on():
    one = running(state=DiscoveryState.ERROR, code="E-UNREACHABLE", message="no answer\x1b[31m", gaps=2)
    shown = text(one)
    assert "E-UNREACHABLE: no answer\\x1b[31m" in shown
    assert "cspctl discover resume goes on with the 602 customers left" in shown


def test_names_of_others_cannot_steer_the_terminal():
    assert "\x1b" not in text(running(), name="acme\x1b]0;x\x07")


def test_json_has_the_five_states_and_every_number():
    for state in DiscoveryState:
        (record,) = json.loads(discovery.json([("acme", running(state=state))], NOW))
        assert record["state"] == state.value
        assert (record["total"], record["done"], record["partial"]) == (900, 300, state != "completed")
    assert [s.value for s in DiscoveryState] == ["not-started", "in-progress", "stopped", "error", "completed"]


def test_customers_are_read_unread_or_gaps():
    known = [
        KnownCustomer(ACCOUNT, "c1", "=One", "one.example", NOW, 2),
        KnownCustomer(ACCOUNT, "c2", "Two", "two.example"),
        KnownCustomer(ACCOUNT, "c3", "Three", "three.example", NOW, 0, "403"),
    ]
    shown = discovery.customer_table(known, {"c2": "two"})
    assert shown.keys == ("customer", "name", "domain", "state", "objects", "mapping", "problem")
    assert [row[3] for row in shown.rows] == ["read", "unread", "gap"]
    assert discovery.customer_table(known[:1], {}).keys == ("customer", "name", "domain", "state", "objects")
    assert "'=One" in table.csv(shown)
    (record,) = json.loads(discovery.json([("acme", running())], NOW, known))
    assert [c["state"] for c in record["customers"]] == ["read", "unread", "gap"]
