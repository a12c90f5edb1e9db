from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from cspctl.partnercenter.fan_out import fan_out


async def batches(*sizes: int) -> AsyncIterator[range]:
    start = 0
    for size in sizes:
        yield range(start, start + size)
        start += size


def test_answers_come_in_the_order_of_the_items_whenever_they_come() -> None:
    async def ask(number: int) -> str:
        for _ in range(10 - number % 10):
            await asyncio.sleep(0)
        return str(number)

    found = asyncio.run(fan_out(ask, batches(3, 0, 20, 2), at_once=4))
    assert found == [str(number) for number in range(25)]


def test_no_more_than_the_cap_are_asked_about_at_once() -> None:
    now, most = 0, 0

    async def ask(_: int) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0)
        now -= 1

    asyncio.run(fan_out(ask, batches(30), at_once=3))
    assert most == 3


def test_asking_begins_with_the_first_batch() -> None:
    async def main() -> list[int]:
        answered = asyncio.Event()

        async def patient() -> AsyncIterator[list[int]]:
            yield [1]
            await asyncio.wait_for(answered.wait(), 10)
            yield [2]

        async def ask(number: int) -> int:
            answered.set()
            return number

        return await fan_out(ask, patient(), at_once=2)

    assert asyncio.run(main()) == [1, 2]


@pytest.mark.parametrize("fails", ["ask", "batches"])
def test_a_failure_is_raised_and_the_others_are_cancelled(fails: str) -> None:
    cancelled: list[int] = []

    async def broken() -> AsyncIterator[list[int]]:
        yield [0, 1, 2]
        if fails == "batches":
            await asyncio.sleep(0)
            raise ValueError("no more pages")

    async def ask(number: int) -> None:
        if fails == "ask" and number == 2:
            await asyncio.sleep(0)
            raise ValueError("no answer")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(number)
            raise

    with pytest.raises(ValueError, match="no "):
        asyncio.run(asyncio.wait_for(fan_out(ask, broken(), at_once=3), 10))
    assert set(cancelled) >= {0, 1}
