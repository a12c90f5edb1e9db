"""Adds file:line:column and a caret excerpt to diagnostics, by reading only the files they speak of again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path

from cspctl.manifests.constructor import Span
from cspctl.manifests.reader import MAX_BYTES, Marks, marks
from cspctl.manifests.secrecy import mask, secret_spans
from cspctl.manifests.text import printable
from cspctl.model.diagnostic import Diagnostic, DocPath
from cspctl.model.positions import Origin, SourcePos

# What is wrong is the key itself, not its value.
KEY_CODES = frozenset({"E-UNKNOWN-KEY", "E-NOT-ALLOWED-HERE"})
_WIDTH = 160


def locate(diagnostics: Iterable[Diagnostic], root: Path) -> list[Diagnostic]:
    """With `pos` and `excerpt`, in the order of file, line, column and code; each finding once."""
    sources: dict[str, Source | None] = {}
    located: dict[Diagnostic, None] = {}
    for diagnostic in diagnostics:
        file = diagnostic.origin.file if diagnostic.origin else diagnostic.pos.file if diagnostic.pos else None
        if file is None:
            located[diagnostic] = None
            continue
        if file not in sources:
            sources[file] = _source(root, file)
        located[_located(diagnostic, sources[file], file)] = None
    return sorted(located, key=_order)


def position(root: Path, origin: Origin, path: DocPath) -> str:
    """`file:line:column` of one place, or only the file where it cannot be found."""
    return str(find_position(root, origin, path) or origin.file)


def find_position(root: Path, origin: Origin, path: DocPath) -> SourcePos | None:
    """The place of a value, or of its nearest parent; None where the file cannot be read."""
    return Positions(root).find(origin, path)


class Positions:
    """`find_position` for many places of few files: each file is read once."""

    def __init__(self, root: Path) -> None:
        self._source = lru_cache(maxsize=256)(partial(_source, root))

    def find(self, origin: Origin, path: DocPath) -> SourcePos | None:
        source = self._source(origin.file)
        found = source.find(origin.document, path, key=False) if source else None
        return SourcePos(origin.file, *found) if found else None


@dataclass(slots=True)
class Source:
    """One file, read again with positions."""

    lines: list[str]
    marks: Marks
    secrets: list[Span]

    def find(self, document: int, path: DocPath, *, key: bool) -> tuple[int, int] | None:
        """The place of a value (or its key); for what is missing, that of the nearest parent."""
        wanted = (document, *path)
        for length in range(len(wanted), 0, -1):
            at = wanted[:length]
            key_pos, value_pos = self.marks.keys.get(at), self.marks.values.get(at)
            if key_pos is None and value_pos is None:
                continue
            span = self.marks.scalars.get(at)
            nothing = span is not None and span[:2] == span[2:]  # `key:` with no value
            elsewhere = value_pos is None or key_pos is None or value_pos[0] != key_pos[0]
            if key_pos is not None and (key or nothing or elsewhere or length < len(wanted)):
                return key_pos
            return value_pos
        return None

    def excerpt(self, line: int, column: int) -> str | None:
        """The source line and a caret below it; secrets are masked, long lines cut around the caret."""
        if not 1 <= line <= len(self.lines):
            return None
        text = self.lines[line - 1]
        shown = printable(mask(text, line, self.secrets).replace("\t", " "))
        place = len(mask(text[: column - 1], line, self.secrets))
        start = max(0, place - _WIDTH // 2) if len(shown) > _WIDTH else 0
        shown = shown[start : start + _WIDTH].rstrip()
        return f"{shown}\n{' ' * min(place - start, len(shown))}^"


def _source(root: Path, file: str) -> Source | None:
    path = root / file
    try:
        if not path.resolve().is_relative_to(root.resolve()) or path.stat().st_size > MAX_BYTES:
            return None
        return source_of(path.read_bytes())
    except OSError:
        return None


def source_of(raw: bytes) -> Source:
    found = marks(raw)
    text = raw.decode("utf-8-sig", "replace")
    return Source([line.rstrip("\r") for line in text.split("\n")], found, secret_spans(found))


def _located(diagnostic: Diagnostic, source: Source | None, file: str) -> Diagnostic:
    pos = diagnostic.pos
    if pos is None:
        document = diagnostic.origin.document if diagnostic.origin else 0
        key = diagnostic.code in KEY_CODES
        found = source.find(document, diagnostic.path, key=key) if source else None
        pos = SourcePos(file, *(found or (1, 1)))
    excerpt = diagnostic.excerpt
    if excerpt is None and source is not None:
        excerpt = source.excerpt(pos.line, pos.column)
    message, hint = printable(diagnostic.message), diagnostic.hint and printable(diagnostic.hint)
    return replace(diagnostic, message=message, hint=hint, pos=pos, excerpt=excerpt)


def _order(diagnostic: Diagnostic) -> tuple[str, int, int, str, str]:
    pos = diagnostic.pos
    if pos is None:
        return ("", 0, 0, diagnostic.code, diagnostic.message)
    return (pos.file, pos.line, pos.column, diagnostic.code, diagnostic.message)
