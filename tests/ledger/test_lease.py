from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cspctl.errors import CspctlError, LeaseHeldError
from cspctl.ledger.lease import Heartbeat, LedgerLease
from cspctl.ledger.ledger import Ledger
from cspctl.ledger.process import ProcessMark

TTL = timedelta(seconds=60)


class Wall:
    """A wall clock that stands until told."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def wall(now: datetime) -> Wall:
    return Wall(now)


@pytest.fixture
def take(ledger: Ledger, wall: Wall) -> Callable[[str], LedgerLease]:
    return lambda holder: ledger.lease(holder, host="build-7", wall=wall)


Take = Callable[[str], LedgerLease]


def test_a_held_lease_names_holder_host_since_and_until(take: Take) -> None:
    take("ada").acquire()
    with pytest.raises(LeaseHeldError) as caught:
        take("bob").acquire()
    assert caught.value.exit_code == 4
    for word in ("ada", "build-7", "2026-03-01T08:00:00", "2026-03-01T08:01:00"):
        assert word in caught.value.message


def test_tokens_only_grow(take: Take) -> None:
    first, second = take("ada"), take("bob")
    tokens = [first.acquire()]
    first.release()
    tokens.append(second.acquire())
    second.release()
    tokens.append(first.acquire())
    assert tokens == [1, 2, 3]


def test_an_expired_lease_is_taken_over_and_the_late_holder_is_fenced_off(take: Take, wall: Wall) -> None:
    late, fresh = take("ada"), take("bob")
    late.acquire()
    late.check()
    wall.advance(60)
    assert fresh.acquire() == 2
    fresh.check()
    for attempt in (late.check, late.renew):
        with pytest.raises(LeaseHeldError, match="any more: bob on build-7"):
            attempt()
    late.release()
    fresh.check()


def test_a_lease_holds_until_the_very_end(take: Take, wall: Wall) -> None:
    take("ada").acquire()
    wall.advance(59.999999)
    with pytest.raises(LeaseHeldError):
        take("bob").acquire()


def test_renewing_keeps_it(take: Take, wall: Wall) -> None:
    holder = take("ada")
    holder.acquire()
    wall.advance(50)
    holder.renew()
    wall.advance(50)
    with pytest.raises(LeaseHeldError):
        take("bob").acquire()


def test_a_late_holder_whose_lease_nobody_took_may_go_on(take: Take, wall: Wall) -> None:
    holder = take("ada")
    holder.acquire()
    wall.advance(600)
    holder.check()
    holder.renew()
    with pytest.raises(LeaseHeldError):
        take("bob").acquire()


def test_a_released_lease_is_not_held(take: Take) -> None:
    holder = take("ada")
    holder.acquire()
    holder.release()
    holder.release()
    assert holder.token is None
    with pytest.raises(LeaseHeldError, match="does not hold"):
        holder.check()


def test_acquiring_again_gives_the_same_holder_a_new_token(take: Take) -> None:
    holder = take("ada")
    assert [holder.acquire(), holder.acquire()] == [1, 2]
    holder.check()


def test_each_environment_has_its_own(opened: Callable[..., Ledger], wall: Wall) -> None:
    opened("live").lease("ada", wall=wall).acquire()
    assert opened("emulator").lease("bob", wall=wall).acquire() == 1
    assert opened("live", project="beta").lease("eve", wall=wall).acquire() == 1


def test_in_memory_the_ledger_and_its_lease_share_a_connection() -> None:
    from cspctl.ledger.database import open_ledger

    with open_ledger("sqlite://", "acme", "live", read_only=False) as ledger:
        lease = ledger.lease("ada")
        assert lease.acquire() == 1
        lease.check()
        assert ledger.runs() == []


HOLD = """
import os, signal, sys
from cspctl.ledger.database import open_ledger

open_ledger(f"sqlite:///{sys.argv[1]}", "acme", "live", read_only=False).lease("ada").acquire()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_holder_leaves_nothing_for_a_person_to_remove(state: Path, opened: Callable[..., Ledger]) -> None:
    if ProcessMark.own() is None:
        pytest.skip("only Linux tells that a process is gone; elsewhere the clock does")
    ended = subprocess.run([sys.executable, "-c", HOLD, str(state)], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert opened().lease("bob").acquire() == 2


def test_a_process_is_gone_only_when_that_is_certain() -> None:
    own = ProcessMark.own()
    if own is None:
        pytest.skip("needs /proc")
    assert own.pid == os.getpid()
    assert ProcessMark.parse(str(own)) == own
    assert not own.is_gone()
    assert own._replace(started="1").is_gone(), "its number went to another process"
    assert not own._replace(space="elsewhere", started="1").is_gone(), "it cannot be seen from here"
    with subprocess.Popen([sys.executable, "-c", "pass"]) as child:
        child.wait()
    assert own._replace(pid=child.pid).is_gone()


def test_the_heartbeat_renews(ledger: Ledger, now: datetime) -> None:
    renewed = threading.Event()
    asked: list[datetime] = []

    def wall() -> datetime:
        asked.append(now + timedelta(seconds=len(asked)))
        if len(asked) > 3:
            renewed.set()
        return asked[-1]

    lease = ledger.lease("ada", wall=wall)
    lease.acquire()
    with Heartbeat(lease, interval=timedelta(milliseconds=1)) as heartbeat:
        assert renewed.wait(30)
    assert heartbeat.lost is None
    late = Wall(asked[-1] + TTL - timedelta(seconds=1))
    with pytest.raises(LeaseHeldError):
        ledger.lease("bob", wall=late).acquire()


def test_the_heartbeat_tells_when_the_lease_is_lost(take: Take, wall: Wall) -> None:
    lease, told = take("ada"), threading.Event()
    reasons: list[CspctlError] = []

    def on_lost(reason: CspctlError) -> None:
        reasons.append(reason)
        told.set()

    lease.acquire()
    wall.advance(60)
    take("bob").acquire()
    with Heartbeat(lease, interval=timedelta(milliseconds=1), on_lost=on_lost) as heartbeat:
        assert told.wait(30)
    assert heartbeat.lost is reasons[0]
    assert reasons[0].code == "E-LEASE-LOST"


def test_the_heartbeat_beats_while_the_ledger_is_in_use(ledger: Ledger) -> None:
    """On a connection of its own: it waits for the writer, and goes on."""
    lease = ledger.lease("ada", wall=lambda: datetime.now(UTC))
    lease.acquire()
    with Heartbeat(lease, interval=timedelta(milliseconds=1)) as heartbeat:
        for number in range(50):
            ledger.put_cursor("feed", str(number), at=datetime.now(UTC))
    assert heartbeat.lost is None
    assert ledger.cursor("feed") == "49"
    lease.check()
