"""Many single connections, each used by one request at a time, instead of one pool that watches them all.

Decision record: docs/decisions/0007-connections-for-many-reads.md.
"""

from __future__ import annotations

import asyncio
import ssl
import zlib
from collections.abc import Mapping

import httpx

from cspctl.partnercenter.connection import Connection, open_connection
from cspctl.partnercenter.origin import Origin
from cspctl.partnercenter.transport import LARGEST_BODY, TIMEOUT, Answer


class Shards:
    """`count` connections, opened when needed; the one used last is taken first, so that few stay open."""

    def __init__(self, origin: Origin, count: int, context: ssl.SSLContext) -> None:
        self._origin = origin
        self._context: ssl.SSLContext | None = None
        if origin.scheme == "https":
            context.set_alpn_protocols(["http/1.1"])
            self._context = context
        self._free: asyncio.LifoQueue[Connection | None] = asyncio.LifoQueue()
        for _ in range(count):
            self._free.put_nowait(None)

    async def send(self, method: str, target: str, headers: Mapping[str, str], content: bytes) -> Answer:
        """Raises httpx.PoolTimeout when no connection becomes free in time; nothing was sent then."""
        connection = await self._take()
        try:
            if connection is None or not connection.is_reusable(surely=method not in ("GET", "HEAD")):
                if connection is not None:
                    await connection.aclose()
                    connection = None
                connection = await open_connection(self._origin, self._context)
            answer = await connection.exchange(method, target, headers, content)
        finally:
            self._free.put_nowait(connection)
        encoding = answer.headers.get("content-encoding")
        return answer if encoding is None else answer._replace(content=_decompressed(answer.content, encoding))

    async def aclose(self) -> None:
        """Connections that are in use are left to their requests."""
        while not self._free.empty():
            connection = self._free.get_nowait()
            if connection is not None:
                await connection.aclose()

    async def _take(self) -> Connection | None:
        if not self._free.empty():
            return self._free.get_nowait()
        try:
            async with asyncio.timeout(TIMEOUT.pool):
                return await self._free.get()
        except TimeoutError:
            raise httpx.PoolTimeout("no connection became free") from None


def _decompressed(body: bytes, encoding: str) -> bytes:
    if not body or encoding in ("", "identity"):
        return body
    if encoding not in ("gzip", "deflate"):
        raise httpx.DecodingError("an encoding that was not asked for")
    # 32: the header tells gzip from zlib.
    inflater = zlib.decompressobj(32 + zlib.MAX_WBITS)
    try:
        text = inflater.decompress(body, LARGEST_BODY)
    except zlib.error as fault:
        raise httpx.DecodingError("a broken compressed body") from fault
    if not inflater.eof:
        raise httpx.DecodingError("a compressed body that is cut off or too large")
    return text
