"""What became of writes whose answer never came: found out by reading, before anything else is done.

Terms. An *open intent* was journaled but never settled. An *interrupted purchase* is a unit of steps of one address
whose purchasing step may have been sent. Premise: once that is so, the same preparation (the cart) is used again for
it, because repeating a checkout on the same cart never buys twice, while a new one might.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from cspctl.errors import CspctlError, NotFoundError
from cspctl.kinds.contract import Actuator
from cspctl.model.address import Address
from cspctl.model.binding import Binding
from cspctl.model.change import Step
from cspctl.model.ports import Intent
from cspctl.model.realm import Realm
from cspctl.model.result import StepOutcome, StepStatus

# A checkout that was sent may still be under way at the service for that long.
IN_FLIGHT = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Settled:
    """`late`: a purchase that did not happen yet but still may; its intent stays open."""

    intent: Intent
    outcome: StepOutcome
    late: bool = False


@dataclass(frozen=True, slots=True)
class Settlement:
    """`bindings`: purchases found, to be noted. `unsettled`: address to why nobody knows yet.

    `prepared`: address to the finished intents that a repeated purchase must build on. `owed`: address to planned
    steps that complete a unit whose step before them is done, oldest first.
    """

    settled: tuple[Settled, ...] = ()
    bindings: tuple[Binding, ...] = ()
    unsettled: Mapping[Address, str] = field(default_factory=dict)
    prepared: Mapping[Address, tuple[Intent, ...]] = field(default_factory=dict)
    owed: Mapping[Address, tuple[Intent, ...]] = field(default_factory=dict)

    def owed_steps(self, step_types: Sequence[type[Step]]) -> dict[Address, tuple[Step, ...]]:
        return {a: tuple(decode_step(i.step, step_types) for i in found) for a, found in self.owed.items()}


def decode_step(data: Mapping[str, Any], step_types: Sequence[type[Step]]) -> Step:
    """By tag; raises KeyError for a step this version does not know."""
    by_tag = {t.model_fields["type"].default: t for t in step_types}
    return by_tag[data["type"]].model_validate(data)


async def settle(
    intents: Sequence[Intent],
    bindings: Mapping[Address, Binding],
    step_types: Sequence[type[Step]],
    actuators: Mapping[str, Actuator],
    readers: Mapping[str, Any],
    *,
    now: datetime,
) -> Settlement:
    """`intents` are all intents of unfinished runs, in journal order. Only reads."""
    groups: dict[tuple[str, str, str], list[Intent]] = {}
    for intent in intents:
        groups.setdefault((intent.run_id, intent.address, intent.unit), []).append(intent)
    result = Settlement()
    for (_, address_text, _), group in groups.items():
        address = Address.parse(address_text)
        actuator = actuators.get(address.kind)
        reader = readers.get(Realm.parse(group[0].realm).account)
        if actuator is None or reader is None:
            reason = "an earlier write is unsettled and its account cannot be read"
            if any(_is_open(i) for i in group):
                result = replace(result, unsettled={**result.unsettled, address: reason})
            continue
        part = await _settle_group(address, group, bindings, step_types, actuator, reader, now)
        result = _merge(result, part)
    return result


def _is_open(intent: Intent) -> bool:
    return intent.status in ("intent", "unknown")


def _merge(a: Settlement, b: Settlement) -> Settlement:
    return Settlement(
        (*a.settled, *b.settled),
        (*a.bindings, *b.bindings),
        {**a.unsettled, **b.unsettled},
        {**a.prepared, **b.prepared},
        {**a.owed} | {address: (*a.owed.get(address, ()), *found) for address, found in b.owed.items()},
    )


async def _settle_group(
    address: Address,
    group: Sequence[Intent],
    bindings: Mapping[Address, Binding],
    step_types: Sequence[type[Step]],
    actuator: Actuator,
    reader: Any,
    now: datetime,
) -> Settlement:
    inputs: dict[str, Any] = {}
    settled: list[Settled] = []
    for intent in group:
        inputs |= dict(intent.outputs)
        if not _is_open(intent):
            continue
        outcome = await _read_outcome(intent, inputs, step_types, actuator, reader, now)
        if outcome.status is StepStatus.UNKNOWN:
            reason = f"whether '{intent.step.get('summary')}' happened is not known yet: {outcome.message}"
            return Settlement(tuple(settled), unsettled={address: reason})
        settled.append(Settled(intent, outcome, _is_late(intent, outcome, step_types, now)))
        inputs |= dict(outcome.outputs)
    bought = any(s.outcome.status is StepStatus.DONE and _buys(s.intent, step_types) for s in settled)
    found = _found(address, group, inputs, bindings, step_types, now) if bought else ()
    closed, owed = _completing(group, settled)
    prepared = _prepared(address, group, settled, step_types)
    return Settlement((*settled, *closed), found, prepared=prepared, owed={address: owed} if owed else {})


def _completing(group: Sequence[Intent], settled: Sequence[Settled]) -> tuple[list[Settled], tuple[Intent, ...]]:
    """Planned steps that are over, and those that are still due: only where the step before them is done."""
    became = {s.intent.id: s.outcome.status.value for s in settled}
    sent = {i.ordinal: became.get(i.id, i.status) for i in group if i.status != "planned"}
    closed: list[Settled] = []
    owed: list[Intent] = []
    for planned in (i for i in group if i.status == "planned"):
        if sent.get(planned.ordinal) == "done":
            closed.append(Settled(planned, StepOutcome(StepStatus.DONE, "done under an intent of its own")))
        elif sent.get(planned.ordinal - 1) == "done":
            owed.append(planned)
        else:
            closed.append(Settled(planned, StepOutcome(StepStatus.SKIPPED, "the step before it did not happen")))
    return closed, tuple(owed)


def _buys(intent: Intent, step_types: Sequence[type[Step]]) -> bool:
    return bool(decode_step(intent.step, step_types).establishes)


def _is_late(intent: Intent, outcome: StepOutcome, step_types: Sequence[type[Step]], now: datetime) -> bool:
    young = now - (intent.created_at or now) < IN_FLIGHT
    return young and outcome.status is StepStatus.SKIPPED and _buys(intent, step_types)


async def _read_outcome(
    intent: Intent,
    inputs: Mapping[str, Any],
    step_types: Sequence[type[Step]],
    actuator: Actuator,
    reader: Any,
    now: datetime,
) -> StepOutcome:
    started = intent.created_at or now
    try:
        step = decode_step(intent.step, step_types)
        return await actuator.settle(reader, step, inputs, started_at=started, now=now)
    except NotFoundError as error:
        return StepOutcome(StepStatus.UNKNOWN, error.message, code=error.code)
    except (CspctlError, KeyError, ValueError) as error:
        return StepOutcome(StepStatus.UNKNOWN, str(error) or type(error).__name__)


def _found(
    address: Address,
    group: Sequence[Intent],
    inputs: Mapping[str, Any],
    bindings: Mapping[Address, Binding],
    step_types: Sequence[type[Step]],
    now: datetime,
) -> tuple[Binding, ...]:
    """A purchase that happened but was never bound: it is bound whenever its outcome is written down."""
    live_id = inputs.get("liveId")
    applied = _established(group, step_types)
    known = bindings.get(address)
    if not (applied and live_id) or (known is not None and known.live_id == live_id):
        return ()
    return (
        Binding(
            address=address,
            live_id=str(live_id),
            scope=str(group[0].step["scope"]),
            applied=applied,
            applied_at=now,
            run_id=group[0].run_id,
            memory=dict(known.memory) if known else {},
            realm=group[0].realm,
        ),
    )


def _established(group: Sequence[Intent], step_types: Sequence[type[Step]]) -> Mapping[str, Any]:
    for intent in group:
        established = decode_step(intent.step, step_types).establishes
        if established:
            return established
    return {}


def _prepared(
    address: Address, group: Sequence[Intent], settled: Sequence[Settled], step_types: Sequence[type[Step]]
) -> dict[Address, tuple[Intent, ...]]:
    """What went before a purchase that may have been sent but provably did not happen."""
    for one in settled:
        bought = decode_step(one.intent.step, step_types).establishes
        if bought and one.outcome.status is StepStatus.SKIPPED:
            return {address: tuple(i for i in group if i.status == "done" and i.ordinal < one.intent.ordinal)}
    return {}
