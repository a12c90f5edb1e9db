"""What becomes due when the clock moves, beside the life of subscriptions: schedules, budgets, upgrades."""

from __future__ import annotations

from cspctl.emulator.auditlog import AuditLog
from cspctl.emulator.azure.budgets import KIND as BUDGET
from cspctl.emulator.azure.budgets import watch
from cspctl.emulator.clock import VirtualClock
from cspctl.emulator.context import Context
from cspctl.emulator.moves.migration_schedules import KIND as SCHEDULE
from cspctl.emulator.moves.migration_schedules import land
from cspctl.emulator.settings import Settings
from cspctl.emulator.store import Store
from cspctl.emulator.switches import effective

_APPLICATION = "emulator"


def perform(store: Store, clock: VirtualClock, settings: Settings) -> int:
    """Do everything that is due now for every partner; answers how much was done."""
    current, done = effective(store, settings), 0
    if not (store.count(SCHEDULE) or store.count(BUDGET)):
        return 0
    with store.transaction():
        for partner in store.list("partner", ""):
            account = partner["accountId"]
            done += land(_system(store, clock, current, account))
            done += watch(store, current, clock.now(), account)
    return done


def _system(store: Store, clock: VirtualClock, settings: Settings, partner: str) -> Context:
    """The service itself acting for a partner: no user, no request."""
    return Context(
        store=store,
        settings=settings,
        clock=clock,
        partner=partner,
        principal=None,
        application=_APPLICATION,
        app_only=True,
        mfa=False,
        request_id="",
        correlation_id="",
        audit=AuditLog(store, clock, partner, None, _APPLICATION),
    )
