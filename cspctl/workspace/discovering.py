"""`discover`: a partner account read into the ledger, and how far that is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from cspctl.engine.discovery import AccountDiscovery, Clocks, Customers, discover, exit_code_of
from cspctl.errors import CspctlError, InputError, first_exit_code
from cspctl.kinds.reseller import attributes as reseller_attributes
from cspctl.kinds.tenant_mapping import attributes as tenant_attributes
from cspctl.ledger.discoveries import DiscoveryRun
from cspctl.ledger.ledger import Ledger
from cspctl.model.discovery import Discovery, DiscoveryState, KnownCustomer
from cspctl.model.ports import Clock
from cspctl.model.resource import Resource, ResourceIndex
from cspctl.workspace.actor import actor
from cspctl.workspace.clocks import WallClock
from cspctl.workspace.connections import accounts
from cspctl.workspace.remotes import hands
from cspctl.workspace.run import Run

SAMPLE_SECONDS = 0.5
# `stop` waits at most so long for the other process to finish what is in flight.
STOP_WAITS = 30.0


@dataclass(frozen=True, slots=True)
class ResellerDiscovery:
    reseller: str
    discovery: Discovery


@dataclass(frozen=True, slots=True)
class DiscoveryReport:
    """One row per account with API access, by name of its Reseller. `taken_at` is of the wall clock."""

    rows: tuple[ResellerDiscovery, ...]
    taken_at: datetime
    exit_code: int = 0
    customers: tuple[KnownCustomer, ...] = ()
    labels: Mapping[str, str] | None = None


async def run_discovery(run: Run, reseller: str | None, *, resume: bool, asked: Callable[[], bool]) -> DiscoveryReport:
    """Starts or resumes, and ends in a state. Raises RefusedError where that cannot be."""
    chosen = chosen_resellers(run.project.resources, reseller)
    if resume:
        chosen = _resumable(run.ledger, chosen, named=reseller is not None)
    logs: list[DiscoveryRun] = []
    realms, holder = run.realms(), actor(run.settings.environ)
    with run.ledger.transaction():  # all of them or none
        for one in chosen:
            account = reseller_attributes.account_id(one)
            logs.append(run.ledger.discoveries.begin(account, realms[account], holder, resume=resume))
    clocks = Clocks(_Sampled(run.clock).now, WallClock().now)
    jobs = [_job(run, log, clocks, asked) for log in logs]
    try:
        seen = await discover(jobs, progress=run.settings.progress, workers=_workers(run))
    except BaseException as error:
        _give_up(logs, error)
        raise
    code = first_exit_code(0, *(exit_code_of(job, one) for job, one in zip(jobs, seen, strict=True)))
    rows = tuple(ResellerDiscovery(r.name, d) for r, d in zip(chosen, seen, strict=True))
    return DiscoveryReport(rows, WallClock().now(), code)


def status(ledger: Ledger, resources: ResourceIndex, reseller: str | None, *, customers: bool) -> DiscoveryReport:
    chosen = chosen_resellers(resources, reseller)
    ids = [reseller_attributes.account_id(r) for r in chosen]
    rows = tuple(ResellerDiscovery(r.name, d) for r, d in zip(chosen, ledger.discoveries.of(ids), strict=True))
    known = tuple(ledger.discoveries.customers(ids)) if customers else ()
    labels = {tenant_attributes.customer_id(t): t.name for t in resources.of_kind("TenantMapping").values()}
    return DiscoveryReport(rows, WallClock().now(), 0, known, labels)


def stop(ledger: Ledger, resources: ResourceIndex, reseller: str | None) -> None:
    """Asks the running ones to stop and waits until they did, for a while."""
    ids = [reseller_attributes.account_id(r) for r in chosen_resellers(resources, reseller)]
    asked = ledger.discoveries.ask_stop(ids)
    deadline = time.monotonic() + STOP_WAITS
    while time.monotonic() < deadline:
        if not any(d.state is DiscoveryState.IN_PROGRESS for d in ledger.discoveries.of(asked)):
            return
        time.sleep(0.1)


def is_running(report: DiscoveryReport) -> bool:
    return any(row.discovery.state is DiscoveryState.IN_PROGRESS for row in report.rows)


def chosen_resellers(resources: ResourceIndex, name: str | None) -> list[Resource]:
    """Those that sign in themselves, by name; or the one of that name. Raises InputError E-RESELLER."""
    found = accounts(resources)
    if name is None:
        if not found:
            raise InputError("no Reseller of this project has API access", code="E-RESELLER")
        return found
    one = [r for r in found if name in (r.name, reseller_attributes.account_id(r))]
    if not one:
        names = ", ".join(r.name for r in found) or "none"
        raise InputError(f"no Reseller with API access is {name!r}", code="E-RESELLER", hint=f"there are: {names}")
    return one


def _resumable(ledger: Ledger, chosen: Sequence[Resource], *, named: bool) -> list[Resource]:
    """Without a name, the ones that can be resumed; all where none can, so that the refusal says why."""
    states = ledger.discoveries.of([reseller_attributes.account_id(r) for r in chosen])
    found = [r for r, seen in zip(chosen, states, strict=True) if seen.resumable]
    return list(chosen) if named or not found else found


def _job(run: Run, log: DiscoveryRun, clocks: Clocks, asked: Callable[[], bool]) -> AccountDiscovery:
    reader: Any = run.readers[log.account]
    readers = {kind: partial(_tenant, hand.observer, reader) for kind, hand in hands().items()}
    return AccountDiscovery(log, partial(_customers, reader), readers, clocks, asked)


async def _tenant(observer: Any, reader: Any, scope: str, now: datetime) -> Any:
    return await observer.observe_tenant(reader, scope, now=now)


async def _customers(reader: Any) -> Customers:
    """Source: Partner Center docs, page get-a-list-of-customers (Oct 2023)."""
    found = {}
    for body in await reader.customers():
        profile = body.get("companyProfile") or {}
        key = str(body.get("id") or "").lower()
        if key:
            found[key] = (str(profile.get("companyName") or ""), str(profile.get("domain") or ""))
    return found


def _workers(run: Run) -> int:
    """A few more than can be in flight, so that none waits for a checkpoint."""
    return 2 * max(20, run.place.file.concurrency)


def _give_up(logs: Sequence[DiscoveryRun], error: BaseException) -> None:
    cancelled = isinstance(error, KeyboardInterrupt | asyncio.CancelledError)
    state = DiscoveryState.STOPPED if cancelled else DiscoveryState.ERROR
    code = None if cancelled else getattr(error, "code", "E-UNEXPECTED")
    for log in logs:
        with suppress(CspctlError):
            log.finish(state, code, "" if cancelled else str(error))


class _Sampled:
    """The realm's clock asked twice a second: the emulator's answers over HTTP, and a little early is safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._at = clock.now()
        self._taken = time.monotonic()

    def now(self) -> datetime:
        if time.monotonic() - self._taken > SAMPLE_SECONDS:
            self._taken = time.monotonic()
            self._at = self._clock.now()
        return self._at
