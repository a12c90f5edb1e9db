"""Safety belts: they refuse a plan, never hide it, and say the numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cspctl.model.change import Action, Change
from cspctl.model.plan import GuardResult

# A release sends nothing, but a mass of them means that the manifests were lost.
DISTURBING = frozenset(
    {
        Action.UPDATE,
        Action.SCHEDULE,
        Action.SUSPEND,
        Action.REACTIVATE,
        Action.CANCEL,
        Action.UPGRADE,
        Action.CONVERT,
        Action.EXTEND_TERM,
        Action.RELEASE,
    }
)
SILENT = frozenset({Action.BLOCKED, Action.LOCAL, Action.ADOPT, Action.MOVE})
PERCENT_FROM = 10


@dataclass(frozen=True, slots=True)
class GuardLimits:
    """Per plan: changes sent, percent of bound objects disturbed (once 10 exist), seats added or removed at once."""

    changes: int = 100
    percent: int = 30
    seats: int = 1000


@dataclass(frozen=True, slots=True)
class Fleet:
    """What the guards compare a plan with. `living_unbound`: alive and in no binding, to be adopted or not."""

    bound: int
    desired: int
    living_unbound: int
    ledger_empty: bool
    seats: Mapping[str, int]


def evaluate(
    changes: Sequence[Change], fleet: Fleet, limits: GuardLimits, allow: frozenset[str]
) -> tuple[GuardResult, ...]:
    """Only guards that would refuse are returned; those named in `allow` are marked as overridden."""
    refusals = [
        ("count", _count(changes, limits)),
        ("percent", _percent(changes, fleet, limits)),
        ("seats", _seats(fleet, limits)),
        ("first-apply", _first_apply(changes, fleet)),
        ("empty-desired", _empty_desired(fleet)),
    ]
    return tuple(
        GuardResult(name=name, refused=True, message=message, allowed=name in allow)
        for name, message in refusals
        if message
    )


def _count(changes: Sequence[Change], limits: GuardLimits) -> str | None:
    sent = sum(1 for c in changes if c.action not in SILENT)
    if sent <= limits.changes:
        return None
    return f"{sent} changes are more than the {limits.changes} that guards.changes allows in one plan"


def _percent(changes: Sequence[Change], fleet: Fleet, limits: GuardLimits) -> str | None:
    if fleet.bound < PERCENT_FROM:
        return None
    disturbed = len({c.address for c in changes if c.action in DISTURBING})
    share = 100 * disturbed / fleet.bound
    if share <= limits.percent:
        return None
    return (
        f"{disturbed} of {fleet.bound} managed objects would be changed or released "
        f"({share:.0f} %, guards.percent allows {limits.percent} %)"
    )


def _seats(fleet: Fleet, limits: GuardLimits) -> str | None:
    added = sum(n for n in fleet.seats.values() if n > 0)
    removed = -sum(n for n in fleet.seats.values() if n < 0)
    if max(added, removed) <= limits.seats:
        return None
    return f"{added} seats added and {removed} removed at once; guards.seats allows {limits.seats} each"


def _first_apply(changes: Sequence[Change], fleet: Fleet) -> str | None:
    creates = sum(1 for c in changes if c.action is Action.CREATE)
    if not (fleet.ledger_empty and fleet.living_unbound and creates):
        return None
    return (
        f"the ledger is empty, but {fleet.living_unbound} subscriptions are already alive at Partner Center: "
        f"{creates} purchases could be duplicates. Import or adopt first"
    )


def _empty_desired(fleet: Fleet) -> str | None:
    if fleet.desired or not fleet.bound:
        return None
    return f"no manifest declares a subscription, but {fleet.bound} are bound: were the manifests lost?"
