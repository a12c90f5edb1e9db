"""Toy operations behind the real protocol layer with a signed-in client; a small world behind real sockets."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from starlette.requests import Request

sys.path.insert(0, str(Path(__file__).parent))  # the modules beside this file can be imported below it
from documented_samples import sample
from emulated import CONTROL
from small_market import market, open_market

from cspctl.emulator.app import create_app
from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.launch import Handle, attach_or_embed
from cspctl.emulator.serving.protocol import World
from cspctl.emulator.settings import Settings
from cspctl.emulator.store import Store

__all__ = ["market", "open_market", "sample"]  # fixtures of every folder below
PARTNER = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
THINGS = "/v1/customers/{customer_id}/things"


async def list_things(request: Request, ctx: Context) -> Answer:
    return Answer(200, {"items": ctx.store.list("thing", ctx.partner), "nothing": None, "_hidden": 1})


async def create_thing(request: Request, ctx: Context) -> Answer:
    body = body_of(request)
    if body.get("quantity") == -1:
        ctx.store.put("thing", ctx.partner, "half-done", {"id": "half-done"})
        raise ApiError(400, 2002, "Subscription quantity isn't within minimum and maximum allowed quantity")
    thing = {"id": str(uuid4()), **body}
    ctx.store.put("thing", ctx.partner, thing["id"], thing)
    ctx.audit.record(
        operation="create_order",
        resource_type="order",
        customer_id=request.path_params["customer_id"],
        new={**thing, "_internal": True, "partnerOnRecord": None},
        customized=[{"key": "OrderId", "value": thing["id"]}],
    )
    return Answer(201, thing, {"Location": f"/things/{thing['id']}"})


async def break_down(request: Request, ctx: Context) -> Answer:
    raise RuntimeError("a defect")


TOY_ROUTES = [
    RouteSpec("GET", THINGS, list_things, throttle="subscriptions"),
    RouteSpec("POST", THINGS, create_thing, creates=True, throttle="orders"),
    RouteSpec("PATCH", THINGS, create_thing),
    RouteSpec("GET", "/v1/for-users", list_things, auth="U"),
    RouteSpec("GET", "/v1.0/prices", list_things, audience="prices"),
    RouteSpec("GET", "/v1/defect", break_down),
]


class InProcess:
    """A blocking HTTP client of an ASGI application."""

    def __init__(self, app: Any) -> None:
        self._transport = httpx.ASGITransport(app)

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._transport, base_url="http://127.0.0.1") as client:
                return await client.request(method, path, **more)

        return asyncio.run(send())

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.request("POST", path, **more)


@dataclass
class Bench:
    """A running toy emulator. `get` and `post` are signed in as a user with MFA unless told otherwise."""

    client: InProcess
    world: World
    partner: str = PARTNER
    path: str = "/v1/customers/0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b11/things"
    bearer: str = field(default="", repr=False)

    def sign_in(self, *, tenant: str = "", resource: str = "https://api.partnercenter.microsoft.com") -> str:
        form = {"grant_type": "client_credentials", "client_id": "app", "client_secret": "s"}
        name = tenant or self.partner
        answer = self.client.post(f"/{name}/oauth2/token", data={**form, "resource": resource})
        token: str = answer.json()["access_token"]
        return token

    def consent(self, **more: Any) -> str:
        body = {"tenant": self.partner, "application": "app", "user": "ops@partner.example", **more}
        token: str = self.control("POST", "consent", body).json()["refresh_token"]
        return token

    def redeem(self, refresh: str) -> Any:
        form = {"grant_type": "refresh_token", "client_id": "app", "refresh_token": refresh}
        resource = {"resource": "https://api.partnercenter.microsoft.com"}
        return self.client.post(f"/{self.partner}/oauth2/token", data={**form, **resource})

    def user_token(self, **more: Any) -> str:
        token: str = self.redeem(self.consent(**more)).json()["access_token"]
        return token

    def call(self, method: str, path: str = "", *, token: str | None = None, **more: Any) -> Any:
        headers = {**more.pop("headers", {})}
        bearer = self.bearer if token is None else token
        if bearer:
            headers["Authorization"] = f"Bearer {bearer}"
        return self.client.request(method, path or self.path, headers=headers, **more)

    def control(self, method: str, name: str, body: Any = None) -> Any:
        headers = {"X-Emulator-Token": CONTROL}
        return self.client.request(method, f"/_emulator/{name}", headers=headers, json=body)


def toy_seed(store: Store, document: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The part of a seed document that sign-in needs."""
    for partner in document["partners"]:
        store.put("partner", "", partner["accountId"], partner)
    return {"partners": len(document["partners"])}


@pytest.fixture
def make_bench() -> Callable[..., Bench]:
    """Build a bench with changed settings: `make_bench(rate_limit_per_minute=2)`."""

    def make(control_token: str = CONTROL, routes: Any = TOY_ROUTES, **changes: Any) -> Bench:
        store = Store(None)
        toy_seed(
            store,
            {"partners": [{"accountId": PARTNER, "domain": "acme.onmicrosoft.com", "tier": "direct"}]},
            datetime.now(UTC),
        )
        settings = replace(Settings(), **{"rate_limit_per_minute": 0, **changes})
        app = create_app(store, settings, control_token=control_token, routes=routes, seeder=toy_seed)
        bench = Bench(InProcess(app), app.state.world)
        if control_token:
            bench.bearer = bench.user_token()
        return bench

    return make


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    return make_bench()


OURS, THEIRS = PARTNER, "99999999-2222-4333-8444-555555555555"
CUSTOMER, FOREIGN = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b11", "1e4d9b63-7a3f-4f1f-8e1d-7d2a2a7b3c22"
PRODUCT = {"productId": "CFQ7TTC0LH16", "skuId": "0001"}


def _partner(account: str, domain: str) -> dict[str, Any]:
    market = {"market": "DE", "currency": "EUR", "mpnId": "4391200"}
    return {"accountId": account, "domain": domain, "displayName": domain, "tier": "direct", **market}


def _customer(owner: str, id: str, domain: str) -> dict[str, Any]:
    return {"partner": owner, "id": id, "domain": domain, "companyName": "Contoso", "market": "DE", "agreement": True}


_TERM = {"term": "P1Y", "billing": "monthly"}
SMALL_WORLD: dict[str, Any] = {
    "partners": [_partner(OURS, "ours.onmicrosoft.com"), _partner(THEIRS, "theirs.onmicrosoft.com")],
    "customers": [_customer(OURS, CUSTOMER, "c1.onmicrosoft.com"), _customer(THEIRS, FOREIGN, "c2.onmicrosoft.com")],
    "catalogue": [
        {"productId": PRODUCT["productId"], "title": "Example", "skus": [
            {"id": PRODUCT["skuId"], "title": "Example", "minimumQuantity": 1, "maximumQuantity": 300,
             "segments": ["commercial"], "terms": [{"duration": "P1Y", "billingCycle": "monthly"}]}]}
    ],
    "prices": [
        {**PRODUCT, **_TERM, "market": "DE", "currency": "EUR", "segment": "commercial", "unitPrice": "10.00",
         "erpPrice": "12.00"}
    ],
}  # fmt: skip  # a table of a world reads better packed


class Served:
    """A running emulator as its users reach it: over sockets, with the control API beside."""

    partner, customer, product = OURS, CUSTOMER, PRODUCT

    def __init__(self, handle: Handle) -> None:
        self.handle = handle
        self.ports = [int(url.rpartition(":")[2]) for url in (handle.base_url, handle.tls_url, handle.proxy_url)]

    def control(self, method: str, name: str, body: Any = None, headers: Any = None) -> httpx.Response:
        given = {"X-Emulator-Token": self.handle.control_token} if headers is None else headers
        with self.client() as client:
            return client.request(method, f"/_emulator/{name}", headers=given, json=body)

    def client(self, **more: Any) -> httpx.Client:
        return httpx.Client(base_url=self.handle.base_url, trust_env=False, **more)

    def token(self, resource: str = "https://api.partnercenter.microsoft.com", *, user: bool = True) -> str:
        """An access token, by default of a user with MFA."""
        form = {"client_id": "app", "client_secret": "s", "resource": resource, "grant_type": "client_credentials"}
        if user:
            consent = {"tenant": OURS, "application": "app", "user": "ops@ours.example"}
            refresh = self.control("POST", "consent", consent).json()["refresh_token"]
            form |= {"grant_type": "refresh_token", "refresh_token": refresh}
        with self.client() as client:
            token: str = client.post(f"/{OURS}/oauth2/token", data=form).json()["access_token"]
        return token

    def signed_in(self, **more: Any) -> httpx.Client:
        return self.client(headers={"Authorization": f"Bearer {self.token()}"}, **more)


@pytest.fixture(scope="module")
def serve_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Served]]:
    """Start a server over the small world in a folder of its own; settings may be changed."""
    started: list[Handle] = []

    def start(**changes: Any) -> Served:
        settings = replace(Settings(), **{"rate_limit_per_minute": 0, **changes})
        handle = attach_or_embed(tmp_path_factory.mktemp("world") / "emulator.db", settings=settings)
        started.append(handle)
        served = Served(handle)
        seeded = served.control("POST", "seed", SMALL_WORLD)
        assert seeded.status_code == 200, seeded.text
        return served

    yield start
    for handle in started:
        handle.close()


@pytest.fixture(scope="module")
def served(serve_world: Callable[..., Served]) -> Served:
    """One server for the tests of a module; they leave it as they found it."""
    return serve_world()
