"""msal's http client over httpx that sends the vendor's sign-in addresses to an emulator on this machine.

The authority stays the vendor's, so msal works as it does live; nothing leaves the loopback interface.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from cspctl.errors import AccessError, RefusedError, UnreachableError

TIMEOUT_SECONDS = 30.0


class SignInServerError(Exception):
    """The sign-in service answered 5xx; holds the status and nothing of the answer."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


def loopback_origin(base_url: str) -> str:
    """The origin of an emulator's address; raises RefusedError for a host that is not this machine."""
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not _is_loopback(parts.hostname or "") or parts.username:
        raise RefusedError(
            f"{parts.hostname or 'this address'} is not this machine, so it cannot be an emulator.",
            code="E-EMULATOR-ADDRESS",
            hint="Give the emulator's loopback address, such as http://127.0.0.1:8790.",
        )
    return f"{parts.scheme}://{parts.netloc}"


class Answer:
    """What msal reads of a response."""

    def __init__(self, status_code: int, text: str, headers: Mapping[str, str]) -> None:
        self.status_code = status_code
        self.text = text
        self.headers = dict(headers)

    def raise_for_status(self) -> None:
        if self.status_code >= 400:
            raise SignInServerError(self.status_code)


class Bridge:
    """msal's http client protocol: get, post, close. Redirects are not followed, proxies are not used."""

    def __init__(self, base_url: str) -> None:
        import httpx

        self._origin = loopback_origin(base_url)
        self._client = httpx.Client(trust_env=False, follow_redirects=False, timeout=TIMEOUT_SECONDS)

    def get(self, url: str, params: Any = None, headers: Mapping[str, str] | None = None, **_: Any) -> Answer:
        return self._send("GET", url, params=params, headers=headers)

    def post(
        self,
        url: str,
        params: Any = None,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
        **_: Any,
    ) -> Answer:
        return self._send("POST", url, params=params, data=_as_text(data), headers=headers)

    def close(self) -> None:
        self._client.close()

    def _send(self, method: str, url: str, **parts: Any) -> Answer:
        response = self._client.request(method, self._redirected(url), **parts)
        return Answer(response.status_code, response.text, response.headers)

    def _redirected(self, url: str) -> str:
        parts = urlsplit(url)
        return self._origin + parts.path + (f"?{parts.query}" if parts.query else "")


def _as_text(data: Any) -> Any:
    """msal gives a signed assertion as bytes; requests sends them as they are, httpx would send `b'…'`."""
    if not isinstance(data, Mapping):
        return data
    return {k: v.decode("ascii") if isinstance(v, bytes) else v for k, v in data.items()}


def emulator_unreachable(base_url: str) -> UnreachableError:
    return UnreachableError(
        f"The emulator at {base_url} does not answer.",
        code="E-EMULATOR-UNREACHABLE",
        hint="Start it with `cspctl emulator serve`, or leave it out and one is started for this run.",
    )


def unknown_partner(tenant: str) -> AccessError:
    return AccessError(
        f"The emulator does not know the partner {tenant}.",
        code="E-EMULATOR-PARTNER",
        hint="Seed it with `cspctl emulator seed --from PATHS`.",
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
