"""Changes of single values in a manifest that people write: every other byte stays as it is.

The places come from ruamel.yaml's nodes. Its round-trip dump is not used here, because it ties a comment to the key
before it: removing `next` would take along the comment above the key that follows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from cspctl.manifests.chunks import spans
from cspctl.manifests.reader import BROKEN, read
from cspctl.manifests.writer import element_lines, entry, flow, key_text
from cspctl.model.document import UNSET, Edit

_BOM = "\ufeff"


class EditError(Exception):
    """The document is not written in a way that can be edited; the message says what stands in the way."""


def edited(text: str, document: int, edits: Iterable[Edit]) -> str:
    """The whole file with one of its documents changed. Raises EditError; the text is then as good as before."""
    if text.startswith(_BOM):
        return _BOM + edited(text[1:], document, edits)
    places = spans(text)
    if document >= len(places) or len(places) != len(read(text.encode("utf-8", "surrogatepass"), "")[0]):
        raise EditError("its document was not found again")
    start, end = places[document]
    part = text[start:end]
    for edit in edits:
        part = _verified(part, edit)
    return text[:start] + part + text[end:]


def _verified(part: str, edit: Edit) -> str:
    """The result must read as the edit says, or nothing is done."""
    wanted = expected(_value(part), edit)
    try:
        result = _Chunk(part).apply(edit)
    except YAMLError as error:
        raise EditError("it is not valid YAML") from error
    if _value(result) != wanted:
        raise EditError(f"{'.'.join(map(str, edit.path))} cannot be changed in place")
    return result


def _value(part: str) -> Any:
    documents, problems = read(part.encode("utf-8", "surrogatepass"), "")
    if problems or len(documents) != 1 or documents[0] is BROKEN:
        raise EditError("it does not stand by itself as one document")
    return documents[0]


def expected(data: Any, edit: Edit) -> Any:
    """The same change made to plain data; `data` stays as it is."""
    return _replaced(data, edit.path, edit)


def _replaced(data: Any, path: Sequence[str | int], edit: Edit) -> Any:
    if not path:
        before = data if isinstance(data, list) else ()
        return [*before, _plain(edit.value)] if edit.append else _plain(edit.value)
    key, rest = path[0], path[1:]
    if isinstance(data, list) and isinstance(key, int):
        return [_replaced(v, rest, edit) if n == key else v for n, v in enumerate(data)]
    current = dict(data) if isinstance(data, Mapping) else {}
    if not rest and edit.value is UNSET:
        current.pop(key, None)
    else:
        current[key] = _replaced(current.get(key), rest, edit)
    return current


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list | tuple) else value


class _Chunk:
    """One document with the places of its nodes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.root = YAML(typ="safe", pure=True).compose(text)
        self.newline = "\r\n" if "\r\n" in text else "\n"

    def apply(self, edit: Edit) -> str:
        node, rest = self._deepest(edit.path)
        if edit.append and not rest:
            return self._append(node, edit.value)
        if not rest:
            parent, key = self._deepest(edit.path[:-1])[0], edit.path[-1]
            return self._unset(parent, key) if edit.value is UNSET else self._set(parent, key, edit.value)
        if edit.value is UNSET:
            return self.text
        value = [edit.value] if edit.append else edit.value
        for part in reversed(rest[1:]):
            value = {part: value}
        if isinstance(node, MappingNode):
            return self._insert(node, str(rest[0]), value, edit.after)
        above = edit.path[: len(edit.path) - len(rest)]
        return self._set(self._deepest(above[:-1])[0], above[-1], {rest[0]: value})

    def _deepest(self, path: Sequence[str | int]) -> tuple[Any, Sequence[str | int]]:
        """The node as far down the path as there are any, and the rest of the path."""
        node = self.root
        for place, part in enumerate(path):
            inner = self._child(node, part)
            if inner is None:
                return node, path[place:]
            node = inner
        return node, ()

    @staticmethod
    def _child(node: Any, part: str | int) -> Any:
        if isinstance(node, MappingNode):
            return next((v for k, v in node.value if k.value == part), None)
        if isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
            return node.value[part]
        return None

    # --- changes --------------------------------------------------------------------------------------------------

    def _set(self, parent: Any, key: str | int, value: Any) -> str:
        if isinstance(parent, SequenceNode):
            node = parent.value[int(key)]
            return self._put(self._start(node), self._end(node), flow(value))
        name, node = next((k, v) for k, v in parent.value if k.value == key)
        simple = not isinstance(value, Mapping | list | tuple)
        if parent.flow_style or (simple and isinstance(node, ScalarNode) and node.style not in ("|", ">")):
            start, end = self._start(node), self._end(node)
            gap = " " if start == end and self.text[start - 1 : start] == ":" else ""
            return self._put(start, end, gap + flow(value))
        column = name.start_mark.column
        lines = "".join(entry(str(key), value, " " * column))
        return self._put(self._start(name), self._end(node), lines[column:].rstrip("\n"))

    def _unset(self, parent: Any, key: str | int) -> str:
        place = next(n for n, (k, _) in enumerate(parent.value) if k.value == key)
        name, node = parent.value[place]
        if parent.flow_style:
            if place + 1 < len(parent.value):
                return self._put(self._start(name), self._start(parent.value[place + 1][0]), "")
            before = self._end(parent.value[place - 1][1]) if place else self._start(name)
            return self._put(before, self._end(node), "")
        start = self.text.rfind("\n", 0, self._start(name)) + 1
        if self.text[start : self._start(name)].strip():
            raise EditError(f"{key} shares its line with something else")
        return self._put(start, self._line_end(self._end(node)), "")

    def _insert(self, parent: MappingNode, key: str, value: Any, after: Sequence[str]) -> str:
        pairs = parent.value
        if not pairs:
            start = self._start(parent) + 1
            return self._put(start, start, f"{key_text(key)}: {flow(value)}")
        above = [v for k, v in pairs if k.value in after] or [pairs[-1][1]]
        end = self._end(above[-1])
        if parent.flow_style:
            return self._put(end, end, f", {key_text(key)}: {flow(value)}")
        return self._put_lines(end, "".join(entry(key, value, " " * pairs[0][0].start_mark.column)))

    def _append(self, node: Any, value: Any) -> str:
        if not isinstance(node, SequenceNode):
            raise EditError("there is no list to add to")
        if not node.value:
            return self._put(self._start(node), self._end(node), flow([value]))
        end = self._end(node.value[-1])
        if node.flow_style:
            return self._put(end, end, f", {flow(value)}")
        return self._put_lines(end, "".join(element_lines(value, " " * node.start_mark.column)))

    # --- places ---------------------------------------------------------------------------------------------------

    def _start(self, node: Any) -> int:
        return int(node.start_mark.index)

    def _end(self, node: Any) -> int:
        """Where the text of a node ends, without the blank lines and comments below it."""
        if isinstance(node, ScalarNode):
            end = int(node.end_mark.index)
            return len(self.text[:end].rstrip()) if node.style in ("|", ">") else end
        if node.flow_style or not node.value:
            return int(node.end_mark.index)
        last = node.value[-1]
        return self._end(last[1] if isinstance(node, MappingNode) else last)

    def _line_end(self, place: int) -> int:
        found = self.text.find("\n", place)
        return len(self.text) if found < 0 else found + 1

    def _put(self, start: int, end: int, text: str) -> str:
        return self.text[:start] + text.replace("\n", self.newline) + self.text[end:]

    def _put_lines(self, end: int, lines: str) -> str:
        """Whole lines below the one in which `end` stands."""
        place = self._line_end(end)
        joint = "" if self.text[:place].endswith("\n") else "\n"
        return self._put(place, place, joint + lines)
