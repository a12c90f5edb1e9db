"""Safety belts of the product contract, section 4.3, with the numbers in their messages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cspctl.engine.guards import Fleet, GuardLimits, evaluate
from cspctl.model.change import Action

CALM = Fleet(bound=20, desired=20, living_unbound=0, ledger_empty=False, seats={})


def refusals(rows_: list[Any], fleet: Fleet = CALM, **limits: int) -> dict[str, str]:
    return {g.name: g.message for g in evaluate(rows_, fleet, GuardLimits(**limits), frozenset())}


def rows(toys: Any, action: Action, count: int) -> list[Any]:
    return [toys.change(f"n{i}", action=action) for i in range(count)]


def test_a_calm_plan_is_not_refused(toys: Any) -> None:
    assert refusals(rows(toys, Action.UPDATE, 6)) == {}


@pytest.mark.parametrize(("count", "refused"), [(100, False), (101, True)])
def test_count(toys: Any, count: int, refused: bool) -> None:
    found = refusals(rows(toys, Action.CREATE, count))
    assert ("count" in found) is refused
    if refused:
        assert "101" in found["count"]
        assert "100" in found["count"]


@pytest.mark.parametrize("action", [Action.BLOCKED, Action.LOCAL, Action.ADOPT, Action.MOVE])
def test_rows_that_send_nothing_do_not_count(toys: Any, action: Action) -> None:
    assert refusals(rows(toys, action, 50), changes=10) == {}


@pytest.mark.parametrize(("bound", "count", "refused"), [(10, 3, False), (10, 4, True), (9, 9, False), (100, 31, True)])
def test_percent_counts_from_ten_objects_on(toys: Any, bound: int, count: int, refused: bool) -> None:
    found = refusals(rows(toys, Action.RELEASE, count), replace(CALM, bound=bound))
    assert ("percent" in found) is refused
    if refused:
        assert f"{count} of {bound}" in found["percent"]


def test_percent_counts_an_object_once_and_no_creates(toys: Any) -> None:
    twice = [toys.change("n0"), toys.change("n0", action=Action.SCHEDULE)] * 4
    assert refusals([*twice, *rows(toys, Action.CREATE, 9)], replace(CALM, bound=10)) == {}


@pytest.mark.parametrize(
    ("seats", "refused"),
    [({"a": 600, "b": 400}, False), ({"a": 600, "b": 401}, True), ({"a": -1001}, True), ({"a": 900, "b": -900}, False)],
)
def test_seats_added_and_removed_are_not_set_off(seats: dict[str, int], refused: bool) -> None:
    assert ("seats" in refusals([], replace(CALM, seats=seats))) is refused


def test_first_apply_names_the_numbers(toys: Any) -> None:
    fleet = replace(CALM, bound=0, ledger_empty=True, living_unbound=7)
    message = refusals(rows(toys, Action.CREATE, 2), fleet)["first-apply"]
    assert "7 subscriptions" in message
    assert "2 purchases" in message
    assert refusals(rows(toys, Action.ADOPT, 2), fleet) == {}
    assert refusals(rows(toys, Action.CREATE, 2), replace(fleet, living_unbound=0)) == {}
    assert refusals(rows(toys, Action.CREATE, 2), replace(fleet, ledger_empty=False)) == {}


def test_an_empty_desired_state_is_refused_only_where_something_is_bound() -> None:
    assert "20 are bound" in refusals([], replace(CALM, desired=0))["empty-desired"]
    assert refusals([], replace(CALM, desired=0, bound=0)) == {}


def test_a_guard_that_is_allowed_by_name_stays_visible(toys: Any) -> None:
    results = evaluate(rows(toys, Action.CREATE, 3), CALM, GuardLimits(changes=1, seats=0), frozenset({"count"}))
    assert [(g.name, g.refused, g.allowed) for g in results] == [("count", True, True)]
