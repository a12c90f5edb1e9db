"""Carrying out: intent before write, unknown is found out by reading, one tenant's trouble stays its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cspctl.engine.fingerprint import of_object
from cspctl.errors import AccessError, ConflictError, RemoteError, UnknownOutcomeError
from cspctl.model.address import Address
from cspctl.model.binding import Binding
from cspctl.model.change import Action, AttributeChange, Timing, When
from cspctl.model.live import LiveObject
from cspctl.model.ports import Intent
from cspctl.model.result import StepOutcome, StepStatus

LOST = UnknownOutcomeError("no answer", status=0)
SKIPPED = StepOutcome(StepStatus.SKIPPED, "it did not happen")
UNKNOWN = StepOutcome(StepStatus.UNKNOWN, "cannot be seen yet")


def test_the_intent_is_journaled_before_the_write_and_settled_after_it(bench: Any, toys: Any) -> None:
    assert bench.statuses(toys.change("a", toys.paint("p1"), toys.paint("p2"))) == {"a": "done"}
    assert bench.ledger.events == [
        "intent p1",
        "send p1",
        "done p1",
        "intent p2",
        "send p2",
        "done p2",
        "bind a",
    ]


def test_a_purchase_is_bound_before_the_next_step_is_tried(bench: Any, toys: Any) -> None:
    bench.service.answers["p1"] = [RemoteError("refused", status=400, code="E-NO")]
    found = bench.run(toys.change("a", toys.make("m1"), toys.paint("p1"), action=Action.CREATE))
    assert found["a"].status == "failed"
    assert bench.ledger.events.index("bind a") < bench.ledger.events.index("intent p1")
    binding = bench.ledger.bound[Address("Toy", "a")]
    assert (binding.live_id, binding.applied, binding.memory) == ("live-m1", {"colour": "red"}, {"generation": 1})


def test_applied_is_what_was_and_what_the_change_says(bench: Any, toys: Any) -> None:
    address = Address("Toy", "a")
    bench.ledger.bound[address] = Binding(
        address, "live-p1", "t1", {"colour": "red", "size": 3}, toys.now, "run-0", memory={"protect": True}
    )
    painted = (AttributeChange(path="colour", before="red", after="blue"),)
    bench.run(toys.change("a", toys.paint("p1"), live_id="live-p1", attributes=painted))
    binding = bench.ledger.bound[address]
    assert binding.applied == {"colour": "blue", "size": 3}
    assert binding.memory == {"generation": 1, "protect": True}, "protection changes by a row of its own"


def test_outputs_of_a_step_reach_the_next_one(bench: Any, toys: Any) -> None:
    bench.service.answers["m1"] = [toys.done("m1", cartId="c-9")]
    bench.run(toys.change("a", toys.make("m1"), toys.paint("p1"), action=Action.CREATE))
    assert bench.service.inputs[1]["cartId"] == "c-9"
    assert bench.service.inputs[1]["liveId"] == "live-m1"


def test_an_unknown_outcome_that_turns_out_done_is_not_sent_again(bench: Any, toys: Any) -> None:
    bench.service.answers["m1"] = [LOST]
    bench.service.readings["m1"] = [UNKNOWN, UNKNOWN, toys.done("m1")]
    assert bench.statuses(toys.change("a", toys.make("m1"), action=Action.CREATE)) == {"a": "done"}
    assert bench.service.sent == ["m1"]
    assert bench.ledger.events[:3] == ["intent m1", "send m1", "unknown m1"]
    assert bench.ledger.bound[Address("Toy", "a")].live_id == "live-m1"
    assert (bench.clock.at - toys.now).total_seconds() == 10


def test_an_unknown_outcome_that_provably_did_not_happen_is_sent_once_more_under_the_same_intent(
    bench: Any, toys: Any
) -> None:
    bench.service.answers["m1"] = [LOST, toys.done("m1")]
    bench.service.readings["m1"] = [SKIPPED]
    assert bench.statuses(toys.change("a", toys.make("m1"), action=Action.CREATE)) == {"a": "done"}
    assert bench.service.sent == ["m1", "m1"]
    assert [i.status for i in bench.ledger.intents()] == ["done"]


def test_a_step_that_never_happens_is_parked_after_two_tries(bench: Any, toys: Any) -> None:
    bench.service.answers["m1"] = [LOST, LOST, LOST]
    bench.service.readings["m1"] = [SKIPPED]
    found = bench.run(toys.change("a", toys.make("m1"), action=Action.CREATE))
    assert (found["a"].status, found["a"].code) == ("unknown", "E-UNKNOWN-OUTCOME")
    assert len(bench.service.sent) == 2


def test_an_outcome_that_stays_unknown_parks_its_tenant_and_no_other(bench: Any, toys: Any) -> None:
    bench.service.answers["m1"] = [LOST]
    bench.service.readings["m1"] = [UNKNOWN]
    found = bench.run(
        toys.change("a", toys.make("m1"), action=Action.CREATE),
        toys.change("b", toys.paint("p1")),
        toys.change("c", toys.paint("p2", scope="t2"), scope="t2"),
    )
    assert {n: (r.status.value, r.code) for n, r in found.items()} == {
        "a": ("unknown", None),
        "b": ("not-tried", "E-PARKED"),
        "c": ("done", None),
    }
    assert sorted(bench.service.sent) == ["m1", "p2"]
    assert (bench.clock.at - toys.now).total_seconds() == 60, "the budget of --settle"
    assert [i.status for i in bench.ledger.intents() if i.step["summary"] == "m1"] == ["unknown"]


def test_the_request_id_stays_while_no_answer_came_and_is_new_after_one(bench: Any, toys: Any) -> None:
    bench.service.answers["m1"] = [LOST, toys.done("m1")]
    bench.service.readings["m1"] = [SKIPPED]
    bench.run(toys.change("a", toys.make("m1"), action=Action.CREATE))
    first, second = bench.service.request_ids
    assert first == second == bench.ledger.intents()[0].request_ids[0]

    bench.service.fresh_before = {"m2"}
    bench.service.answers["m2"] = [LOST, toys.done("m2")]
    bench.service.readings["m2"] = [SKIPPED]
    bench.run(toys.change("b", toys.make("m2"), action=Action.CREATE))
    journaled = bench.ledger.intents()[1].request_ids
    assert bench.service.request_ids[2:] == list(journaled[1:]), "journaled before use, all of them kept"
    assert len(set(journaled)) == 3


def test_a_failure_stops_its_address_and_what_requires_it(bench: Any, toys: Any) -> None:
    bench.service.answers["p1"] = [RemoteError("refused", status=400, code="E-NO")]
    found = bench.run(
        toys.change("a", toys.paint("p1")),
        toys.change("a", toys.paint("p2")),
    )
    assert (found["a"].status, found["a"].code) == ("not-tried", "E-REQUIRES")
    bench.service.answers["p3"] = [RemoteError("refused", status=400, code="E-NO")]
    found = bench.run(
        toys.change("x", toys.paint("p3")),
        toys.change("y", toys.paint("p4"), requires=("Toy/x",)),
        toys.change("z", toys.paint("p5")),
    )
    assert {n: r.status.value for n, r in found.items()} == {"x": "failed", "y": "not-tried", "z": "done"}
    assert "p4" not in bench.service.sent


def test_a_blocked_row_holds_nothing_else_back(bench: Any, toys: Any) -> None:
    rule = Timing(when=When.BLOCKED, rule="E-WHY")
    found = bench.run(
        toys.change("x", action=Action.BLOCKED, timing=rule, reason="because"),
        toys.change("y", toys.paint("p1")),
        toys.change("z", toys.make("m1"), action=Action.CREATE, requires=("Toy/x",)),
    )
    assert {n: (r.status.value, r.code) for n, r in found.items()} == {
        "x": ("blocked", "E-WHY"),
        "y": ("done", None),
        "z": ("not-tried", "E-REQUIRES"),
    }


def test_what_is_due_later_is_not_tried(bench: Any, toys: Any) -> None:
    later = Timing(when=When.DEFERRED, on=toys.now.date())
    assert bench.statuses(toys.change("a", toys.paint("p1"), timing=later)) == {"a": "not-tried"}
    assert bench.service.sent == []


def test_a_surprise_in_one_tenant_is_reported_and_the_others_go_on(bench: Any, toys: Any) -> None:
    bench.service.answers["p1"] = [RuntimeError("boom")]
    found = bench.run(toys.change("a", toys.paint("p1")), toys.change("b", toys.paint("p2", scope="t2"), scope="t2"))
    assert (found["a"].status, found["a"].code, found["a"].message) == ("failed", "E-UNEXPECTED", "boom")
    assert found["b"].status == "done"


def test_a_missing_right_is_remembered_for_the_exit_code(bench: Any, toys: Any) -> None:
    bench.service.answers["p1"] = [AccessError("sign in again", code="E-CONSENT")]
    assert bench.run(toys.change("a", toys.paint("p1")))["a"].code == "E-CONSENT"
    assert bench.execution.access_failed


def test_after_a_signal_nothing_new_is_started(bench: Any, toys: Any) -> None:
    bench.stop = lambda: bool(bench.service.sent)
    found = bench.run(toys.change("a", toys.paint("p1"), toys.paint("p2")), toys.change("b", toys.paint("p3")))
    assert (found["a"].status, found["b"].status, found["b"].code) == ("done", "not-tried", "E-CANCELLED")
    assert bench.service.sent == ["p1", "p2"], "what was begun is finished"


def test_a_lost_lease_stops_every_further_write(bench: Any, toys: Any) -> None:
    bench.lease.lost_after = 1
    found = bench.run(toys.change("a", toys.paint("p1")), toys.change("b", toys.paint("p2")))
    assert (found["a"].status, found["b"].status, found["b"].code) == ("done", "not-tried", "E-LEASE-HELD")
    assert bench.service.sent == ["p1"]


def conflict(code: str) -> ConflictError:
    return ConflictError("conflict", status=409, code=code)


def test_a_stale_etag_is_repeated_only_where_nothing_else_changed(bench: Any, toys: Any) -> None:
    live = LiveObject("Toy", "live-a", "t1", {"colour": "red"})
    kept = of_object(bench_kind(bench), live)
    bench.service.live = live
    bench.service.answers["p1"] = [conflict("E-STALE-ETAG"), toys.done("p1")]
    assert bench.statuses(toys.change("a", toys.paint("p1"), fingerprint=kept)) == {"a": "done"}

    bench.service.live = replace(live, attributes={"colour": "green"})
    bench.service.answers["p2"] = [conflict("E-STALE-ETAG")]
    found = bench.run(toys.change("a", toys.paint("p2"), fingerprint=kept))
    assert (found["a"].status, found["a"].code) == ("failed", "E-STALE-ETAG")


def bench_kind(bench: Any) -> Any:
    class Kind:
        def fingerprint(self, live: LiveObject) -> Any:
            return dict(live.attributes)

    return Kind()


def test_a_pending_operation_is_waited_for_within_the_budget(bench: Any, toys: Any) -> None:
    bench.service.answers["p1"] = [conflict("E-PENDING"), toys.done("p1")]
    assert bench.statuses(toys.change("a", toys.paint("p1"))) == {"a": "done"}
    bench.service.answers["p2"] = [conflict("E-PENDING")] * 9
    assert bench.statuses(toys.change("b", toys.paint("p2"))) == {"b": "failed"}
    assert bench.service.sent.count("p2") == 3


def earlier(toys: Any, step: Any, status: str, **outputs: Any) -> Intent:
    data = step.model_dump(mode="json", by_alias=True)
    return Intent(
        "i-1", "run-0", "plan-1", "Toy/a", "create/purchase", 0, data, toys.realm, status, outputs, ("r-1",), toys.now
    )


def test_a_resumed_plan_does_not_repeat_what_is_done(bench: Any, toys: Any) -> None:
    step = toys.make("m1")
    intent = earlier(toys, step, "done", liveId="live-m1")
    bench.ledger.journal[intent.id] = intent
    bench.more = {"earlier": (intent,)}
    done = bench.statuses(toys.change("a", step, toys.paint("p1"), action=Action.CREATE))
    assert done == {"a": "done"}
    assert bench.service.sent == ["p1"]
    assert bench.service.inputs[0]["liveId"] == "live-m1"


@pytest.mark.parametrize(
    ("reading", "sent"), [(SKIPPED, ["m1"]), (StepOutcome(StepStatus.DONE, "", {"liveId": "x"}), [])]
)
def test_a_resumed_plan_reads_before_it_repeats(bench: Any, toys: Any, reading: StepOutcome, sent: list[str]) -> None:
    step = toys.make("m1")
    intent = earlier(toys, step, "intent")
    bench.ledger.journal[intent.id] = intent
    bench.more = {"earlier": (intent,)}
    bench.service.readings["m1"] = [reading]
    assert bench.statuses(toys.change("a", step, action=Action.CREATE)) == {"a": "done"}
    assert bench.service.sent == sent
    assert bench.ledger.events[0] == "read m1"
    assert [i.id for i in bench.ledger.intents()] == ["i-1"], "no second intent for one purchase"


def test_an_interrupted_purchase_is_built_on_what_was_prepared(bench: Any, toys: Any) -> None:
    cart, checkout = toys.paint("cart"), toys.make("m1")
    data = cart.model_dump(mode="json", by_alias=True)
    made = Intent("i-0", "run-0", "plan-0", "Toy/a", "create/paint", 0, data, toys.realm, "done", {"cartId": "c-1"})
    bench.ledger.journal[made.id] = made
    bench.more = {"prepared": {Address("Toy", "a"): (made,)}}
    assert bench.statuses(toys.change("a", cart, checkout, action=Action.CREATE)) == {"a": "done"}
    assert bench.service.sent == ["m1"], "the same cart is checked out again, no second one is made"
    assert bench.service.inputs[0]["cartId"] == "c-1"


def test_adopt_move_and_release_only_touch_the_ledger(bench: Any, toys: Any) -> None:
    old = Address("Toy", "old")
    bench.ledger.bound[old] = Binding(old, "live-1", "t1", {"colour": "red"}, toys.now, "run-0", memory={})
    gone = Address("Toy", "gone")
    bench.ledger.bound[gone] = Binding(gone, "live-2", "t1", {}, toys.now, "run-0")
    moved = {"realm": toys.realm, "memory": {}, "movedFrom": "Toy/old"}
    taken = {"realm": toys.realm, "memory": {}, "applied": {"colour": "green"}}
    bench.run(
        toys.change("new", action=Action.MOVE, live_id="live-1", binding=moved),
        toys.change("gone", action=Action.RELEASE, live_id="live-2"),
        toys.change("found", action=Action.ADOPT, live_id="live-3", binding=taken),
    )
    bound = {a.name: (b.live_id, b.state, b.applied) for a, b in bench.ledger.bound.items()}
    assert bound == {
        "new": ("live-1", "bound", {"colour": "red"}),
        "gone": ("live-2", "released", {}),
        "found": ("live-3", "bound", {"colour": "green"}),
    }
    assert bench.service.sent == []


def test_a_purchase_under_a_new_name_leaves_the_old_one(bench: Any, toys: Any) -> None:
    old = Address("Toy", "old")
    bench.ledger.bound[old] = Binding(old, "live-0", "t1", {}, toys.now, "run-0")
    moved = {"realm": toys.realm, "memory": {"generation": 2}, "movedFrom": "Toy/old"}
    bench.run(toys.change("new", toys.make("m1"), action=Action.CREATE, binding=moved))
    assert {a.name: b.live_id for a, b in bench.ledger.bound.items()} == {"new": "live-m1"}


def test_every_step_is_audited_with_its_request_id(bench: Any, toys: Any) -> None:
    bench.service.answers["p1"] = [replace(toys.done("p1"), request_ids=("r-7",))]
    bench.run(toys.change("a", toys.paint("p1")))
    step = next(e for e in bench.ledger.audit if e.event == "step")
    assert (step.outcome, step.step, step.request_id, step.address) == ("done", "toy.paint", "r-7", "Toy/a")
    assert step.correlation_id == bench.journal.correlation_id
