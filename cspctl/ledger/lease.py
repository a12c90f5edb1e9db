"""The apply lease: one holder per project and environment, by the wall clock alone."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

from sqlalchemy import ColumnElement, Connection, Row, select, update

from cspctl.errors import CspctlError, LeaseHeldError
from cspctl.ledger.connection import Database
from cspctl.ledger.dialect import upsert
from cspctl.ledger.encoding import instant, instant_text
from cspctl.ledger.home import Home
from cspctl.ledger.process import ProcessMark
from cspctl.ledger.tables import leases

TTL = timedelta(seconds=60)


def wall_clock() -> datetime:
    return datetime.now(UTC)


class LedgerLease:
    """The token grows with every acquisition and never repeats: a late holder is told by its old one.

    A lease ends when released, when its clock ran out, or at once when its process certainly died.
    """

    def __init__(
        self,
        database: Database,
        home: Home,
        holder: str,
        *,
        host: str | None = None,
        ttl: timedelta = TTL,
        wall: Callable[[], datetime] = wall_clock,
    ) -> None:
        self._database = database
        self._home = home
        self._holder = holder
        self._host = host or socket.gethostname()
        self._wall = wall
        self._token: int | None = None
        self.ttl = ttl

    @property
    def token(self) -> int | None:
        """None while not held."""
        return self._token

    def acquire(self) -> int:
        """The fencing token; raises LeaseHeldError naming holder, host, since and until."""
        now = self._wall()
        with self._database.transaction() as connection:
            row = self._row(connection)
            if row is not None and row.holder is not None and row.token != self._token:
                self._refuse_if_alive(row, now)
            token = (row.token if row is not None else 0) + 1
            connection.execute(upsert(leases), self._values(token, now))
        self._token = token
        return token

    def check(self) -> None:
        """Raises LeaseHeldError when this holder's token is no longer the current one."""
        with self._database.read() as connection:
            self._refuse_if_lost(self._row(connection))

    def renew(self) -> None:
        """Another `ttl` from now; raises LeaseHeldError when someone else took over."""
        until = instant_text(self._wall() + self.ttl)
        with self._database.transaction() as connection:
            self._refuse_if_lost(self._row(connection))
            connection.execute(update(leases).where(self._mine()).values(until=until))

    def release(self) -> None:
        """Harmless when it is not held any more; the row stays, because the token must go on growing."""
        if self._token is None:
            return
        empty = dict.fromkeys(("holder", "host", "process", "since", "until"))
        with self._database.transaction() as connection:
            connection.execute(update(leases).where(self._mine()).values(**empty))
        self._token = None

    def _row(self, connection: Connection) -> Row[Any] | None:
        return connection.execute(select(leases).where(self._home.rows(leases))).one_or_none()

    def _mine(self) -> ColumnElement[bool]:
        return self._home.rows(leases, leases.c.token == self._token)

    def _values(self, token: int, now: datetime) -> dict[str, Any]:
        process = ProcessMark.own()
        return {
            **self._home.columns(),
            "token": token,
            "holder": self._holder,
            "host": self._host,
            "process": None if process is None else str(process),
            "since": instant_text(now),
            "until": instant_text(now + self.ttl),
        }

    def _refuse_if_alive(self, row: Row[Any], now: datetime) -> None:
        died = row.process is not None and ProcessMark.parse(row.process).is_gone()
        if died or instant(row.until) <= now:
            return
        raise LeaseHeldError(
            f"an apply of {self._home.project} ({self._home.environment}) is running: {_who(row)}",
            hint="wait for it to end; if it crashed, its lease ends by itself at that time",
        )

    def _refuse_if_lost(self, row: Row[Any] | None) -> None:
        if row is not None and row.holder is not None and row.token == self._token:
            return
        now_held = f": {_who(row)}" if row is not None and row.holder is not None else ""
        raise LeaseHeldError(
            f"{self._holder} does not hold the apply lease of {self._home.project} any more{now_held}",
            code="E-LEASE-LOST",
            hint="nothing more is written; run apply again, it goes on where this run stopped",
        )


def _who(row: Row[Any]) -> str:
    return f"{row.holder} on {row.host}, since {row.since}, lease until {row.until}"


class Heartbeat:
    """Renews a lease from a thread of its own while the `with` block runs.

    `lost` holds the reason once the lease is gone, and `on_lost` is called with it from that thread. A
    database that is busy for a moment is no reason: the next beat tries again.
    """

    def __init__(
        self,
        lease: LedgerLease,
        *,
        interval: timedelta | None = None,
        on_lost: Callable[[CspctlError], None] | None = None,
    ) -> None:
        self._lease = lease
        self._interval = (interval or lease.ttl / 3).total_seconds()
        self._on_lost = on_lost
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="cspctl-lease", daemon=True)
        self.lost: CspctlError | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._stop.wait(self._interval):
            try:
                self._lease.renew()
            except LeaseHeldError as error:
                self._give_up(error)
                return
            except CspctlError:
                continue

    def _give_up(self, error: CspctlError) -> None:
        self.lost = error
        if self._on_lost is not None:
            self._on_lost(error)
