"""The envelope around every spec, and one document made into a record.

A record is the validated, cacheable form of a document: a plain list, so that it goes through JSON unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from hashlib import blake2b
from typing import Annotated, Any, Literal, NamedTuple

import orjson
from pydantic import BaseModel, ConfigDict, Field, Strict, ValidationError

from cspctl.kinds.contract import Kind
from cspctl.manifests.fields import did_you_mean
from cspctl.manifests.secrecy import is_reference_key
from cspctl.manifests.structure_errors import SourceText, StructureError, structure_errors
from cspctl.manifests.text import shown

API_VERSION = "cspctl/v1"
NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\Z")
# Of the product contract, section 1.2, but not part of this version.
LATER_KINDS = frozenset({"Customer", "LicensePolicy", "Policy", "Budget", "GdapRelationship"})

# What a later pass must look at, found once when the document is validated.
HOLDS_TRUST = 1
HOLDS_NULL = 2
DIGEST_SIZE = 16
TRUST_KEYS = frozenset({"file", "path", "url", "urls", "webhook", "endpoint"})

_Text = Annotated[str, Strict()]


class Metadata(BaseModel):
    """Who the document is."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Strict(), Field(pattern=r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]
    previous_names: list[Annotated[str, Strict(), Field(pattern=r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]] | None = (
        Field(None, alias="previousNames")
    )
    labels: dict[str, _Text] | None = None


class LifecycleModel(BaseModel):
    """How careful the tool must be with it."""

    model_config = ConfigDict(extra="forbid")

    protect: Annotated[bool, Strict()] = False
    ignore: list[_Text] = []
    allow_twin: Annotated[bool, Strict()] = Field(default=False, alias="allowTwin")


class Envelope(BaseModel):
    """One document; `spec` is validated by its kind."""

    model_config = ConfigDict(extra="forbid")

    api_version: Literal["cspctl/v1"] = Field(alias="apiVersion")
    kind: _Text
    metadata: Metadata
    lifecycle: LifecycleModel | None = None
    spec: dict[str, Any]


class Record(NamedTuple):
    """`lifecycle` is [protect, ignore, allowTwin]; `flags` are HOLDS_…; `document` its index in the file."""

    kind: str
    name: str
    spec: dict[str, Any]
    labels: dict[str, str] | None
    previous_names: list[str] | None
    lifecycle: list[Any] | None
    document: int
    flags: int

    def digest(self) -> bytes:
        """Of the meaning: comments, order of keys and place in the file do not change it."""
        meaning = [self.kind, self.name, self.spec, self.labels, self.previous_names, self.lifecycle]
        return blake2b(meaning_bytes(meaning), digest_size=DIGEST_SIZE).digest()


@dataclass(slots=True)
class Canonical:
    """Turns values of pydantic into plain data and notes where Decimals stand (they do not survive JSON)."""

    decimals: list[list[str | int]]
    flags: int = 0

    def plain(self, value: Any, path: tuple[str | int, ...]) -> Any:
        kind = type(value)
        if kind is str or kind is int or kind is bool:
            return value
        if kind is dict:
            for key in value:
                if key in TRUST_KEYS or is_reference_key(key):
                    self.flags |= HOLDS_TRUST
            return {key: self.plain(inner, (*path, key)) for key, inner in value.items()}
        if value is None:
            self.flags |= HOLDS_NULL
            return None
        if isinstance(value, list | tuple | set | frozenset):
            inner_values = sorted(value) if isinstance(value, set | frozenset) else value
            return [self.plain(inner, (*path, place)) for place, inner in enumerate(inner_values)]
        if isinstance(value, Decimal):
            self.decimals.append(list(path))
            return value
        if isinstance(value, Enum):
            return self.plain(value.value, path)
        if isinstance(value, date | datetime):
            return value.isoformat()
        return str(value)


def accept(
    document: Any,
    index: int,
    kinds: Mapping[str, Kind],
    source: SourceText,
    decimals: list[list[str | int]],
) -> Record | list[StructureError]:
    """The record of one document, or everything that is wrong with its structure."""
    try:
        envelope = Envelope.model_validate(document)
        spec = kinds[envelope.kind].spec.model_validate(envelope.spec, by_alias=True, by_name=False)
    except (ValidationError, KeyError):
        return list(_wrong(document, kinds, source))
    return _record(envelope, spec, index, decimals)


def _record(envelope: Envelope, spec: BaseModel, index: int, decimals: list[list[str | int]]) -> Record:
    canonical = Canonical([])
    plain = canonical.plain(spec.model_dump(by_alias=True, exclude_unset=True, warnings=False), ())
    decimals.extend([index, *path] for path in canonical.decimals)
    metadata, care = envelope.metadata, envelope.lifecycle
    labels, previous = metadata.labels or None, metadata.previous_names or None
    lifecycle = [care.protect, care.ignore, care.allow_twin] if care is not None else None
    return Record(envelope.kind, metadata.name, plain, labels, previous, lifecycle, index, canonical.flags)


def meaning_bytes(plain: Any) -> bytes:
    """Canonical bytes of plain data, for digests."""
    try:
        return orjson.dumps(plain, default=decimal_text, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # a number beyond 64 bits, or text that is not Unicode
        return repr(plain).encode("utf-8", "backslashreplace")


def decimal_text(value: Any) -> str:
    """What JSON is given for a Decimal."""
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"not plain data: {type(value).__name__}")


def _wrong(document: Any, kinds: Mapping[str, Kind], source: SourceText) -> Iterator[StructureError]:
    if not isinstance(document, dict):
        what = "a list" if isinstance(document, list) else shown(document)
        yield "E-DOCUMENT", f"a manifest is a map with apiVersion, kind, metadata and spec, not {what}", (), None
        return
    try:
        Envelope.model_validate(document)
    except ValidationError as failure:
        for error in structure_errors(failure, document, Envelope, source):
            yield _named(error, document)
    name = document.get("kind")
    if isinstance(name, str) and name not in kinds:
        yield _unknown_kind(name, kinds)
        return
    spec = document.get("spec")
    if isinstance(name, str) and isinstance(spec, dict):
        model = kinds[name].spec
        try:
            model.model_validate(spec, by_alias=True, by_name=False)
        except ValidationError as failure:
            yield from structure_errors(failure, spec, model, source, ("spec",))


def _named(error: StructureError, document: Mapping[str, Any]) -> StructureError:
    """Errors of the envelope have codes of their own."""
    code, message, path, hint = error
    if code in ("E-REQUIRED", "E-QUOTE", "E-UNKNOWN-KEY"):
        return error
    if path == ("apiVersion",):
        return "E-API-VERSION", f"apiVersion: {API_VERSION} is needed, not {shown(document['apiVersion'])}", path, None
    if code == "E-PATTERN" and path[0] == "metadata":
        value = document["metadata"]["name"] if path[1] == "name" else document["metadata"][path[1]][path[2]]
        return "E-NAME", f"{path[1]}: {shown(value)} is not a name", path, _NAME_HINT
    return code, message, path, hint


_NAME_HINT = "lower-case letters, digits and -, at most 63, beginning and ending with a letter or digit"


def _unknown_kind(name: str, kinds: Mapping[str, Kind]) -> StructureError:
    if name in LATER_KINDS:
        return "E-KIND-LATER", f"the kind {name} is not yet available", ("kind",), "remove this document for now"
    hint = did_you_mean(name, [*kinds, *LATER_KINDS]) or "kinds: " + ", ".join(sorted(kinds))
    return "E-KIND", f"unknown kind {shown(name)}", ("kind",), hint
