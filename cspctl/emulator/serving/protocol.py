"""One API call from token to answer: identity, throttle, replay, handler, audit context, error bodies."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.types import Message, Scope

from cspctl.emulator import switches
from cspctl.emulator.ageing import lifecycle
from cspctl.emulator.audit.log import AuditLog
from cspctl.emulator.clock import VirtualClock
from cspctl.emulator.context import Answer, Context, RouteSpec
from cspctl.emulator.errors import ApiError
from cspctl.emulator.serving.calls import Call, Telemetry
from cspctl.emulator.serving.hosts import error_on, headers_on
from cspctl.emulator.serving.identity import Caller, identify
from cspctl.emulator.serving.national import check_cloud
from cspctl.emulator.serving.replay import Kept, ReplayKey, Replays, replay_key
from cspctl.emulator.serving.stats import Stats
from cspctl.emulator.serving.throttle import Throttle, bucket_of
from cspctl.emulator.settings import Settings
from cspctl.emulator.signin.tokens import Tokens
from cspctl.emulator.store import Store
from cspctl.emulator.webhooks.delivery import Pump
from cspctl.emulator.wire.bodies import wire

logger = logging.getLogger("cspctl.emulator")
_JSON = "application/json; charset=utf-8"


@dataclass
class World:
    """What all requests of one server share."""

    store: Store
    settings: Settings
    clock: VirtualClock
    tokens: Tokens
    throttle: Throttle
    replays: Replays
    stats: Stats
    writing: asyncio.Lock
    pump: Pump
    orders_seen: int = 0
    tls_base: str = "https://localhost"  # where the same application listens with TLS
    telemetry: Telemetry = field(default_factory=Telemetry)


def new_world(store: Store, settings: Settings) -> World:
    clock = VirtualClock(store)
    world = World(
        store=store,
        settings=settings,
        clock=clock,
        tokens=Tokens(store, clock, settings),
        throttle=Throttle(settings.rate_limit_per_minute, settings.consents_per_second),
        replays=Replays(store, settings),
        stats=Stats(),
        writing=asyncio.Lock(),
        pump=Pump(store, clock, lambda: switches.effective(store, settings), lambda: world.tls_base),
        telemetry=Telemetry(settings.telemetry_requests),
    )
    return world


class Protocol:
    """Runs API operations. `call` never raises: every outcome is an answer ready to send."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._busy: set[ReplayKey] = set()

    async def call(
        self, spec: RouteSpec, scope: Scope, headers: Mapping[str, str], params: dict[str, str], body: bytes
    ) -> Kept:
        world = self._world
        extra = {**standard_headers(headers), **headers_on(spec.audience, headers)}
        request_id, correlation_id = extra["MS-RequestId"], extra["MS-CorrelationId"]
        try:
            await self._catch_up()
            seen = self._witness(spec, scope, headers, extra)
            caller = identify(headers, spec, world.tokens, world.store, world.settings, seen)
            check_cloud(spec, caller.cloud)
            bucket = bucket_of(spec)
            if bucket:
                world.throttle.take(caller.partner, caller.application, bucket, world.clock.now())
            ctx = self._context(caller, request_id, correlation_id)
            request = _request(scope, ctx, params, body)
            if spec.method in ("GET", "HEAD"):
                answer = finish(await spec.handler(request, ctx))
            else:
                answer = await self._write(spec, request, ctx, headers, body)
        except ApiError as error:
            world.stats.throttled += error.status == 429
            answer = refusal(error_on(error, spec.audience))
        except Exception:
            logger.exception("%s %s failed", spec.method, spec.path)
            answer = refusal(ApiError(500, 800003, "Unexpected service error; the log of the emulator says where."))
        return Kept(answer.status, answer.body, {**extra, **answer.headers})

    async def _catch_up(self) -> None:
        """Let happen what became due since the last call, so that every answer is of this moment."""
        world = self._world
        if lifecycle.is_due(world.store, world.clock.now()):
            async with world.writing:
                lifecycle.advance(world.store, world.clock.now(), world.settings)

    def _witness(
        self, spec: RouteSpec, scope: Scope, headers: Mapping[str, str], extra: dict[str, str]
    ) -> Callable[[Caller], None]:
        """Notes the app+user calls that the MFA reports show, and answers `ValidateMfa` for refused calls too."""

        def seen(caller: Caller) -> None:
            if headers.get("validatemfa", "").lower() == "true":
                extra["isMfaCompliant"] = "true" if caller.app_only or caller.mfa else "false"
            if caller.principal is None or spec.audience != "partnercenter":
                return
            address = (scope.get("client") or ("127.0.0.1", 0))[0]
            who = (caller.partner, caller.principal, caller.application, caller.mfa)
            what = (spec.method, spec.path, extra["MS-RequestId"], extra["MS-CorrelationId"], address)
            self._world.telemetry.record(Call(*who, *what, self._world.clock.now()))

        return seen

    async def _write(
        self, spec: RouteSpec, request: Request, ctx: Context, headers: Mapping[str, str], body: bytes
    ) -> Kept:
        key = None
        if spec.kept and spec.method in ("POST", "PATCH") and "ms-requestid" in headers:
            path: str = request.scope["path"]
            key = replay_key(ctx.partner, spec.method, path, ctx.request_id, body)
        if spec.atomic:
            async with self._world.writing:
                return await self._once(spec, request, ctx, key)
        if key is None:
            return await self._once(spec, request, ctx, key)
        if key in self._busy:
            raise ApiError(409, 409, "The request with this MS-RequestId is still being processed.")
        self._busy.add(key)
        try:
            return await self._once(spec, request, ctx, key)
        finally:
            self._busy.discard(key)

    async def _once(self, spec: RouteSpec, request: Request, ctx: Context, key: ReplayKey | None) -> Kept:
        world, now = self._world, ctx.clock.now()
        kept = world.replays.find(key, now) if key else None
        if kept:
            world.stats.replayed += 1
            return kept
        if spec.atomic:
            world.orders_seen = world.store.inserted["order"]  # those that came by seeding are no purchases
        try:
            if spec.atomic:
                with world.store.transaction():  # effect, audit record and kept answer commit together
                    answer = finish(await spec.handler(request, ctx))
                    self._keep(key, answer)
            else:
                answer = finish(await spec.handler(request, ctx))
                self._keep(key, answer)
        except ApiError as error:
            if error.status < 500 and error.status != 429:
                self._keep(key, refusal(error))
            raise
        if answer.status < 300:
            world.stats.writes += 1
            world.stats.created += spec.creates
            world.stats.purchases += world.store.inserted["order"] - world.orders_seen
            world.orders_seen = world.store.inserted["order"]
        return answer

    def _keep(self, key: ReplayKey | None, answer: Kept) -> None:
        if key:
            self._world.replays.keep(key, answer, self._world.clock.now())

    def _context(self, caller: Caller, request_id: str, correlation_id: str) -> Context:
        world = self._world
        return Context(
            store=world.store,
            settings=switches.effective(world.store, world.settings),
            clock=world.clock,
            partner=caller.partner,
            principal=caller.principal,
            application=caller.application,
            app_only=caller.app_only,
            mfa=caller.mfa,
            request_id=request_id,
            correlation_id=correlation_id,
            audit=AuditLog(
                world.store,
                world.clock,
                caller.partner,
                caller.principal,
                caller.application,
                correlation_id,
                switches.effective(world.store, world.settings),
            ),
            telemetry=world.telemetry,
        )


def finish(answer: Answer) -> Kept:
    """A handler's answer as bytes: nulls and internal keys stripped, JSON unless it is raw."""
    headers = dict(answer.headers)
    if answer.raw is not None:
        return Kept(answer.status, answer.raw, headers)
    if answer.body is None:
        return Kept(answer.status, b"", headers)
    headers.setdefault("Content-Type", _JSON)
    return Kept(answer.status, wire(answer.body), headers)


def refusal(error: ApiError) -> Kept:
    return Kept(error.status, wire(error.body()), {"Content-Type": _JSON, **error.headers})


def standard_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """What every API answer carries (rule 4): the caller's two ids, or new ones, and the service's own."""
    request_id = headers.get("ms-requestid") or str(uuid4())
    return {
        "MS-RequestId": request_id,
        "MS-CorrelationId": headers.get("ms-correlationid") or str(uuid4()),
        "MS-CV": request_id[:8] + ".0",
        "MS-ServerId": "emulator",
        "X-Locale": headers.get("x-locale", "en-US"),
    }


def _request(scope: Scope, ctx: Context, params: dict[str, str], body: bytes) -> Request:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    state: dict[str, Any] = {"ctx": ctx, "body": body}
    return Request({**scope, "path_params": params, "state": state}, receive)
