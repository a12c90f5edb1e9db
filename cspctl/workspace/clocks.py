"""The clocks behind the Clock port."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote


class WallClock:
    """Real time, or a fixed instant for planning as of another day."""

    def __init__(self, fixed: datetime | None = None) -> None:
        self._fixed = fixed

    def now(self) -> datetime:
        return self._fixed or datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class EmulatorClock:
    """The emulator's virtual clock; waiting on a frozen one advances it, so nobody waits for nothing."""

    def __init__(self, control: Callable[..., Any], fixed: datetime | None = None) -> None:
        self._control = control
        self._fixed = fixed

    def now(self) -> datetime:
        return self._fixed or datetime.fromisoformat(self._read()["now"]).astimezone(UTC)

    async def sleep(self, seconds: float) -> None:
        if self._read().get("mode") == "frozen":
            self._control("POST", "clock", {"advance": f"PT{max(1, round(seconds))}S"})
        else:
            await asyncio.sleep(seconds)

    def _read(self) -> dict[str, Any]:
        answer: dict[str, Any] = self._control("GET", "clock")
        return answer


class KeptClock:
    """The emulator's virtual clock as its data file has it, for a run that starts no emulator."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def kept_clock(data: Path) -> KeptClock | WallClock:
    """Real time where there is no data file yet, or it cannot be read just now."""
    from cspctl.emulator.clock import VirtualClock

    uri = f"file:{quote(str(data.resolve()))}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as store:
            row = store.execute("SELECT value FROM meta WHERE key = 'clock'").fetchone()
    except sqlite3.Error:
        return WallClock()
    kept: _Kept = _Kept(json.loads(row[0])) if row else _Kept(None)
    return KeptClock(VirtualClock(kept).now)  # type: ignore[arg-type] # of a store it only asks for this one value


class _Kept:
    def __init__(self, clock: dict[str, Any] | None) -> None:
        self._clock = clock

    def meta(self, key: str) -> dict[str, Any] | None:
        return self._clock
