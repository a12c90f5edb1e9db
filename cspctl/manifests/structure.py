"""One file: bytes to records and diagnostics. Pure, so that worker processes can do it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from cspctl.kinds.contract import Kind
from cspctl.manifests.constructor import BROKEN, Marks
from cspctl.manifests.envelope import Record, accept
from cspctl.manifests.reader import marks, read
from cspctl.manifests.summary import Summary, summaries
from cspctl.model.address import Address
from cspctl.model.diagnostic import Diagnostic, DocPath, error
from cspctl.model.positions import Origin

Rejected = tuple[Origin, Address | None, str, dict[str, Any]]

_NAME_LINE = re.compile(rb"\bname[\"']?\s*:\s*[\"']?([a-z0-9][-a-z0-9]{0,62})")


class Held(Protocol):
    """What one file holds, however it became known."""

    @property
    def records(self) -> list[Record]: ...

    @property
    def diagnostics(self) -> list[Diagnostic]: ...

    @property
    def names(self) -> set[str]: ...

    @property
    def rejected(self) -> list[Rejected]: ...

    @property
    def summaries(self) -> list[Summary]: ...

    @property
    def digests(self) -> bytes: ...

    def of_kind(self, kind: str) -> list[Record]: ...


@dataclass(slots=True)
class Examined:
    """What was read of one file. `decimals` are paths of Decimals, beginning with the document's index.

    `names` are names that broken documents seem to define: a reference to one is not reported on top.
    `rejected` are specs of documents with a wrong structure, for the rules that look at every text.
    `digests` are those of the records, one after the other.
    """

    records: list[Record] = field(default_factory=list)
    decimals: list[list[str | int]] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    rejected: list[Rejected] = field(default_factory=list)
    summaries: list[Summary] = field(default_factory=list)
    digests: bytes = b""

    @property
    def clean(self) -> bool:
        return not self.diagnostics

    def of_kind(self, kind: str) -> list[Record]:
        return [record for record in self.records if record.kind == kind]


def examine(raw: bytes, file: str, kinds: Mapping[str, Kind]) -> Examined:
    """Read and validate every document of a file."""
    documents, problems = read(raw, file)
    result = Examined(diagnostics=problems)
    if problems:
        result.names.update(match.decode() for match in _NAME_LINE.findall(raw))
    source = _Source(raw)
    for index, document in enumerate(documents):
        if document is BROKEN:
            continue
        source.index = index
        accepted = accept(document, index, kinds, source, result.decimals)
        if isinstance(accepted, Record):
            result.records.append(accepted)
            continue
        origin, address = Origin(file, index), _address(document)
        for code, message, path, hint in accepted:
            result.diagnostics.append(error(code, message, path=path, address=address, origin=origin, hint=hint))
        _remember(document, origin, address, result)
    result.summaries = summaries(result.records, kinds)
    result.digests = b"".join([record.digest() for record in result.records])
    return result


class _Source:
    """The text of unquoted scalars as it was written; the file is read again only when someone asks."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._marks: Marks | None = None
        self.index = 0

    def __call__(self, path: DocPath) -> str | None:
        if self._marks is None:
            self._marks = marks(self._raw)
        return self._marks.texts.get((self.index, *path))


def _address(document: Any) -> Address | None:
    if not isinstance(document, dict) or not isinstance(document.get("metadata"), dict):
        return None
    kind, name = document.get("kind"), document["metadata"].get("name")
    return Address(kind, name) if isinstance(kind, str) and isinstance(name, str) else None


def _remember(document: Any, origin: Origin, address: Address | None, result: Examined) -> None:
    if address is not None:
        result.names.add(address.name)
    if isinstance(document, dict) and isinstance(document.get("spec"), dict):
        kind = document.get("kind")
        result.rejected.append((origin, address, kind if isinstance(kind, str) else "", document["spec"]))
