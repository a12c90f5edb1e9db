from __future__ import annotations

import asyncio
from typing import Any

from cspctl.partnercenter.limiter import Limiter


def test_no_more_than_the_cap_are_in_flight(clock: Any) -> None:
    limiter = Limiter(clock, 3)
    now, most = 0, 0

    async def work() -> None:
        nonlocal now, most
        async with limiter.turn("a"):
            now += 1
            most = max(most, now)
            await asyncio.sleep(0)
            now -= 1

    async def main() -> None:
        await asyncio.gather(*(work() for _ in range(20)))

    asyncio.run(main())
    assert most == 3


def test_a_pause_holds_the_whole_key_and_is_slept_once(clock: Any) -> None:
    limiter = Limiter(clock, 50)
    started = []

    async def work() -> None:
        async with limiter.turn("a"):
            started.append(clock.now())

    async def main() -> None:
        limiter.pause("a", 57)
        await asyncio.gather(*(work() for _ in range(40)))

    before = clock.now()
    asyncio.run(main())
    assert clock.sleeps == [57]
    assert {(moment - before).total_seconds() for moment in started} == {57}


def test_other_keys_go_on(clock: Any) -> None:
    limiter = Limiter(clock, 1)

    async def main() -> None:
        limiter.pause(("tenant", "orders"), 57)
        async with limiter.turn(("tenant", "customers")):
            pass

    asyncio.run(main())
    assert clock.sleeps == []


def test_the_longer_pause_stands(clock: Any) -> None:
    limiter = Limiter(clock, 1)

    async def main() -> None:
        limiter.pause("a", 60)
        limiter.pause("a", 5)
        async with limiter.turn("a"):
            pass
        async with limiter.turn("a"):
            pass

    asyncio.run(main())
    assert clock.sleeps == [60]


def test_a_pause_that_begins_while_queueing_is_honoured(clock: Any) -> None:
    limiter = Limiter(clock, 1)
    order = []

    async def first() -> None:
        async with limiter.turn("a"):
            await asyncio.sleep(0)
            limiter.pause("a", 30)
            order.append("throttled")

    async def second() -> None:
        async with limiter.turn("a"):
            order.append(f"after {sum(clock.sleeps):.0f}")

    async def main() -> None:
        await asyncio.gather(first(), second())

    asyncio.run(main())
    assert order == ["throttled", "after 30"]
