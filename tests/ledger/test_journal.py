from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from cspctl.ledger.ledger import Ledger
from cspctl.model.ports import Intent
from cspctl.model.result import StepOutcome, StepStatus


def intent(now: datetime, realm: str, number: int = 1) -> Intent:
    return Intent(
        id=f"intent-{number}",
        run_id="run-1",
        plan_id="plan-1",
        address="Subscription/contoso-e3",
        unit="u1",
        ordinal=number,
        step={"type": "cart.create", "lines": ({"quantity": 5},)},
        realm=realm,
        request_ids=("req-1",),
        created_at=now,
    )


def test_an_intent_is_open_until_settled(ledger: Ledger, now: datetime, realm: str) -> None:
    ledger.journal_intent(intent(now, realm))
    (found,) = ledger.intents(open_only=True)
    assert found == replace(
        intent(now, realm), step={"type": "cart.create", "lines": [{"quantity": 5}]}, status="intent"
    )
    ledger.settle_intent(
        "intent-1", StepOutcome(StepStatus.DONE, outputs={"cartId": "c1"}, request_ids=("req-1", "req-2")), at=now
    )
    assert ledger.intents(open_only=True) == []
    (settled,) = ledger.intents()
    assert (settled.status, settled.outputs, settled.settled_at) == ("done", {"cartId": "c1"}, now)
    assert settled.request_ids == ("req-1", "req-2")


def test_an_unknown_outcome_stays_open_and_later_outputs_add_up(ledger: Ledger, now: datetime, realm: str) -> None:
    ledger.journal_intent(intent(now, realm))
    ledger.settle_intent("intent-1", StepOutcome(StepStatus.UNKNOWN, outputs={"cartId": "c1"}), at=now)
    (unknown,) = ledger.intents(open_only=True)
    assert (unknown.status, unknown.settled_at) == ("unknown", None)
    ledger.settle_intent("intent-1", StepOutcome(StepStatus.DONE, outputs={"orderId": "o1"}), at=now)
    assert ledger.intents(open_only=True) == []
    assert ledger.intents()[0].outputs == {"cartId": "c1", "orderId": "o1"}


def test_every_request_id_is_kept_in_order(ledger: Ledger, now: datetime, realm: str) -> None:
    ledger.journal_intent(intent(now, realm))
    ledger.journal_request_id("intent-1", "req-2")
    ledger.journal_request_id("intent-1", "req-2")
    ledger.journal_request_id("intent-1", "req-3")
    assert ledger.intents()[0].request_ids == ("req-1", "req-2", "req-3")


def test_intents_by_run_and_plan_in_the_order_journaled(ledger: Ledger, now: datetime, realm: str) -> None:
    for number in (3, 1, 2):
        ledger.journal_intent(intent(now, realm, number))
    ledger.journal_intent(replace(intent(now, realm, 4), run_id="run-2"))
    assert [i.id for i in ledger.intents(run_id="run-1")] == ["intent-3", "intent-1", "intent-2"]
    assert [i.id for i in ledger.intents(plan_id="plan-1")][-1] == "intent-4"
    assert ledger.intents(plan_id="plan-9") == []


def test_settling_what_was_never_journaled_is_an_error(ledger: Ledger, now: datetime) -> None:
    with pytest.raises(KeyError):
        ledger.settle_intent("intent-9", StepOutcome(StepStatus.DONE), at=now)
    with pytest.raises(KeyError):
        ledger.journal_request_id("intent-9", "req-1")


def test_what_must_be_on_disk_does_not_join_a_transaction(ledger: Ledger, now: datetime, realm: str) -> None:
    with ledger.transaction():
        with pytest.raises(RuntimeError, match="on disk"):
            ledger.journal_intent(intent(now, realm))
        with pytest.raises(RuntimeError, match="on disk"):
            ledger.journal_request_id("intent-1", "req-2")
    assert ledger.intents() == []


def test_live_and_emulator_intents_never_mix(opened: Callable[..., Ledger], now: datetime, realm: str) -> None:
    live, emulator = opened("live"), opened("emulator")
    live.journal_intent(intent(now, realm))
    assert emulator.intents() == []
    with pytest.raises(KeyError):
        emulator.settle_intent("intent-1", StepOutcome(StepStatus.DONE), at=now)
    with pytest.raises(ValueError, match="does not belong"):
        emulator.journal_intent(intent(now, realm, 2))


CRASH = """
import os, signal, sys
from datetime import UTC, datetime
from cspctl.ledger.database import open_ledger
from cspctl.model.address import Address
from cspctl.model.binding import Binding
from cspctl.model.ports import Intent
from cspctl.model.result import StepOutcome, StepStatus

now = datetime(2026, 3, 1, tzinfo=UTC)
ledger = open_ledger(f"sqlite:///{sys.argv[1]}", "acme", "live", read_only=False)
ledger.journal_intent(Intent("i1", "r1", "p1", "Subscription/a", "u", 0, {"type": "t"}, "", request_ids=("q1",)))
ledger.journal_request_id("i1", "q2")
if sys.argv[2] == "while-settling":
    with ledger.transaction():
        ledger.settle_intent("i1", StepOutcome(StepStatus.DONE), at=now)
        ledger.put_binding(Binding(Address("Subscription", "a"), "sub-1", "t1", {}, now, "r1"))
        os.kill(os.getpid(), signal.SIGKILL)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("moment", ["after-the-intent", "while-settling"])
def test_a_killed_process_leaves_its_intent_open(
    moment: str, state: Path, opened: Callable[..., Ledger], now: datetime
) -> None:
    ended = subprocess.run([sys.executable, "-c", CRASH, str(state), moment], check=False)
    assert ended.returncode == -signal.SIGKILL
    ledger = opened()
    (left,) = ledger.intents(open_only=True)
    assert (left.id, left.status, left.request_ids) == ("i1", "intent", ("q1", "q2"))
    assert ledger.bindings() == {}
    ledger.settle_intent("i1", StepOutcome(StepStatus.FAILED), at=now)
    assert ledger.intents(open_only=True) == []
