from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest

from cspctl.ledger.encoding import instant, instant_text, json_text, json_value, plain_text
from cspctl.model.result import StepStatus
from cspctl.secret import Secret


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": None}, '{"a":null,"b":1}'),
        (Decimal("12.50"), '"12.50"'),
        (Decimal("1E+2"), '"100"'),
        (date(2026, 2, 28), '"2026-02-28"'),
        (("x", ("y",)), '["x",["y"]]'),
        (frozenset({"b", "a"}), '["a","b"]'),
        (MappingProxyType({"k": True}), '{"k":true}'),
        (StepStatus.DONE, '"done"'),
        ("ü", '"\\u00fc"'),
    ],
)
def test_canonical_text(value: Any, text: str) -> None:
    assert json_text(value) == text


def test_instants_are_utc_with_microseconds_and_one_width() -> None:
    cet = timezone(timedelta(hours=1))
    text = instant_text(datetime(2026, 3, 1, 9, 0, tzinfo=cet))
    assert text == "2026-03-01T08:00:00.000000+00:00"
    assert instant(text) == datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        instant_text(datetime(2026, 3, 1))  # noqa: DTZ001 - the very thing to refuse


@pytest.mark.parametrize("value", [Secret("s3cret"), {"a": [Secret("s3cret")]}, (Secret("s3cret"),)])
def test_a_secret_is_refused_however_deep(value: Any) -> None:
    with pytest.raises(TypeError, match="secret") as caught:
        json_text(value)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("value", [Decimal("NaN"), float("inf"), float("nan")])
def test_numbers_that_are_none_are_refused(value: Any) -> None:
    with pytest.raises(ValueError):
        json_text(value)


def test_unknown_types_are_refused_by_name() -> None:
    with pytest.raises(TypeError, match="bytes"):
        json_text(b"x")


def test_absent_text_is_none() -> None:
    assert json_value(None) is None


def test_broken_surrogates_of_a_foreign_answer_can_be_stored() -> None:
    assert plain_text("a\ud800b\0") == "a?b?"


def test_a_secret_is_no_text() -> None:
    with pytest.raises(TypeError):
        plain_text(Secret("s3cret"))  # type: ignore[arg-type] # what a careless caller would do
