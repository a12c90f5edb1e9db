"""Whatever text comes in, no format can be broken out of."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from cspctl.views import escape

# Plain text, controls, bidi, surrogates, and the signs that formats give a meaning to.
NASTY = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\x00\x07\x1b\x7f\x85\x9b\r\n\t\u200b\u200e\u202e\u2066\ufeff\udc80`|<>&\"'[]()@#:%,=+-\\"),
    )
)
GITHUB = MarkdownIt("commonmark").enable("table")


@given(NASTY)
def test_terminal_text_is_one_visible_line(text: str) -> None:
    shown = escape.terminal(text)
    assert not any(escape.is_hidden(c) for c in shown)
    assert "::" not in shown
    assert not re.search(r"##\w*\[", shown)
    shown.encode("utf-8")


def test_terminal_text_keeps_what_people_write() -> None:
    assert escape.terminal("Müller & Söhne GmbH: 株式会社, 3 < 4") == "Müller & Söhne GmbH: 株式会社, 3 < 4"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("a\u202eb", "a\\u202eb"),
        ("a\u200bb", "a\\u200bb"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\x9b2J", "\\x9b2J"),
        ("\U000e0041", "\\U000e0041"),
        ("::set-output name=x::1", ": :set-output name=x: :1"),
        ("##vso[task.setvariable]", "# #vso[task.setvariable]"),
    ],
)
def test_terminal_shows_hidden_characters_as_codes(text: str, shown: str) -> None:
    assert escape.terminal(text) == shown


@given(NASTY)
def test_terminal_block_only_keeps_line_feeds(text: str) -> None:
    assert not any(escape.is_hidden(c) for c in escape.terminal_block(text).replace("\n", ""))


@given(NASTY)
def test_markdown_is_exactly_one_code_span(text: str) -> None:
    """CommonMark's own reading: one paragraph with one code span, nothing beside it."""
    tokens = GITHUB.parse(escape.markdown(text))
    assert [t.type for t in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    children = tokens[1].children or []
    assert [c.type for c in children] == ["code_inline"]


@given(NASTY)
def test_markdown_cannot_leave_a_table_cell(text: str) -> None:
    table = f"| a | b |\n|---|---|\n| {escape.markdown(text)} | end |\n"
    tokens = GITHUB.parse(table)
    cells = [tokens[i + 1] for i, t in enumerate(tokens) if t.type == "td_open"]
    assert len(cells) == 2
    assert [c.type for c in cells[0].children or []] == ["code_inline"]
    assert cells[1].content == "end"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Contoso", "`Contoso`"),
        ("@org/team", "`@org/team`"),
        ("<img src=x>", "`<img src=x>`"),
        ("a`b", "``a`b``"),
        ("`", "`` ` ``"),
        ("a|b", "`a\u2502b`"),
        ("", "`-`"),
    ],
)
def test_markdown_examples(text: str, shown: str) -> None:
    assert escape.markdown(text) == shown


@given(st.lists(NASTY, min_size=1, max_size=4))
def test_markdown_fence_holds_everything_inside(lines: list[str]) -> None:
    tokens = GITHUB.parse(escape.markdown_fence(lines, "diff") + "\n\nafter\n")
    assert [t.type for t in tokens] == ["fence", "paragraph_open", "inline", "paragraph_close"]
    assert tokens[2].content == "after"


@given(NASTY)
def test_html_has_no_markup(text: str) -> None:
    assert not set("<>\"'") & set(escape.html(text))


@given(NASTY)
def test_workflow_command_is_one_line_and_reads_back(text: str) -> None:
    data = escape.workflow_data(text)
    assert "\n" not in data and "\r" not in data
    prop = escape.workflow_property(text)
    assert ":" not in prop and "," not in prop
    assert re.sub(r"%(25|0D|0A|3A|2C)", "", prop).count("%") == 0


def test_workflow_command_escapes_as_the_runner_expects() -> None:
    """Source: actions/toolkit, packages/core/src/command.ts."""
    assert escape.workflow_data("50%\r\ndone") == "50%25%0Adone"
    assert escape.workflow_property("C:\\a,b%") == "C%3A\\a%2Cb%25"


@given(NASTY)
def test_sheet_cell_never_starts_a_formula(text: str) -> None:
    cell = escape.sheet_cell(text)
    if not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", cell):
        assert not cell.lstrip().startswith(("=", "+", "-", "@", "\uff1d"))
    cell.encode("utf-8")


@pytest.mark.parametrize("text", ["=1+1", " =1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\uff1d1"])
def test_sheet_cell_quotes_formulas(text: str) -> None:
    assert escape.sheet_cell(text).startswith("'")


@pytest.mark.parametrize("text", ["-5", "+3.25", "0001", "a=b", ""])
def test_sheet_cell_leaves_numbers_and_text(text: str) -> None:
    assert escape.sheet_cell(text) == text


@given(NASTY)
def test_sheet_cell_is_one_csv_field(text: str) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow([escape.sheet_cell(text), "end"])
    (row,) = csv.reader(io.StringIO(out.getvalue(), newline=""))
    assert row[1] == "end"


@given(NASTY)
def test_xml_is_well_formed_and_reads_back(text: str) -> None:
    root = ElementTree.fromstring(f'<a b="{escape.xml(text)}">{escape.xml(text)}</a>')  # noqa: S314 # our own text
    legal = re.sub("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)
    assert root.get("b") == legal
    assert (root.text or "") == legal


@given(NASTY)
def test_json_document_keeps_its_value_and_shows_nothing_hidden(text: str) -> None:
    document = escape.json_document(json.dumps({"a": text}, ensure_ascii=False))
    assert json.loads(document) == json.loads(json.dumps({"a": text}))
    assert not any(escape.is_hidden(c) for c in document)
    assert not re.search(r"##\w*\[", document)
