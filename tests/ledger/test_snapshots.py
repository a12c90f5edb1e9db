from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from cspctl.ledger.ledger import Ledger
from cspctl.ledger.snapshots import BATCH
from cspctl.model.live import LiveObject


def live(number: int, scope: str = "t1", **attributes: object) -> LiveObject:
    return LiveObject("Subscription", f"sub-{number:05}", scope, attributes or {"quantity": number})


def test_what_was_read_comes_back_without_its_body(ledger: Ledger, now: datetime, realm: str) -> None:
    earlier = now - timedelta(hours=1)
    one = LiveObject(
        "Subscription", "sub-1", "t1", {"price": Decimal("1.10")}, {"status": "active"}, earlier, {"raw": 1}
    )
    assert ledger.put_snapshots([one], realm=realm, read_at=now) == 1
    assert ledger.snapshot("Subscription", "sub-1") == LiveObject(
        "Subscription", "sub-1", "t1", {"price": "1.10"}, {"status": "active"}, earlier, None
    )
    assert ledger.snapshot("Subscription", "sub-2") is None


def test_reading_again_replaces(ledger: Ledger, now: datetime, realm: str) -> None:
    ledger.put_snapshots([live(1)], realm=realm, read_at=now)
    ledger.put_snapshots([live(1, quantity=9)], realm=realm, read_at=now + timedelta(minutes=1))
    (found,) = ledger.snapshots()
    assert (found.attributes, found.read_at) == ({"quantity": 9}, now + timedelta(minutes=1))


def test_more_than_a_batch_in_one_go(ledger: Ledger, now: datetime, realm: str) -> None:
    count = 2 * BATCH + 1
    assert ledger.put_snapshots((live(n) for n in range(count)), realm=realm, read_at=now) == count
    assert [one.live_id for one in ledger.snapshots()] == [f"sub-{n:05}" for n in range(count)]


def test_a_reading_that_breaks_off_leaves_the_earlier_one(ledger: Ledger, now: datetime, realm: str) -> None:
    def broken() -> Iterator[LiveObject]:
        yield from (live(n) for n in range(BATCH + 1))
        raise ConnectionError

    with pytest.raises(ConnectionError):
        ledger.put_snapshots(broken(), realm=realm, read_at=now)
    assert ledger.snapshots() == []


def test_by_scope_and_forgetting(ledger: Ledger, now: datetime, realm: str) -> None:
    ledger.put_snapshots([live(1, "t1"), live(2, "t2"), live(3, "t2")], realm=realm, read_at=now)
    assert [one.live_id for one in ledger.snapshots("Subscription", "t2")] == ["sub-00002", "sub-00003"]
    assert ledger.forget_snapshots("Subscription", live_id="sub-00002") == 1
    assert ledger.forget_snapshots(scope="t2") == 1
    assert [one.live_id for one in ledger.snapshots()] == ["sub-00001"]


def test_the_emulator_has_its_own(opened: Callable[..., Ledger], now: datetime, realm: str) -> None:
    real, emulator = opened("live"), opened("emulator")
    real.put_snapshots([live(1)], realm=realm, read_at=now)
    assert emulator.snapshots() == []
    assert emulator.forget_snapshots() == 0
    assert len(real.snapshots()) == 1


def test_a_feed_goes_on_where_it_stopped(opened: Callable[..., Ledger], now: datetime) -> None:
    ledger = opened("live")
    assert ledger.cursor("audit:t1") is None
    ledger.put_cursor("audit:t1", "2026-02-28", at=now)
    ledger.put_cursor("audit:t1", "2026-03-01", at=now)
    assert ledger.cursor("audit:t1") == "2026-03-01"
    assert opened("emulator").cursor("audit:t1") is None
