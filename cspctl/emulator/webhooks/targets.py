"""Where events may be sent: to this machine and nowhere else, decided without asking any name server."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urlsplit

_SAFE = "/%:@!$&'()*+,;=~"


@dataclass(frozen=True, slots=True)
class Target:
    """`addresses` are tried in their order; `authority` is what the Host header says, `resource` the request line."""

    secure: bool
    host: str
    addresses: tuple[str, ...]
    port: int
    authority: str
    resource: str


def target_of(url: str) -> Target:
    """Raises ValueError with what an address must be, in words that follow its name."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("must be an http or https address") from None
    if parts.scheme not in ("http", "https") or port == 0:
        raise ValueError("must be an http or https address")
    host = parts.hostname or ""
    addresses = _addresses(host)
    if not addresses:
        raise ValueError("must lead to this machine: the emulator connects to no other")
    secure = parts.scheme == "https"
    authority = parts.netloc.rpartition("@")[2]
    return Target(secure, host, addresses, port or (443 if secure else 80), authority, _resource(parts))


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine; no other target is ever connected to."""
    try:
        target_of(url)
    except ValueError:
        return False
    return True


def _addresses(host: str) -> tuple[str, ...]:
    """No name is resolved: one that leads here today may lead elsewhere at the next event."""
    if host == "localhost":
        return "127.0.0.1", "::1"
    try:
        return (host,) if ipaddress.ip_address(host).is_loopback else ()
    except ValueError:
        return ()


def _resource(parts: SplitResult) -> str:
    query = f"?{quote(parts.query, safe=_SAFE + '?')}" if parts.query else ""
    return quote(parts.path or "/", safe=_SAFE) + query
