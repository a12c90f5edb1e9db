from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cspctl.partnercenter.json_text import decode, encode

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_what_is_written_is_read_back(value: object) -> None:
    assert encode(decode(encode(value))) == encode(value)
    json.loads(encode(value))


@pytest.mark.parametrize("text", [b"30.40", b"1.0", b"0.10", b"12345678901234567890123", b"-0.0", b'"\\ud800"'])
def test_digits_survive(text: bytes) -> None:
    assert encode(decode(text)) == text


def test_amounts_are_decimal() -> None:
    assert decode(b'{"price": 0.1}') == {"price": Decimal("0.1")}
    assert isinstance(decode(b"0.1"), Decimal)


@pytest.mark.parametrize("text", [b"", b"{", b"NaN", b"Infinity", b"<html>", b"[" * 100_000, b"\xff"])
def test_what_is_no_json_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError):
        decode(text)


@pytest.mark.parametrize("value", [Decimal("NaN"), float("inf")])
def test_what_json_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(ValueError):
        encode({"amount": value})
    with pytest.raises(TypeError):
        encode({1: 2})
