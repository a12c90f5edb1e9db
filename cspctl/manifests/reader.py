"""The manifest reader: bytes to plain documents and diagnostics with positions. One parser, one constructor.

`read` holds no positions; `marks` reads the same bytes again and keeps them, for files with something wrong.
"""

from __future__ import annotations

import re
from typing import Any

from cspctl.manifests.constructor import BROKEN, MAX_DEPTH, Constructor, Marks, TooDeepError
from cspctl.manifests.events import YAMLError, event_source
from cspctl.manifests.text import shown
from cspctl.model.diagnostic import Diagnostic, Severity
from cspctl.model.positions import Origin, SourcePos

__all__ = ["BROKEN", "MAX_BYTES", "Marks", "marks", "oversized", "read"]

MAX_BYTES = 10 * 1024 * 1024
_MAX_PROBLEMS = 50
_MAX_RESTARTS = 200  # of the C parser in one file; then the slow parser reads the rest in one go
_BOM = b"\xef\xbb\xbf"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufffe\uffff]")
_DOCUMENT_LINE = re.compile(rb"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)
_INDENT_TAB = re.compile(rb"^ *\t[ \t]*(?![ \t\r\n#]|\Z)", re.MULTILINE)


def read(raw: bytes, file: str, *, pure: bool = False) -> tuple[list[Any], list[Diagnostic]]:
    """The documents of a file, in order; BROKEN stands for each one that was refused and has a diagnostic."""
    problems = _Problems(file)
    if len(raw) > MAX_BYTES:
        return [], [oversized(file, len(raw))]
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as exc:
        problems.at_byte("E-UTF8", f"byte 0x{raw[exc.start]:02x} is not UTF-8", raw, exc.start)
        return [], problems.found
    documents: list[Any] = []
    _parse(raw, documents, problems, None, pure)
    if b"\t" in raw and _INDENT_TAB.search(raw):
        _refuse_tabs(raw, documents, problems, pure)
    if not documents and not problems.found:
        problems.add("E-EMPTY", "this file holds no document", 1, 1, "add a manifest or remove the file")
    return documents, problems.found


def marks(raw: bytes, *, pure: bool = False) -> Marks:
    """Positions of every key and value that can be read; empty where the file is not UTF-8 text."""
    found = Marks()
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return found
    _parse(raw, [], _Problems(""), found, pure)
    return found


def oversized(file: str, size: int) -> Diagnostic:
    """The refusal of a file that is too large to be read at all."""
    problems = _Problems(file)
    problems.add("E-SIZE", f"this file has {size} bytes; at most {MAX_BYTES} are read", 1, 1, "split it")
    return problems.found[0]


def _parse(raw: bytes, documents: list[Any], problems: _Problems, found: Marks | None, pure: bool) -> None:
    """Read all documents; after a syntax error go on at the next `---`."""
    offset = len(_BOM) if raw.startswith(_BOM) else 0
    base = slow = 0
    while len(problems.found) < _MAX_PROBLEMS:
        pure = pure or slow == _MAX_RESTARTS
        text = raw[offset:] if offset else raw
        problems.documents, problems.base = documents, base
        constructor = Constructor(documents, problems.refuse, marks=found, line_base=base)
        try:
            constructor.run(event_source(text, pure=pure))
            return
        except (YAMLError, TooDeepError) as exc:
            mark = getattr(exc, "problem_mark", None)
            if mark is None:
                documents[:] = []  # the text itself is at fault, nothing of it can be trusted
                problems.unreadable(raw, str(getattr(exc, "reason", exc)))
                return
            start = _line_offset(text, max(constructor.document_line, 0)) or 0
            after = max(mark.line, constructor.document_line + 1)
            step = _next_document(text, after)
            if _flow_colon(exc) and not pure:
                slow += 1
                if constructor.open:
                    documents.pop()
                skipped = base + text.count(b"\n", 0, start)
                _parse_slowly(text[start:step], skipped, documents, problems, found)
            else:
                if not constructor.open:
                    documents.append(BROKEN)
                _explain(exc, mark, text, problems)
            if step is None:
                return
            base += text.count(b"\n", 0, step)
            offset += step


def _flow_colon(exc: Exception) -> bool:
    """Whether the C parser stumbled over `{ref: env:NAME}`: YAML 1.2 allows it, YAML 1.1 did not."""
    return getattr(exc, "problem", None) == "found unexpected ':'"


def _parse_slowly(text: bytes, base: int, documents: list[Any], problems: _Problems, found: Marks | None) -> None:
    """One document by the pure parser."""
    problems.documents, problems.base = documents, base
    constructor = Constructor(documents, problems.refuse, marks=found, line_base=base)
    try:
        constructor.run(event_source(text, pure=True))
    except (YAMLError, TooDeepError) as exc:
        if not constructor.open:
            documents.append(BROKEN)
        _explain(exc, getattr(exc, "problem_mark", None) or _Start, text, problems)


class _Start:
    """The mark of an error that has none."""

    line = 0
    column = 0


def _line_offset(raw: bytes, line: int) -> int | None:
    """The offset of a 0-based line."""
    start = 0
    for _ in range(line):
        start = raw.find(b"\n", start) + 1
        if start == 0:
            return None
    return start


def _next_document(raw: bytes, line: int) -> int | None:
    """The offset of the first `---` on or after a 0-based line."""
    start = _line_offset(raw, line)
    match = _DOCUMENT_LINE.search(raw, start) if start is not None else None
    return match.start() if match else None


def _explain(exc: Exception, mark: Any, raw: bytes, problems: _Problems) -> None:
    """A syntax error in words that name the usual cause."""
    if isinstance(exc, TooDeepError):
        problems.refuse("E-DEPTH", f"nested deeper than {MAX_DEPTH} levels", mark, "flatten this part")
        return
    problem = str(getattr(exc, "problem", "") or "not valid YAML")
    context = str(getattr(exc, "context", "") or "")
    opened = getattr(exc, "context_mark", None)
    if context == "while scanning a simple key" and opened is not None:
        mark = opened
    line = _line(raw, mark.line)
    if line[mark.column : mark.column + 1] == "\t" or re.match(r" *\t", line):
        column = line.index("\t") if "\t" in line[: mark.column + 1] or re.match(r" *\t", line) else mark.column
        problems.add("E-TAB", "a tab stands where YAML wants spaces", mark.line + 1 + problems.base, column + 1,
                     "indent with spaces")  # fmt: skip
        return
    if opened is not None and opened.line != mark.line and "while parsing a flow" in context:
        message = f"this bracket is not closed where line {mark.line + 1 + problems.base} goes on"
        problems.refuse("E-SYNTAX", message, opened, "close it, or put a comma between the entries")
        return
    message, hint = _reason(problem, context, line[mark.column : mark.column + 1])
    if opened is not None and opened.line != mark.line:
        message += f" (the part began on line {opened.line + 1 + problems.base})"
    problems.refuse("E-SYNTAX", message, mark, hint)


def _reason(problem: str, context: str, character: str) -> tuple[str, str]:
    if "mapping values are not allowed" in problem:
        return (
            "a second ': ' in one line, or this line is indented too far",
            "check the indentation; quote text that holds ': '",
        )
    if "cannot start any token" in problem:
        return f"{shown(character)} cannot begin a value", "quote the value"
    if "expected key" in problem or ("block mapping" in context and "block end" in problem):
        return "this line does not fit the indentation of the map above", "indent it like its neighbours"
    if "'-' indicator" in problem or "block sequence" in problem or "block collection" in context:
        return "this line does not fit the indentation of the list above", "indent it like its neighbours"
    if "expected ':'" in problem:
        return "a key without a colon", "write KEY: VALUE"
    if "quoted scalar" in context:
        return f"a quoted text that never ends: {problem}", "close the quote"
    if "expected node content" in problem:
        return "no value can begin like this", "quote it if it is text"
    if "flow" in context:
        return (
            f"{context.replace('while parsing', 'in')}: {problem}",
            "close the bracket, or put a comma between the entries",
        )
    return f"{context}: {problem}" if context else problem, "check the YAML syntax of this line"


def _refuse_tabs(raw: bytes, documents: list[Any], problems: _Problems, pure: bool) -> None:
    """Tabs in the indentation that YAML lets pass inside brackets; text that spans lines may hold them."""
    found = marks(raw, pure=pure)
    inside = {n for s in found.scalars.values() for n in range(s.line + 1, s.end_line + 1)}
    known = {d.pos.line for d in problems.found if d.pos}
    starts = sorted((line, path[0]) for path, (line, _) in found.values.items() if len(path) == 1)
    for match in _INDENT_TAB.finditer(raw):
        line = raw.count(b"\n", 0, match.start()) + 1
        if line in inside or line in known:
            continue
        column = match.group().index(b"\t") + 1
        owners = [index for start, index in starts if start <= line]
        if owners and isinstance(owners[-1], int) and owners[-1] < len(documents):
            documents[owners[-1]] = BROKEN
            problems.add("E-TAB", "a tab stands where YAML wants spaces", line, column, "indent with spaces")


def _line(raw: bytes, number: int) -> str:
    lines = raw.split(b"\n", number + 1)
    return lines[number].decode("utf-8", "replace") if number < len(lines) else ""


class _Problems:
    """Collects refusals of one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Diagnostic] = []
        self.documents: list[Any] = []
        self.base = 0

    def refuse(self, code: str, message: str, mark: Any, hint: str | None) -> None:
        self.add(code, message, mark.line + 1 + self.base, mark.column + 1, hint)

    def at_byte(self, code: str, message: str, raw: bytes, offset: int) -> None:
        start = raw.rfind(b"\n", 0, offset) + 1
        column = len(raw[start:offset].decode("utf-8", "replace")) + 1
        self.add(code, message, raw.count(b"\n", 0, offset) + 1, column, "save the file as UTF-8 text")

    def unreadable(self, raw: bytes, reason: str) -> None:
        match = _CONTROL.search(raw.decode("utf-8"))
        if match is None:
            self.add("E-CONTROL", f"this file cannot be read as text: {reason}", 1, 1, "save it as UTF-8 text")
            return
        offset = len(raw.decode("utf-8")[: match.start()].encode("utf-8"))
        message = f"the control character U+{ord(match.group()):04X} is not allowed"
        self.at_byte("E-CONTROL", message, raw, offset)

    def add(self, code: str, message: str, line: int, column: int, hint: str | None) -> None:
        if len(self.found) < _MAX_PROBLEMS:
            origin = Origin(self.file, max(len(self.documents) - 1, 0))
            pos = SourcePos(self.file, line, column)
            self.found.append(Diagnostic(Severity.ERROR, code, message, (), None, origin, pos, hint))
