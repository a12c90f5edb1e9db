"""uvicorn set up for the emulator: plain and TLS listeners over the same application, and the tunnel."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import ssl
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import h11
import uvicorn
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from cspctl.emulator.serving.front import CUT
from cspctl.emulator.serving.tunnel import Tunnel

_IDLE_SECONDS = 75  # between two requests, and for the head of one


class CuttingProtocol(H11Protocol):
    """HTTP/1.1 whose requests can drop their connection without an answer, for the fault of that name.

    A connection that sends no whole request head within the keep-alive time is closed, as idle ones are.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        application = self.app

        async def with_cut(scope: Scope, receive: Receive, send: Send) -> None:
            extensions = {**scope.get("extensions", {}), CUT: self._cut}
            await application(origin_form({**scope, "extensions": extensions}), receive, send)

        self.app = with_cut

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        super().connection_made(transport)
        self._expect_a_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is h11.IDLE and self.timeout_keep_alive_task is None:
            self._expect_a_head()

    def _unsupported_upgrade_warning(self) -> None:
        """Quiet: HTTP/1.1 goes on, as it may, and no other library is missing."""

    def _expect_a_head(self) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def _cut(self) -> None:
        self.transport.abort()


def origin_form(scope: Scope) -> Scope:
    """A request for `https://host/path` as one for `/path` of that host (RFC 9112, section 3.2.2)."""
    path: str = scope["path"]
    if path.startswith("/"):
        return scope
    target = urlsplit(path)
    if target.scheme not in ("http", "https") or not target.netloc:
        return {**scope, "path": f"/{path}"}  # "*" or an authority: no such resource
    headers = [(name, value) for name, value in scope["headers"] if name != b"host"]
    headers.append((b"host", target.netloc.encode("latin-1", "replace")))
    local = target.path or "/"
    return {**scope, "path": local, "raw_path": local.encode("utf-8"), "headers": headers}


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the business of the one who runs several servers in one loop."""
        yield


LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Listening:
    """Where an emulator listens: ports (0 takes a free one), and a further address beside loopback."""

    port: int = 0
    tls_port: int = 0
    proxy_port: int = 0
    host: str = LOOPBACK
    names: tuple[str, ...] = ()  # further names it answers to

    @property
    def wide(self) -> bool:
        """Whether others than this machine reach it."""
        return not ipaddress.ip_address(self.host).is_loopback

    def own_names(self) -> frozenset[str]:
        """Names beside the loopback ones that a Host header may have and the certificate is for."""
        address = ipaddress.ip_address(self.host)
        given = {name.lower() for name in self.names}
        return frozenset(given if address.is_unspecified else {*given, str(address)})


def listener(port: int, host: str = LOOPBACK) -> socket.socket:
    """A listening socket; it queues connections before the loop runs. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol left at 0 asyncio would not set TCP_NODELAY, and every answer would wait 40 ms.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if sys.platform != "win32":  # there the option would let two servers share a port
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, host != "::")  # "::" has loopback in it
        bound.bind((host, port))
        bound.listen(2048)
    except OSError:
        bound.close()
        raise
    bound.setblocking(False)
    return bound


class Group:
    """The listeners of one emulator. `run` blocks its loop until `stop`, which any thread may call."""

    def __init__(self, app: Starlette, context: ssl.SSLContext, listening: Listening) -> None:
        self._sockets = _listeners(listening)
        self.port, self.tls_port, self.proxy_port = (each[0].getsockname()[1] for each in self._sockets)
        self._servers = [_server(app, None), _server(app, context)]
        self._stop = threading.Event()

    async def run(self) -> None:
        tunnel = Tunnel(self.port, self.tls_port)
        await tunnel.start(self._sockets[2])
        running = [
            asyncio.create_task(server.serve(sockets=bound))
            for server, bound in zip(self._servers, self._sockets, strict=False)
        ]
        if self._stop.is_set():  # asked to stop before the loop began
            self.stop()
        try:
            await asyncio.gather(*running)
        finally:
            await tunnel.stop()

    def stop(self) -> None:
        self._stop.set()
        for server in self._servers:
            server.should_exit = True

    def close(self) -> None:
        """Free the ports of a group that never ran."""
        for bound in self._sockets:
            for each in bound:
                each.close()


def _listeners(listening: Listening) -> list[list[socket.socket]]:
    """Per service the socket on loopback and, where told so, one of the same port on the further address."""
    opened: list[list[socket.socket]] = []
    covered = ipaddress.ip_address(listening.host).is_unspecified
    first = listening.host if covered else LOOPBACK
    try:
        for port in (listening.port, listening.tls_port, listening.proxy_port):
            bound = [listener(port, first)]
            opened.append(bound)
            if listening.host != first:
                bound.append(listener(bound[0].getsockname()[1], listening.host))
    except OSError:
        for each in [one for bound in opened for one in bound]:
            each.close()
        raise
    return opened


def _server(app: Starlette, context: ssl.SSLContext | None) -> _Server:
    config = uvicorn.Config(
        app,
        http=CuttingProtocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,  # the application writes the Date of the virtual clock
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=1,
    )
    config.load()
    config.ssl = context
    return _Server(config)
