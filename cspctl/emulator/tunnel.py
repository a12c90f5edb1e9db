"""A CONNECT proxy for clients with built-in vendor addresses: it joins the emulated hosts to the own TLS port.

Such a client gets HTTPS_PROXY and the authority's certificate. Every other host is refused, so the emulator
still makes no connection beyond loopback.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket

from cspctl.emulator.settings import LOOPBACK_HOSTS, VENDOR_HOSTS

_HEAD_LIMIT = 16_384


class Tunnel:
    def __init__(self, tls_port: int) -> None:
        self._tls_port = tls_port
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    async def start(self, listening: socket.socket) -> None:
        self._server = await asyncio.start_server(self._serve, sock=listening, limit=_HEAD_LIMIT)

    async def stop(self) -> None:
        if self._server:
            self._server.close()
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task:
            self._open.add(task)
            task.add_done_callback(self._open.discard)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                await self._connect(reader, writer)
        finally:
            writer.close()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, _, rest = head.partition(b"\r\n")[0].decode("latin-1").partition(" ")
        target = rest.partition(" ")[0].lower()
        host, _, port = target.rpartition(":")
        if method != "CONNECT" or port != "443" or host not in VENDOR_HOSTS | LOOPBACK_HOSTS:
            writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()
            return
        upstream, downstream = await asyncio.open_connection("127.0.0.1", self._tls_port)
        try:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await asyncio.gather(_pump(reader, downstream), _pump(upstream, writer))
        finally:
            downstream.close()


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65_536):
            sink.write(data)
            await sink.drain()
    except ConnectionError:
        pass
    finally:
        sink.close()
