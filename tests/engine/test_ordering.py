"""Phases of the product contract, section 4.5, then requirements, then tenant and address."""

from __future__ import annotations

import random
from typing import Any

from cspctl.engine.ordering import in_order


def names(toys: Any, *rows: tuple[str, dict[str, Any]]) -> list[str]:
    changes = [toys.change(name, **more) for name, more in rows]
    random.Random(7).shuffle(changes)  # noqa: S311 # any other order will do
    return [c.addr.name for c in in_order(changes)]


def test_phases_come_first(toys: Any) -> None:
    rows = [("schedule", {"phase": 90}), ("create", {"phase": 30}), ("cancel", {"phase": 80}), ("more", {"phase": 50})]
    assert names(toys, *rows) == ["create", "more", "cancel", "schedule"]


def test_what_is_required_comes_before_what_requires_it(toys: Any) -> None:
    rows = [
        ("a", {"phase": 40, "requires": ("Toy/b",)}),
        ("b", {"phase": 40, "requires": ("Toy/c",)}),
        ("c", {"phase": 40}),
        ("z", {"phase": 30}),
    ]
    assert names(toys, *rows) == ["z", "c", "b", "a"]


def test_a_ring_ends(toys: Any) -> None:
    rows = [("a", {"requires": ("Toy/b",)}), ("b", {"requires": ("Toy/a",)})]
    assert sorted(names(toys, *rows)) == ["a", "b"]


def test_tenants_and_addresses_decide_the_rest(toys: Any) -> None:
    rows = [("b", {"scope_label": "beta"}), ("z", {"scope_label": "alpha"}), ("c", {"scope_label": "beta"})]
    assert names(toys, *rows) == ["z", "b", "c"]
