"""Where requests may go: one origin per session. A token never leaves it, whatever a link or redirect
says."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

import httpx

from cspctl.errors import InputError, RemoteError

_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port, lower case; `port` is never empty."""

    scheme: str
    host: str
    port: int

    def url(self, target: str) -> httpx.URL:
        """`target` is an absolute path, percent-encoded, with an optional query."""
        return httpx.URL(scheme=self.scheme, host=self.host, port=self.port, raw_path=target.encode("ascii"))

    @property
    def authority(self) -> str:
        """For the Host header: without the port that the scheme implies."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if _PORTS.get(self.scheme) == self.port else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}"

    @property
    def is_loopback(self) -> bool:
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """A name or address of this machine; names other than `localhost` are not resolved."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def origin_of(base_url: str, *, allow_loopback_http: bool) -> Origin:
    """Raises InputError `E-URL` for a URL that is no origin, `E-URL-INSECURE` for http off this machine."""
    try:
        url = httpx.URL(base_url)
    except (httpx.InvalidURL, TypeError):
        raise InputError("the service address is not a URL", code="E-URL") from None
    origin = _origin(url)
    if origin is None or url.path not in ("", "/") or url.query or url.userinfo:
        raise InputError(
            "the service address must be scheme://host[:port] alone",
            code="E-URL",
            hint="Write it like https://api.partnercenter.microsoft.com.",
        )
    if origin.scheme != "https" and not (allow_loopback_http and origin.is_loopback):
        raise InputError(
            f"refusing {origin}: a token would travel unencrypted",
            code="E-URL-INSECURE",
            hint="Use https; http is for an emulator on this machine only.",
        )
    return origin


def same_origin_target(origin: Origin, link: str, *, status: int, what: str) -> str:
    """Path and query of a link or redirect that the server gave; a path may come with or without `/v1`.

    Raises RemoteError `E-ORIGIN` when it leads to another origin or is no URL.
    """
    try:
        url = httpx.URL(link)
    except (httpx.InvalidURL, TypeError):
        url = httpx.URL("invalid:")
    is_absolute = bool(url.scheme or url.netloc)
    if is_absolute and (_origin(url) != origin or url.userinfo):
        raise RemoteError(
            f"Partner Center's {what} leads away from {origin}; it was not followed and no token was sent",
            status=status,
            code="E-ORIGIN",
            hint="A proxy or an impostor may be rewriting answers; report this if it persists.",
        )
    target = url.raw_path.decode("ascii")
    return target if target.startswith("/") else f"/{target}"


def _origin(url: httpx.URL) -> Origin | None:
    if url.scheme not in _PORTS or not url.host:
        return None
    return Origin(url.scheme, url.host.lower(), url.port or _PORTS[url.scheme])
