"""The ledger of one project and environment: every noun of it behind the ports."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cspctl.ledger import copies
from cspctl.ledger.audit import AuditLog
from cspctl.ledger.bindings import Bindings
from cspctl.ledger.connection import Database
from cspctl.ledger.discoveries import Discoveries
from cspctl.ledger.drift import Deviation, DriftLog
from cspctl.ledger.home import Home
from cspctl.ledger.journal import Journal
from cspctl.ledger.lease import TTL, LedgerLease, wall_clock
from cspctl.ledger.readings import Readings
from cspctl.ledger.runs import Runs
from cspctl.ledger.snapshots import Snapshots
from cspctl.model.address import Address
from cspctl.model.audit import Anchor, AuditEvent, AuditFault
from cspctl.model.binding import Binding
from cspctl.model.live import LiveObject
from cspctl.model.plan import DriftRow
from cspctl.model.ports import Intent, RunRecord
from cspctl.model.reading import Difference, ReadingNote, TenantReading
from cspctl.model.result import StepOutcome


class Ledger:
    """Satisfies LedgerReader and LedgerWriter; opened read-only, every write raises RefusedError.

    Documents come back as plain JSON values: a Decimal or date as text, a tuple as a list.
    """

    def __init__(self, database: Database, home: Home) -> None:
        self._database = database
        self._siblings: list[Database] = []
        self.home = home
        self._bindings = Bindings(database, home)
        self._runs = Runs(database, home)
        self._journal = Journal(database, home)
        self._audit = AuditLog(database, home)
        self._drift = DriftLog(database, home)
        self._snapshots = Snapshots(database, home)
        self._readings = Readings(database, home)
        self.discoveries = Discoveries(database, home)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Also the connections of leases taken from here; a lease not released then ends by its clock."""
        for database in (*self._siblings, self._database):
            database.close()

    @property
    def read_only(self) -> bool:
        return self._database.read_only

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything written inside commits together or not at all; must not span an `await`."""
        with self._database.transaction():
            yield

    # Bindings

    def bindings(self) -> Mapping[Address, Binding]:
        return self._bindings.all()

    def put_binding(self, binding: Binding) -> None:
        self._bindings.put(binding)

    def put_bindings(self, all_of: Collection[Binding]) -> None:
        """All or none; for thousands at once."""
        if all_of:
            self._bindings.put(*all_of)

    def delete_binding(self, address: Address) -> None:
        self._bindings.delete(address)

    # Runs

    def runs(self, limit: int = 50) -> Sequence[RunRecord]:
        """Newest first, without their plans."""
        return self._runs.latest(limit)

    def run(self, run_id: str) -> RunRecord | None:
        """With its plan."""
        return self._runs.one(run_id)

    def runs_of_plan(self, plan_id: str) -> Sequence[RunRecord]:
        """Newest first, without their plans."""
        return self._runs.of_plan(plan_id)

    def begin_run(self, run: RunRecord) -> None:
        self._runs.begin(run)

    def finish_run(self, run_id: str, *, status: str, exit_code: int, at: datetime) -> None:
        self._runs.finish(run_id, status=status, exit_code=exit_code, at=at)

    # Journal

    def intents(
        self, *, run_id: str | None = None, plan_id: str | None = None, open_only: bool = False
    ) -> Sequence[Intent]:
        return self._journal.intents(run_id, plan_id, open_only)

    def journal_intent(self, intent: Intent) -> None:
        """On disk when this returns; RuntimeError inside a transaction."""
        self._journal.announce(intent)

    def journal_request_id(self, intent_id: str, request_id: str) -> None:
        """On disk when this returns; RuntimeError inside a transaction."""
        self._journal.add_request_id(intent_id, request_id)

    def settle_intent(self, intent_id: str, outcome: StepOutcome, *, at: datetime) -> None:
        self._journal.settle(intent_id, outcome, at)

    # Audit log

    def append_audit(self, event: AuditEvent, *, realm: str) -> AuditEvent:
        return self._audit.append(event, realm)

    def append_audits(self, events: Iterable[tuple[AuditEvent, str]]) -> None:
        """Each with its realm, in order, all or none."""
        self._audit.append_all(events)

    def audit_events(
        self, *, address: str | None = None, run_id: str | None = None, limit: int | None = None
    ) -> Sequence[AuditEvent]:
        """Oldest first; `limit` keeps the newest."""
        return self._audit.events(address, run_id, limit)

    def verify_audit(self, anchor: Anchor | None = None) -> list[AuditFault]:
        return self._audit.verify(anchor)

    def export_anchor(self, *, at: datetime) -> Anchor:
        return self._audit.anchor(at)

    # Drift

    def record_drift(self, rows: Sequence[DriftRow], *, run_id: str, at: datetime) -> None:
        self._drift.record(rows, run_id, at)

    def drift_rows(self, limit: int = 100) -> Sequence[Mapping[str, Any]]:
        """Newest first: the JSON of the drift row, with `runId` and `recordedAt`."""
        return self._drift.latest(limit)

    def accept_deviation(self, deviation: Deviation) -> None:
        self._drift.accept(deviation)

    def withdraw_deviation(self, address: str, path: str) -> None:
        self._drift.withdraw(address, path)

    def accepted_deviations(self, now: datetime) -> Sequence[Deviation]:
        """Those not expired, by address and path."""
        return self._drift.accepted(now)

    # Snapshots and change feeds

    def put_snapshots(self, objects: Iterable[LiveObject], *, realm: str, read_at: datetime) -> int:
        """Insert or replace all or none; gives how many. Bodies are not kept."""
        return self._snapshots.put_many(objects, realm, read_at)

    def snapshot(self, kind: str, live_id: str) -> LiveObject | None:
        return self._snapshots.one(kind, live_id)

    def snapshots(self, kind: str | None = None, scope: str | None = None) -> Sequence[LiveObject]:
        """By kind and id."""
        return self._snapshots.some(kind, scope)

    def forget_snapshots(self, kind: str | None = None, scope: str | None = None, live_id: str | None = None) -> int:
        return self._snapshots.forget(kind, scope, live_id)

    def put_readings(self, found: Iterable[TenantReading], realms: Mapping[str, str]) -> Difference:
        """What tenants were found to hold, all or none; only what differs is written. `realms`: account to realm."""
        return self._readings.put(found, realms, None)

    def reading_notes(self) -> Sequence[ReadingNote]:
        """How each tenant was last read, by kind, account and tenant."""
        return self._readings.notes()

    def disturb(self, scopes: Collection[str], *, at: datetime, problem: str) -> None:
        """This project writes to these tenants at `at` (wall clock); `problem` stands until they are read again."""
        self._readings.disturb(scopes, at, problem)

    def live_objects(self, kind: str, tenants: Mapping[str, Mapping[str, datetime]]) -> Iterator[LiveObject]:
        """Snapshots in no order. `tenants`: realm to the tenants wanted, each with when it was read last."""
        return self._snapshots.of_tenants(kind, tenants)

    def cursor(self, feed: str) -> str | None:
        return self._snapshots.cursor(feed)

    def put_cursor(self, feed: str, position: str, *, at: datetime) -> None:
        self._snapshots.put_cursor(feed, position, at)

    # The whole

    def lease(
        self,
        holder: str,
        *,
        host: str | None = None,
        ttl: timedelta = TTL,
        wall: Callable[[], datetime] = wall_clock,
    ) -> LedgerLease:
        """An apply lease, not yet acquired, on a connection of its own: a heartbeat does not wait for us."""
        database = self._database.sibling()
        if database is not self._database:
            self._siblings.append(database)
        return LedgerLease(database, self.home, holder, host=host, ttl=ttl, wall=wall)

    def backup(self, path: Path) -> Path:
        """A consistent copy of the whole file, all projects in it; raises InputError when `path` exists."""
        return copies.copy_of(self._database, path)
