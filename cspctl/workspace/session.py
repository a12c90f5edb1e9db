"""One project and how it is reached: found, loaded, and held open for the length of one piece of work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

from cspctl.workspace import project as projects
from cspctl.workspace.clocks import WallClock
from cspctl.workspace.project import LoadedProject, Place
from cspctl.workspace.run import Run, open_run
from cspctl.workspace.settings import WorkspaceSettings

T = TypeVar("T")


class Session:
    """Nothing is held open between two calls."""

    def __init__(self, settings: WorkspaceSettings) -> None:
        self.settings = settings

    def place(self, paths: Sequence[Path] = ()) -> Place:
        return projects.find(self.settings, paths)

    def load(self, paths: Sequence[Path] = ()) -> LoadedProject:
        now = self.settings.now or WallClock().now()
        return projects.load_project(self.place(paths), now=now, cache=self.settings.cache)

    def run(
        self,
        paths: Sequence[Path],
        work: Callable[[Run], Coroutine[Any, Any, T]],
        *,
        writing_ledger: bool = False,
        writing_remote: bool = False,
        offline: bool = False,
    ) -> T:
        """`work` over an open ledger and signed-in accounts, which are closed after it whatever happens."""
        place = self.place(paths)

        async def whole() -> T:
            run = await open_run(
                self.settings, place, writing_ledger=writing_ledger, writing_remote=writing_remote, offline=offline
            )
            async with run.exits:
                return await work(run)

        return asyncio.run(whole())
