"""Connections: many at once, given back after failures, compressed answers."""

from __future__ import annotations

import asyncio
import gzip
import threading
from typing import Any

import httpx
import pytest

from cspctl.partnercenter.origin import origin_of
from cspctl.partnercenter.transport import Transport, open_transport

HEADERS = {"Accept": "application/json"}
both_transports = pytest.mark.parametrize("concurrency", [3, 30])


def opened(url: str, concurrency: int) -> Transport:
    return open_transport(origin_of(url, allow_loopback_http=True), concurrency=concurrency, verify=None)


@both_transports
def test_requests_share_connections_and_all_are_answered(partner: Any, say: Any, concurrency: int) -> None:
    partner.answer = lambda seen: say(body={"path": seen.target})

    async def main() -> list[bytes]:
        transport = opened(partner.url, concurrency)
        answers = await asyncio.gather(*(transport.send("GET", f"/{n}", HEADERS, b"") for n in range(100)))
        await transport.aclose()
        return [answer.content for answer in answers]

    assert asyncio.run(main()) == [f'{{"path": "/{n}"}}'.encode() for n in range(100)]


@both_transports
def test_as_many_are_in_flight_as_allowed_and_no_more(partner: Any, say: Any, concurrency: int) -> None:
    # Everybody waits until the allowed number has arrived: with less in flight nobody would be answered.
    gate = threading.Barrier(concurrency)

    def answer(_: Any) -> Any:
        gate.wait(timeout=10)
        return say(body={})

    partner.answer = answer

    async def main() -> None:
        transport = opened(partner.url, concurrency)
        await asyncio.gather(*(transport.send("GET", "/", HEADERS, b"") for _ in range(2 * concurrency)))
        await transport.aclose()

    asyncio.run(main())
    assert partner.most_in_flight == concurrency


@both_transports
@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        ({"drop": True}, httpx.RemoteProtocolError),
        ({"body": b"x" * 1000, "cut": True}, httpx.RemoteProtocolError),
        ({"body": b"not gzip", "headers": {"Content-Encoding": "gzip"}}, httpx.DecodingError),
        ({"body": gzip.compress(b"x" * 999)[:20], "headers": {"Content-Encoding": "gzip"}}, None),
    ],
)
def test_connections_survive_failures(
    partner: Any, say: Any, concurrency: int, trouble: dict[str, Any], kind: type[Exception] | None
) -> None:
    partner.answer = lambda seen: say(body={}) if seen.target == "/fine" else say(**trouble)

    async def main() -> int:
        transport = opened(partner.url, concurrency)
        outcomes = await asyncio.gather(
            *(transport.send("GET", "/", HEADERS, b"") for _ in range(2 * concurrency)),
            return_exceptions=True,
        )
        if kind is not None:
            assert {type(outcome) for outcome in outcomes} == {kind}
        answers = await asyncio.gather(*(transport.send("GET", "/fine", HEADERS, b"") for _ in range(2 * concurrency)))
        await transport.aclose()
        return sum(answer.status == 200 for answer in answers)

    assert asyncio.run(main()) == 2 * concurrency


@both_transports
def test_a_refused_connection_is_given_back(closed_port: str, concurrency: int) -> None:
    async def main() -> set[type]:
        transport = opened(closed_port, concurrency)
        outcomes = await asyncio.gather(
            *(transport.send("GET", "/", HEADERS, b"") for _ in range(3 * concurrency)),
            return_exceptions=True,
        )
        await transport.aclose()
        return {type(outcome) for outcome in outcomes}

    assert asyncio.run(main()) == {httpx.ConnectError}


@both_transports
def test_a_cancelled_request_gives_its_connection_back(partner: Any, say: Any, concurrency: int) -> None:
    release, arrived = threading.Event(), threading.Semaphore(0)

    def all_arrived() -> bool:
        return all(arrived.acquire(timeout=10) for _ in range(concurrency))

    def answer(seen: Any) -> Any:
        if seen.target == "/slow":
            arrived.release()
            release.wait(timeout=10)
        return say(body={})

    partner.answer = answer

    async def main() -> list[int]:
        transport = opened(partner.url, concurrency)
        slow = [asyncio.create_task(transport.send("GET", "/slow", HEADERS, b"")) for _ in range(concurrency)]
        assert await asyncio.to_thread(all_arrived)
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
        release.set()
        answers = await asyncio.gather(*(transport.send("GET", "/fine", HEADERS, b"") for _ in range(concurrency)))
        await transport.aclose()
        return [answer.status for answer in answers]

    assert asyncio.run(main()) == [200] * concurrency


@both_transports
def test_compressed_answers_are_unpacked(partner: Any, say: Any, concurrency: int) -> None:
    partner.script = [say(body=gzip.compress(b'{"a": 1}'), headers={"Content-Encoding": "gzip"})]

    async def main() -> bytes:
        transport = opened(partner.url, concurrency)
        answer = await transport.send("GET", "/", HEADERS, b"")
        await transport.aclose()
        return answer.content

    assert asyncio.run(main()) == b'{"a": 1}'


@both_transports
def test_an_empty_post_says_its_length(partner: Any, say: Any, concurrency: int) -> None:
    partner.script = [say(201, {})]

    async def main() -> None:
        transport = opened(partner.url, concurrency)
        await transport.send("POST", "/v1/x", HEADERS, b"")
        await transport.aclose()

    asyncio.run(main())
    assert partner.seen[0].headers["content-length"] == "0"


def test_proxy_variables_do_not_apply_to_this_machine(
    partner: Any, say: Any, closed_port: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, closed_port)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    partner.script = [say(body={})]

    async def main() -> int:
        transport = opened(partner.url, 2)
        answer = await transport.send("GET", "/", HEADERS, b"")
        await transport.aclose()
        return answer.status

    assert asyncio.run(main()) == 200
