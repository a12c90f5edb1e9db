"""A toy kind, a toy service behind it, and a ledger in memory: small real implementations of the ports."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import pytest

from cspctl.engine.executor import Execution, Hands
from cspctl.engine.journal import Journal
from cspctl.errors import LeaseHeldError
from cspctl.model.address import Address
from cspctl.model.audit import AuditEvent
from cspctl.model.binding import Binding
from cspctl.model.change import Action, Cause, Change, Step, Timing, When
from cspctl.model.live import LiveObject
from cspctl.model.ports import Intent, RunRecord, WriteContext
from cspctl.model.result import ChangeResult, StepOutcome

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
REALM = "toys|global|acc|live"


class Make(Step):
    """Buys a toy."""

    type: Literal["toy.make"] = "toy.make"

    @property
    def purchases(self) -> bool:
        return True

    @property
    def establishes(self) -> Mapping[str, Any]:
        return {"colour": "red"}


class Paint(Step):
    type: Literal["toy.paint"] = "toy.paint"
    colour: str


STEPS: tuple[type[Step], ...] = (Make, Paint)


class ToyKind:
    name = "Toy"

    def fingerprint(self, live: LiveObject) -> Mapping[str, Any]:
        return dict(live.attributes)


@dataclass
class MemoryLedger:
    """Keeps everything in lists; `events` is the order in which it was told."""

    events: list[str] = field(default_factory=list)
    bound: dict[Address, Binding] = field(default_factory=dict)
    journal: dict[str, Intent] = field(default_factory=dict)
    audit: list[AuditEvent] = field(default_factory=list)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        yield

    def journal_intent(self, intent: Intent) -> None:
        self.events.append(f"intent {intent.step['summary']}")
        self.journal[intent.id] = intent

    def journal_request_id(self, intent_id: str, request_id: str) -> None:
        self.events.append("request id")
        intent = self.journal[intent_id]
        self.journal[intent_id] = replace(intent, request_ids=(*intent.request_ids, request_id))

    def settle_intent(self, intent_id: str, outcome: StepOutcome, *, at: datetime) -> None:
        intent = self.journal[intent_id]
        self.events.append(f"{outcome.status.value} {intent.step['summary']}")
        self.journal[intent_id] = replace(
            intent, status=outcome.status.value, outputs={**intent.outputs, **outcome.outputs}, settled_at=at
        )

    def put_binding(self, binding: Binding) -> None:
        self.events.append(f"bind {binding.address.name}")
        self.bound[binding.address] = binding

    def delete_binding(self, address: Address) -> None:
        self.events.append(f"unbind {address.name}")
        self.bound.pop(address, None)

    def append_audit(self, event: AuditEvent, *, realm: str) -> AuditEvent:
        self.audit.append(event)
        return event

    def intents(self) -> list[Intent]:
        return list(self.journal.values())


@dataclass
class ToyClock:
    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        await asyncio.sleep(0)


class Silent:
    def start(self, label: str, total: int | None) -> None: ...

    def advance(self, amount: int = 1) -> None: ...

    def finish(self) -> None: ...


@dataclass
class ToyLease:
    lost_after: int | None = None
    checks: int = 0

    def check(self) -> None:
        self.checks += 1
        if self.lost_after is not None and self.checks > self.lost_after:
            raise LeaseHeldError("another apply took over")


Reaction = StepOutcome | Exception


@dataclass
class ToyService:
    """Answers `perform` and `settle` from scripts by step summary; without a script a step is done."""

    ledger: MemoryLedger
    answers: dict[str, list[Reaction]] = field(default_factory=dict)
    readings: dict[str, list[Reaction]] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)
    request_ids: list[str] = field(default_factory=list)
    inputs: list[Mapping[str, Any]] = field(default_factory=list)
    live: LiveObject | None = None
    fresh_before: set[str] = field(default_factory=set)

    async def perform(self, writer: Any, step: Step, inputs: Mapping[str, Any], context: WriteContext) -> StepOutcome:
        self.ledger.events.append(f"send {step.summary}")
        self.sent.append(step.summary)
        self.inputs.append(dict(inputs))
        self.request_ids.append(context.fresh() if step.summary in self.fresh_before else context.request_id)
        script = self.answers.get(step.summary)
        return _react(script.pop(0) if script else done(step.summary))

    async def settle(
        self, reader: Any, step: Step, inputs: Mapping[str, Any], *, started_at: datetime, now: datetime
    ) -> StepOutcome:
        self.ledger.events.append(f"read {step.summary}")
        script = self.readings[step.summary]
        return _react(script.pop(0) if len(script) > 1 else script[0])

    async def observe_one(self, reader: Any, scope: str, live_id: str, *, now: datetime) -> LiveObject | None:
        return self.live


def _react(reaction: Reaction) -> StepOutcome:
    if isinstance(reaction, Exception):
        raise reaction
    return reaction


def done(summary: str = "", **outputs: Any) -> StepOutcome:
    from cspctl.model.result import StepStatus

    return StepOutcome(StepStatus.DONE, summary, outputs={"liveId": f"live-{summary}", **outputs})


def make(summary: str, scope: str = "t1") -> Make:
    return Make(scope=scope, unit="purchase", summary=summary)


def paint(summary: str, colour: str = "blue", scope: str = "t1") -> Paint:
    return Paint(scope=scope, unit="paint", summary=summary, colour=colour)


def change(name: str, *steps: Step, scope: str = "t1", action: Action = Action.UPDATE, **more: Any) -> Change:
    return Change(
        address=f"Toy/{name}",
        action=action,
        timing=more.pop("timing", Timing(when=When.NOW)),
        cause=Cause(type="manifest"),
        steps=steps,
        scope=scope,
        live_id=more.pop("live_id", None if action is Action.CREATE else f"live-{name}"),
        binding=more.pop("binding", {"realm": REALM, "memory": {"generation": 1}}),
        **more,
    )


@dataclass
class Bench:
    """One execution: change what it is made of, then `run`."""

    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    clock: ToyClock = field(default_factory=ToyClock)
    lease: ToyLease = field(default_factory=ToyLease)
    stop: Callable[[], bool] = lambda: False
    more: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.service = ToyService(self.ledger)
        record = RunRecord("run-1", "plan-1", "sha256:x", "tester", NOW)
        self.journal = Journal(self.ledger, record, (), self.clock.now)  # type: ignore[arg-type] # what is used of it

    def run(self, *changes: Change) -> dict[str, ChangeResult]:
        hands = Hands(ToyKind(), self.service, self.service)  # type: ignore[arg-type] # what is used of them
        execution = Execution(
            journal=self.journal,
            lease=self.lease,  # type: ignore[arg-type] # what is used of it
            clock=self.clock,
            hands={"Toy": hands},
            writers={"acc": object()},
            bindings=dict(self.ledger.bound),
            progress=Silent(),
            stop=self.stop,
            **self.more,
        )
        found = asyncio.run(execution.run(list(changes)))
        assert len(found) == len(changes), "every change gets exactly one result"
        self.execution = execution
        return {r.address.removeprefix("Toy/"): r for r in found}

    def statuses(self, *changes: Change) -> dict[str, str]:
        return {name: result.status.value for name, result in self.run(*changes).items()}


@dataclass(frozen=True)
class Toys:
    """What tests need of this module."""

    make: Callable[..., Make] = make
    paint: Callable[..., Paint] = paint
    change: Callable[..., Change] = change
    done: Callable[..., StepOutcome] = done
    steps: Sequence[type[Step]] = STEPS
    realm: str = REALM
    now: datetime = NOW


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture(scope="session")
def toys() -> Toys:
    return Toys()
