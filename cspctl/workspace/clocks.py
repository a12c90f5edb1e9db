"""The two clocks behind the Clock port."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any


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
