"""Where text stands in a file."""

from __future__ import annotations

from typing import NamedTuple


class SourcePos(NamedTuple):
    """1-based line and column; `file` is relative to the project root with forward slashes."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Origin(NamedTuple):
    """Where a document stands: file and 0-based index of the document in it.

    Exact positions are found again by re-reading that one file, only when something is wrong with it.
    """

    file: str
    document: int
