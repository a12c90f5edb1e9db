"""What a caller chooses: trusted input, unlike everything in the project."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cspctl.model.ports import Progress


class NoProgress:
    """For callers that do not want to watch."""

    def start(self, label: str, total: int | None) -> None:
        return None

    def advance(self, amount: int = 1) -> None:
        return None

    def finish(self) -> None:
        return None


@dataclass(frozen=True, slots=True)
class WorkspaceSettings:
    """`config` is a project file or its folder; without it the project is found from the paths of a command.

    `now` replaces the clock for planning; it is refused for writes outside the emulator.
    """

    config: Path | None = None
    state: str | None = None
    emulator: bool = False
    trust: Path | None = None
    now: datetime | None = None
    cache: bool = True
    progress: Progress = field(default_factory=NoProgress)
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
