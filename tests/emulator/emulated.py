"""What the worlds of the emulator's tests share: the application in this process, a frozen clock, sign-in, control."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import httpx

from cspctl.emulator.app import create_app
from cspctl.emulator.settings import Settings
from cspctl.emulator.store import Store

CONTROL = "control-token-of-the-tests"
PARTNER_CENTER = "https://api.partnercenter.microsoft.com"


class Emulated:
    """A seeded emulator whose clock stands still at `now`; `changes` are settings."""

    def __init__(self, seed: dict[str, Any], changes: dict[str, Any], now: str) -> None:
        self.store = Store(None)
        settings = replace(Settings(), **{"rate_limit_per_minute": 0, **changes})
        self.app = create_app(self.store, settings, control_token=CONTROL)
        self._transport = httpx.ASGITransport(self.app)
        self.control("POST", "clock", {"mode": "frozen", "now": now})
        self.seeded = self.seed(seed)

    def together(self, *requests: dict[str, Any]) -> list[httpx.Response]:
        """The requests at the same time, in one event loop."""

        async def run() -> list[httpx.Response]:
            async with httpx.AsyncClient(transport=self._transport, base_url="http://127.0.0.1") as client:
                return await asyncio.gather(*(client.request(**request) for request in requests))

        return asyncio.run(run())

    def control(self, method: str, name: str, body: Any = None) -> httpx.Response:
        headers = {"X-Emulator-Token": CONTROL}
        (answer,) = self.together({"method": method, "url": f"/_emulator/{name}", "headers": headers, "json": body})
        return answer

    def seed(self, document: dict[str, Any]) -> dict[str, Any]:
        answer = self.control("POST", "seed", document)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def signed_in(self, tenant: str, resource: str = PARTNER_CENTER, *, user: bool = True, **consent: Any) -> str:
        """An access token. A fresh consent each time: a test's clock may pass the 90 days a refresh token lives."""
        form = {"client_id": "app", "client_secret": "s", "resource": resource, "grant_type": "client_credentials"}
        if user:
            wanted = {"tenant": tenant, "application": "app", "user": "ops@acme.example", **consent}
            refresh = self.control("POST", "consent", wanted).json()["refresh_token"]
            form |= {"grant_type": "refresh_token", "refresh_token": refresh}
        (answer,) = self.together({"method": "POST", "url": f"/{tenant}/oauth2/token", "data": form})
        return str(answer.json()["access_token"])

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """Each world says whose call it is and what a path is below."""
        raise NotImplementedError

    def get(self, path: str, **more: Any) -> Any:
        answer = self.call("GET", path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def advance(self, duration: str) -> None:
        assert self.control("POST", "clock", {"advance": duration}).status_code == 200

    def switch(self, **values: Any) -> None:
        answer = self.control("POST", "settings", values)
        assert answer.status_code == 200, answer.text
