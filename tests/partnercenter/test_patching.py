from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cspctl.errors import RemoteError
from cspctl.partnercenter.json_text import decode, encode
from cspctl.partnercenter.patching import patched, quoted_etag, shows

keys = st.text(min_size=1, max_size=12)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)
bodies = st.dictionaries(keys, values, max_size=10)
changes = st.dictionaries(
    st.sampled_from(["quantity", "autoRenewEnabled", "friendlyName", "scheduledNextTermInstructions"]),
    values,
    max_size=3,
)


@given(bodies, changes)
def test_nothing_is_lost_but_what_a_change_names(body: dict[str, Any], change: dict[str, Any]) -> None:
    sent = decode(encode(patched(body, change)))
    named = {name.casefold() for name in change}
    for key, value in body.items():
        if key.casefold() not in named:
            assert encode(sent[key]) == encode(value)
    added = set(sent) - set(body)
    assert added <= set(change)


@given(bodies, changes, st.sampled_from([str, str.upper, str.title]))
def test_changes_land_under_the_spelling_that_came(body: dict[str, Any], change: dict[str, Any], spell: Any) -> None:
    named = {name.casefold() for name in change}
    fresh = {key: value for key, value in body.items() if key.casefold() not in named}
    fresh |= {spell(name): "before" for name in change}
    sent = patched(fresh, change)
    for name, value in change.items():
        if value is None:
            assert spell(name) not in sent
        else:
            assert sent[spell(name)] == value
    assert [key for key in sent if key in fresh] == [key for key in fresh if key in sent], "order is kept"


def test_documented_body_with_one_change(samples: list[dict[str, Any]]) -> None:
    (exchange,) = (row for row in samples if row["file"] == "create-scheduled-changes")
    fresh = exchange["response_body"]
    sent = patched(fresh, {"quantity": 7})
    assert encode(sent) == encode({**fresh, "quantity": 7})


def test_none_removes_the_property() -> None:
    body = {"id": "s", "ScheduledNextTermInstructions": {"quantity": 1}, "x": None}
    assert patched(body, {"scheduledNextTermInstructions": None}) == {"id": "s", "x": None}


@pytest.mark.parametrize(
    ("body", "header"),
    [
        ({"attributes": {"etag": "abc="}}, '"abc="'),
        ({"Attributes": {"Etag": "<etag>"}}, '"<etag>"'),
        ({"attributes": {"etag": '"already"'}}, '"already"'),
        ({"attributes": {"etag": 'W/"weak"'}}, 'W/"weak"'),
        ({"attributes": {"etag": "-4118273349910027113"}}, '"-4118273349910027113"'),
        ({"attributes": {"objectType": "Subscription"}}, None),
        ({"attributes": {"etag": None}}, None),
        ({}, None),
    ],
)
def test_if_match(body: dict[str, Any], header: str | None) -> None:
    assert quoted_etag(body) == header


@pytest.mark.parametrize("etag", ["a\r\nX: y", "ü", 'a"b', 5])
def test_an_etag_that_is_no_header_is_refused(etag: object) -> None:
    with pytest.raises(RemoteError) as caught:
        quoted_etag({"attributes": {"etag": etag}})
    assert caught.value.code == "E-BODY-SHAPE"


@pytest.mark.parametrize(
    ("body", "change", "expected"),
    [
        ({"quantity": 8}, {"quantity": 8}, True),
        ({"quantity": 5}, {"quantity": 8}, False),
        ({"Status": "Suspended"}, {"status": "suspended"}, True),
        ({"a": "2027-03-31T00:00:00Z"}, {"a": "2027-03-31"}, True),
        ({"a": {"b": 1, "server": 2}}, {"a": {"b": 1}}, True),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, False),
        ({}, {"a": None}, True),
        ({"a": {"b": 1}}, {"a": None}, False),
        ({}, {"a": {"b": 1}}, False),
    ],
)
def test_whether_a_change_is_visible(body: dict[str, Any], change: dict[str, Any], expected: bool) -> None:
    assert shows(body, change) is expected
