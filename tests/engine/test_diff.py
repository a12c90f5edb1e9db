"""Field by field, and leaf by leaf where something nested differs."""

from __future__ import annotations

from decimal import Decimal

from cspctl.engine.diff import attribute_changes, same


def seen(before: dict[str, object], after: dict[str, object]) -> list[tuple[str, object, object]]:
    return [(c.path, c.before, c.after) for c in attribute_changes(before, after)]


def test_equal_and_absent_are_no_changes() -> None:
    assert seen({"a": 1, "b": None, "c": (1, 2)}, {"a": 1, "d": None, "c": [1, 2]}) == []


def test_plain_values_sorted_by_path() -> None:
    assert seen({"b": 1, "a": "x", "gone": 3}, {"b": 2, "a": "y", "new": 4}) == [
        ("a", "x", "y"),
        ("b", 1, 2),
        ("gone", 3, None),
        ("new", None, 4),
    ]


def test_nested_values_leaf_by_leaf() -> None:
    before = {"pricing": {"method": "markup", "percent": 25, "rounding": {"to": "0.01"}}}
    after = {"pricing": {"method": "markup", "percent": 30, "floor": "cost", "rounding": {"to": "0.05"}}}
    assert seen(before, after) == [
        ("pricing.floor", None, "cost"),
        ("pricing.percent", 25, 30),
        ("pricing.rounding.to", "0.01", "0.05"),
    ]


def test_lists_by_position() -> None:
    before = {"items": [{"name": "e3", "offers": ["P1Y"]}]}
    after = {"items": [{"name": "e3", "offers": ["P1Y", "P1M"]}, {"name": "e5"}]}
    assert seen(before, after) == [
        ("items[0].offers[1]", None, "P1M"),
        ("items[1]", None, {"name": "e5"}),
    ]


def test_a_change_of_type_is_a_change() -> None:
    assert seen({"next": None}, {"next": {"quantity": 20}}) == [("next", None, {"quantity": 20})]
    assert seen({"x": {"a": 1}}, {"x": {"a": "1"}}) == [("x.a", 1, "1")]


def test_decimals_are_compared_as_written() -> None:
    assert seen({"p": {"percent": Decimal("25")}}, {"p": {"percent": Decimal("25.0")}}) == [("p.percent", "25", "25.0")]


def test_same_looks_at_the_named_keys_only() -> None:
    assert same({"a": 1, "b": 2}, {"a": 1, "b": 3}, {"a": None})
    assert not same({"a": 1, "b": 2}, {"a": 1, "b": 3}, {"a": None, "b": None})
