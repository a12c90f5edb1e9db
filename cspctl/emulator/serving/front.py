"""The ASGI application itself: host check, faults, latency, dispatch, and the bytes of the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime

from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from cspctl.emulator.context import Answer, RouteSpec
from cspctl.emulator.errors import ApiError
from cspctl.emulator.faults.answers import follows_a_page, from_the_start, planned, shifted, too_old
from cspctl.emulator.faults.fault import Fault, Faults
from cspctl.emulator.operations import documented
from cspctl.emulator.serving.incoming import host_name, whole_body
from cspctl.emulator.serving.protocol import Protocol, World, finish, logger, refusal, standard_headers
from cspctl.emulator.serving.replay import Kept
from cspctl.emulator.serving.routing import Router
from cspctl.emulator.settings import LOOPBACK_HOSTS, VENDOR_HOSTS

CUT = "cspctl.cut"  # ASGI extension: drops the connection at once (cspctl.emulator.launch provides it)
CONTROL = "/_emulator"
_PIECES = 10  # of a slow body
_BODILESS = (204, 304)  # by RFC 9110, with neither content nor its length


@dataclass(frozen=True, slots=True)
class PlainRoute:
    """A route outside the Partner Center protocol: sign-in and control."""

    method: str
    path: str
    handler: Callable[[Request], Awaitable[Answer]]


class Front:
    def __init__(
        self,
        world: World,
        specs: Sequence[RouteSpec],
        sign_in: Sequence[PlainRoute],
        control: Sequence[PlainRoute],
        faults: Faults,
        names: frozenset[str] = frozenset(),
    ) -> None:
        """`names` are host names it answers to beside loopback, where its listeners were told to go further."""
        self._world = world
        self._own_hosts = LOOPBACK_HOSTS | names
        self._protocol = Protocol(world)
        self._faults = faults
        self._router: Router[RouteSpec | PlainRoute] = Router()
        self._control: Router[PlainRoute] = Router()
        self._missing: Router[str] = Router()
        for spec in specs:
            self._router.add(spec.method, spec.path, spec)
        for plain in sign_in:
            self._router.add(plain.method, plain.path, plain)
        for plain in control:
            self._control.add(plain.method, plain.path, plain)
        for method, path, name in documented():
            self._missing.add(method, path, name)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
        host = host_name(headers.get("host", ""))
        control = scope["path"] == CONTROL or scope["path"].startswith(CONTROL + "/")
        if host not in self._own_hosts and (control or host not in VENDOR_HOSTS):
            error = ApiError(421, 421, "The emulator answers for loopback and the emulated hosts only.")
            return await self._send(send, refusal(error))
        settings = self._world.settings
        limit = settings.max_control_body_bytes if control else settings.max_body_bytes
        try:
            body = await whole_body(receive, headers, limit)
        except ApiError as error:
            return await self._send(send, refusal(error))
        if control:
            return await self._send(send, await self._answer_control(scope, body))
        return await self._answer(scope, receive, send, headers, body)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, headers: dict[str, str], body: bytes) -> None:
        method, path = scope["method"], scope["path"]
        found = self._router.find(method, path)
        template = found[0].path if found else "(other)"
        stats = self._world.stats
        stats.total += 1
        stats.requests[f"{method} {template}"] += 1
        if self._world.settings.latency_ms:
            await asyncio.sleep(self._world.settings.latency_ms / 1000)
        fault = self._faults.strike(method, template, path, follows=follows_a_page(scope, headers))
        if fault is None:
            await self._send(send, await self._run(found, scope, headers, body))
            if method != "GET":
                self._world.pump.wake()
            return None
        stats.faulted += 1
        if fault.delay:
            await asyncio.sleep(fault.delay)
        if fault.drop == "before":
            return await _cut(scope, receive)
        if fault.page == "repeated":
            scope, headers = from_the_start(scope, headers)
        answer = await self._struck(fault, found, scope, headers, body)
        if fault.drop == "after":
            return await _cut(scope, receive)
        return await self._send(send, answer, skew=fault.skew, seconds=fault.slow_body)

    async def _struck(
        self,
        fault: Fault,
        found: tuple[RouteSpec | PlainRoute, dict[str, str]] | None,
        scope: Scope,
        headers: dict[str, str],
        body: bytes,
    ) -> Kept:
        """What a fault makes of a call; a drop after the effect has its effect here and no answer."""
        lies = fault.status is not None
        if fault.skew and too_old(self._world.tokens, headers, fault.skew):
            return refusal(ApiError(401, 400, "Access denied"))
        if not lies or fault.effect == "after":
            answer = await self._run(found, scope, headers, body)
            if scope["method"] != "GET":
                self._world.pump.wake()
        if lies:
            answer = planned(fault, _audience(found), headers)
        if fault.page == "shifted":
            answer = shifted(answer)
        return Kept(answer.status, answer.body[: len(answer.body) // 2], answer.headers) if fault.truncate else answer

    async def _send(self, send: Send, answer: Kept, *, skew: int = 0, seconds: float = 0.0) -> None:
        """The answer with the Date of the virtual clock, `skew` seconds off, its body spread over `seconds`."""
        date = format_datetime(self._world.clock.now() + timedelta(seconds=skew), usegmt=True)
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers.items()]
        body = b"" if answer.status in _BODILESS else answer.body
        headers.append((b"Date", date.encode()))
        if answer.status not in _BODILESS:
            headers.append((b"Content-Length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        if seconds and body:
            await _drip(send, body, seconds)
        else:
            await send({"type": "http.response.body", "body": body})

    async def _run(
        self,
        found: tuple[RouteSpec | PlainRoute, dict[str, str]] | None,
        scope: Scope,
        headers: dict[str, str],
        body: bytes,
    ) -> Kept:
        if found is None:
            answer = self._unknown(scope["method"], scope["path"])
            return Kept(answer.status, answer.body, {**standard_headers(headers), **answer.headers})
        route, params = found
        if isinstance(route, RouteSpec):
            return await self._protocol.call(route, scope, headers, params, body)
        return await _plain(route, scope, params, body)

    async def _answer_control(self, scope: Scope, body: bytes) -> Kept:
        found = self._control.find(scope["method"], scope["path"])
        if found is None:
            return refusal(ApiError(404, 404, "Not found"))
        return await _plain(found[0], scope, found[1], body)

    def _unknown(self, method: str, path: str) -> Kept:
        operation = self._missing.find(method, path)
        if operation:
            return refusal(ApiError(501, 0, f"The emulator does not offer this operation: {operation[0]}."))
        methods = sorted({*self._router.methods(path), *self._missing.methods(path)})
        if methods:
            error = ApiError(405, 405, "Method not allowed", headers={"Allow": ", ".join(methods)})
            return refusal(error)
        return refusal(ApiError(404, 1000, "Not found"))


def _audience(found: tuple[RouteSpec | PlainRoute, dict[str, str]] | None) -> str:
    """Whose form an answer has: that of the operation, of Partner Center where there is none, "" for sign-in."""
    if found is None:
        return "partnercenter"
    return found[0].audience if isinstance(found[0], RouteSpec) else ""


async def _plain(route: PlainRoute, scope: Scope, params: dict[str, str], body: bytes) -> Kept:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    request = Request({**scope, "path_params": params, "state": {"body": body}}, receive)
    try:
        return finish(await route.handler(request))
    except ApiError as error:
        return refusal(error)
    except Exception:
        logger.exception("%s %s failed", route.method, route.path)
        return refusal(ApiError(500, 800003, "Unexpected service error; the log of the emulator says where."))


async def _cut(scope: Scope, receive: Receive) -> None:
    """End the connection without a byte of an answer."""
    cut = scope.get("extensions", {}).get(CUT)
    if cut is None:
        raise ConnectionResetError("the emulator dropped this connection on purpose")
    cut()
    while (await receive())["type"] != "http.disconnect":
        pass


async def _drip(send: Send, body: bytes, seconds: float) -> None:
    size = -(-len(body) // _PIECES)
    for start in range(0, len(body), size):
        await asyncio.sleep(seconds / _PIECES)
        more = start + size < len(body)
        await send({"type": "http.response.body", "body": body[start : start + size], "more_body": more})
