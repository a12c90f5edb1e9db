"""A CONNECT proxy for clients with built-in vendor addresses: it joins the emulated hosts to the own ports.

Such a client gets HTTPS_PROXY and the authority's certificate. Every other host is refused, so the emulator
still makes no connection beyond loopback.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Sequence

from cspctl.emulator.settings import LOOPBACK_HOSTS, VENDOR_HOSTS

_HEAD_LIMIT = 16_384
_HEAD_SECONDS = 30.0  # a client that takes longer to say where it wants to go, or to begin, is cut off
_TLS_HANDSHAKE = b"\x16"  # first byte of every TLS connection
_REFUSED = "Only the emulated hosts are reached here, on port 443."


class Tunnel:
    """`plain_port` takes what is no TLS: some sign-in libraries write bare requests into their tunnel."""

    def __init__(self, plain_port: int, tls_port: int) -> None:
        self._plain_port, self._tls_port = plain_port, tls_port
        self._servers: list[asyncio.Server] = []
        self._open: set[asyncio.Task[None]] = set()

    async def start(self, listening: Sequence[socket.socket]) -> None:
        for bound in listening:
            self._servers.append(await asyncio.start_server(self._serve, sock=bound, limit=_HEAD_LIMIT))

    async def stop(self) -> None:
        for server in self._servers:
            server.close()
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task:
            self._open.add(task)
            task.add_done_callback(self._open.discard)
        try:
            with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                await self._connect(reader, writer)
        finally:
            writer.close()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(_HEAD_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
        if not _emulated(head.partition(b"\r\n")[0].decode("latin-1")):
            writer.write(_refusal())
            await writer.drain()
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await writer.drain()
        async with asyncio.timeout(_HEAD_SECONDS):
            first = await reader.read(65_536)
        if not first:
            return
        port = self._tls_port if first.startswith(_TLS_HANDSHAKE) else self._plain_port
        upstream, downstream = await asyncio.open_connection("127.0.0.1", port)
        downstream.write(first)
        sending = asyncio.create_task(_pump(reader, downstream))
        try:
            await _pump(upstream, writer)  # the server has the last word: when it ends, so does the tunnel
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            downstream.close()


def _emulated(line: str) -> bool:
    """Whether a request line asks for an emulated host; without a port it means 443."""
    method, _, rest = line.partition(" ")
    host, _, port = rest.partition(" ")[0].lower().partition(":")
    return method == "CONNECT" and port in ("", "443") and host in VENDOR_HOSTS | LOOPBACK_HOSTS


def _refusal() -> bytes:
    """Most clients show the words behind the status, some the body."""
    head = f"HTTP/1.1 403 {_REFUSED}\r\nContent-Type: text/plain\r\nContent-Length: {len(_REFUSED)}\r\n"
    return f"{head}Connection: close\r\n\r\n{_REFUSED}".encode()


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Hand on what one side sends until it ends, then say so to the other and leave its own half open."""
    with contextlib.suppress(OSError):
        while data := await source.read(65_536):
            sink.write(data)
            await sink.drain()
    with contextlib.suppress(OSError):
        sink.write_eof()
