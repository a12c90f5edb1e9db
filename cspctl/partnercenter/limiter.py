"""How many requests are in flight, and who has to wait.

Partner Center throttles per partner tenant, or partner tenant and customer, with limits that differ per
API and
change; a 429 names the wait. Requests sent meanwhile count against the limit, so the whole key pauses.
Source: Partner Center docs, page api-throttling-guidance (Oct 2023).
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cspctl.model.ports import Clock


@dataclass(slots=True)
class _Pause:
    until: datetime | None = None
    gate: asyncio.Lock = field(default_factory=asyncio.Lock)


class Limiter:
    """Share one between the sessions of a partner tenant. `concurrency` counts requests in flight over all
    keys."""

    def __init__(self, clock: Clock, concurrency: int) -> None:
        self._clock = clock
        self._slots = asyncio.Semaphore(concurrency)
        self._pauses: dict[Hashable, _Pause] = {}

    def turn(self, key: Hashable) -> AbstractAsyncContextManager[None]:
        """Waits until the key is not paused and a slot is free, and holds the slot."""
        return _Turn(self, key)

    async def enter(self, key: Hashable) -> None:
        """As `turn`; whoever enters must leave."""
        while True:
            if self._is_paused(key):
                await self._wait(key)
            await self._slots.acquire()
            if not self._is_paused(key):
                return
            self._slots.release()

    def leave(self) -> None:
        self._slots.release()

    def pause(self, key: Hashable, seconds: float) -> None:
        """No request of this key starts before then; a longer pause that already stands is kept."""
        pause = self._pauses.setdefault(key, _Pause())
        until = self._clock.now() + timedelta(seconds=seconds)
        if pause.until is None or pause.until < until:
            pause.until = until

    def _is_paused(self, key: Hashable) -> bool:
        pause = self._pauses.get(key)
        return pause is not None and pause.until is not None

    async def _wait(self, key: Hashable) -> None:
        # One sleeper per key: on a frozen virtual clock each sleep would advance it.
        while self._is_paused(key):
            pause = self._pauses[key]
            async with pause.gate:
                until = pause.until
                if until is None:
                    return
                remaining = (until - self._clock.now()).total_seconds()
                if remaining > 0:
                    await self._clock.sleep(remaining)
                if pause.until == until:
                    pause.until = None


class _Turn(AbstractAsyncContextManager[None]):
    """Written out: a generator's context manager costs several times as much, and every request has one."""

    __slots__ = ("_key", "_limiter")

    def __init__(self, limiter: Limiter, key: Hashable) -> None:
        self._limiter = limiter
        self._key = key

    async def __aenter__(self) -> None:
        await self._limiter.enter(self._key)

    async def __aexit__(self, *failure: object) -> None:
        self._limiter.leave()
