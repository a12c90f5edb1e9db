"""A manifest to be written, and changes of one that exists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cspctl.model.address import Address
from cspctl.model.diagnostic import DocPath
from cspctl.model.positions import Origin

UNSET: Final = object()


@dataclass(frozen=True, slots=True)
class Document:
    """`spec` and `lifecycle` are plain data in the order in which they are to be written.

    `comments`: the line above a key, by its path; () is the top of the document.
    """

    address: Address
    spec: Mapping[str, Any]
    lifecycle: Mapping[str, Any] = field(default_factory=dict)
    comments: Mapping[DocPath, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Edit:
    """Sets the value at `path` (from the root of the document), removes it where `value` is UNSET.

    `append` adds to the list at `path` instead. `after` names the keys of the same map below which a new one goes.
    """

    path: DocPath
    value: Any = UNSET
    append: bool = False
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edition:
    """Edits of one document, in order."""

    address: Address
    origin: Origin
    edits: tuple[Edit, ...]
