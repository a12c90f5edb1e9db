"""The Protocols that others implement; the engine sees nothing else of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from cspctl.commerce.price_row import PriceRow
from cspctl.model.address import Address
from cspctl.model.audit import AuditEvent, ServiceAuditRecord
from cspctl.model.binding import Binding
from cspctl.model.plan import DriftRow
from cspctl.model.result import StepOutcome


class Clock(Protocol):
    """The planner's now. In the emulator realm it is the emulator's virtual clock."""

    def now(self) -> datetime:
        """Aware UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait; on a frozen virtual clock this advances it instead."""
        ...


class PriceSource(Protocol):
    """Rows of the price sheets that the project pins, by price book."""

    def find(
        self,
        book: str,
        *,
        market: str,
        currency: str,
        segment: str,
        product: str,
        sku: str,
        term: str,
        billing: str,
        on: date,
    ) -> PriceRow | None:
        """The row in force on that UTC day; of overlapping rows the older governs until its end."""
        ...

    def currencies(self, book: str, market: str) -> frozenset[str]: ...

    def has_book(self, book: str) -> bool: ...

    def rows(self) -> Iterable[PriceRow]:
        """Every row of every book."""
        ...


@dataclass(frozen=True, slots=True)
class Intent:
    """A journal row: written before the write it announces, settled after.

    `status`: `intent` (nothing known yet), then a StepStatus value; `planned` is a step that completes its unit,
    announced before the steps before it and sent under an intent of its own. `request_ids` holds every MS-RequestId
    this intent ever used, in order; the last one stays in use while no response came.
    """

    id: str
    run_id: str
    plan_id: str
    address: str
    unit: str
    ordinal: int
    step: Mapping[str, Any]
    realm: str
    status: str = "intent"
    outputs: Mapping[str, Any] = field(default_factory=dict)
    request_ids: tuple[str, ...] = ()
    created_at: datetime | None = None
    settled_at: datetime | None = None
    message: str = ""
    code: str | None = None


@dataclass(frozen=True, slots=True)
class RunRecord:
    """`status`: running, done, partial, failed, cancelled. `plan` is the canonical plan JSON being carried out."""

    id: str
    plan_id: str
    digest: str
    actor: str
    started_at: datetime
    status: str = "running"
    finished_at: datetime | None = None
    exit_code: int | None = None
    command: str = "apply"
    plan: str = ""


class LedgerReader(Protocol):
    """All reads are within one project and environment (live or emulator)."""

    def bindings(self) -> Mapping[Address, Binding]:
        """Bound and released bindings."""
        ...

    def runs(self, limit: int = 50) -> Sequence[RunRecord]:
        """Newest first."""
        ...

    def run(self, run_id: str) -> RunRecord | None: ...

    def runs_of_plan(self, plan_id: str) -> Sequence[RunRecord]: ...

    def intents(
        self, *, run_id: str | None = None, plan_id: str | None = None, open_only: bool = False
    ) -> Sequence[Intent]:
        """In the order they were journaled; `open_only`: status `intent`, `unknown` or `planned`."""
        ...

    def audit_events(
        self, *, address: str | None = None, run_id: str | None = None, limit: int | None = None
    ) -> Sequence[AuditEvent]: ...

    def drift_rows(self, limit: int = 100) -> Sequence[Mapping[str, Any]]: ...


class LedgerWriter(LedgerReader, Protocol):
    def transaction(self) -> AbstractContextManager[None]:
        """Everything written inside commits together or not at all."""
        ...

    def begin_run(self, run: RunRecord) -> None: ...

    def finish_run(self, run_id: str, *, status: str, exit_code: int, at: datetime) -> None: ...

    def journal_intent(self, intent: Intent) -> None:
        """Committed durably before this returns."""
        ...

    def journal_request_id(self, intent_id: str, request_id: str) -> None: ...

    def settle_intent(self, intent_id: str, outcome: StepOutcome, *, at: datetime) -> None: ...

    def put_binding(self, binding: Binding) -> None: ...

    def delete_binding(self, address: Address) -> None: ...

    def append_audit(self, event: AuditEvent, *, realm: str) -> AuditEvent:
        """Adds the row to the hash chain and returns it with seq and hashes."""
        ...

    def record_drift(self, rows: Sequence[DriftRow], *, run_id: str, at: datetime) -> None: ...


class Lease(Protocol):
    """One apply per project; wall clock only, never virtual. A crashed holder's lease expires by itself."""

    def acquire(self) -> int:
        """The fencing token; raises LeaseHeldError naming the holder and when its lease ends."""
        ...

    def check(self) -> None:
        """Raises LeaseHeldError when this holder's token is no longer the current one."""
        ...

    def renew(self) -> None: ...

    def release(self) -> None: ...


class AuditFeed(Protocol):
    """The service's own audit records."""

    async def records(self, *, customer_id: str, since: datetime, until: datetime) -> Sequence[ServiceAuditRecord]: ...


@dataclass(slots=True)
class WriteContext:
    """Correlates one write with its journal row.

    `request_id` is used for the first try. After any response the client calls `fresh` for a new id, which
    must have been journaled before it returns; while no response came the id stays the same.
    """

    request_id: str
    correlation_id: str
    fresh: Callable[[], str]


class Progress(Protocol):
    """Progress of long work; silent when piped unless heartbeat lines are due."""

    def start(self, label: str, total: int | None) -> None: ...

    def advance(self, amount: int = 1) -> None: ...

    def finish(self) -> None: ...
