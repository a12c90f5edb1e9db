"""The discovery loop with a ledger in memory and a made-up service."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from cspctl.engine import discovery
from cspctl.engine.discovery import BATCH, OUTAGE, AccountDiscovery, Clocks, discover, exit_code_of
from cspctl.errors import AccessError, ForbiddenError, LeaseHeldError, UnreachableError
from cspctl.ledger.database import open_ledger
from cspctl.model.discovery import DiscoveryState
from cspctl.model.live import LiveObject

ACCOUNT = "11111111-1111-1111-1111-111111111111"
REALM = f"acme|global|{ACCOUNT}|live"


class Counting:
    """Progress that remembers."""

    def __init__(self):
        self.seen = []

    def start(self, label, total):
        self.seen.append([label, total, 0])

    def advance(self, amount=1):
        self.seen[-1][2] += amount

    def finish(self):
        pass


class Service:
    def __init__(self, customers):
        self.names = [f"c{n:04}" for n in range(customers)]
        self.lists, self.reads = 0, []
        self.failing = {}
        self.before_read = lambda scope: None

    async def customers(self):
        self.lists += 1
        return {name: (name.upper(), f"{name}.example") for name in self.names}

    async def read(self, scope, at):
        self.before_read(scope)
        await asyncio.sleep(0)
        self.reads.append(scope)
        if scope in self.failing:
            raise self.failing[scope]
        return [LiveObject("Subscription", f"sub-{scope}", scope, {"quantity": 1})]


@pytest.fixture
def ledger():
    with open_ledger("sqlite://", "acme", "live", read_only=False) as found:
        yield found


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(discovery, "BEAT_SECONDS", 0.01)


@pytest.fixture
def run(ledger):
    def it(service, *, resume=False, asked=lambda: False, workers=4, progress=None):
        log = ledger.discoveries.begin(ACCOUNT, REALM, "tester", resume=resume)
        now = datetime.now(UTC)
        clocks = Clocks(lambda: now, lambda: datetime.now(UTC))
        job = AccountDiscovery(log, service.customers, {"Subscription": service.read}, clocks, asked)
        (seen,) = asyncio.run(discover([job], progress=progress or Counting(), workers=workers))
        return seen, exit_code_of(job, seen)

    return it


def test_it_lists_once_and_reads_each_customer_once(run, ledger):
    service, progress = Service(60), Counting()
    seen, code = run(service, progress=progress)
    assert (seen.state, seen.total, seen.done, seen.objects, code) == (DiscoveryState.COMPLETED, 60, 60, 60, 0)
    assert service.lists == 1
    assert sorted(service.reads) == service.names
    assert progress.seen[-1] == ["reading customers", 60, 60]
    assert len(ledger.snapshots()) == 60


def test_a_second_run_without_a_change_writes_no_object(run, ledger):
    service = Service(30)
    assert run(service)[0].changed == 30
    before = ledger.snapshots()
    seen, code = run(service)
    assert (seen.state, seen.changed, code) == (DiscoveryState.COMPLETED, 0, 0)
    assert ledger.snapshots() == before


def test_a_stop_finishes_what_is_in_flight_and_resume_reads_only_the_rest(run):
    service = Service(200)
    seen, code = run(service, asked=lambda: len(service.reads) >= BATCH)
    assert (seen.state, code) == (DiscoveryState.STOPPED, 9)
    assert seen.done == len(service.reads) < 200
    first, service.reads = service.reads, []
    progress = Counting()
    seen, code = run(service, resume=True, progress=progress)
    assert (seen.state, seen.done, code, service.lists) == (DiscoveryState.COMPLETED, 200, 0, 1)
    assert not set(first) & set(service.reads)
    assert progress.seen[-1] == [f"reading customers ({len(first)} read before)", 200 - len(first), 200 - len(first)]


def test_a_stop_while_listing_leaves_no_half_list(run):
    service = Service(3)

    async def slow():
        await asyncio.sleep(60)

    quickly, service.customers = service.customers, slow
    seen, code = run(service, asked=lambda: True)
    assert (seen.state, seen.total, code) == (DiscoveryState.STOPPED, None, 9)
    service.customers = quickly
    assert run(service, resume=True)[0].done == 3


def test_what_is_refused_for_one_customer_is_a_gap(run):
    service = Service(5)
    service.failing = {"c0002": ForbiddenError("no", status=403), "c0003": ValueError("nonsense")}
    seen, code = run(service)
    assert (seen.state, seen.done, seen.gaps, code) == (DiscoveryState.COMPLETED, 5, 2, 3)
    service.failing, service.reads = {}, []
    seen, code = run(service, resume=True)
    assert (seen.gaps, code, sorted(service.reads)) == (0, 0, ["c0002", "c0003"])


def test_a_lost_right_ends_in_error_with_cause_and_resume_point(run):
    service = Service(100)
    service.failing = {"c0050": AccessError("consent is gone", code="E-CONSENT")}
    seen, code = run(service)
    assert (seen.state, seen.code, seen.message, code) == (DiscoveryState.ERROR, "E-CONSENT", "consent is gone", 6)
    assert 50 <= seen.done < 60 and seen.gaps == 0
    service.failing = {}
    assert run(service, resume=True)[0].state is DiscoveryState.COMPLETED
    assert service.lists == 1


def test_one_customer_out_of_reach_is_a_gap_and_no_outage(run):
    service = Service(20)
    service.failing = {"c0003": UnreachableError("503")}
    seen, code = run(service)
    assert (seen.state, seen.done, seen.gaps, code) == (DiscoveryState.COMPLETED, 20, 1, 3)


def test_when_nothing_answers_any_more_it_gives_up_and_keeps_the_work(run):
    service = Service(200)
    service.failing = {name: UnreachableError("down") for name in service.names[100:]}
    seen, code = run(service)
    assert (seen.state, seen.done, seen.gaps, code) == (DiscoveryState.ERROR, 100, 0, 7)
    assert len(service.reads) < 100 + 2 * OUTAGE
    service.failing = {}
    assert run(service, resume=True)[0].done == 200


def test_an_account_that_never_answers_is_in_error_not_empty(run):
    service = Service(2)
    service.failing = {name: UnreachableError("down") for name in service.names}
    seen, code = run(service)
    assert (seen.state, seen.done, code) == (DiscoveryState.ERROR, 0, 7)


def test_the_list_itself_may_fail(run):
    service = Service(2)

    async def refused():
        raise UnreachableError("no answer")

    service.customers = refused
    seen, code = run(service)
    assert (seen.state, seen.total, code) == (DiscoveryState.ERROR, None, 7)


def test_a_process_that_lost_the_discovery_stops(ledger, run, monkeypatch):
    service = Service(400)

    def take_over(scope):
        if scope == "c0100":
            monkeypatch.setattr("cspctl.ledger.process.ProcessMark.is_gone", lambda self: True)
            ledger.discoveries.begin(ACCOUNT, REALM, "another", resume=True)

    service.before_read = take_over
    with pytest.raises(BaseExceptionGroup) as lost:
        run(service)
    assert lost.value.subgroup(LeaseHeldError) is not None
    assert len(service.reads) < 400
