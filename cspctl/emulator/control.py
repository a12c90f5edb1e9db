"""The control API under /_emulator: what a test or a person does to the emulated world from outside.

Every call needs `X-Emulator-Token`; the Host must be loopback (checked in front). The token stands in the
lock file, which only the owner can read.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any

import orjson
from starlette.requests import Request

from cspctl.emulator import switches
from cspctl.emulator.ageing import duties, lifecycle
from cspctl.emulator.clock import BackwardsError, add_duration, format_instant, mark, parse_instant
from cspctl.emulator.context import Answer
from cspctl.emulator.errors import ApiError
from cspctl.emulator.faults.fault import Faults
from cspctl.emulator.faults.reading import FaultError
from cspctl.emulator.faults.scenarios import SCENARIOS, summon
from cspctl.emulator.partner.actions import ACTIONS, Stage
from cspctl.emulator.serving.front import CONTROL, PlainRoute
from cspctl.emulator.serving.protocol import World
from cspctl.emulator.settings import PARTNER_CENTER
from cspctl.emulator.signin.authority import SignInError, domain_of, tenant_of
from cspctl.emulator.signin.login import Login
from cspctl.emulator.signin.tokens import DEFAULT_ROLES, Grant

Seeder = Callable[[Any, dict[str, Any], Any], Any]  # (store, document, now) → a summary or None


class Control:
    def __init__(self, world: World, faults: Faults, login: Login, seeder: Seeder, token: str) -> None:
        self._world = world
        self._faults = faults
        self._login = login
        self._seed_with = seeder
        self._token = token

    def routes(self) -> list[PlainRoute]:
        table = {
            ("GET", "stats"): self._stats,
            ("GET", "clock"): self._show_clock,
            ("POST", "clock"): self._set_clock,
            ("GET", "settings"): self._show_settings,
            ("POST", "settings"): self._set_settings,
            ("GET", "faults"): self._show_faults,
            ("POST", "faults"): self._add_faults,
            ("DELETE", "faults"): self._drop_faults,
            ("GET", "scenarios"): self._show_scenarios,
            ("POST", "seed"): self._seed,
            ("POST", "reset"): self._reset,
            ("GET", "dump"): self._dump,
            ("POST", "consent"): self._consent,
            ("GET", "actions"): self._show_actions,
            ("POST", "actions"): self._act,
        }
        return [PlainRoute(method, f"{CONTROL}/{name}", self._guarded(step)) for (method, name), step in table.items()]

    def _guarded(self, step: Callable[[Request], Answer]) -> Any:
        async def handler(request: Request) -> Answer:
            given = request.headers.get("x-emulator-token", "")
            if not self._token or not hmac.compare_digest(given.encode(), self._token.encode()):
                raise ApiError(403, 403, "X-Emulator-Token is missing or wrong; it stands in the lock file.")
            async with self._world.writing:  # never between a write and its commit
                answer = step(request)
            if request.method == "POST":  # without the lock: a receiver may call back
                await self._world.pump.drain()
                self._world.pump.wake()
            return answer

        return handler

    def _stats(self, request: Request) -> Answer:
        store = self._world.store
        held = {f"{kind}s": store.count(kind) for kind in ("partner", "customer", "subscription")}
        return Answer(200, self._world.stats.view() | held)

    def _show_clock(self, request: Request) -> Answer:
        clock = self._world.clock
        return Answer(200, {"now": format_instant(clock.now()), "mode": clock.mode})

    def _set_clock(self, request: Request) -> Answer:
        """{"now": ISO} goes there, {"advance": "P10D"} moves on, {"mode": "frozen"|"real"} stops or starts.

        409 when it would go back behind something that happened.
        """
        clock, body = self._world.clock, _document(request)
        if not set(body) & {"now", "advance", "mode"} or body.get("mode", "real") not in ("real", "frozen"):
            raise ApiError(400, 400, 'The clock takes "now", "advance" or "mode" (real, frozen).')
        try:
            instant = parse_instant(str(body["now"])) if "now" in body else clock.now()
            if "advance" in body:
                instant = add_duration(instant, str(body["advance"]))
        except (ValueError, OverflowError) as error:
            raise ApiError(400, 400, f"The clock cannot be set: {error}.") from None
        try:
            clock.check(instant)
        except BackwardsError as error:
            raise ApiError(409, 409, str(error)) from None
        if body.get("mode") == "frozen":
            clock.freeze(instant)
        elif body.get("mode") == "real":
            clock.run()
        if body.keys() & {"now", "advance"}:
            clock.set(instant)
        lifecycle.advance(self._world.store, clock.now(), self._world.settings)
        duties.perform(self._world.store, clock, self._world.settings)
        return self._show_clock(request)

    def _show_settings(self, request: Request) -> Answer:
        return Answer(200, switches.view(self._world.store, self._world.settings))

    def _set_settings(self, request: Request) -> Answer:
        """{"name": value}; null goes back to the value the process started with."""
        try:
            switches.change(self._world.store, _document(request))
        except ValueError as error:
            raise ApiError(400, 400, f"Not a setting: {error}.") from None
        return self._show_settings(request)

    def _show_faults(self, request: Request) -> Answer:
        return Answer(200, {"faults": self._faults.view()})

    def _add_faults(self, request: Request) -> Answer:
        """One fault, one {"scenario": name}, or {"faults": [...]} of both. None is added when one is wrong."""
        body = _document(request)
        documents = body["faults"] if isinstance(body.get("faults"), list) else [body]
        try:
            added = summon(self._world, self._faults, documents)
        except FaultError as error:
            place = f" number {error.index + 1}" if len(documents) > 1 else ""
            raise ApiError(400, 400, f"Not a fault{place}: {error}.") from None
        return Answer(201, {"added": added})

    def _show_scenarios(self, request: Request) -> Answer:
        return Answer(200, {"scenarios": {name: scenario.text for name, scenario in SCENARIOS.items()}})

    def _drop_faults(self, request: Request) -> Answer:
        self._faults.clear()
        return Answer(204)

    def _seed(self, request: Request) -> Answer:
        """What a document says of customers, goods and prices holds at any time; subscriptions are of this instant."""
        world = self._world
        before = world.store.count("subscription")
        with world.store.transaction():
            try:
                summary = self._seed_with(world.store, _document(request), world.clock.now())
            except (KeyError, ValueError, TypeError, AttributeError) as error:
                text = str(error) if isinstance(error, ValueError) else repr(error)
                raise ApiError(400, 400, f"The seed document is not usable: {text}.") from error
            if world.store.count("subscription") > before:
                mark(world.store, world.clock.now())
        return Answer(200, summary if isinstance(summary, dict) else {"seeded": True})

    def _reset(self, request: Request) -> Answer:
        """Forget everything but the clock and the token key, so clients need no new access token."""
        world = self._world
        kept = world.store.meta("clock")
        with world.store.transaction():
            world.store.reset()
            if kept is not None:
                world.store.set_meta("clock", kept)
        self._faults.clear()
        self._login.clear()
        world.throttle.reset()
        world.stats.clear()
        world.telemetry.clear()
        return Answer(204)

    def _dump(self, request: Request) -> Answer:
        # Internal keys are what a dump is for, so nothing is stripped here.
        raw = orjson.dumps(self._world.store.dump(), option=orjson.OPT_SORT_KEYS)
        return Answer(200, None, {"Content-Type": "application/json"}, raw=raw)

    def _show_actions(self, request: Request) -> Answer:
        return Answer(200, {"actions": {name: step.__doc__ for name, step in sorted(ACTIONS.items())}})

    def _act(self, request: Request) -> Answer:
        """{"action": name, …}: what customers and the vendor do, such as accepting an invitation."""
        world, body = self._world, _document(request)
        step = ACTIONS.get(str(body.get("action")))
        if step is None:
            raise ApiError(400, 400, f"action is one of {', '.join(sorted(ACTIONS))}.")
        settings = switches.effective(world.store, world.settings)
        with world.store.transaction():
            try:
                return Answer(200, step(Stage(world.store, settings, world.clock), body))
            except (KeyError, ValueError, TypeError) as error:
                text = str(error) if isinstance(error, ValueError) else f"it needs {error}"
                raise ApiError(400, 400, f"The action {body['action']} is not possible: {text}.") from None

    def _consent(self, request: Request) -> Answer:
        """The one interactive sign-in: {"tenant", "application", "user"?, "mfa"?, "roles"?} → refresh token."""
        body = _document(request)
        try:
            tenant = tenant_of(self._world.store, str(body["tenant"]))
            application = str(body["application"])
        except KeyError as error:
            raise ApiError(400, 400, f"Consent needs {error}.") from None
        except SignInError as error:
            raise ApiError(400, error.number, error.message) from None
        user = str(body.get("user") or f"admin@{domain_of(self._world.store, tenant)}")
        roles = tuple(str(role) for role in body.get("roles", DEFAULT_ROLES))
        grant = Grant(tenant, application, user, bool(body.get("mfa", True)), roles)
        return Answer(200, {"refresh_token": self._world.tokens.refresh(grant, PARTNER_CENTER)})


def _document(request: Request) -> dict[str, Any]:
    try:
        body = orjson.loads(request.state.body or b"{}")
    except orjson.JSONDecodeError as error:
        raise ApiError(400, 400, f"The body is not JSON: {error}.") from None
    if not isinstance(body, dict):
        raise ApiError(400, 400, "The body must be a JSON object.")
    return body
