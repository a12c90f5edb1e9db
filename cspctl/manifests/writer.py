"""Resources to text: new documents in the layout of `cspctl fmt`, and files written whole or not at all."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson

from cspctl.errors import InputError
from cspctl.manifests.envelope import API_VERSION
from cspctl.manifests.scalars import WORDS, NumberRefusedError, resolve
from cspctl.manifests.text import printable
from cspctl.model.diagnostic import DocPath
from cspctl.model.document import Document

WRITERS = 8
# Text that stays text without quotes wherever it stands, also inside brackets.
_PLAIN = re.compile(r"[A-Za-z0-9_./(][A-Za-z0-9_./@+()=\- ]*(?<! )\Z")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*\Z")
# `yes` and its like are text here, but not to every other reader of YAML.
_LOOKS_LIKE_A_SWITCH = re.compile(r"(y|n|yes|no|on|off)\Z", re.IGNORECASE)
# What JSON leaves as it is and YAML does not allow, or a terminal would obey.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


def text_of(documents: Iterable[Document]) -> str:
    """One file."""
    return "---\n".join("".join(_lines(document)) for document in documents)


def appended(text: str, documents: Iterable[Document]) -> str:
    """Every byte of `text` stays; new documents follow."""
    added = text_of(documents)
    if not text.strip():
        return added
    newline = "\r\n" if "\r\n" in text else "\n"
    joint = "" if text.endswith("\n") else newline
    return text + joint + f"---\n{added}".replace("\n", newline)


def _lines(document: Document) -> Iterator[str]:
    yield from _comment(document, (), "")
    yield f"apiVersion: {API_VERSION}\n"
    yield f"kind: {scalar(document.address.kind)}\n"
    yield f"metadata:\n  name: {scalar(document.address.name)}\n"
    if document.lifecycle:
        yield "lifecycle:\n"
        yield from _block(document, document.lifecycle, ("lifecycle",), "  ")
    yield "spec:\n"
    yield from _block(document, document.spec, ("spec",), "  ")


def _block(document: Document, values: Mapping[str, Any], path: DocPath, indent: str) -> Iterator[str]:
    for key, value in values.items():
        yield from _comment(document, (*path, key), indent)
        yield from entry(key, value, indent, lambda inner, deeper, at=(*path, key): _block(document, inner, at, deeper))


def entry(key: str, value: Any, indent: str, block: Any = None) -> Iterator[str]:
    """`key: value` as whole lines at that indentation."""
    if isinstance(value, Mapping) and value:
        yield f"{indent}{key_text(key)}:\n"
        inner = block(value, indent + "  ") if block else _plain_block(value, indent + "  ")
        yield from inner
    elif isinstance(value, list | tuple) and value and not _is_flat(value):
        yield f"{indent}{key_text(key)}:\n"
        for element in value:
            yield from element_lines(element, indent + "  ")
    else:
        yield f"{indent}{key_text(key)}: {flow(value)}\n"


def element_lines(element: Any, indent: str) -> Iterator[str]:
    """`- element` as whole lines; the dash stands at `indent`."""
    if not isinstance(element, Mapping) or not element or _is_small(element):
        yield f"{indent}- {flow(element)}\n"
        return
    lines = list(_plain_block(element, indent + "  "))
    yield f"{indent}- {lines[0][len(indent) + 2 :]}"
    yield from lines[1:]


def _plain_block(values: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, value in values.items():
        yield from entry(key, value, indent)


def flow(value: Any) -> str:
    """A value in one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key_text(k)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(v) for v in value) + "]"
    return scalar(value)


def key_text(key: str) -> str:
    """`on` is a key of ours, and a word in every reader that a manifest is meant for."""
    return key if _WORD.match(key) and key not in WORDS else scalar(key)


def scalar(value: Any) -> str:
    """Text is quoted wherever it could be read as something else."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return str(value)
    return value if is_plain(value) else quoted(value)


def is_plain(text: str) -> bool:
    if not _PLAIN.match(text) or _LOOKS_LIKE_A_SWITCH.match(text) or text.startswith("---"):
        return False
    try:
        return isinstance(resolve(text), str)
    except NumberRefusedError:
        return False


def quoted(text: str) -> str:
    """In double quotes; what does not show is escaped."""
    shown = orjson.dumps(text.encode("utf-8", "replace").decode()).decode()
    return _ESCAPED.sub(lambda match: f"\\u{ord(match.group()):04x}", shown)


def _comment(document: Document, path: DocPath, indent: str) -> Iterator[str]:
    text = document.comments.get(path)
    if text:
        yield f"{indent}# {printable(text).strip()}\n"


def _is_flat(values: list[Any] | tuple[Any, ...]) -> bool:
    return not any(isinstance(v, Mapping | list | tuple) for v in values)


def _is_small(element: Mapping[str, Any]) -> bool:
    """Two plain values stand in one line, as people write offers."""
    return len(element) <= 2 and _is_flat(tuple(element.values()))


def write_files(root: Path, files: Mapping[str, str], before: Mapping[str, bytes]) -> None:
    """Each file whole or not at all: to a temporary name, to the disk, then renamed.

    `files` are relative to the root; `before` is what was read where a file exists. Raises InputError where one
    changed meanwhile, lies outside the project, or cannot be written; files written before that one stay.
    """
    targets = {name: _target(root, name) for name in files}
    for name, path in targets.items():
        if _read(path) != before.get(name):
            message = f"{name} changed while this ran; nothing was written to it"
            raise InputError(message, code="E-FILE-CHANGED", hint="run it again")
    with ThreadPoolExecutor(WRITERS) as pool:  # each waits for the disk, which can do several at once
        for done in [pool.submit(_replace, targets[name], text) for name, text in files.items()]:
            done.result()


def _target(root: Path, name: str) -> Path:
    path = (root / name).resolve()
    if not path.is_relative_to(root.resolve()):
        raise InputError(f"{name} is a link to outside the project", code="E-TRUST-PATH")
    return path


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}", code="E-READ") from error


def _replace(path: Path, text: str) -> None:
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise InputError(f"cannot write {path}: {error.strerror or error}", code="E-WRITE") from error
