"""One HTTP/1.1 connection: h11, the protocol engine of httpx, fed by an asyncio transport; one exchange at a time."""

from __future__ import annotations

import asyncio
import select
import ssl
from collections.abc import Mapping
from typing import Any, cast

import h11
import httpx

from cspctl.partnercenter.origin import Origin
from cspctl.partnercenter.transport import KEEP_ALIVE_SECONDS, LARGEST_BODY, TIMEOUT, Answer

_LARGEST_HEAD = 100 * 1024
_BUFFER = 64 * 1024
_CONNECT, _QUIET = TIMEOUT.connect or 10.0, TIMEOUT.read or 60.0


async def open_connection(origin: Origin, context: ssl.SSLContext | None) -> Connection:
    """`context` None speaks plain HTTP. Raises httpx.ConnectError and httpx.ConnectTimeout: nothing was sent then."""
    loop = asyncio.get_running_loop()
    # An address family that leads nowhere must not use up the time; other event loops have no such option.
    eyeballs: dict[str, Any] = {"happy_eyeballs_delay": 0.25} if isinstance(loop, asyncio.BaseEventLoop) else {}
    try:
        # Twice: reaching the host and the handshake have their time each.
        async with asyncio.timeout(2 * _CONNECT):
            _, connection = await loop.create_connection(
                lambda: Connection(loop, origin.authority.encode("ascii")),
                origin.host,
                origin.port,
                ssl=context,
                ssl_handshake_timeout=_CONNECT if context is not None else None,
                **eyeballs,
            )
    except TimeoutError as fault:
        raise httpx.ConnectTimeout("no connection in time") from fault
    except OSError as fault:
        raise httpx.ConnectError(str(fault)) from fault
    return connection


class Connection(asyncio.BufferedProtocol):
    """Made by `open_connection`. Given up after any failure and by whoever cancels an exchange."""

    def __init__(self, loop: asyncio.AbstractEventLoop, authority: bytes) -> None:
        self._loop = loop
        self._host = (b"Host", authority)
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LARGEST_HEAD)
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._head: h11.Response | None = None
        self._body: list[bytes] = []
        self._size = 0
        self._buffer = memoryview(bytearray(_BUFFER))
        self._heard = loop.time()
        self._watch: asyncio.TimerHandle | None = None
        self._closed: asyncio.Future[None] = loop.create_future()

    async def exchange(self, method: str, target: str, headers: Mapping[str, str], content: bytes) -> Answer:
        """The whole answer, as it was encoded. Raises httpx.TransportError."""
        assert self._transport is not None and self._answer is None, "connected, and one exchange at a time"
        wire = self._written(method, target, headers, content)
        self._answer = self._loop.create_future()
        self._heard = self._loop.time()
        if self._watch is None:
            self._watch = self._loop.call_later(_QUIET, self._look)
        try:
            self._transport.write(wire)
            return await self._answer
        finally:
            self._answer = None
            if self._http.states != _READY:
                self.abort()

    def is_reusable(self, *, surely: bool) -> bool:
        """`surely` also asks the system whether the other side is closing: for what must not be repeated."""
        if self._transport is None or self._transport.is_closing():
            return False
        if self._loop.time() - self._heard >= KEEP_ALIVE_SECONDS:
            return False
        return not (surely and _is_readable(self._transport.get_extra_info("socket").fileno()))

    def abort(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        if self._transport is not None:
            self._transport.abort()

    async def aclose(self) -> None:
        self.abort()
        await self._closed

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not every event loop derives its transports from asyncio's.
        self._transport = cast(asyncio.Transport, transport)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        if self._answer is None:
            self.abort()  # nobody asked
            return
        self._heard = self._loop.time()
        self._receive(bytes(self._buffer[:nbytes]))

    def eof_received(self) -> None:
        if self._answer is not None:
            self._receive(b"")

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(httpx.ReadError("the connection broke"), exc)
        self.abort()
        if not self._closed.done():
            self._closed.set_result(None)

    # The exchange.

    def _written(self, method: str, target: str, headers: Mapping[str, str], content: bytes) -> bytes:
        rows = [self._host]
        rows += [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]
        if method not in ("GET", "HEAD"):
            rows.append((b"Content-Length", str(len(content)).encode("ascii")))
        http = self._http
        try:
            request = h11.Request(method=method, target=target.encode("ascii"), headers=rows)
            wire = http.send(request) or b""
            if content:
                wire += http.send(h11.Data(data=content)) or b""
            return wire + (http.send(h11.EndOfMessage()) or b"")
        except h11.LocalProtocolError as fault:
            self.abort()
            raise httpx.LocalProtocolError(str(fault)) from fault

    def _receive(self, data: bytes) -> None:
        try:
            self._http.receive_data(data)
            self._advance()
        except h11.RemoteProtocolError as fault:
            self._fail(httpx.RemoteProtocolError(str(fault)), fault)
            self.abort()

    def _advance(self) -> None:
        """Everything that has arrived; an interim answer is passed over."""
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                return
            if isinstance(event, h11.Data):
                self._body.append(event.data)
                self._size += len(event.data)
                if self._size > LARGEST_BODY:
                    raise h11.RemoteProtocolError("an answer that is too large")
            elif isinstance(event, h11.Response):
                self._head, self._body, self._size = event, [], 0
            elif isinstance(event, h11.EndOfMessage):
                self._complete()
                return
            elif not isinstance(event, h11.InformationalResponse):
                raise h11.RemoteProtocolError("the connection was closed without an answer")

    def _complete(self) -> None:
        head, self._head = self._head, None
        assert head is not None, "h11 ends no message that has not begun"
        body, self._body = b"".join(self._body), []
        if self._http.states == _DONE and not self._http.trailing_data[0]:
            self._http.start_next_cycle()
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(Answer(head.status_code, headers, body))

    def _fail(self, fault: httpx.TransportError, cause: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            fault.__cause__ = cause
            self._answer.set_exception(fault)

    def _look(self) -> None:
        """One timer for many exchanges: it asks whether anything was heard, and is set again."""
        self._watch = None
        if self._answer is None:
            return
        left = self._heard + _QUIET - self._loop.time()
        if left > 0:
            self._watch = self._loop.call_later(left, self._look)
            return
        self._fail(httpx.ReadTimeout("nothing was heard in time"), None)
        self.abort()


_READY = {h11.CLIENT: h11.IDLE, h11.SERVER: h11.IDLE}
_DONE = {h11.CLIENT: h11.DONE, h11.SERVER: h11.DONE}


def _is_readable(descriptor: int) -> bool:
    """An idle connection with something to read is being closed."""
    if descriptor < 0:
        return True
    if not hasattr(select, "poll"):  # Windows
        return bool(select.select([descriptor], [], [], 0)[0])
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))
