"""Discoveries: how far the reading of each partner account came, and which customers it has.

The work list is the account's customers without the readings marked with the discovery's id, so that a process may
be killed at any point and another goes on where its last checkpoint stands. By the wall clock alone.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, func, select, update

from cspctl.errors import LeaseHeldError, RefusedError
from cspctl.ledger.connection import Database
from cspctl.ledger.dialect import upsert
from cspctl.ledger.encoding import instant, instant_text, optional_instant
from cspctl.ledger.home import Home
from cspctl.ledger.lease import wall_clock
from cspctl.ledger.process import ProcessMark
from cspctl.ledger.readings import CHUNK, Readings
from cspctl.ledger.tables import customers, discoveries, readings
from cspctl.model.discovery import Discovery, DiscoveryState, KnownCustomer
from cspctl.model.reading import TenantReading

# A process that cannot be looked at counts as dead after so long without a sign of life.
SILENCE = timedelta(seconds=60)
KILLED = "E-DISCOVERY-INTERRUPTED"
GONE = "not among the account's customers any more: the reseller relationship ended"


class Discoveries:
    def __init__(self, database: Database, home: Home, *, wall: Callable[[], datetime] = wall_clock) -> None:
        self._database = database
        self._home = home
        self._wall = wall
        self._readings = Readings(database, home)

    def of(self, accounts: Sequence[str]) -> list[Discovery]:
        """In the order given; one whose process died without a word is in error."""
        with self._database.read() as connection:
            return [self._seen(connection, account) for account in accounts]

    def customers(self, accounts: Collection[str]) -> list[KnownCustomer]:
        """Those the last list showed, by account and id, with how each was read by the discovery that listed them."""
        mine = and_(
            readings.c.project == customers.c.project,
            readings.c.environment == customers.c.environment,
            readings.c.account == customers.c.account,
            readings.c.scope == customers.c.customer,
        )
        columns = (
            *[customers.c[n] for n in ("account", "customer", "name", "domain")],
            func.min(readings.c.read_at),
            func.coalesce(func.sum(readings.c.objects), 0),
            func.max(readings.c.problem),
        )
        query = select(*columns).select_from(customers.outerjoin(readings, mine))
        query = query.where(self._home.rows(customers, customers.c.account.in_(sorted(accounts))))
        query = query.group_by(*columns[:4]).order_by(customers.c.account, customers.c.customer)
        with self._database.read() as connection:
            return [_customer(*row) for row in connection.execute(query)]

    def begin(self, account: str, realm: str, holder: str, *, resume: bool) -> DiscoveryRun:
        """A new discovery, or the same one again. Raises RefusedError when one is running or none can be resumed."""
        now = instant_text(self._wall())
        with self._database.transaction() as connection:
            before = self._seen(connection, account)
            self._refuse(before, account, resume)
            row = self._row(connection, account)
            process = ProcessMark.own()
            values: dict[str, Any] = {
                **self._home.columns(realm),
                "account": account,
                "id": before.id if resume else str(uuid.uuid4()),
                "token": (row.token if row else 0) + 1,
                "state": DiscoveryState.IN_PROGRESS.value,
                "holder": holder,
                "process": None if process is None else str(process),
                "started_at": row.started_at if resume and row else now,
                "resumed_at": now if resume else None,
                "beat_at": now,
                "ended_at": None,
                "total": before.total if resume else None,
                "changed": before.changed if resume else 0,
                "stop_asked": 0,
                "code": None,
                "message": "",
            }
            if resume and row:
                self._forget_gaps(connection, account, row.id)
            values["done_before"] = self._counts(connection, account, values["id"])[0] if resume else 0
            connection.execute(upsert(discoveries), values)
        return DiscoveryRun(self, account, realm, values["id"], values["token"])

    def ask_stop(self, accounts: Collection[str]) -> list[str]:
        """The accounts whose discovery is running and was asked."""
        asked = []
        with self._database.transaction() as connection:
            for account in sorted(accounts):
                if self._seen(connection, account).state is DiscoveryState.IN_PROGRESS:
                    connection.execute(self._update(account).values(stop_asked=1))
                    asked.append(account)
        return asked

    def _refuse(self, before: Discovery, account: str, resume: bool) -> None:
        if before.state is DiscoveryState.IN_PROGRESS:
            raise RefusedError(
                f"a discovery of {account} is running already: {before.done} of {before.total or '?'} customers",
                code="E-DISCOVERY-RUNNING",
                hint="see `cspctl discover status`; end it with `cspctl discover stop`",
            )
        if resume and not before.resumable:
            raise RefusedError(
                f"the discovery of {account} is {before.state.value}: there is nothing to resume",
                code="E-DISCOVERY-NOTHING",
                hint="begin a new one with `cspctl discover start`",
            )

    def _seen(self, connection: Connection, account: str) -> Discovery:
        row = self._row(connection, account)
        if row is None:
            return Discovery(account)
        done, gaps, objects = self._counts(connection, account, row.id)
        state, code, message = DiscoveryState(row.state), row.code, row.message
        if state is DiscoveryState.IN_PROGRESS and self._died(row):
            state, code = DiscoveryState.ERROR, KILLED
            message = f"its process ended without a word; the last sign of life was at {row.beat_at[:19]}Z"
        return Discovery(
            account=account,
            state=state,
            id=row.id,
            started_at=instant(row.started_at),
            resumed_at=optional_instant(row.resumed_at),
            beat_at=instant(row.beat_at),
            ended_at=optional_instant(row.ended_at),
            total=row.total,
            done=done,
            done_before=row.done_before,
            gaps=gaps,
            objects=objects,
            changed=row.changed,
            stop_asked=bool(row.stop_asked),
            code=code,
            message=message,
        )

    def _died(self, row: Any) -> bool:
        if row.process is not None and ProcessMark.parse(row.process).is_gone():
            return True
        return bool(instant(row.beat_at) + SILENCE <= self._wall())

    def _row(self, connection: Connection, account: str) -> Any:
        query = select(discoveries).where(self._home.rows(discoveries, discoveries.c.account == account))
        return connection.execute(query).one_or_none()

    def _counts(self, connection: Connection, account: str, discovery: str) -> tuple[int, int, int]:
        """Customers read, of those not readable, and objects found."""
        mine = self._home.rows(readings, readings.c.account == account, readings.c.discovery == discovery)
        tenants = func.count(readings.c.scope.distinct())
        objects = func.coalesce(func.sum(readings.c.objects), 0)
        done, found = connection.execute(select(tenants, objects).where(mine)).one()
        gaps = connection.execute(select(tenants).where(mine, readings.c.problem.is_not(None))).scalar_one()
        return done, gaps, found

    def _forget_gaps(self, connection: Connection, account: str, discovery: str) -> None:
        """What could not be read is tried again."""
        mine = (readings.c.account == account, readings.c.discovery == discovery, readings.c.problem.is_not(None))
        connection.execute(update(readings).where(self._home.rows(readings, *mine)).values(discovery=None))

    def _update(self, account: str, *conditions: Any) -> Any:
        return update(discoveries).where(self._home.rows(discoveries, discoveries.c.account == account, *conditions))

    # What a running discovery writes, always within its own token.

    def list_customers(self, run: DiscoveryRun, rows: Mapping[str, tuple[str, str]]) -> None:
        """`rows`: customer to (name, domain), the whole list. Only what differs is written."""
        with self._database.transaction() as connection:
            self._hold(connection, run, total=len(rows))
            mine = self._home.rows(customers, customers.c.account == run.account)
            query = select(customers.c.customer, customers.c.name, customers.c.domain).where(mine)
            before = {row[0]: (row[1], row[2]) for row in connection.execute(query)}
            new = [{"customer": c, "name": n, "domain": d} for c, (n, d) in rows.items() if before.get(c) != (n, d)]
            if new:
                base = {**self._home.columns(run.realm), "account": run.account}
                connection.execute(upsert(customers), [base | one for one in new])
            gone = [c for c in before if c not in rows]
            for start in range(0, len(gone), CHUNK):
                part = gone[start : start + CHUNK]
                connection.execute(delete(customers).where(mine, customers.c.customer.in_(part)))
                left = self._home.rows(readings, readings.c.account == run.account, readings.c.scope.in_(part))
                connection.execute(update(readings).where(left).values(problem=GONE))

    def pending(self, run: DiscoveryRun) -> list[str]:
        """Customers that this discovery has not read yet, by id."""
        done = self._home.rows(readings, readings.c.account == run.account, readings.c.discovery == run.id)
        mine = self._home.rows(customers, customers.c.account == run.account)
        query = select(customers.c.customer).where(
            mine, customers.c.customer.not_in(select(readings.c.scope).where(done))
        )
        with self._database.read() as connection:
            return list(connection.execute(query.order_by(customers.c.customer)).scalars())

    def checkpoint(self, run: DiscoveryRun, found: Sequence[TenantReading]) -> bool:
        """Keeps what was read, as a sign of life too; True when a stop was asked for."""
        with self._database.transaction() as connection:
            stop = self._hold(connection, run)
            if found:
                difference = self._readings.put(found, {run.account: run.realm}, run.id)
                if difference.total:
                    more = discoveries.c.changed + difference.total
                    connection.execute(self._update(run.account).values(changed=more))
        return stop

    def finish(self, run: DiscoveryRun, state: DiscoveryState, code: str | None, message: str) -> Discovery:
        with self._database.transaction() as connection:
            self._hold(connection, run)
            ended = instant_text(self._wall())
            values = {"state": state.value, "code": code, "message": message, "ended_at": ended, "stop_asked": 0}
            connection.execute(self._update(run.account).values(**values))
            return self._seen(connection, run.account)

    def _hold(self, connection: Connection, run: DiscoveryRun, **values: Any) -> bool:
        """A sign of life. Raises LeaseHeldError when another process took the discovery over."""
        running = discoveries.c.state == DiscoveryState.IN_PROGRESS.value
        beat = self._update(run.account, discoveries.c.token == run.token, running)
        if not connection.execute(beat.values(beat_at=instant_text(self._wall()), **values)).rowcount:
            raise LeaseHeldError(
                f"another process took over the discovery of {run.account}",
                code="E-DISCOVERY-LOST",
                hint="nothing more is written; see `cspctl discover status`",
            )
        return bool(self._row(connection, run.account).stop_asked)


def _customer(
    account: str, customer: str, name: str, domain: str, read_at: str | None, objects: int, problem: str | None
) -> KnownCustomer:
    return KnownCustomer(account, customer, name, domain, optional_instant(read_at), objects, problem)


class DiscoveryRun:
    """The face that a running discovery sees: only its own account, only while it holds it."""

    def __init__(self, log: Discoveries, account: str, realm: str, id: str, token: int) -> None:
        self._log = log
        self.account = account
        self.realm = realm
        self.id = id
        self.token = token

    def seen(self) -> Discovery:
        return self._log.of([self.account])[0]

    def list_customers(self, rows: Mapping[str, tuple[str, str]]) -> None:
        self._log.list_customers(self, rows)

    def pending(self) -> list[str]:
        return self._log.pending(self)

    def checkpoint(self, found: Sequence[TenantReading]) -> bool:
        return self._log.checkpoint(self, found)

    def finish(self, state: DiscoveryState, code: str | None = None, message: str = "") -> Discovery:
        return self._log.finish(self, state, code, message)
