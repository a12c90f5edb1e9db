"""Whatever bytes come, the reader answers with documents and diagnostics that have a place."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from cspctl.manifests.constructor import BROKEN
from cspctl.manifests.reader import marks, read

PIECES = st.sampled_from(
    ["a: ", "b", "\n", "  ", "- ", "[", "]", "{", "}", ",", ": ", "---\n", "...\n", "&x ", "*x", "!t ", '"', "'", "|",
     ">", "\t", "#", "1", "0.5", "é", "? ", "%YAML 1.2\n", "@", "~", "\r\n", "\x07", "env:X"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join))
def test_any_text(text: str) -> None:
    raw = text.encode()
    documents, problems = read(raw, "x.yaml")
    lines = raw.decode().count("\n") + 1
    assert all(d.pos and 1 <= d.pos.line <= lines + 1 and d.pos.column >= 1 for d in problems)
    assert problems or all(document is not BROKEN for document in documents)
    marks(raw)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=40))
def test_any_bytes(raw: bytes) -> None:
    documents, problems = read(raw, "x.yaml")
    assert documents or problems
