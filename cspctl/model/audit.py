"""The tool's own audit log, and the service's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One row of the append-only, hash-chained log. `seq`, `prev_hash` and `hash` are given by the ledger."""

    at: datetime
    actor: str
    run_id: str
    event: str
    outcome: str
    digest: str | None = None
    approvals: tuple[str, ...] = ()
    address: str | None = None
    step: str | None = None
    request_id: str | None = None
    correlation_id: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    seq: int = 0
    prev_hash: str = ""
    hash: str = ""
    realm: str = ""


@dataclass(frozen=True, slots=True)
class ServiceAuditRecord:
    """An audit record of Partner Center: who did what behind Git's back."""

    at: datetime
    operation: str
    resource_type: str
    principal: str | None
    application: str | None
    customer_id: str | None
    status: str
    resource_id: str | None = None
    new_value: Mapping[str, Any] | None = None
    old_value: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Anchor:
    """A row of the log, kept outside the ledger: it must still be there later. `seq` 0: an empty log."""

    project: str
    environment: str
    seq: int
    hash: str
    at: datetime


FaultKind = Literal["edited", "deleted", "inserted", "reordered", "truncated", "rewritten"]


@dataclass(frozen=True, slots=True)
class AuditFault:
    """`seq` is the number the row has now; of a missing row, the number it had."""

    seq: int
    kind: FaultKind
    message: str
