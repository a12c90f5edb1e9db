"""What is looked at whenever the clock was moved, beside what the agenda says: budgets."""

from __future__ import annotations

from cspctl.emulator.azure.budgets import KIND as BUDGET
from cspctl.emulator.azure.budgets import watch
from cspctl.emulator.clock import VirtualClock
from cspctl.emulator.settings import Settings
from cspctl.emulator.store import Store
from cspctl.emulator.switches import effective


def perform(store: Store, clock: VirtualClock, settings: Settings) -> int:
    """Do everything that is due now for every partner; answers how much was done."""
    if not store.count(BUDGET):
        return 0
    current, done = effective(store, settings), 0
    with store.transaction():
        for partner in store.list("partner", ""):
            done += watch(store, current, clock.now(), partner["accountId"])
    return done
