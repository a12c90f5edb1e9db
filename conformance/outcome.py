"""One documented exchange: prepared, sent, compared.

A page does not say what stood before its request (which kind of subscription, which state): the stages of its
operation and the kinds of subject are tried in a fixed order, each in a fresh world. One of them must give the
documented status and every documented property at once; what several give together does not count.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from conformance import seeds
from conformance.addresses import operation
from conformance.callbacks import is_callback, received_problems
from conformance.comparison import text_differences
from conformance.frames import located, renamed, respelled, somewhere
from conformance.hardships import code_of, hardships
from conformance.plan import Plan
from conformance.samples import Exchange
from conformance.sending import send
from conformance.service import Service
from conformance.stages import stages_of
from conformance.subjects import UnresolvedError, kinds_of
from conformance.world import World


@dataclass
class Outcome:
    """What came of an exchange; `problems` is empty where the answer has everything that is documented."""

    exchange: Exchange
    problems: list[str] = field(default_factory=list)
    status: int | None = None
    readings: list[str] = field(default_factory=list)  # where the sample does not print what was compared
    subject: str = ""  # which stage and which kind of subject this is the outcome of


def judge(service: Service, exchange: Exchange) -> Outcome:
    """The first stage and subject that fit, else the one with the fewest problems."""
    best: Outcome | None = None
    for outcome in _attempts(service, exchange):
        if not outcome.problems:
            return outcome
        if best is None or _weight(outcome) < _weight(best):
            best = outcome
    return best or Outcome(exchange, ["the page names no operation"])


def _weight(outcome: Outcome) -> tuple[bool, int]:
    return outcome.status != outcome.exchange.status, len(outcome.problems)


def _attempts(service: Service, exchange: Exchange) -> Iterator[Outcome]:
    if not exchange.method or not exchange.template:
        return
    if is_callback(exchange):
        yield _received(service, exchange)
        return
    stages = [*stages_of(operation(exchange)), *hardships(exchange)]
    for number, stage in enumerate(stages, 1):
        for kind in kinds_of(exchange):
            world, plan = World(service, exchange), Plan()
            subject = f"stage {number}, {kind}"
            try:
                plan = stage(world)
                if set(plan.needs) - {str(key).lower() for key in exchange.request_body or ()}:
                    break
                world.partner = plan.partner if plan.partner == seeds.SANDBOX else world.partner
                answer = send(world, exchange, plan, kind)
            except (UnresolvedError, RuntimeError, LookupError, ValueError, StopIteration, httpx.HTTPError) as error:
                yield Outcome(exchange, [f"not prepared: {error!r}"], subject=subject)
            else:
                found, readings = _problems(exchange, answer)
                yield Outcome(exchange, found, answer.status_code, readings, subject)
            if plan.values.keys() & {"subscriptions", "orders"}:  # the stage chose the subject itself
                break


def _received(service: Service, exchange: Exchange) -> Outcome:
    try:
        found = received_problems(World(service, exchange), exchange)
    except (RuntimeError, LookupError, ValueError, httpx.HTTPError) as error:
        return Outcome(exchange, [f"not prepared: {error!r}"], subject="received")
    return Outcome(exchange, found, exchange.status or 200, subject="received")  # 200 is what the receiver answers


def _problems(exchange: Exchange, answer: httpx.Response) -> tuple[list[str], list[str]]:
    """What is missing, and the readings: how the sample had to be read where it does not print what was sent."""
    status = answer.status_code
    readings: list[str] = []
    if exchange.status is None:
        return ([] if answer.is_success else [f"status {status}: {answer.text[:160]}"]), readings
    if status != exchange.status:
        if not exchange.assumed or not _fits(exchange, status):
            return [f"status {status} instead of {exchange.status}: {answer.text[:160]}"], readings
        readings.append(f"the page prints no status, {exchange.status} is assumed; answered {status}")
    found = [f"header {name}: missing" for name in exchange.promised if name not in answer.headers]
    if exchange.body is None:
        return found, readings
    if isinstance(exchange.body, str):
        return found + text_differences(exchange.body, answer.text), readings
    try:
        given = answer.json()
    except json.JSONDecodeError:
        return [*found, "body: not JSON"], readings
    missing, how = located(exchange.body, given)
    readings += ([how] if how else []) + renamed(exchange.body, given) + respelled(exchange.body, given)
    parts = [f"example {number}: nowhere in the answer" for number, one in enumerate(exchange.variants, 2)
             if not somewhere(one, given)]  # fmt: skip  # one list
    return found + _codes(exchange, given) + missing + parts, readings


def _fits(exchange: Exchange, status: int) -> bool:
    """Whether a status may stand for one that was assumed: of its class, or a refusal where an error is printed."""
    printed = exchange.body if isinstance(exchange.body, dict) else {}
    refusal = code_of(printed) is not None and "description" in printed
    return status >= 400 if refusal else status // 100 == (exchange.status or 0) // 100


def _codes(exchange: Exchange, given: Any) -> list[str]:
    """An error must be the documented one, in each of the documented error shapes."""
    described = isinstance(exchange.body, dict) and "description" in exchange.body
    if exchange.status is None or (exchange.status < 400 and not described):
        return []
    wanted, found = (code_of(body) for body in (exchange.body, given))
    return [] if wanted is None or wanted == found else [f"code: {found} instead of {wanted}"]
