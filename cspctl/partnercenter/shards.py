"""Many single connections, each used by one request at a time, instead of one pool that watches them all.

Directly on httpcore, the engine of httpx: a pool of one around each connection costs another third per request.
"""

from __future__ import annotations

import asyncio
import ssl
import zlib
from collections.abc import Mapping

import httpcore
import httpx

from cspctl.partnercenter.origin import Origin
from cspctl.partnercenter.transport import KEEP_ALIVE_SECONDS, TIMEOUT, Answer

# An answer of this size is an attack or a mistake.
LARGEST_BODY = 256 * 1024 * 1024
_TIMEOUTS = {"timeout": TIMEOUT.as_dict()}


class Shards:
    """`count` connections, opened when needed; the one used last is taken first, so that few stay open."""

    def __init__(self, origin: Origin, count: int, context: ssl.SSLContext) -> None:
        self._scheme, self._host = origin.scheme.encode("ascii"), origin.host.encode("ascii")
        self._port = origin.port
        self._authority = origin.authority.encode("ascii")
        self._context = context
        self._free: asyncio.LifoQueue[httpcore.AsyncHTTPConnection | None] = asyncio.LifoQueue()
        for _ in range(count):
            self._free.put_nowait(None)

    async def send(self, method: str, target: str, headers: Mapping[str, str], content: bytes) -> Answer:
        """Raises httpx.PoolTimeout when no connection becomes free in time; nothing was sent then."""
        request = httpcore.Request(
            method,
            httpcore.URL(scheme=self._scheme, host=self._host, port=self._port, target=target.encode("ascii")),
            headers=self._headers(method, headers, content),
            content=content,
            extensions=_TIMEOUTS,
        )
        connection = await self._take()
        try:
            connection = await self._usable(connection)
            response = await connection.handle_async_request(request)
            try:
                body = b"".join([part async for part in response.aiter_stream()])
            finally:
                await response.aclose()
        except _HTTPCORE as fault:
            raise _as_httpx(fault) from fault
        finally:
            self._free.put_nowait(connection)
        answered = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        return Answer(response.status, answered, _decompressed(body, answered.get("content-encoding", "")))

    async def aclose(self) -> None:
        """Connections that are in use are left to their requests."""
        while not self._free.empty():
            connection = self._free.get_nowait()
            if connection is not None:
                await connection.aclose()

    async def _take(self) -> httpcore.AsyncHTTPConnection | None:
        if not self._free.empty():
            return self._free.get_nowait()
        try:
            async with asyncio.timeout(TIMEOUT.pool):
                return await self._free.get()
        except TimeoutError:
            raise httpx.PoolTimeout("no connection became free") from None

    async def _usable(self, connection: httpcore.AsyncHTTPConnection | None) -> httpcore.AsyncHTTPConnection:
        """A kept connection may have been closed by either side, or be in the middle of a cancelled answer."""
        if connection is not None:
            if connection.is_idle() and not connection.has_expired():
                return connection
            await connection.aclose()
        return httpcore.AsyncHTTPConnection(
            httpcore.Origin(self._scheme, self._host, self._port),
            ssl_context=self._context,
            keepalive_expiry=KEEP_ALIVE_SECONDS,
        )

    def _headers(self, method: str, headers: Mapping[str, str], content: bytes) -> list[tuple[bytes, bytes]]:
        rows = [(b"Host", self._authority)]
        rows += [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]
        if method not in ("GET", "HEAD"):
            rows.append((b"Content-Length", str(len(content)).encode("ascii")))
        return rows


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


_HTTPCORE = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
)


def _as_httpx(fault: Exception) -> httpx.TransportError:
    """Both libraries use the same names; a name that is not known to httpx is a connection that broke."""
    kind = getattr(httpx, type(fault).__name__, httpx.ReadError)
    mapped: httpx.TransportError = kind(str(fault))
    return mapped
