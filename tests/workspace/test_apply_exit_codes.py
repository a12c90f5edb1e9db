"""How an apply ends, by what became of its rows (product contract: 9, 3, 8 and 0 in this order)."""

from __future__ import annotations

import pytest

from cspctl.engine.executor import DEFERRED
from cspctl.model.result import ChangeResult, ChangeStatus
from cspctl.workspace.applying import exit_code, run_status

DONE = ChangeResult("Subscription/a", "update", ChangeStatus.DONE)
LATER = ChangeResult("Subscription/b", "schedule", ChangeStatus.NOT_TRIED, "deferred until 2027-11-01", DEFERRED)
PARKED = ChangeResult("Subscription/c", "update", ChangeStatus.NOT_TRIED, "", "E-PARKED")
BLOCKED = ChangeResult("Subscription/d", "blocked", ChangeStatus.BLOCKED)


@pytest.mark.parametrize(
    ("results", "cancelled", "code", "status"),
    [
        ([DONE], False, 0, "done"),
        ([LATER], False, 8, "done"),
        ([DONE, LATER], False, 8, "done"),
        ([LATER], True, 8, "done"),
        ([LATER, BLOCKED], False, 3, "done"),
        ([LATER, PARKED], False, 3, "partial"),
        ([LATER, PARKED], True, 9, "cancelled"),
    ],
)
def test_deferred_work_alone_is_neither_partial_nor_cancelled(results, cancelled, code, status):
    assert exit_code(results, cancelled=cancelled, access_failed=False) == code
    assert run_status(results, cancelled=cancelled) == status


def test_a_gap_outweighs_deferred_work():
    assert exit_code([LATER], cancelled=False, access_failed=False, gaps=True) == 3
