"""What comes in before anything is decided: the host a request is for, and its body within limits of size and time."""

from __future__ import annotations

import asyncio
import contextlib

from starlette.types import Receive

from cspctl.emulator.errors import ApiError

_BODY_SECONDS = 60.0
_DISCARD_SECONDS = 1.0
_LAST = {"Connection": "close"}  # the rest of the body is not read


async def whole_body(receive: Receive, headers: dict[str, str], limit: int) -> bytes:
    """The whole request body. Raises ApiError 413 beyond `limit` bytes, 408 when it takes too long to come."""
    large = ApiError(413, 413, f"The request body is larger than {limit} bytes.", headers=_LAST)
    length = headers.get("content-length", "")
    if length.isdigit() and int(length) > limit and "expect" in headers:
        raise large  # the client asks before it sends
    message = await receive()
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                body = await _rest(receive, body, limit)
        except TimeoutError:
            raise ApiError(408, 408, "The request body did not arrive in time.", headers=_LAST) from None
    if len(body) > limit:
        await _discard(receive)
        raise large
    return body


async def _rest(receive: Receive, body: bytes, limit: int) -> bytes:
    parts, size, more = [body], len(body), True
    while more and size <= limit:
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        more = bool(message.get("more_body"))
    return b"".join(parts)


async def _discard(receive: Receive) -> None:
    """Read on for a moment: closing with bytes unread would reset the connection before the answer is seen."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_DISCARD_SECONDS):
            while (await receive()).get("more_body"):
                pass


def host_name(header: str) -> str:
    """The name or address of a Host header in lower case, without the port."""
    name = header.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0]
