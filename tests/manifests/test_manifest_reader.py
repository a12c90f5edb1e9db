"""YAML 1.2 core schema, refusals, positions; the C parser and the pure parser must agree."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from cspctl.manifests.constructor import BROKEN
from cspctl.manifests.events import HAS_C_PARSER
from cspctl.manifests.reader import MAX_BYTES, marks, read

HERE = Path(__file__).parent
BOTH = pytest.mark.parametrize("pure", [False, True], ids=["c", "pure"])


def value(text: str, *, pure: bool = False) -> object:
    documents, problems = read(f"a: {text}\n".encode(), "x.yaml", pure=pure)
    assert problems == []
    return documents[0]["a"]


@BOTH
@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        # YAML 1.2.2 section 10.3.2
        ("null", None), ("Null", None), ("NULL", None), ("~", None), ("", None),
        ("true", True), ("True", True), ("FALSE", False),
        ("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"), ("y", "y"),
        ("0", 0), ("-19", -19), ("+7", 7), ("0o14", 12), ("0x3A", 58), ("0010", 10),
        ("1.", Decimal("1.")), (".5", Decimal("0.5")), ("2.40", Decimal("2.40")), ("-1e3", Decimal("-1e3")),
        ("2027-03-31", "2027-03-31"), ("2026-11-21T09:00:00Z", "2026-11-21T09:00:00Z"),
        ("12:30:45", "12:30:45"), ("0b11", "0b11"), ("1_000", "1_000"), ("0x", "0x"), (".", "."), ("-", None),
        ("'0001'", "0001"), ('"true"', "true"), ("!!str 0001", "0001"), ("! 0001", "0001"), ("!!int 5", 5),
        ("a b  c", "a b  c"), ("{b: [1, x]}", {"b": [1, "x"]}), ("|\n  one\n  two\n", "one\ntwo\n"),
    ],
)  # fmt: skip
def test_scalars_follow_the_core_schema(text: str, wanted: object, pure: bool) -> None:
    if text == "-":  # a lone dash begins a list, so it cannot stand here
        assert read(b"a: -\n", "x.yaml", pure=pure)[1]
        return
    found = value(text, pure=pure)
    assert found == wanted
    assert type(found) is type(wanted)


def test_decimals_keep_the_digits_of_the_text() -> None:
    assert str(value("2.40")) == "2.40"


@BOTH
def test_a_colon_in_flow_text_is_read(pure: bool) -> None:
    """YAML 1.2 allows it (7.3.3); the C parser alone would not."""
    raw = b"x: 1\n---\nb: {ref: env:NAME, url: https://a.example/b}\n---\n- c\n"
    documents, problems = read(raw, "x.yaml", pure=pure)
    assert problems == []
    assert documents == [{"x": 1}, {"b": {"ref": "env:NAME", "url": "https://a.example/b"}}, ["c"]]
    assert marks(raw, pure=pure).values[(1, "b", "url")] == (3, 25)


def test_a_colon_in_a_flow_document_on_one_line() -> None:
    documents, problems = read(b"{a: env:X}\n--- {b: env:Y}\n", "x.yaml")
    assert (documents, problems) == ([{"a": "env:X"}, {"b": "env:Y"}], [])


@pytest.mark.skipif(not HAS_C_PARSER, reason="the C extension of ruamel.yaml is not installed")
@pytest.mark.parametrize("case", sorted((HERE / "invalid").glob("*.yaml")), ids=lambda p: p.stem)
def test_both_parsers_refuse_the_same_documents(case: Path) -> None:
    raw = case.read_bytes()
    fast, slow = read(raw, "x.yaml"), read(raw, "x.yaml", pure=True)
    assert fast[0] == slow[0]
    assert {d.code for d in fast[1]} == {d.code for d in slow[1]}


@BOTH
def test_positions_of_keys_and_values(pure: bool) -> None:
    raw = 'a: 1\n---\nkäse:\n  - {x: "y"}\n  - ü: z\n'.encode()
    found = marks(raw, pure=pure)
    assert found.keys[(1, "käse")] == (3, 1)
    assert found.values[(1, "käse")] == (4, 3)
    assert found.values[(1, "käse", 0)] == (4, 5)
    assert found.keys[(1, "käse", 0, "x")] == (4, 6)
    assert found.values[(1, "käse", 0, "x")] == (4, 9)
    assert found.values[(1, "käse", 1, "ü")] == (5, 8)
    assert (1, "käse", 0, "x") not in found.plain
    assert found.texts[(0, "a")] == "1"


def test_positions_after_a_syntax_error_count_from_the_top() -> None:
    raw = b"a: [1\n---\nb: 2\n---\nc: @\n---\nd: 4\n"
    documents, problems = read(raw, "x.yaml")
    assert documents == [BROKEN, {"b": 2}, BROKEN, {"d": 4}]
    assert [(d.pos.line, d.origin.document) for d in problems if d.pos and d.origin] == [(1, 0), (5, 2)]
    assert marks(raw).values[(3, "d")] == (7, 4)


def test_a_byte_order_mark_is_no_part_of_the_first_key() -> None:
    documents, problems = read(b"\xef\xbb\xbfa: 1\n", "x.yaml")
    assert (documents, problems) == ([{"a": 1}], [])
    assert marks(b"\xef\xbb\xbfa: 1\n").keys[(0, "a")] == (1, 1)


def test_windows_line_ends() -> None:
    documents, problems = read(b"a: 1\r\nb:\r\n  c: 2\r\n", "x.yaml")
    assert (documents, problems) == ([{"a": 1, "b": {"c": 2}}], [])


def test_tabs_inside_text_and_comments_are_text() -> None:
    raw = b"a: |\n  x\n  \ty\nb: 'p\n\tq'\t# a\tcomment\n"
    documents, problems = read(raw, "x.yaml")
    assert problems == []
    assert documents[0]["a"] == "x\n\ty\n"


@BOTH
def test_nesting_of_32_is_read_and_33_is_not(pure: bool) -> None:
    assert read(b"[" * 32 + b"]" * 32, "x.yaml", pure=pure)[1] == []
    assert [d.code for d in read(b"[" * 33 + b"]" * 33, "x.yaml", pure=pure)[1]] == ["E-DEPTH"]


def test_a_million_brackets_end_at_once() -> None:
    documents, problems = read(b"[" * 1_000_000, "x.yaml")
    assert documents == [BROKEN]
    assert [d.code for d in problems] == ["E-DEPTH"]


def test_files_over_ten_megabytes_are_not_parsed() -> None:
    documents, problems = read(b"a" * (MAX_BYTES + 1), "x.yaml")
    assert documents == []
    assert [(d.code, str(d.pos)) for d in problems] == [("E-SIZE", "x.yaml:1:1")]


def test_a_long_list_of_refusals_is_cut() -> None:
    raw = b"".join(b"k%d: &a%d x\n" % (n, n) for n in range(1000))
    assert len(read(raw, "x.yaml")[1]) == 50


@pytest.mark.parametrize("text", ["9" * 41, "1e41", "-1e-41", ".nan", "-.INF", "1" * 5000])
def test_numbers_that_could_hurt_are_refused(text: str) -> None:
    documents, problems = read(f"a: {text}\n".encode(), "x.yaml")
    assert documents == [BROKEN]
    assert [d.code for d in problems] == ["E-NUMBER"]


ODD = [
    b"\x00", b"\xff\xfe", b"---", b"...", b"%YAML 3.0\n---\na: 1", b"? ", b": ", b"- - -", b"&a", b"*a", b"!!", b"!<",
    b"'", b'"\\', b"|", b">-\n", b"a: !<x y", b"%TAG ! x",
]  # fmt: skip


@pytest.mark.parametrize("raw", ODD)
def test_odd_input_gives_diagnostics_and_never_an_exception(raw: bytes) -> None:
    for pure in (False, True):
        documents, problems = read(raw, "x.yaml", pure=pure)
        assert isinstance(documents, list)
        assert all(d.pos is not None for d in problems)
        marks(raw, pure=pure)
