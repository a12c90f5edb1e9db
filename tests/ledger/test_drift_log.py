from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from cspctl.ledger.drift import Deviation
from cspctl.ledger.ledger import Ledger
from cspctl.model.plan import DriftRow


def row(path: str, at: datetime) -> DriftRow:
    return DriftRow(
        address="Subscription/a", live_id="sub-1", scope="t1", path=path, old=5, new=7, principal="eve", at=at
    )


def test_drift_comes_back_newest_first_in_the_words_of_the_plan(ledger: Ledger, now: datetime) -> None:
    ledger.record_drift([row("quantity", now)], run_id="run-1", at=now)
    ledger.record_drift([row("autoRenew", now)], run_id="run-2", at=now)
    newest, oldest = ledger.drift_rows()
    assert (newest["path"], newest["runId"]) == ("autoRenew", "run-2")
    assert {key: oldest[key] for key in ("liveId", "old", "new", "class", "principal", "at", "recordedAt")} == {
        "liveId": "sub-1",
        "old": 5,
        "new": 7,
        "class": "changed",
        "principal": "eve",
        "at": "2026-03-01T08:00:00.000000+00:00",
        "recordedAt": "2026-03-01T08:00:00.000000+00:00",
    }
    assert len(ledger.drift_rows(limit=1)) == 1


def test_no_drift_writes_nothing(ledger: Ledger, now: datetime) -> None:
    ledger.record_drift([], run_id="run-1", at=now)
    assert ledger.drift_rows() == []


def test_drift_of_the_emulator_stays_there(opened: Callable[..., Ledger], now: datetime) -> None:
    opened("emulator").record_drift([row("quantity", now)], run_id="run-1", at=now)
    assert opened("live").drift_rows() == []


def test_an_accepted_deviation_holds_until_it_expires_or_is_withdrawn(ledger: Ledger, now: datetime) -> None:
    deviation = Deviation("Subscription/a", "quantity", "audit pending", "ada", "bob", now, now + timedelta(days=7))
    ledger.accept_deviation(deviation)
    assert ledger.accepted_deviations(now) == [deviation]
    assert ledger.accepted_deviations(now + timedelta(days=7)) == []
    ledger.withdraw_deviation("Subscription/a", "quantity")
    assert ledger.accepted_deviations(now) == []
