"""Ledgers in a temporary folder, and the small rows that several tests write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cspctl.ledger.database import open_ledger
from cspctl.ledger.ledger import Ledger

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)

Opener = Callable[..., Ledger]


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Where the ledger will be; nothing exists yet."""
    return tmp_path / ".cspctl" / "state.db"


@pytest.fixture
def opened(state: Path) -> Iterator[Opener]:
    """Opens the ledger of a project, and closes it in the end."""
    ledgers: list[Ledger] = []

    def open_it(environment: str = "live", *, read_only: bool = False, project: str = "acme") -> Ledger:
        ledger = open_ledger(f"sqlite:///{state}", project, environment, read_only=read_only)
        ledgers.append(ledger)
        return ledger

    yield open_it
    for ledger in ledgers:
        ledger.close()


@pytest.fixture
def ledger(opened: Opener) -> Ledger:
    return opened()


@pytest.fixture
def realm() -> str:
    return "acme|global|11111111-1111-1111-1111-111111111111|live"
