"""The five states in the ledger, who may write them, and what a dead process leaves behind."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cspctl.errors import LeaseHeldError, RefusedError
from cspctl.ledger.discoveries import KILLED, SILENCE
from cspctl.ledger.process import ProcessMark
from cspctl.model.discovery import DiscoveryState
from cspctl.model.reading import TenantReading

ACCOUNT = "11111111-1111-1111-1111-111111111111"
THREE = {"c1": ("One", "one.example"), "c2": ("Two", "two.example"), "c3": ("Three", "three.example")}


@pytest.fixture
def log(ledger):
    return ledger.discoveries


@pytest.fixture
def begin(log, realm):
    def it(*, resume=False):
        return log.begin(ACCOUNT, realm, "tester", resume=resume)

    return it


def state(log):
    return log.of([ACCOUNT])[0]


def reading(now, customer, problem=None):
    return TenantReading("Subscription", ACCOUNT, customer, now, now, (), problem)


def test_every_state_and_what_is_left_to_do(log, begin, now):
    assert state(log).state is DiscoveryState.NOT_STARTED
    run = begin()
    assert (state(log).state, state(log).total) == (DiscoveryState.IN_PROGRESS, None)
    run.list_customers(THREE)
    assert run.pending() == ["c1", "c2", "c3"]
    run.checkpoint([reading(now, "c1"), reading(now, "c3", "403")])
    seen = state(log)
    assert (seen.total, seen.done, seen.gaps, seen.partial) == (3, 2, 1, True)
    assert run.finish(DiscoveryState.STOPPED).state is DiscoveryState.STOPPED

    run = begin(resume=True)
    assert run.pending() == ["c2", "c3"], "gaps are tried again"
    run.checkpoint([reading(now, "c2"), reading(now, "c3")])
    done = run.finish(DiscoveryState.COMPLETED)
    assert (done.state, done.done, done.gaps, done.resumable) == (DiscoveryState.COMPLETED, 3, 0, False)


def test_an_error_keeps_its_cause(log, begin):
    begin().finish(DiscoveryState.ERROR, "E-UNREACHABLE", "no answer")
    seen = state(log)
    assert (seen.state, seen.code, seen.message, seen.resumable) == (
        DiscoveryState.ERROR, "E-UNREACHABLE", "no answer", True,
    )  # fmt: skip  # one value
    begin(resume=True)
    assert state(log).code is None


def test_one_at_a_time(begin):
    begin()
    for resume in (False, True):
        with pytest.raises(RefusedError) as refused:
            begin(resume=resume)
        assert refused.value.code == "E-DISCOVERY-RUNNING"


@pytest.mark.parametrize("ended", [None, DiscoveryState.COMPLETED])
def test_nothing_to_resume(begin, ended):
    if ended:
        begin().finish(ended)
    with pytest.raises(RefusedError) as refused:
        begin(resume=True)
    assert refused.value.code == "E-DISCOVERY-NOTHING"


def test_a_process_that_died_leaves_an_error_that_can_be_resumed(log, begin, monkeypatch):
    begin()
    monkeypatch.setattr(ProcessMark, "is_gone", lambda self: True)
    seen = state(log)
    assert (seen.state, seen.code, seen.resumable) == (DiscoveryState.ERROR, KILLED, True)
    begin(resume=True)


def test_where_no_process_can_be_seen_silence_is_death(opened, realm, monkeypatch):
    monkeypatch.setattr(ProcessMark, "own", classmethod(lambda cls: None))
    log = opened().discoveries
    log.begin(ACCOUNT, realm, "tester", resume=False)
    assert state(log).state is DiscoveryState.IN_PROGRESS
    real = log._wall
    log._wall = lambda: real() + SILENCE + timedelta(seconds=1)
    assert state(log).state is DiscoveryState.ERROR


def test_a_late_process_writes_nothing_after_another_took_over(begin, now, monkeypatch):
    first = begin()
    first.list_customers(THREE)
    with monkeypatch.context() as patch:
        patch.setattr(ProcessMark, "is_gone", lambda self: True)
        second = begin(resume=True)
    with pytest.raises(LeaseHeldError) as lost:
        first.checkpoint([reading(now, "c1")])
    assert lost.value.code == "E-DISCOVERY-LOST"
    assert second.pending() == ["c1", "c2", "c3"]


def test_stop_is_seen_at_the_next_checkpoint(log, begin):
    assert log.ask_stop([ACCOUNT]) == []
    run = begin()
    assert run.checkpoint([]) is False
    assert log.ask_stop([ACCOUNT]) == [ACCOUNT]
    assert run.checkpoint([]) is True
    run.finish(DiscoveryState.STOPPED)
    assert begin(resume=True).checkpoint([]) is False, "a stop is for one stretch"


def test_a_customer_that_left_is_no_customer_any_more(log, begin, now, ledger):
    run = begin()
    run.list_customers(THREE)
    run.checkpoint([reading(now, c) for c in THREE])
    run.finish(DiscoveryState.COMPLETED)
    run = begin()
    run.list_customers({c: THREE[c] for c in ("c1", "c2")})
    assert run.pending() == ["c1", "c2"]
    assert [c.customer for c in log.customers([ACCOUNT])] == ["c1", "c2"]
    problems = {n.scope: n.problem for n in ledger.reading_notes()}
    assert problems["c3"] is not None and problems["c1"] is None


def test_customers_tell_what_was_read_of_them(log, begin, now):
    run = begin()
    run.list_customers(THREE)
    run.checkpoint([reading(now, "c1"), reading(now, "c2", "403")])
    seen = {c.customer: (c.name, c.read_at is not None, c.problem) for c in log.customers([ACCOUNT])}
    assert seen == {"c1": ("One", True, None), "c2": ("Two", True, "403"), "c3": ("Three", False, None)}
