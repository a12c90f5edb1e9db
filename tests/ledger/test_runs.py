from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from cspctl.errors import CspctlError
from cspctl.ledger.ledger import Ledger
from cspctl.model.ports import RunRecord


def record(now: datetime, number: int = 1, plan_id: str = "plan-1") -> RunRecord:
    return RunRecord(
        id=f"run-{number}",
        plan_id=plan_id,
        digest="d1",
        actor="ada",
        started_at=now + timedelta(minutes=number),
        plan='{"changes":[]}',
    )


def test_a_run_begins_and_ends(ledger: Ledger, now: datetime) -> None:
    ledger.begin_run(record(now))
    assert ledger.run("run-1") == record(now)
    ledger.finish_run("run-1", status="partial", exit_code=3, at=now)
    assert ledger.run("run-1") == replace(record(now), status="partial", exit_code=3, finished_at=now)


def test_an_unknown_run_is_none(ledger: Ledger) -> None:
    assert ledger.run("run-9") is None


def test_ending_what_never_began_is_an_error(ledger: Ledger, now: datetime) -> None:
    with pytest.raises(KeyError):
        ledger.finish_run("run-9", status="done", exit_code=0, at=now)


def test_runs_are_listed_newest_first_without_plans(ledger: Ledger, now: datetime) -> None:
    for number in (2, 1, 3):
        ledger.begin_run(record(now, number))
    assert [(run.id, run.plan) for run in ledger.runs(limit=2)] == [("run-3", ""), ("run-2", "")]


def test_runs_of_one_plan(ledger: Ledger, now: datetime) -> None:
    ledger.begin_run(record(now, 1, "plan-1"))
    ledger.begin_run(record(now, 2, "plan-2"))
    ledger.begin_run(record(now, 3, "plan-1"))
    assert [run.id for run in ledger.runs_of_plan("plan-1")] == ["run-3", "run-1"]


def test_an_id_serves_once(ledger: Ledger, now: datetime) -> None:
    ledger.begin_run(record(now))
    with pytest.raises(CspctlError) as caught:
        ledger.begin_run(record(now))
    assert caught.value.code == "E-LEDGER-CONFLICT"


def test_the_same_id_may_live_in_both_environments(opened: Callable[..., Ledger], now: datetime) -> None:
    live, emulator = opened("live"), opened("emulator")
    live.begin_run(record(now))
    assert emulator.run("run-1") is None
    assert emulator.runs() == []
    emulator.begin_run(record(now))
    emulator.finish_run("run-1", status="done", exit_code=0, at=now)
    found = live.run("run-1")
    assert found is not None
    assert found.status == "running"
