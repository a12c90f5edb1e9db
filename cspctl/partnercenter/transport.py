"""One request over one connection to one origin: a stock httpx pool for few requests in flight, shards for many.

httpcore's pool walks all of its connections on each request and each close, which costs more than the
requests themselves above some 20 connections (measured at 50: eight to eleven times the floor).
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import NamedTuple, Protocol
from urllib.request import getproxies, proxy_bypass

import httpx

from cspctl.errors import InputError
from cspctl.partnercenter.origin import Origin

STOCK_POOL_LIMIT = 20
# Below the idle time of common servers, so that a write seldom meets a connection that is just being closed.
KEEP_ALIVE_SECONDS = 4.0
TIMEOUT = httpx.Timeout(connect=10.0, read=60.0, write=30.0, pool=60.0)
# An answer of this size is an attack or a mistake.
LARGEST_BODY = 256 * 1024 * 1024


class Answer(NamedTuple):
    """Header names are lower case; `content` is whole and decoded."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Transport(Protocol):
    async def send(self, method: str, target: str, headers: Mapping[str, str], content: bytes) -> Answer:
        """`target` is path and query. Raises httpx.TransportError or httpx.DecodingError."""
        ...

    async def aclose(self) -> None: ...


class HttpxTransport:
    """Any httpx transport, used without cookies, redirects or environment of its own."""

    def __init__(self, origin: Origin, inner: httpx.AsyncBaseTransport) -> None:
        self._origin = origin
        self._inner = inner
        self._extensions = {"timeout": TIMEOUT.as_dict()}

    async def send(self, method: str, target: str, headers: Mapping[str, str], content: bytes) -> Answer:
        request = httpx.Request(
            method, self._origin.url(target), headers=headers, content=content, extensions=self._extensions
        )
        response = await self._inner.handle_async_request(request)
        try:
            body = await response.aread()
        finally:
            # After a failure the connection may hold the rest of the answer: it is given up here.
            await response.aclose()
        return Answer(response.status_code, dict(response.headers.items()), body)

    async def aclose(self) -> None:
        await self._inner.aclose()


def open_transport(origin: Origin, *, concurrency: int, verify: str | ssl.SSLContext | None) -> Transport:
    """`verify`: a CA file or a context; None trusts the system's and, off this machine, SSL_CERT_FILE.

    Proxy variables of the environment are honoured, but never for this machine; proxied connections are pooled.
    Raises InputError `E-CA-FILE`.
    """
    trust_env = not origin.is_loopback
    context = _context(origin, verify, trust_env=trust_env)
    proxy = _environment_proxy(origin) if trust_env else None
    if concurrency > STOCK_POOL_LIMIT and proxy is None:
        # Loaded here because few commands need it.
        from cspctl.partnercenter.shards import Shards

        return Shards(origin, concurrency, context)
    limits = httpx.Limits(
        max_connections=concurrency,
        max_keepalive_connections=concurrency,
        keepalive_expiry=KEEP_ALIVE_SECONDS,
    )
    pool = httpx.AsyncHTTPTransport(verify=context, limits=limits, proxy=proxy, trust_env=trust_env)
    return HttpxTransport(origin, pool)


def _context(origin: Origin, verify: str | ssl.SSLContext | None, *, trust_env: bool) -> ssl.SSLContext:
    if isinstance(verify, ssl.SSLContext):
        return verify
    if origin.scheme == "http":
        # Never used for a handshake; loading the system's certificates would cost tens of milliseconds.
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if verify is None:
        return httpx.create_ssl_context(trust_env=trust_env)
    try:
        return ssl.create_default_context(cafile=verify)
    except (OSError, ssl.SSLError):
        raise InputError(f"the CA file {verify} cannot be read", code="E-CA-FILE") from None


def _environment_proxy(origin: Origin) -> str | None:
    if proxy_bypass(origin.host):
        return None
    proxies = getproxies()
    proxy = proxies.get(origin.scheme) or proxies.get("all")
    if proxy is None or "://" in proxy:
        return proxy
    return f"http://{proxy}"
