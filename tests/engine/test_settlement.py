"""What became of writes whose answer never came. Only reads; the toy service answers from a script."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cspctl.engine.settlement import Settlement, decode_step, settle
from cspctl.errors import NotFoundError, UnreachableError
from cspctl.model.address import Address
from cspctl.model.binding import Binding
from cspctl.model.change import Step
from cspctl.model.ports import Intent
from cspctl.model.result import StepOutcome, StepStatus

A = Address("Toy", "a")
SKIPPED = StepOutcome(StepStatus.SKIPPED, "it did not happen")
UNKNOWN = StepOutcome(StepStatus.UNKNOWN, "cannot be seen yet")


class Journaled:
    """Intents of one interrupted purchase: a painted preparation, then the making."""

    def __init__(self, bench: Any, toys: Any) -> None:
        self.bench, self.toys = bench, toys
        self.intents: list[Intent] = []

    def add(self, step: Step, status: str, *, run: str = "run-0", minutes: int = 20, **outputs: Any) -> Intent:
        intent = Intent(
            f"i-{len(self.intents)}",
            run,
            "plan-0",
            "Toy/a",
            "create/purchase",
            len(self.intents),
            step.model_dump(mode="json", by_alias=True),
            self.toys.realm,
            status,
            outputs,
            ("r-1",),
            self.toys.now - timedelta(minutes=minutes),
        )
        self.intents.append(intent)
        return intent

    def settle(self, bindings: Mapping[Address, Binding] | None = None, readers: Any = None) -> Settlement:
        return asyncio.run(
            settle(
                self.intents,
                bindings or {},
                self.toys.steps,
                {"Toy": self.bench.service},
                {"acc": object()} if readers is None else readers,
                now=self.toys.now,
            )
        )


@pytest.fixture
def journaled(bench: Any, toys: Any) -> Journaled:
    return Journaled(bench, toys)


def test_a_purchase_that_happened_is_bound(journaled: Journaled, toys: Any) -> None:
    journaled.add(toys.paint("cart"), "done", cartId="c-1")
    bought = journaled.add(toys.make("m1"), "intent")
    journaled.bench.service.readings["m1"] = [toys.done("m1")]
    found = journaled.settle()
    assert [(s.intent, s.outcome.status) for s in found.settled] == [(bought, StepStatus.DONE)]
    assert [(b.address, b.live_id, b.applied, b.realm) for b in found.bindings] == [
        (A, "live-m1", {"colour": "red"}, toys.realm)
    ]
    assert found.unsettled == {}
    assert journaled.bench.service.sent == []


def test_a_purchase_that_is_bound_already_is_not_bound_again(journaled: Journaled, toys: Any) -> None:
    journaled.add(toys.make("m1"), "intent")
    journaled.bench.service.readings["m1"] = [toys.done("m1")]
    known = Binding(A, "live-m1", "t1", {"colour": "green"}, toys.now, "run-0")
    assert journaled.settle({A: known}).bindings == ()


def test_what_nobody_knows_yet_stays_unsettled(journaled: Journaled, toys: Any) -> None:
    journaled.add(toys.make("m1"), "unknown")
    journaled.add(toys.paint("p1"), "intent")
    journaled.bench.service.readings["m1"] = [UNKNOWN]
    found = journaled.settle()
    assert (found.settled, found.bindings) == ((), ())
    assert list(found.unsettled) == [A]
    assert "cannot be seen yet" in found.unsettled[A]


def test_a_purchase_that_did_not_happen_keeps_what_was_prepared(journaled: Journaled, toys: Any) -> None:
    cart = journaled.add(toys.paint("cart"), "done", cartId="c-1")
    journaled.add(toys.make("m1"), "intent")
    journaled.bench.service.readings["m1"] = [SKIPPED]
    found = journaled.settle()
    assert found.prepared == {A: (cart,)}
    assert found.bindings == ()


def test_a_preparation_that_was_never_sent_prepares_nothing(journaled: Journaled, toys: Any) -> None:
    journaled.add(toys.paint("cart"), "intent")
    journaled.bench.service.readings["cart"] = [SKIPPED]
    found = journaled.settle()
    assert (found.prepared, found.unsettled) == ({}, {})


@pytest.mark.parametrize(
    "trouble", [UnreachableError("no network"), NotFoundError("gone", status=404)], ids=["unreachable", "404"]
)
def test_what_cannot_be_read_is_unknown_not_absent(journaled: Journaled, toys: Any, trouble: Exception) -> None:
    journaled.add(toys.make("m1"), "intent")
    journaled.bench.service.readings["m1"] = [trouble]
    assert list(journaled.settle().unsettled) == [A]


def test_an_account_that_cannot_be_read_leaves_its_writes_unsettled(journaled: Journaled, toys: Any) -> None:
    journaled.add(toys.make("m1"), "intent")
    assert list(journaled.settle(readers={"other": object()}).unsettled) == [A]


def test_a_step_of_a_newer_version_is_left_alone(journaled: Journaled, toys: Any) -> None:
    intent = journaled.add(toys.make("m1"), "intent")
    data = {**intent.step, "type": "toy.teleport"}
    journaled.intents = [Intent(**{**{f: getattr(intent, f) for f in intent.__slots__}, "step": data})]
    assert list(journaled.settle().unsettled) == [A]


def test_what_is_settled_already_is_not_read_again(journaled: Journaled, toys: Any) -> None:
    journaled.add(toys.make("m1"), "done", liveId="live-m1")
    journaled.add(toys.paint("p1"), "intent")
    journaled.bench.service.readings["p1"] = [toys.done("p1")]
    found = journaled.settle({A: Binding(A, "live-m1", "t1", {}, toys.now, "run-0")})
    assert [s.intent.step["summary"] for s in found.settled] == ["p1"]
    assert journaled.bench.ledger.events == ["read p1"]


def test_steps_are_decoded_by_their_tag(toys: Any) -> None:
    step = toys.paint("p1", colour="violet")
    assert decode_step(step.model_dump(mode="json", by_alias=True), toys.steps) == step


@pytest.mark.parametrize(
    ("before", "became", "owed"),
    [("done", None, True), ("intent", "done", True), ("intent", "skipped", False), ("failed", None, False)],
)
def test_a_planned_step_is_owed_once_the_step_before_it_is_done(
    journaled: Any, toys: Any, before: str, became: str | None, owed: bool
) -> None:
    planned = journaled.add(toys.paint("restore"), "planned")
    sent = journaled.add(toys.paint("seats"), before)
    journaled.intents[0], journaled.intents[1] = replace(planned, ordinal=1), replace(sent, ordinal=0)
    if became:
        journaled.bench.service.readings["seats"] = [StepOutcome(StepStatus(became))]
    found = journaled.settle()
    assert [i.id for i in found.owed.get(A, ())] == ([planned.id] if owed else [])
    assert [s.intent.id for s in found.settled if s.intent.status == "planned"] == ([] if owed else [planned.id])


def test_a_planned_step_is_over_when_the_step_before_it_was_never_sent_or_it_was_itself_done(
    journaled: Any, toys: Any
) -> None:
    journaled.add(toys.paint("never begun"), "planned", run="run-1")
    for status in ("planned", "done", "done"):
        journaled.add(toys.paint(status), status)
    unit = journaled.intents
    unit[0], unit[1], unit[2], unit[3] = (replace(i, ordinal=n) for i, n in zip(unit, (1, 1, 0, 1), strict=True))
    found = journaled.settle()
    assert found.owed == {}
    assert {s.intent.id: s.outcome.status.value for s in found.settled} == {unit[0].id: "skipped", unit[1].id: "done"}
