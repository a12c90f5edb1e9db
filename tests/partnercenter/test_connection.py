"""One connection against a peer that says exactly these bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from cspctl.partnercenter import connection as subject
from cspctl.partnercenter.connection import Connection, open_connection
from cspctl.partnercenter.origin import Origin
from cspctl.partnercenter.transport import Answer

HEADERS = {"Accept": "application/json"}
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

Peer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def against(peer: Peer, use: Callable[[Connection], Awaitable[Any]]) -> Any:
    """What `use` makes of a connection to the peer."""

    async def main() -> Any:
        server = await asyncio.start_server(peer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        connection = await open_connection(Origin("http", "127.0.0.1", port), None)
        try:
            return await asyncio.wait_for(use(connection), 10)
        finally:
            await connection.aclose()
            server.close()

    return asyncio.run(main())


def saying(*answers: bytes, close: bool = False) -> Peer:
    """Says one of the answers after the head of each request."""

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
        if close:
            writer.close()

    return peer


async def get(connection: Connection) -> Answer:
    return await connection.exchange("GET", "/v1/x?a=b", HEADERS, b"")


@pytest.mark.parametrize(
    ("said", "close"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", False),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, False),
        (b"HTTP/1.0 200 OK\r\n\r\n{}", True),
    ],
    ids=["chunked", "after an interim answer", "until the connection ends"],
)
def test_the_whole_answer_however_it_is_framed(said: bytes, close: bool) -> None:
    answer = against(saying(said, close=close), get)
    assert (answer.status, answer.content) == (200, b"{}")


def test_header_names_are_lower_case() -> None:
    answer = against(saying(b"HTTP/1.1 204 No Content\r\nRetry-After: 3\r\n\r\n"), get)
    assert answer == (204, {"retry-after": "3"}, b"")


def test_a_request_is_one_message_with_its_host_and_length() -> None:
    heard: list[bytes] = []

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n") + await reader.readexactly(2))
        writer.write(OK)

    async def use(connection: Connection) -> None:
        await connection.exchange("PATCH", "/v1/x", HEADERS, b"{}")

    against(peer, use)
    head, _, body = heard[0].partition(b"\r\n\r\n")
    start, host, *rest = head.split(b"\r\n")
    assert start == b"PATCH /v1/x HTTP/1.1"
    assert host.startswith(b"Host: 127.0.0.1:")
    assert rest == [b"Accept: application/json", b"Content-Length: 2"]
    assert body == b"{}"


def test_a_connection_serves_one_request_after_the_other() -> None:
    async def use(connection: Connection) -> list[int]:
        statuses = [(await get(connection)).status for _ in range(3)]
        assert connection.is_reusable(surely=True)
        return statuses

    assert against(saying(OK, OK, OK), use) == [200, 200, 200]


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"220 mail.example ESMTP\r\n\r\n",
    ],
    ids=["nothing", "half a head", "half a body", "two lengths", "another protocol"],
)
def test_what_is_no_answer_breaks_the_connection(said: bytes) -> None:
    async def use(connection: Connection) -> bool:
        with pytest.raises(httpx.RemoteProtocolError):
            await get(connection)
        return connection.is_reusable(surely=False)

    assert against(saying(said, close=True), use) is False


def test_an_answer_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "LARGEST_BODY", 1000)
    said = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"x" * 2000
    with pytest.raises(httpx.RemoteProtocolError):
        against(saying(said), get)


def test_an_answer_that_asks_to_close_is_the_last() -> None:
    async def use(connection: Connection) -> bool:
        await get(connection)
        return connection.is_reusable(surely=False)

    said = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"
    assert against(saying(said), use) is False


@pytest.mark.parametrize("close", [True, False], ids=["closed", "spoken to"])
def test_an_idle_connection_that_the_peer_touched_takes_no_write(close: bool) -> None:
    """The event loop need not have noticed: whether a request on it was lost could not be told."""
    peer_done = asyncio.Event

    async def use_with(done: asyncio.Event, connection: Connection) -> bool:
        await get(connection)
        await done.wait()
        # The peer's bytes or its end are in the system's buffer now; nothing was awaited that would read them.
        return connection.is_reusable(surely=True)

    async def main() -> bool:
        done = peer_done()

        async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(OK)
            await asyncio.sleep(0.02)
            if close:
                writer.close()
            else:
                writer.write(OK)
            done.set()

        server = await asyncio.start_server(peer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        connection = await open_connection(Origin("http", "127.0.0.1", port), None)
        try:
            return await asyncio.wait_for(use_with(done, connection), 10)
        finally:
            await connection.aclose()
            server.close()

    assert asyncio.run(main()) is False


def test_silence_ends_an_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "_QUIET", 0.02)

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async def use(connection: Connection) -> bool:
        with pytest.raises(httpx.ReadTimeout):
            await get(connection)
        return connection.is_reusable(surely=False)

    assert against(silent, use) is False


def test_a_cancelled_exchange_gives_the_connection_up() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async def use(connection: Connection) -> bool:
        task = asyncio.create_task(get(connection))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return connection.is_reusable(surely=False)

    assert against(silent, use) is False


@pytest.mark.parametrize("headers", [{"X-Test": "a\r\nb: c"}, {"X Test": "a"}])
def test_what_is_no_http_is_not_sent(headers: dict[str, str]) -> None:
    async def use(connection: Connection) -> None:
        with pytest.raises(httpx.LocalProtocolError):
            await connection.exchange("GET", "/", headers, b"")

    against(saying(), use)


def test_nobody_there_is_a_connection_that_was_never_made(closed_port: str) -> None:
    port = int(closed_port.rpartition(":")[2])
    with pytest.raises(httpx.ConnectError):
        asyncio.run(open_connection(Origin("http", "127.0.0.1", port), None))
