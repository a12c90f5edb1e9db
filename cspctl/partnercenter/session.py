"""One partner account at one origin: headers, token, one exchange at a time. Retrying is decided
elsewhere."""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

import httpx

from cspctl.errors import RemoteError
from cspctl.model.ports import Clock
from cspctl.partnercenter.calls import Call, Reply
from cspctl.partnercenter.json_text import encode
from cspctl.partnercenter.limiter import Limiter
from cspctl.partnercenter.origin import origin_of, same_origin_target
from cspctl.partnercenter.transport import HttpxTransport, Transport, open_transport
from cspctl.secret import Secret

APPLICATION = "cspctl"
LOCALE = "en-US"
REDIRECT_LIMIT = 5

logger = logging.getLogger("cspctl.partnercenter")

OnEvent = Callable[[str, Mapping[str, Any]], None]


class TokenCall(Protocol):
    """Gives the access token; `force` wants a newly issued one."""

    def __call__(self, *, force: bool = False) -> Awaitable[Secret]: ...


class Session:
    """Sends requests of one partner account. Close it with `aclose`, on the event loop that used it.

    `verify`: CA file or TLS context. `transport`: one that is shared or faked; it is not closed here.
    """

    def __init__(
        self,
        base_url: str,
        token: TokenCall,
        *,
        clock: Clock,
        concurrency: int = 50,
        limiter: Limiter | None = None,
        tenant: str = "",
        verify: str | ssl.SSLContext | None = None,
        allow_loopback_http: bool = True,
        on_event: OnEvent | None = None,
        transport: Transport | httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.origin = origin_of(base_url, allow_loopback_http=allow_loopback_http)
        self.clock = clock
        self.limiter = limiter or Limiter(clock, concurrency)
        self.tenant = tenant
        self._token = token
        self._renewal = asyncio.Lock()
        self._on_event = on_event
        self._owns_transport = transport is None
        if isinstance(transport, httpx.AsyncBaseTransport):
            transport = HttpxTransport(self.origin, transport)
        self._transport = transport or open_transport(self.origin, concurrency=concurrency, verify=verify)

    async def aclose(self) -> None:
        if self._owns_transport:
            await self._transport.aclose()

    def throttle_key(self, call: Call) -> tuple[str, str]:
        """Partner tenant and resource family: limits differ per API."""
        return (self.tenant, call.family)

    async def exchange(self, call: Call, *, request_id: str, correlation_id: str) -> Reply:
        """One request and its whole answer, whatever its status. Redirects of reads are followed on this
        origin.

        Raises httpx.TransportError and httpx.DecodingError; RemoteError `E-ORIGIN` or `E-REDIRECT`.
        """
        token = await self._token()
        target = call.target
        for _ in range(REDIRECT_LIMIT + 1):
            reply = await self._send(call, target, token, request_id, correlation_id)
            if not 300 <= reply.status < 400 or reply.status == 304:
                return reply
            target = self._redirect(call, reply)
        raise RemoteError(
            f"Partner Center redirects {call.method} {call.route} in circles", status=310, code="E-REDIRECT"
        )

    async def renew(self, refused: Secret | None) -> None:
        """A new token unless another request already got one; many requests may be refused at once."""
        async with self._renewal:
            if await self._token() == refused:
                self.report("http.token", {"action": "renew"})
                await self._token(force=True)

    def report(self, event: str, fields: Mapping[str, Any], level: int = logging.DEBUG) -> None:
        """A stable event with fields; never headers, tokens or bodies."""
        if logger.isEnabledFor(level):
            logger.log(level, event, extra={"event": event, **fields})
        if self._on_event is not None:
            self._on_event(event, fields)

    async def _send(self, call: Call, target: str, token: Secret, request_id: str, correlation_id: str) -> Reply:
        headers = self._headers(call, token, request_id, correlation_id)
        content = b"" if call.body is None else encode(call.body)
        started = time.perf_counter()
        status: int | None = None
        try:
            answer = await self._transport.send(call.method, target, headers, content)
            status = answer.status
        finally:
            milliseconds = round((time.perf_counter() - started) * 1000, 1)
            self.report(
                "http.request",
                {
                    "method": call.method,
                    "route": call.route,
                    "status": status,
                    "duration_ms": milliseconds,
                    "request_id": request_id,
                },
            )
        return Reply(answer.status, answer.headers, answer.content, request_id, correlation_id, spoken=token)

    def _headers(self, call: Call, token: Secret, request_id: str, correlation_id: str) -> dict[str, str]:
        # Source: Partner Center docs, page headers (Oct 2023).
        headers = {
            **call.headers,
            "Authorization": f"Bearer {token.reveal()}",
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "MS-RequestId": request_id,
            "MS-CorrelationId": correlation_id,
            "X-Locale": LOCALE,
            "MS-PartnerCenter-Application": APPLICATION,
            "User-Agent": APPLICATION,
        }
        if call.method not in ("GET", "HEAD"):
            headers["Content-Type"] = "application/json"
        return headers

    def _redirect(self, call: Call, reply: Reply) -> str:
        location = reply.headers.get("location", "")
        if call.method not in ("GET", "HEAD") or not location:
            raise RemoteError(
                f"Partner Center answered {call.method} {call.route} with a redirect, which is not followed",
                status=reply.status,
                request_id=reply.request_id,
                correlation_id=reply.correlation_id,
                code="E-REDIRECT",
            )
        return same_origin_target(self.origin, location, status=reply.status, what="redirect")
