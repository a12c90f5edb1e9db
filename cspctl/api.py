"""The documented Python API: the same workspace that the commands use.

    from cspctl import api

    project = api.load("customers/")            # resources, prices, diagnostics
    plan = api.plan("customers/", emulator=True)
    print(plan.counts())

Every function raises the exceptions of cspctl.errors; their `exit_code` is what the command line would end with.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from cspctl.model.plan import Plan
from cspctl.model.result import RunReport
from cspctl.workspace import Workspace, WorkspaceSettings
from cspctl.workspace.drifting import DriftResult
from cspctl.workspace.project import LoadedProject
from cspctl.workspace.validating import ValidationResult

__all__ = ["apply", "drift", "load", "plan", "validate"]


def _workspace(path: str | Path, emulator: bool, state: str | None, now: datetime | None = None) -> Workspace:
    return Workspace.open(WorkspaceSettings(config=Path(path), emulator=emulator, state=state, now=now))


def load(path: str | Path, *, now: datetime | None = None) -> LoadedProject:
    """Everything below the project of `path`, with what is wrong with it. `now` is aware UTC."""
    return _workspace(path, emulator=False, state=None, now=now).load()


def validate(path: str | Path, *, now: datetime | None = None) -> ValidationResult:
    """Diagnostics with positions; nothing is raised for what is wrong in manifests."""
    return _workspace(path, emulator=False, state=None, now=now).validate()


def plan(
    path: str | Path,
    *,
    emulator: bool = False,
    state: str | None = None,
    target: Sequence[str] = (),
    allow: Sequence[str] = (),
) -> Plan:
    """A read-only plan; `target` narrows it to addresses, `allow` overrides guards by name."""
    return _workspace(path, emulator, state).plan(target=target, allow=allow)


def apply(
    path: str | Path,
    *,
    review: Callable[[Plan], None],
    emulator: bool = False,
    state: str | None = None,
    saved: Path | None = None,
    allow: Sequence[str] = (),
    settle: float = 60.0,
) -> tuple[Plan, RunReport]:
    """Plan and carry out. `review` is called with the plan before anything is written; it raises to refuse.

    `saved` is a plan file to carry out instead of a fresh plan; `settle` is how many seconds to wait for unknown
    outcomes.
    """
    return _workspace(path, emulator, state).apply(review=review, saved=saved, allow=allow, settle=settle)


def drift(path: str | Path, *, emulator: bool = False, state: str | None = None, record: bool = False) -> DriftResult:
    """What changed behind Git's back, with who did it; `record` keeps the rows in the ledger."""
    return _workspace(path, emulator, state).drift(record=record)
