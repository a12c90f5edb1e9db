"""Named fault scenarios: what goes wrong in one go, by its name wherever a fault may stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cspctl.emulator import switches
from cspctl.emulator.ageing import agenda, duties, lifecycle
from cspctl.emulator.faults.fault import Fault, Faults
from cspctl.emulator.faults.reading import FaultError, parse
from cspctl.emulator.serving.protocol import World
from cspctl.emulator.subscription.windows import RUNNING, ending
from cspctl.emulator.terms import NEVER

_HTML = "<!DOCTYPE html><html><body><h1>We'll be right back</h1></body></html>"
_CHECKOUT = {"method": "POST", "path": "/v1/customers/*/carts/*/checkout"}
_ALL_READS = {"method": "GET", "path": "/v1/*"}
_NARROWING = ("method", "path", "nth", "times", "probability", "seed")


@dataclass(frozen=True)
class Scenario:
    """`faults` in the form of the control API; `step` changes the world once, when the scenario is summoned."""

    text: str
    faults: tuple[dict[str, Any], ...] = ()
    step: Callable[[World], None] | None = None


def _revoke_access(world: World) -> None:
    world.tokens.revoke_access()


def _revoke_sign_in(world: World) -> None:
    world.tokens.revoke_access()
    world.tokens.refuse_refresh(50173)


def _withdraw_consent(world: World) -> None:
    world.tokens.refuse_refresh(65001)


def _renewal_night(world: World) -> None:
    """Six hours of renewal, and the clock one minute into the next night in which a term ends."""
    switches.change(world.store, {"renewal_seconds": 21_600, "renewal_wait": "all"})
    night = _next_renewal(world)
    if night is None:
        return
    world.clock.set(night + timedelta(minutes=1))
    lifecycle.advance(world.store, world.clock.now(), world.settings)
    duties.perform(world.store, world.clock, world.settings)


def _next_renewal(world: World) -> datetime | None:
    """The next 00:00 UTC at which a subscription that renews ends its term; None = no such subscription."""
    accounts = [partner["accountId"] for partner in world.store.list("partner", "")]
    nights = (
        ending(document)
        for account in accounts
        for document in world.store.list(agenda.KIND, account)
        if document["status"] in RUNNING and document.get("autoRenewEnabled") and not document.get("_renewal")
        if document.get("_end", NEVER.isoformat()) != NEVER.isoformat()
    )
    return min((night for night in nights if night > world.clock.now()), default=None)


SCENARIOS: dict[str, Scenario] = {
    "throttle-storm": Scenario(
        "Half of the next hundred calls answer 429 with Retry-After 1.",
        ({"path": "/v1/*", "times": 100, "probability": 0.5, "status": 429, "headers": {"Retry-After": "1"}},),
    ),
    "lost-answer": Scenario(
        "The next checkout takes effect and its connection is cut before the answer.",
        ({**_CHECKOUT, "drop": "after"},),
    ),
    "lost-request": Scenario(
        "The connection of the next checkout is cut before anything happened.", ({**_CHECKOUT, "drop": "before"},)
    ),
    "html-instead-of-json": Scenario(
        "The next read answers 200 with an HTML page.", ({**_ALL_READS, "status": 200, "body": _HTML},)
    ),
    "truncated-json": Scenario(
        "The next read answers half of its JSON, with a Content-Length that fits.", ({**_ALL_READS, "truncate": True},)
    ),
    "repeated-page": Scenario(
        "The next call for a following page is answered with the first page again.",
        ({**_ALL_READS, "page": "repeated"},),
    ),
    "shifted-page": Scenario(
        "The next call for a following page lacks a row, because an earlier row went away meanwhile.",
        ({**_ALL_READS, "page": "shifted"},),
    ),
    "slow-body": Scenario(
        "The bodies of the next ten reads arrive in pieces over two seconds each.",
        ({**_ALL_READS, "times": 10, "slowBodySeconds": 2},),
    ),
    "clock-skew": Scenario(
        "The service's clock is 55 minutes ahead: Date says so, and an access token is refused five minutes after "
        "its issue.",
        ({"path": "/v1/*", "times": 0, "skewSeconds": 3_300},),
    ),
    "revoked-token": Scenario(
        "Every access token issued so far is refused with 401; refresh tokens and secrets are good.",
        step=_revoke_access,
    ),
    "revoked-sign-in": Scenario(
        "Every access token is refused with 401 and every refresh token with AADSTS50173, until a new sign-in.",
        step=_revoke_sign_in,
    ),
    "withdrawn-consent": Scenario(
        "Every refresh token is refused with AADSTS65001 until a new consent; access tokens live to their end. "
        "App-only sign-in knows no consent here.",
        step=_withdraw_consent,
    ),
    "renewal-night": Scenario(
        "Renewals take six hours and the clock goes one minute into the next night in which a term ends: writes to "
        "those subscriptions answer 409. One call in twenty answers 503.",
        ({"path": "/v1/*", "times": 0, "probability": 0.05, "status": 503, "headers": {"Retry-After": "1"}},),
        _renewal_night,
    ),
    "server-errors": Scenario(
        "One call in five answers 500 and, of the others, one in ten 503, before any effect.",
        (
            {"path": "/v1/*", "times": 0, "probability": 0.2, "status": 500},
            {"path": "/v1/*", "times": 0, "probability": 0.1, "seed": 1, "status": 503},
        ),
    ),
}


def summon(world: World, standing: Faults, documents: Iterable[Any]) -> int:
    """Put faults and scenarios in force; answers how many faults were added. Raises FaultError and changes nothing.

    A document is a fault, or {"scenario": NAME} with what narrows its faults: method, path, nth, times,
    probability, seed.
    """
    faults, steps = read_all(documents)
    standing.add(faults)
    for step in steps:
        with world.store.transaction():
            step(world)
    return len(faults)


def read_all(documents: Iterable[Any]) -> tuple[list[Fault], list[Callable[[World], None]]]:
    """The faults and the steps of documents. Raises FaultError with the index of the wrong one."""
    faults: list[Fault] = []
    steps: list[Callable[[World], None]] = []
    for index, document in enumerate(documents):
        try:
            more, step = _read(document)
        except FaultError as error:
            error.index = index
            raise
        faults += more
        steps += [step] if step else []
    return faults, steps


def _read(document: Any) -> tuple[list[Fault], Callable[[World], None] | None]:
    if not isinstance(document, dict) or "scenario" not in document:
        return [parse(document)], None
    scenario = _named(document)
    narrowing = {key: value for key, value in document.items() if key != "scenario"}
    if narrowing and not scenario.faults:
        raise FaultError(f"{document['scenario']} has no faults to narrow", next(iter(narrowing)), misplaced=True)
    return [parse({**fault, **narrowing}) for fault in scenario.faults], scenario.step


def _named(document: dict[str, Any]) -> Scenario:
    scenario = SCENARIOS.get(str(document["scenario"]))
    if scenario is None:
        raise FaultError(f"scenario is one of {', '.join(SCENARIOS)}, not {document['scenario']!r}", "scenario")
    unknown = sorted(set(document) - {"scenario", *_NARROWING})
    if unknown:
        text = f"a scenario is narrowed by {', '.join(_NARROWING)}, not by {unknown[0]!r}"
        raise FaultError(text, unknown[0], misplaced=True)
    return scenario
