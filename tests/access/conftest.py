"""A small sign-in service on loopback: Entra's v2 routes and the emulator's consent route."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

TENANT = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
APPLICATION = "1b6a0c52-58b7-4b52-9a30-5c8b1f1f7e11"
CORRELATION = "0b8a6f5e-1f43-4f0b-b7a3-6a1b0b7c9d01"


@dataclass
class SignInService:
    """`error` is answered once to every redemption of a token in `refused`, or to all when that is empty."""

    issuer: str = "https://login.microsoftonline.com"
    error: dict[str, Any] | None = None
    refused: set[str] = field(default_factory=set)
    status: int = 400
    rotate: bool = True
    expires_in: int = 3599
    raw: str | None = None
    known: bool = True
    base_url: str = ""
    forms: list[dict[str, str]] = field(default_factory=list)
    consents: list[dict[str, Any]] = field(default_factory=list)
    on_token: Callable[[], None] = lambda: None

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/{tenant}/v2.0/.well-known/openid-configuration", self.configuration),
                Route("/{tenant}/oauth2/v2.0/token", self.token, methods=["POST"]),
                Route("/_emulator/consent", self.consent, methods=["POST"]),
            ]
        )

    async def configuration(self, request: Request) -> Response:
        if not self.known:
            return JSONResponse({"error": "invalid_tenant", "error_codes": [90002]}, 400)
        here = f"{self.issuer}/{request.path_params['tenant']}"
        return JSONResponse(
            {
                "issuer": f"{here}/v2.0",
                "authorization_endpoint": f"{here}/oauth2/v2.0/authorize",
                "token_endpoint": f"{here}/oauth2/v2.0/token",
            }
        )

    async def token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        self.forms.append(form)
        self.on_token()
        if self.raw is not None:
            return PlainTextResponse(self.raw, 200)
        if self.status >= 500:
            return PlainTextResponse("no", self.status)
        if self.error and (not self.refused or form.get("refresh_token") in self.refused):
            return JSONResponse(self.error, self.status)
        return JSONResponse(self.answer(form))

    def answer(self, form: dict[str, str]) -> dict[str, Any]:
        number = len(self.forms)
        answer: dict[str, Any] = {
            "token_type": "Bearer",
            "scope": form.get("scope", ""),
            "expires_in": self.expires_in,
            "access_token": f"access-{number}-SECRETBYTES",
        }
        if form["grant_type"] == "refresh_token":
            claims = {"oid": "o", "sub": "s", "tid": TENANT, "preferred_username": "ada@acmecloud.example"}
            times = {"iss": "i", "aud": APPLICATION, "iat": int(time.time()), "exp": int(time.time()) + 3600}
            answer["id_token"] = f"{packed({'alg': 'none'})}.{packed(claims | times)}."
            answer["client_info"] = packed({"uid": "o", "utid": TENANT})
            if self.rotate:
                answer["refresh_token"] = f"refresh-{number}-SECRETBYTES"
        return answer

    async def consent(self, request: Request) -> Response:
        if request.headers.get("x-emulator-token") != "control":
            return JSONResponse({"error": "token"}, 403)
        self.consents.append(await request.json())
        return JSONResponse({"refresh_token": f"consented-{len(self.consents)}-SECRETBYTES"})


def packed(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@dataclass
class SteppedClock:
    """A clock that tests turn by hand; it starts at the wall clock, which msal's cache uses."""

    moment: datetime = field(default_factory=lambda: datetime.now(UTC))

    def now(self) -> datetime:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


def serve(service: SignInService, **tls: Any) -> Iterator[SignInService]:
    server = uvicorn.Server(
        uvicorn.Config(service.app(), host="127.0.0.1", port=0, log_level="error", lifespan="off", **tls)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.002)
    port = server.servers[0].sockets[0].getsockname()[1]
    service.base_url = f"http://127.0.0.1:{port}"
    if tls:
        service.base_url = service.issuer = f"https://localhost:{port}"
    yield service
    server.should_exit = True
    thread.join()


@pytest.fixture
def service() -> Iterator[SignInService]:
    yield from serve(SignInService())


@pytest.fixture
def tls_service(tmp_path: Path) -> Iterator[tuple[SignInService, Path]]:
    import trustme

    authority, folder = trustme.CA(), tmp_path / "tls"
    folder.mkdir()
    certificate = authority.issue_cert("localhost")
    certificate.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    served = serve(SignInService(), ssl_certfile=str(folder / "cert.pem"), ssl_keyfile=str(folder / "key.pem"))
    for running in served:
        yield running, folder / "ca.pem"


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()
