"""What became of steps and runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class StepStatus(StrEnum):
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNKNOWN = "unknown"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """`outputs` are facts later steps need (cart id, subscription id); they contain no secrets."""

    status: StepStatus
    message: str = ""
    outputs: Mapping[str, Any] = field(default_factory=dict)
    request_ids: tuple[str, ...] = ()
    correlation_id: str | None = None
    code: str | None = None


class ChangeStatus(StrEnum):
    DONE = "done"
    FAILED = "failed"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"
    NOT_TRIED = "not-tried"


@dataclass(frozen=True, slots=True)
class ChangeResult:
    address: str
    action: str
    status: ChangeStatus
    message: str = ""
    code: str | None = None
    live_id: str | None = None


@dataclass(frozen=True, slots=True)
class RunReport:
    """How an apply ended. `exit_code` follows the precedence in cspctl.errors."""

    run_id: str
    plan_id: str
    digest: str
    results: tuple[ChangeResult, ...]
    exit_code: int
    cancelled: bool = False

    def count(self, status: ChangeStatus) -> int:
        return sum(1 for r in self.results if r.status is status)
