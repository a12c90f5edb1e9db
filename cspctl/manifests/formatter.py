"""The canonical layout of manifests: indentation, order of the envelope, quotes around text that looks like a number.

Comments stay, the order of everything below the envelope too, and so does what a file means: a document whose new text
would read differently, or that would lose a comment, keeps its layout.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.emitter import Emitter
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, SingleQuotedScalarString

from cspctl.kinds.contract import Kind
from cspctl.manifests.chunks import spans
from cspctl.manifests.editor import expected
from cspctl.manifests.reader import read
from cspctl.manifests.structure import examine
from cspctl.manifests.writer import is_plain, quoted
from cspctl.model.diagnostic import Diagnostic, DocPath
from cspctl.model.document import Edit

ENVELOPE = ("apiVersion", "kind", "metadata", "lifecycle", "spec")
WIDTH = 100
_MARKER = re.compile(r"^---[ \t]*\n", re.MULTILINE)
_COMMENT_LINE = re.compile(r"^[ \t]*#")
_COMMENT = re.compile(r"(?:^|[ \t])#.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Formatted:
    """`problems` keep a file from being formatted at all; its `text` is then as it was."""

    text: str
    problems: tuple[Diagnostic, ...] = ()


def formatted(raw: bytes, file: str, kinds: Mapping[str, Kind]) -> Formatted:
    """The canonical text of a file. Formatting that again changes nothing."""
    documents, problems = read(raw, file)
    if problems:
        return Formatted(raw.decode("utf-8", "replace"), tuple(problems))
    text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    parts = [text[start:end] for start, end in spans(text)]
    if len(parts) != len(documents):
        return Formatted(text)
    wanting = _wanting_quotes(raw, file, kinds)
    done = [_document(part, place > 0, wanting.get(place, ())) for place, part in enumerate(parts)]
    return Formatted("---\n".join(done))


def _wanting_quotes(raw: bytes, file: str, kinds: Mapping[str, Kind]) -> dict[int, list[DocPath]]:
    """Numbers where text is wanted, by document."""
    found: dict[int, list[DocPath]] = {}
    for diagnostic in examine(raw, file, kinds).diagnostics:
        if diagnostic.code == "E-QUOTE" and diagnostic.origin is not None:
            found.setdefault(diagnostic.origin.document, []).append(diagnostic.path)
    return found


def _document(part: str, follows: bool, wanting: Sequence[DocPath]) -> str:
    """One document without its marker."""
    head, body = _without_marker(part)
    if body is None:
        return _trimmed(part) if not follows else _trimmed(part).removeprefix("---").lstrip(" \n")
    for path in wanting:
        body = _quoted_at(body, path)
    for step in (_laid_out, _comments_in_line, _in_order):
        body = _kept_meaning(body, step(body))
    return head + _trimmed(body)


def _without_marker(part: str) -> tuple[str, str | None]:
    """(comments before the marker, the rest); None for a document that begins on the marker's own line."""
    marker = _MARKER.search(part)
    if marker is None:
        inline = re.search(r"^(?:---|\.\.\.|%)", part, re.MULTILINE)
        return "", None if inline else part.lstrip("\n")
    before, rest = part[: marker.start()], part[marker.end() :]
    if re.search(r"^(?:\.\.\.|%)", part, re.MULTILINE) or _MARKER.search(rest):
        return "", None
    lines = [line.rstrip() for line in before.strip("\n").split("\n") if line.strip()]
    return "".join(f"{line}\n" for line in lines), rest.lstrip("\n")


def _trimmed(text: str) -> str:
    return text.strip("\n").rstrip() + "\n"


def _kept_meaning(before: str, after: str) -> str:
    """`after`, unless it reads differently or lost a comment."""
    same = read(before.encode(), "") == read(after.encode(), "")
    return after if same and _comments(before) == _comments(after) else before


def _comments(text: str) -> Counter[str]:
    return Counter(match.strip() for match in _COMMENT.findall(text))


def _quoted_at(body: str, path: DocPath) -> str:
    node = YAML(typ="safe", pure=True).compose(body)
    for part in path:
        if isinstance(node, MappingNode):
            node = next((v for k, v in node.value if k.value == part), None)
        else:
            node = node.value[part] if node is not None and isinstance(part, int) else None
    if not isinstance(node, ScalarNode) or node.style:
        return body
    start, end = node.start_mark.index, node.end_mark.index
    after = body[:start] + quoted(body[start:end]) + body[end:]
    wanted = expected(read(body.encode(), "")[0][0], Edit(path, body[start:end]))
    return after if read(after.encode(), "")[0] == [wanted] else body


# --- layout -----------------------------------------------------------------------------------------------------------


class _TextResolver(VersionedResolver):
    """Every plain scalar is text, so that it is written back letter by letter."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        return self.DEFAULT_SCALAR_TAG if kind is ScalarNode else super().resolve(kind, value, implicit)


class _Emitter(Emitter):
    """Text is never broken over lines."""

    def write_plain(self, text: Any, split: Any = True) -> None:
        super().write_plain(text, split=False)

    def write_double_quoted(self, text: Any, split: Any = True) -> None:
        super().write_double_quoted(text, split=False)

    def write_single_quoted(self, text: Any, split: Any = True) -> None:
        super().write_single_quoted(text, split=False)


def _laid_out(body: str) -> str:
    """Two blanks a level, lists indented like maps; a document in brackets is left as it is."""
    yaml = YAML(typ="rt", pure=True)
    yaml.Resolver, yaml.Emitter = _TextResolver, _Emitter
    yaml.preserve_quotes, yaml.allow_unicode, yaml.width = True, True, 1_000_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    try:
        data = yaml.load(body)
        if not isinstance(data, dict) or data.fa.flow_style():  # type: ignore[attr-defined] # a CommentedMap
            return body
        out = io.StringIO()
        _unbracketed(data, 0)
        yaml.dump(_requoted(data), out)
    except (YAMLError, ValueError, AttributeError):
        return body
    return "\n".join(line.rstrip() if not line.strip() else line for line in out.getvalue().split("\n"))


def _unbracketed(data: Any, column: int) -> None:
    """Brackets that do not fit into a line become a block."""
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in list(entries):
        if not isinstance(value, dict | list) or not value:
            continue
        before = column + (len(str(key)) + 2 if isinstance(data, dict) else 2)
        if value.fa.flow_style():  # type: ignore[union-attr] # a CommentedMap or CommentedSeq
            if before + _length(value) <= WIDTH:
                continue
            value.fa.set_block_style()  # type: ignore[union-attr] # as above
        _unbracketed(value, column + (2 if isinstance(value, dict) else 4))


def _length(value: Any) -> int:
    """Of a value written in one line; quotes are counted where there could be some."""
    if isinstance(value, dict):
        return sum(len(str(k)) + _length(v) + 4 for k, v in value.items()) + 2
    if isinstance(value, list):
        return sum(_length(v) + 2 for v in value) + 2
    return len(str(value)) + (0 if type(value) is str else 2)


def _comments_in_line(body: str) -> str:
    """A comment on a line of its own stands like what follows it."""
    inside = {
        n for first, last in _texts(YAML(typ="safe", pure=True).compose(body)) for n in range(first + 1, last + 1)
    }
    lines = body.split("\n")
    indent: str | None = None
    for number in range(len(lines) - 1, -1, -1):
        line = lines[number]
        if number not in inside and _COMMENT_LINE.match(line):
            lines[number] = (indent if indent is not None else "") + line.strip()
        elif line.strip():
            indent = line[: len(line) - len(line.lstrip(" "))]
    return "\n".join(lines)


def _texts(node: Any) -> Iterator[tuple[int, int]]:
    """First and last line of every text that spans several; its lines are no comments, whatever they look like."""
    if isinstance(node, ScalarNode):
        if node.end_mark.line > node.start_mark.line:
            last = node.end_mark.line - (1 if node.style in ("|", ">") and node.end_mark.column == 0 else 0)
            yield node.start_mark.line, last
    elif isinstance(node, MappingNode):
        for pair in node.value:
            for each in pair:
                yield from _texts(each)
    elif node is not None:
        for each in node.value:
            yield from _texts(each)


def _requoted(data: Any) -> Any:
    """Single quotes around what looks like a number become double ones, as `cspctl` writes them."""
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in list(entries):
        if isinstance(value, SingleQuotedScalarString) and "\n" not in value and not is_plain(str(value)):
            if "\\" not in value and '"' not in value:
                data[key] = DoubleQuotedScalarString(str(value))
        else:
            _requoted(value)
    return data


# --- order ------------------------------------------------------------------------------------------------------------


def _in_order(body: str) -> str:
    """The keys of the envelope in their order, each with the comments right above it."""
    root = YAML(typ="safe", pure=True).compose(body)
    if not isinstance(root, MappingNode) or root.flow_style or any(k.start_mark.column for k, _ in root.value):
        return body
    lines = body.split("\n")
    starts = {str(k.value): _with_comments(lines, k.start_mark.line) for k, _ in root.value}
    first = min(starts.values())
    edges = sorted(starts.values())
    end = len(lines)
    while end > edges[-1] and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1
    first_key = min(k.start_mark.line for k, _ in root.value)
    pieces = {}
    for key, start in starts.items():
        begin = first_key if start == first else start
        pieces[key] = lines[begin : next((e for e in edges if e > start), end)]
    order = [k for k in ENVELOPE if k in pieces] + [k for k in pieces if k not in ENVELOPE]
    return "\n".join([*lines[:first_key], *(line for key in order for line in pieces[key]), *lines[end:]])


def _with_comments(lines: Sequence[str], line: int) -> int:
    while line > 0 and _COMMENT_LINE.match(lines[line - 1]):
        line -= 1
    return line
