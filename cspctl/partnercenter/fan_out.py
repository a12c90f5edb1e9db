"""Asking about many things at once, without a task for each of them from the start."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

# More than any client lets fly: one that waits before it asks again leaves its place in flight to another.
AT_ONCE = 128

Item = TypeVar("Item")
Found = TypeVar("Found")


async def fan_out(ask: Callable[[Item], Awaitable[Found]], items: Iterable[Item], *, at_once: int) -> list[Found]:
    """What `ask` answers about each item, in their order; the next item is taken when an answer is there.

    Thousands of tasks that all begin before the first answer is looked at would keep the network idle meanwhile.
    The first failure is raised after the other questions were cancelled.
    """
    todo = enumerate(items)
    found: dict[int, Found] = {}

    async def work() -> None:
        for place, item in todo:
            found[place] = await ask(item)

    workers = [asyncio.ensure_future(work()) for _ in range(at_once)]
    try:
        await asyncio.gather(*workers)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    return [found[place] for place in range(len(found))]
