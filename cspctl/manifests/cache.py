"""Validated documents by content: a warm run reads no YAML and validates nothing twice.

Lives in a user-level folder, never in the project, because whoever opens a pull request could fill it there.
An entry is keyed by the content of the file, the code of the specs, and the version of the tool. Anything
that goes wrong is a miss; a folder that cannot be written means no cache.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import blake2b
from pathlib import Path
from typing import Any

import orjson
import pydantic

import cspctl
from cspctl.kinds.contract import Kind
from cspctl.manifests.envelope import Record, decimal_text
from cspctl.manifests.structure import Examined, Rejected
from cspctl.manifests.summary import Summary
from cspctl.model.diagnostic import Diagnostic

FORMAT = "2"
_DIGEST_SIZE = 20


def cache_directory() -> Path:
    """CSPCTL_CACHE_DIR, else XDG_CACHE_HOME/cspctl, else ~/.cache/cspctl."""
    named = os.environ.get("CSPCTL_CACHE_DIR")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "cspctl"


def schema_version(kinds: Iterable[Kind]) -> bytes:
    """Digest of the code that validates: the kinds', this package's and what they stand on, pydantic and the tool.

    Sources rather than JSON Schemas, because a changed validator need not show in its schema.
    """
    tool = Path(cspctl.__file__).parent
    folders = {Path(__file__).parent, tool / "kinds", tool / "commerce", tool / "model"}
    for kind in kinds:
        for model in kind.spec.__mro__:
            file = getattr(sys.modules.get(model.__module__), "__file__", None)
            if file and not model.__module__.startswith(("pydantic", "builtins")):
                folders.add(Path(file).parent)
    digest = blake2b(f"{FORMAT}|{cspctl.__version__}|{pydantic.VERSION}|".encode())
    digest.update("|".join(sorted(f"{k.name}={k.spec.__qualname__}" for k in kinds)).encode())
    for folder in sorted(folders):
        for path in sorted(folder.glob("*.py")):
            digest.update(path.read_bytes())
    return digest.digest()


@dataclass(slots=True)
class Stored:
    """What a clean file holds, from its entry; the documents of a kind are decoded when they are asked for."""

    summaries: list[Summary]
    digests: bytes
    decimals: list[list[Any]]
    lines: dict[str, bytes]  # by kind
    diagnostics: list[Diagnostic] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    rejected: list[Rejected] = field(default_factory=list)

    @property
    def records(self) -> list[Record]:
        """In the order of the file."""
        return sorted((r for kind in self.lines for r in self.of_kind(kind)), key=lambda r: r.document)

    def of_kind(self, kind: str) -> list[Record]:
        """New ones each time."""
        line = self.lines.get(kind)
        if line is None:
            return []
        make = tuple.__new__  # half of the time of Record._make
        records = [make(Record, row) for row in orjson.loads(line)]
        if self.decimals:
            _restore({record.document: record.spec for record in records}, self.decimals)
        return records


def encode(examined: Examined) -> bytes | None:
    """The entry of a clean file, or None where it does not fit JSON (a number beyond 64 bits)."""
    head = [[tuple(s) for s in examined.summaries], examined.decimals, examined.digests.hex()]
    rows = [[tuple(r) for r in examined.of_kind(summary.kind)] for summary in examined.summaries]
    try:
        return _sealed(b"\n".join(orjson.dumps(part, default=decimal_text) for part in (head, *rows)))
    except TypeError:
        return None


def decode(entry: bytes) -> Stored | None:
    """What `encode` was given, or None for anything else."""
    content = _opened(entry)
    if content is None:
        return None
    head, *lines = content.split(b"\n")
    try:
        rows, decimals, digests = orjson.loads(head)
        summaries = [Summary._make(row) for row in rows]
        by_kind = {summary.kind: line for summary, line in zip(summaries, lines, strict=True)}
        return Stored(summaries, bytes.fromhex(digests), decimals, by_kind)
    except (ValueError, TypeError):
        return None


class Cache:
    """Entries of one version of kinds and tool."""

    def __init__(self, directory: Path, version: bytes) -> None:
        self._directory = directory
        self._version = version
        self._writable = True

    def key_of_all(self, keys: Iterable[tuple[str, str]]) -> str:
        """The key of a set of files, from their names and keys."""
        return self.key("\n".join(f"{file} {key}" for file, key in keys).encode("utf-8", "surrogateescape"))

    def key(self, raw: bytes) -> str:
        return blake2b(raw, digest_size=_DIGEST_SIZE, key=self._version[:64]).hexdigest()

    def get(self, key: str) -> Stored | None:
        entry = self._read(key)
        return decode(entry) if entry is not None else None

    def recall(self, key: str) -> str | None:
        """What `remember` was told."""
        entry = self._read(key)
        content = _opened(entry) if entry is not None else None
        return content.decode("utf-8") if content is not None else None

    def remember(self, key: str, text: str) -> None:
        self.put(key, _sealed(text.encode("utf-8")))

    def put(self, key: str, entry: bytes) -> None:
        """Write to a temporary name, then rename; a failure turns writing off."""
        if not self._writable:
            return
        path = Path(self._path(key))
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(prefix=".new-", dir=path.parent)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(entry)
                Path(temporary).replace(path)
            except OSError:
                Path(temporary).unlink(missing_ok=True)
                raise
        except OSError:
            self._writable = False

    def _read(self, key: str) -> bytes | None:
        try:
            with open(self._path(key), "rb", buffering=0) as file:  # noqa: PTH123 # measured: half the time of Path
                return file.read()
        except OSError:
            return None

    def _path(self, key: str) -> str:
        return f"{self._directory}/manifests/{key[:2]}/{key[2:]}"


class Memory:
    """What was found out about exactly the content behind a key; nothing where there is none."""

    def __init__(self, store: Cache | None, key: str) -> None:
        self._store = store if key else None
        self._key = key

    def recall(self, what: str) -> str | None:
        return self._store.recall(self._place(self._store, what)) if self._store is not None else None

    def remember(self, what: str, text: str) -> None:
        if self._store is not None:
            self._store.remember(self._place(self._store, what), text)

    def _place(self, store: Cache, what: str) -> str:
        return store.key(f"{what} {self._key}".encode())


def _sealed(content: bytes) -> bytes:
    return blake2b(content, digest_size=_DIGEST_SIZE).hexdigest().encode() + b"\n" + content


def _opened(entry: bytes) -> bytes | None:
    """None for an entry that is not as it was written."""
    digest, _, content = entry.partition(b"\n")
    return content if blake2b(content, digest_size=_DIGEST_SIZE).hexdigest().encode() == digest else None


def _restore(specs: dict[int, Any], decimals: list[list[Any]]) -> None:
    for index, *path, last in decimals:
        here = specs.get(index)
        if here is None:
            continue  # of a document of another kind
        for part in path:
            here = here[part]
        here[last] = Decimal(here[last])
