"""Reading a whole partner account, customer by customer, so that it can end at any point and go on later.

Terms. The *work list* is the account's customers; what was read leaves it at a checkpoint, and only there. A
customer that cannot be read is a *gap*. An *outage* is that nothing can be read any more: the discovery then ends in
error, and the customers it hit stay on the work list.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from cspctl.errors import AccessError, CancelledError, CspctlError, PartialError, UnreachableError
from cspctl.model.discovery import Discovery, DiscoveryState
from cspctl.model.live import LiveObject
from cspctl.model.ports import Progress
from cspctl.model.reading import TenantReading

# Readings per checkpoint, and how often there is one anyway, as a sign of life.
BATCH = 25
BEAT_SECONDS = 1.0
# So many customers in a row that cannot be reached are an outage.
OUTAGE = 10

Customers = Mapping[str, tuple[str, str]]  # customer to (name, domain)
ListCustomers = Callable[[], Awaitable[Customers]]
ReadTenant = Callable[[str, datetime], Awaitable[Sequence[LiveObject]]]


class DiscoveryLog(Protocol):
    """The ledger's side of one account's discovery. Raises LeaseHeldError when another process took it over."""

    account: str

    def seen(self) -> Discovery: ...

    def list_customers(self, rows: Customers) -> None: ...

    def pending(self) -> list[str]: ...

    def checkpoint(self, found: Sequence[TenantReading]) -> bool:
        """Durable when it returns; True when a stop was asked for."""
        ...

    def finish(self, state: DiscoveryState, code: str | None = None, message: str = "") -> Discovery: ...


@dataclass(frozen=True, slots=True)
class Clocks:
    """The realm's clock and the wall clock."""

    now: Callable[[], datetime]
    wall: Callable[[], datetime]


@dataclass(slots=True)
class AccountDiscovery:
    """`readers`: kind to what reads one tenant of it."""

    log: DiscoveryLog
    list_customers: ListCustomers
    readers: Mapping[str, ReadTenant]
    clocks: Clocks
    asked: Callable[[], bool]
    failure: CspctlError | None = None
    stopped: bool = False
    _batch: list[TenantReading] = field(default_factory=list)
    _unreached: list[TenantReading] = field(default_factory=list)
    _reached: bool = False

    @property
    def ending(self) -> bool:
        return self.stopped or self.failure is not None

    async def list_all(self) -> int:
        """How many customers are left to read. The list of an earlier stretch is used again."""
        if self.log.seen().total is None:
            rows = await self._listed()
            if rows is None:
                return 0
            self.log.list_customers(rows)
        return len(self.log.pending())

    async def read_all(self, progress: Progress, workers: int) -> None:
        waiting = iter(self.log.pending())
        async with asyncio.TaskGroup() as group:
            left: set[asyncio.Task[None]] = {group.create_task(self._work(waiting, progress)) for _ in range(workers)}
            while left:
                _, left = await asyncio.wait(left, timeout=BEAT_SECONDS)
                self._checkpoint()
        self._judge_unreached()
        self._checkpoint()

    def finish(self) -> Discovery:
        if self.failure is not None:
            return self.log.finish(DiscoveryState.ERROR, self.failure.code, self.failure.message)
        if self.stopped and (self.log.seen().total is None or self.log.pending()):
            return self.log.finish(DiscoveryState.STOPPED)
        self.stopped = False
        return self.log.finish(DiscoveryState.COMPLETED)

    async def _listed(self) -> Customers | None:
        """None when stopped, because half a list is worth nothing, or when it cannot be read."""
        task = asyncio.ensure_future(self.list_customers())
        try:
            while not task.done() and not self.stopped:
                await asyncio.wait([task], timeout=BEAT_SECONDS)
                self._checkpoint()
        finally:
            task.cancel()
        try:
            return await task
        except CspctlError as error:
            self.failure = error
        except asyncio.CancelledError:
            if not self.stopped:
                raise
        return None

    async def _work(self, waiting: Iterator[str], progress: Progress) -> None:
        for scope in waiting:
            if self.ending:
                return
            await self._read(scope)
            progress.advance()
            if len(self._batch) >= BATCH:
                self._checkpoint()

    async def _read(self, scope: str) -> None:
        readings = []
        for kind, read in self.readers.items():
            at, wall = self.clocks.now(), self.clocks.wall()
            account = self.log.account
            try:
                objects = await read(scope, at)
                readings.append(TenantReading(kind, account, scope, at, wall, objects))
            except AccessError as error:
                self.failure = self.failure or error
                return
            except UnreachableError as error:
                self._unreached.append(TenantReading(kind, account, scope, at, wall, (), reason_of(error)))
                if len(self._unreached) >= OUTAGE:
                    self.failure = self.failure or error
                return
            except (CspctlError, KeyError, TypeError, ValueError) as error:
                readings.append(TenantReading(kind, account, scope, at, wall, (), reason_of(error)))
        self._reached = True
        self._batch += [*self._unreached, *readings]
        self._unreached = []

    def _judge_unreached(self) -> None:
        """At the end: gaps where others could be reached, an outage where none could."""
        if self._unreached and not self._reached and self.failure is None:
            self.failure = UnreachableError(self._unreached[0].problem or "", code="E-UNREACHABLE")
        if self.failure is None and not self.stopped:
            self._batch += self._unreached
        self._unreached = []

    def _checkpoint(self) -> None:
        batch, self._batch = self._batch, []
        if self.log.checkpoint(batch) or self.asked():
            self.stopped = True


async def discover(accounts: Sequence[AccountDiscovery], *, progress: Progress, workers: int) -> list[Discovery]:
    """Lists all accounts, then reads their customers; ends every one of them in a state of its own."""
    progress.start("listing customers", None)
    try:
        left = await asyncio.gather(*(one.list_all() for one in accounts))
    finally:
        progress.finish()
    ready = [one for one in accounts if not one.ending]
    progress.start(_label(accounts), sum(left))
    try:
        await asyncio.gather(*(one.read_all(progress, workers) for one in ready))
    finally:
        progress.finish()
    return [one.finish() for one in accounts]


def exit_code_of(one: AccountDiscovery, seen: Discovery) -> int:
    if one.failure is not None:
        return one.failure.exit_code
    if one.stopped:
        return CancelledError.exit_code
    return PartialError.exit_code if seen.gaps else 0


def reason_of(error: Exception) -> str:
    if isinstance(error, CspctlError):
        return f"{error.code}: {error.message}"
    return f"the answer could not be understood ({type(error).__name__})"


def _label(accounts: Sequence[AccountDiscovery]) -> str:
    before = sum(one.log.seen().done for one in accounts)
    return f"reading customers ({before} read before)" if before else "reading customers"
