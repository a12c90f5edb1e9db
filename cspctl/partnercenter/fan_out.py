"""Asking about many things at once, without a task for each of them from the start."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable
from typing import TypeVar

# As many as a project may let fly: one that waits before it asks again leaves its place in flight to another.
AT_ONCE = 64

Item = TypeVar("Item")
Found = TypeVar("Found")


async def fan_out(
    ask: Callable[[Item], Awaitable[Found]], batches: AsyncIterable[Iterable[Item]], *, at_once: int = AT_ONCE
) -> list[Found]:
    """What `ask` answers about each item, in their order; asking begins with the first batch.

    A task takes its next item when it has an answer: thousands of tasks that all begin before the first answer is
    looked at would keep the network idle meanwhile. The first failure is raised after the others were cancelled.
    """
    todo: asyncio.Queue[tuple[int, Item] | None] = asyncio.Queue()
    found: dict[int, Found] = {}

    async def feed() -> None:
        count = 0
        async for batch in batches:
            for item in batch:
                todo.put_nowait((count, item))
                count += 1
        for _ in range(at_once):
            todo.put_nowait(None)

    async def work() -> None:
        while (next_one := await todo.get()) is not None:
            place, item = next_one
            found[place] = await ask(item)

    tasks = [asyncio.ensure_future(job) for job in (feed(), *(work() for _ in range(at_once)))]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return [found[place] for place in range(len(found))]
