"""Tables, the audit log, live objects, values and layout."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cspctl.model.audit import AuditEvent
from cspctl.model.change import AttributeChange
from cspctl.model.live import LiveObject
from cspctl.secret import Secret
from cspctl.views import audit_log, canonical, layout, table, values
from cspctl.views.resource_table import live_table

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
TABLE = table.Table(
    (("name", "name"), ("seats", "seats"), ("note", "note")),
    [("a", 5, None), ("Contoso 株式会社", 1200, "=SUM(A1)\x1b")],
)


def test_columns_fit_their_content() -> None:
    assert table.text(TABLE) == (
        "NAME              SEATS  NOTE\na                     5  -\nContoso 株式会社   1200  =SUM(A1)\\x1b\n"
    )


def test_the_widest_column_gives_way_first() -> None:
    lines = table.text(TABLE, width=24).splitlines()
    assert all(layout.cells(line) <= 24 for line in lines)
    assert "1200" in lines[2]
    assert "\u2026" in lines[2]


def test_csv_has_raw_values_and_no_formula() -> None:
    rows = list(csv.reader(io.StringIO(table.csv(TABLE), newline="")))
    assert rows == [["name", "seats", "note"], ["a", "5", ""], ["Contoso 株式会社", "1200", "'=SUM(A1)\\x1b"]]


def test_csv_of_other_values() -> None:
    values_ = (Decimal("-1.50"), True, date(2026, 1, 2), AT)
    one = table.Table(tuple((c, c) for c in "abcd"), [values_])
    assert table.csv(one) == "a,b,c,d\n-1.50,true,2026-01-02,2026-11-21T12:00:00Z\n"


def test_json_is_a_list_of_objects() -> None:
    assert json.loads(table.json(TABLE))[0] == {"name": "a", "seats": 5, "note": None}


def test_an_empty_table_says_so() -> None:
    empty = table.Table((("a", "a"),), [])
    assert table.text(empty) == "Nothing to show.\n"
    assert table.csv(empty) == "a\n"
    assert table.json(empty) == "[]\n"


def test_live_objects_as_a_table() -> None:
    objects = [
        LiveObject("Subscription", "s2", "t1", {"quantity": 5, "product": "P"}, {"status": "active"}),
        LiveObject("Subscription", "s1", "t1", {"quantity": 3, "product": "P", "endOfTerm": {"a": 1}}),
    ]
    shown = live_table(objects, {"t1": "contoso.example"})
    assert shown.keys == ("id", "scope", "product", "quantity", "status")
    assert shown.rows == [
        ["s1", "contoso.example", "P", 3, None],
        ["s2", "contoso.example", "P", 5, "active"],
    ]


def test_live_objects_of_an_unknown_kind_show_what_is_not_nested() -> None:
    assert live_table([LiveObject("Thing", "1", "t", {"b": 1, "a": "x", "c": {}})]).keys == (
        "id",
        "scope",
        "a",
        "b",
    )


EVENT = AuditEvent(
    at=AT,
    actor="ops@acme.example",
    run_id="run-1",
    event="step.done",
    outcome="done",
    approvals=("file:ok",),
    address="Subscription/a",
    detail={"b": 1, "a": Decimal("1.50")},
    seq=7,
    prev_hash="00",
    hash="11",
)


def test_audit_log_text() -> None:
    assert audit_log.text([EVENT], width=120) == (
        "SEQ  AT                    ACTOR             EVENT      OUTCOME  ADDRESS         RUN\n"
        "  7  2026-11-21 12:00 UTC  ops@acme.example  step.done  done     Subscription/a  run-1\n"
    )


def test_audit_log_json_has_every_field_of_an_event() -> None:
    (record,) = json.loads(audit_log.json([EVENT]))
    snake = {f.replace("_", "") for f in AuditEvent.__dataclass_fields__}
    assert {key.lower() for key in record} == snake
    assert record["detail"] == {"a": "1.50", "b": 1}


def test_audit_log_export_is_one_line_per_event() -> None:
    lines = audit_log.json_lines([EVENT, EVENT]).splitlines()
    assert [json.loads(line)["seq"] for line in lines] == [7, 7]


def test_secrets_are_refused_by_every_json_view() -> None:
    with pytest.raises(TypeError, match="Secret"):
        canonical.dumps({"a": Secret("x")})


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "(none)"),
        ("P1Y", "P1Y"),
        ("two words", '"two words"'),
        ("true", '"true"'),
        (True, "true"),
        (Decimal("1E+2"), "100"),
        (("b", "a"), '["b", "a"]'),
        ({"b": 1, "a": None}, '{"a": null, "b": 1}'),
        (date(2027, 3, 31), "2027-03-31"),
    ],
)
def test_values_as_text(value: object, shown: str) -> None:
    assert values.show(value) == shown


def test_nested_changes_are_one_line_per_leaf() -> None:
    change = AttributeChange(
        path="a",
        before={"same": 1, "gone": 2, "list": [{"x": 1}]},
        after={"same": 1, "new": {"deep": 3}, "list": [{"x": 2}, {"x": 3}]},
    )
    assert [tuple(leaf)[:3] for leaf in values.leaves(change)] == [
        ("a.gone", 2, None),
        ("a.list[0].x", 1, 2),
        ("a.list[1].x", None, 3),
        ("a.new.deep", None, 3),
    ]


@given(st.text(st.characters(exclude_categories=("Cc", "Cs"))), st.integers(12, 60))
def test_wrapped_lines_fit_and_lose_no_word(text: str, width: int) -> None:
    lines = layout.wrap(text, width, first="- ", rest="  ")
    assert all(layout.cells(line) <= width for line in lines)
    joined = "".join(line[2:] for line in lines)
    assert joined.replace(" ", "") == text.rstrip().replace(" ", "") or not text.isascii()


@given(st.text(), st.integers(1, 30))
def test_shortened_text_fits(text: str, width: int) -> None:
    assert layout.cells(layout.shorten(text, width)) <= width
