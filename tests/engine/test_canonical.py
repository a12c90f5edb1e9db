"""One JSON form for digests: the same bytes for the same meaning."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType

import pytest

from cspctl.engine.canonical import canonical_json, digest, plain, same
from cspctl.model.change import Action


def test_keys_are_sorted_and_nothing_is_padded() -> None:
    assert canonical_json({"b": 1, "a": [True, None, "ü"]}) == '{"a":[true,null,"ü"],"b":1}'


def test_values_become_plain_json() -> None:
    value = {
        "money": Decimal("12.50"),
        "day": date(2027, 3, 31),
        "at": datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
        "tags": frozenset({"b", "a"}),
        "pair": (1, 2),
        "action": Action.EXTEND_TERM,
        7: MappingProxyType({"x": 1}),
    }
    assert plain(value) == {
        "money": "12.50",
        "day": "2027-03-31",
        "at": "2026-11-21T09:30:00+00:00",
        "tags": ["a", "b"],
        "pair": [1, 2],
        "action": "extend-term",
        "7": {"x": 1},
    }


def test_large_and_small_decimals_keep_their_digits() -> None:
    assert plain(Decimal("1E+3")) == "1000"
    assert plain(Decimal("0.0000001")) == "0.0000001"


@pytest.mark.parametrize("value", [1.5, object(), b"bytes"])
def test_what_has_no_exact_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="not plain data"):
        canonical_json({"x": value})


def test_the_order_of_keys_does_not_matter_and_the_order_of_lists_does() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest([1, 2]) != digest([2, 1])
    assert digest({}).startswith("sha256:")


def test_same_compares_meanings() -> None:
    assert same({"a": (1, 2)}, {"a": [1, 2]})
    assert not same({"a": 1}, {"a": 2})
