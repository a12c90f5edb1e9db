"""uvicorn set up for the emulator: one plain and one TLS listener over the same application, and the tunnel."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import sys
import threading
from collections.abc import Iterator
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from cspctl.emulator.front import CUT
from cspctl.emulator.tunnel import Tunnel


class CuttingProtocol(H11Protocol):
    """HTTP/1.1 whose requests can drop their connection without an answer, for the fault of that name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        application = self.app

        async def with_cut(scope: Scope, receive: Receive, send: Send) -> None:
            extensions = {**scope.get("extensions", {}), CUT: self._cut}
            await application({**scope, "extensions": extensions}, receive, send)

        self.app = with_cut

    def _cut(self) -> None:
        self.transport.abort()


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the business of the one who runs several servers in one loop."""
        yield


def listener(port: int) -> socket.socket:
    """A listening socket on 127.0.0.1; it queues connections before the loop runs. Raises OSError."""
    # With the protocol left at 0 asyncio would not set TCP_NODELAY, and every answer would wait 40 ms.
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if sys.platform != "win32":  # there the option would let two servers share a port
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(("127.0.0.1", port))
        bound.listen(2048)
    except OSError:
        bound.close()
        raise
    bound.setblocking(False)
    return bound


class Group:
    """The listeners of one emulator. `run` blocks its loop until `stop`, which any thread may call."""

    def __init__(self, app: Starlette, context: ssl.SSLContext, plain: int, tls: int) -> None:
        self._sockets = _listeners(plain, tls, 0)
        self.port, self.tls_port, self.proxy_port = (each.getsockname()[1] for each in self._sockets)
        self._servers = [_server(app, None), _server(app, context)]
        self._stop = threading.Event()

    async def run(self) -> None:
        tunnel = Tunnel(self.tls_port)
        await tunnel.start(self._sockets[2])
        running = [
            asyncio.create_task(server.serve(sockets=[bound]))
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
            bound.close()


def _listeners(*ports: int) -> list[socket.socket]:
    opened: list[socket.socket] = []
    try:
        for port in ports:
            opened.append(listener(port))
    except OSError:
        for bound in opened:
            bound.close()
        raise
    return opened


def _server(app: Starlette, context: ssl.SSLContext | None) -> _Server:
    config = uvicorn.Config(
        app,
        http=CuttingProtocol,
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,  # the application writes the Date of the virtual clock
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
    config.load()
    config.ssl = context
    return _Server(config)
