"""An embedded emulator with its settings for this purpose, spoken to over real HTTP with the vendor's host names."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from conformance.seeds import NOW, SEED
from cspctl.emulator.launch import attach_or_embed
from cspctl.emulator.settings import DELEGATION, GRAPH, PARTNER_CENTER, PRICES, Settings

# The price host answers a ZIP file to callers that accept deflate.
_PLAIN = {"Accept-Encoding": "identity"}
_AUDIENCES = {
    "api.partner.microsoft.com": PRICES,
    "graph.microsoft.com": GRAPH,
    "traf-pcsvcadmin-prod.trafficmanager.net": DELEGATION,
}


class Service:
    """The emulator. `begin` gives a fresh world; `call` is one request of a signed-in user with MFA."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="conformance-")
        settings = Settings(rate_limit_per_minute=0)
        self._handle = attach_or_embed(Path(self._folder.name) / "emulator.db", settings=settings)
        self._client = httpx.Client(base_url=self._handle.base_url, trust_env=False, timeout=60, headers=_PLAIN)
        self._tokens: dict[tuple[str, str, bool], str] = {}

    def __enter__(self) -> Service:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()
        self._handle.close()
        self._folder.cleanup()

    def begin(self) -> None:
        """Forget everything, go back to the first moment, seed again."""
        self.control("POST", "reset")
        self.clock(mode="frozen", now=NOW)
        # The attestation became mandatory after the samples of carts and orders were printed.
        self.control("POST", "settings", {"require_attestation": False})
        self.control("POST", "seed", SEED)

    def clock(self, **body: str) -> None:
        self.control("POST", "clock", body)
        self._tokens.clear()

    def control(self, method: str, name: str, body: Any = None) -> Any:
        headers = {"X-Emulator-Token": self._handle.control_token}
        answer = self._client.request(method, f"/_emulator/{name}", headers=headers, json=body)
        if answer.is_error:
            raise RuntimeError(f"the control API refused {name}: {answer.text}")
        return answer.json() if answer.content else None

    def fetch(self, path: str) -> bytes:
        """What a path answers to anybody: certificates."""
        return self._client.get(path).raise_for_status().content

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        partner: str,
        host: str = "api.partnercenter.microsoft.com",
        headers: dict[str, str] | None = None,
        mfa: bool = True,
        **more: Any,
    ) -> httpx.Response:
        given = {"Host": host, "MS-RequestId": str(uuid4()), "MS-CorrelationId": str(uuid4())}
        if not host.startswith("login."):
            given["Authorization"] = f"Bearer {self._token(partner, _AUDIENCES.get(host, PARTNER_CENTER), mfa)}"
        given |= headers or {}
        if body is not None:
            more["json"] = body
        return self._client.request(method, path, headers=given, **more)

    def _token(self, partner: str, resource: str, mfa: bool) -> str:
        key = (partner, resource, mfa)
        if key not in self._tokens:
            wanted = {"tenant": partner, "application": "conformance", "user": "ops@acme.example", "mfa": mfa}
            form = {"grant_type": "refresh_token", "client_id": "conformance", "resource": resource}
            form["refresh_token"] = self.control("POST", "consent", wanted)["refresh_token"]
            answer = self._client.post(
                f"/{partner}/oauth2/token", data=form, headers={"Host": "login.microsoftonline.com"}
            )
            self._tokens[key] = str(answer.json()["access_token"])
        return self._tokens[key]
