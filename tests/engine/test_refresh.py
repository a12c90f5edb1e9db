"""Which snapshots are trusted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from cspctl.engine.observation import TenantScope
from cspctl.engine.refresh import Known, Written, known_tenants, problems, records_since, renewing, touched, young
from cspctl.model.live import LiveObject
from cspctl.model.reading import ReadingNote

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
KINDS = ["Subscription"]
TENANTS = [TenantScope("t1", "one", "a"), TenantScope("t2", "two", "a")]


def note(scope, *, account="a", kind="Subscription", age=1, written=None, problem=None):
    at = NOW - age * MINUTE
    return ReadingNote(kind, account, scope, at, at, written, 0, problem)


def known(scope="t1", *, age=1, wall_age=None, written=None):
    return Known(scope, "a", NOW - age * MINUTE, NOW - (age if wall_age is None else wall_age) * MINUTE, written)


def test_only_mapped_tenants_of_their_own_account_that_were_read_in_full_are_known():
    notes = [note("t1"), note("t2", account="b"), note("t3")]
    assert set(known_tenants(TENANTS, notes, KINDS)) == {"t1"}
    assert set(known_tenants(TENANTS, [note("t1"), note("t2")], ["Subscription", "User"])) == set()
    both = [note("t1", age=9), note("t1", kind="User", age=3)]
    assert known_tenants(TENANTS, both, ["Subscription", "User"])["t1"].read_at == NOW - 9 * MINUTE


def test_a_failed_reading_is_no_knowledge():
    assert known_tenants(TENANTS, [note("t1", problem="403")], KINDS) == {}
    assert set(problems(TENANTS, [note("t1", problem="403"), note("t2")])) == {"t1"}


@pytest.mark.parametrize(
    ("one", "trusted"),
    [
        (known(age=15), True),
        (known(age=16), False),
        (known(age=1, wall_age=16), False),
        (known(age=-1), False),
        (known(age=1, written=NOW - 17 * MINUTE), True),
        (known(age=1, written=NOW - 16 * MINUTE), False),
        (known(age=1, written=NOW), False),
    ],
    ids=["15 min", "16 min", "old by the wall", "ahead of the clock", "long settled", "just settled", "since"],
)
def test_fifteen_minutes_by_both_clocks_and_no_write_of_ours(one, trusted):
    assert bool(young({"t1": one}, now=NOW, wall=NOW)) is trusted


def test_records_touch_the_tenants_they_name():
    tenants = {"t1": known("t1", age=5), "t2": known("t2", age=1)}
    assert records_since(tenants.values()) == NOW - 20 * MINUTE
    records = [Written("t1", NOW), Written("elsewhere", NOW), Written("t2", NOW - 30 * MINUTE)]
    assert touched(records, tenants) == {"t1"}
    assert touched([Written("t2", NOW - 10 * MINUTE)], tenants) == {"t2"}, "lists lag behind writes"
    assert touched([], tenants) == set()


@pytest.mark.parametrize("record", [Written(None, NOW), Written("t1", None)])
def test_a_record_that_does_not_say_enough_spoils_them_all(record):
    assert touched([record], {"t1": known()}) is None


@pytest.mark.parametrize(
    ("end", "found"), [("2026-11-18", False), ("2026-11-19", True), ("2026-11-22", True), ("2026-11-23", False)]
)
def test_where_a_term_ends_about_now_time_itself_changes_things(end, found):
    one = LiveObject("Subscription", "s", "t1", {}, {"commitmentEnd": end})
    assert bool(renewing([one], date(2026, 11, 21))) is found
