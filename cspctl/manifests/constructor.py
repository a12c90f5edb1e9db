"""Events to plain data: dict, list, str, int, Decimal, bool, None. The only constructor; marks are optional.

Anchors, aliases, duplicate keys, keys that are not text and unknown tags are refused where they stand; the
rest of the document is still read, so that all its errors are told in one run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from cspctl.manifests.scalars import NumberRefusedError, resolve

MAX_DEPTH = 32
_MEMO_LIMIT = 200_000
_CORE = "tag:yaml.org,2002:"
_CORE_SCALARS = frozenset(_CORE + name for name in ("str", "int", "float", "bool", "null"))
_COLLECTION_TAGS: dict[type, tuple[str, str]] = {
    MappingStartEvent: ("!", _CORE + "map"),
    SequenceStartEvent: ("!", _CORE + "seq"),
}
_MISSING: Final = object()

Path = tuple[str | int, ...]
Refuse = Callable[[str, str, Any, str | None], None]


class _Broken:
    """Stands in the list of documents for one that was refused, so that the others keep their index."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "BROKEN"


BROKEN: Final = _Broken()


class Span(NamedTuple):
    """1-based line and column of the first character, and of the one after the last."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(slots=True)
class Marks:
    """Where things stand in one file. Paths begin with the index of the document.

    `scalars` tells where every scalar value stands, `texts` its text, `plain` which of them are unquoted.
    """

    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)
    values: dict[Path, tuple[int, int]] = field(default_factory=dict)
    scalars: dict[Path, Span] = field(default_factory=dict)
    texts: dict[Path, str] = field(default_factory=dict)
    plain: set[Path] = field(default_factory=set)

    def note_key(self, path: Path, event: Any, base: int) -> None:
        self.keys[path] = (event.start_mark.line + 1 + base, event.start_mark.column + 1)

    def note_value(self, path: Path, event: Any, base: int) -> None:
        start, end = event.start_mark, event.end_mark
        self.values[path] = (start.line + 1 + base, start.column + 1)
        if type(event) is ScalarEvent:
            self.scalars[path] = Span(start.line + 1 + base, start.column + 1, end.line + 1 + base, end.column + 1)
            self.texts[path] = event.value
            if event.implicit[0] and event.ctag is None:
                self.plain.add(path)


class TooDeepError(Exception):
    """Nesting beyond MAX_DEPTH; `problem_mark` is where."""

    def __init__(self, mark: Any) -> None:
        super().__init__()
        self.problem_mark = mark


class Constructor:
    """Builds documents from one event source. `documents` grows in place, also when an error ends the source."""

    def __init__(self, documents: list[Any], refuse: Refuse, *, marks: Marks | None = None, line_base: int = 0) -> None:
        self.documents = documents
        self.document_line = -1  # where the open document begins, or else where the last one ended
        self.open = False
        self._refuse = refuse
        self._marks = marks
        self._base = line_base
        self._bad = False
        self._end_line = 0
        self._memo: dict[str, Any] = {}

    def run(self, get_event: Callable[[], Any]) -> None:
        """Read documents to the end of the stream; raises YAMLError or TooDeepError."""
        documents = self.documents
        while True:
            event = get_event()
            kind = type(event)
            if kind is DocumentStartEvent:
                self.document_line = event.start_mark.line
                self.open, self._bad = True, False
                documents.append(BROKEN)
                value = self._document(get_event, event)
                documents[-1] = BROKEN if self._bad else value
                self.open = False
                self.document_line = self._end_line
            elif kind is StreamEndEvent:
                return

    def _document(self, get_event: Callable[[], Any], start: Any) -> Any:
        """The value of one document. One flat loop over some million events: everything it needs is local."""
        marks, memo, base, index = self._marks, self._memo, self._base, len(self.documents) - 1
        if len(memo) > _MEMO_LIMIT:
            memo.clear()
        path: list[str | int] = [index]
        stack: list[tuple[Any, Any, bool]] = []
        root: Any = None
        current: Any = None  # the open dict or list
        key: Any = None
        have = False  # a key was read and waits for its value
        while True:
            event = get_event()
            kind = type(event)
            if kind is ScalarEvent:
                if event.anchor is not None or event.ctag is not None:
                    value = self._special(event)
                elif event.implicit[0]:
                    value = memo.get(event.value, _MISSING)
                    if value is _MISSING:
                        value = self._plain(event)
                else:
                    value = event.value
                if type(current) is dict:
                    if have:
                        current[key] = value
                        have = False
                        if marks is not None:
                            marks.note_value((*path, key), event, base)
                        continue
                    key, have = value, True
                    if type(key) is not str:
                        key = self._odd_key(event)
                    if key in current:
                        self._duplicate(key, event)
                    elif marks is not None:
                        marks.note_key((*path, key), event, base)
                    continue
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                if event.anchor is not None or event.ctag is not None:
                    self._collection_extras(event, kind)
                if len(stack) >= MAX_DEPTH:
                    raise TooDeepError(event.start_mark)
                value = {} if kind is MappingStartEvent else []
                if type(current) is dict and not have:
                    self._refused("E-KEY-TYPE", "a key must be text, not a map or a list", event)
                    stack.append((current, "?", True))
                    path.append("?")
                else:
                    if type(current) is dict:
                        current[key] = value
                        path.append(key)
                    elif current is None:
                        root = value
                    else:
                        path.append(len(current))
                        current.append(value)
                    if marks is not None:
                        marks.note_value(tuple(path), event, base)
                    stack.append((current, None, False))
                current, have = value, False
                continue
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                current, key, have = stack.pop()
                if stack:
                    path.pop()
                continue
            elif kind is AliasEvent:
                self._refused("E-ALIAS", f"the alias *{event.anchor} is not allowed", event, "write the value out")
                if type(current) is dict and not have:
                    key, have = "?", True
                    continue
                value = None
                if type(current) is dict:
                    current[key] = value
                    have = False
                    continue
            elif kind is DocumentEndEvent:
                self._end_line = event.end_mark.line
                if root is None:
                    self._refused("E-EMPTY", "an empty document", start, "remove the extra ---")
                return root
            else:
                continue
            if current is None:  # a document that is one scalar
                root = value
            else:
                current.append(value)
            if marks is not None:
                marks.note_value((*path, len(current) - 1) if type(current) is list else tuple(path), event, base)

    def _plain(self, event: Any) -> Any:
        try:
            value = self._memo[event.value] = resolve(event.value)
        except NumberRefusedError as exc:
            self._refused("E-NUMBER", f"this number cannot be used: {exc}", event, "quote it if it is text")
            return None
        return value

    def _special(self, event: Any) -> Any:
        """A scalar with an anchor or a tag."""
        if event.anchor is not None:
            self._anchor(event)
        tag = event.tag
        if tag is None:
            return self._plain(event) if event.implicit[0] else event.value
        if tag == "!" or tag == _CORE + "str":
            return event.value
        value = self._plain(event) if tag in _CORE_SCALARS else None
        if tag not in _CORE_SCALARS or isinstance(value, str):
            self._tag(event)
        return value

    def _collection_extras(self, event: Any, kind: type) -> None:
        if event.anchor is not None:
            self._anchor(event)
        if event.tag is not None and event.tag not in _COLLECTION_TAGS[kind]:
            self._tag(event)

    def _odd_key(self, event: Any) -> str:
        text = event.value or "null"
        self._refused("E-KEY-TYPE", "a key must be text", event, f'write "{text}" in quotes')
        return str(text)

    def _duplicate(self, key: str, event: Any) -> None:
        self._refused("E-DUPLICATE-KEY", f"the key {key!r} stands twice in this map", event, "remove one of them")

    def _anchor(self, event: Any) -> None:
        self._refused(
            "E-ANCHOR", f"the anchor &{event.anchor} is not allowed", event, "write the value out where it is used"
        )

    def _tag(self, event: Any) -> None:
        self._refused(
            "E-TAG", f"the tag {event.tag} is not known here", event, "remove the tag; quote the value if it is text"
        )

    def _refused(self, code: str, message: str, event: Any, hint: str | None = None) -> None:
        self._bad = True
        self._refuse(code, message, event.start_mark, hint)
