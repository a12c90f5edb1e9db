"""A file cut into its documents, so that work on one leaves every byte of the others alone."""

from __future__ import annotations

import re
from itertools import pairwise

# At the start of a line this begins a document wherever it stands, also inside quotes and block text.
_MARKER = re.compile(r"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)
_NOTHING = re.compile(r"(?:[ \t]*(?:#[^\n]*)?(?:\r?\n|\Z))*\Z")
_DIRECTIVE = re.compile(r"^%[^\n]*", re.MULTILINE)


def spans(text: str) -> list[tuple[int, int]]:
    """Start and end of each document, in the order of the reader; marker lines belong to what follows them.

    What stands before the first document (comments) belongs to that one. A document that begins without a marker after
    `...` is not told from the one before: who counts must compare with what the reader found.
    """
    cuts = [match.start() for match in _MARKER.finditer(text)]
    edges = [0, *[c for c in cuts if c > 0], len(text)]
    found: list[tuple[int, int]] = []
    begin: int | None = None
    for start, end in pairwise(edges):
        first = begin if begin is not None else start
        if _is_empty(text[start:end]):
            begin = first
            continue
        found.append((first, end))
        begin = None
    if begin is not None and found:  # comments after the last document
        found[-1] = (found[-1][0], len(text))
    return found


def _is_empty(part: str) -> bool:
    body = _MARKER.sub("", part, count=1) if part.startswith("---") else part
    return bool(_NOTHING.match(_DIRECTIVE.sub("", body)))
