"""Something a person fixes in a file; collected, never raised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from cspctl.model.address import Address
from cspctl.model.positions import Origin, SourcePos

DocPath = tuple[str | int, ...]


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A finding about a manifest.

    Rules give `path` within the document and `origin`; only the owner of the text (cspctl.manifests) adds
    `pos` and `excerpt`. `excerpt` is the source line followed by a caret line, with secrets never included.
    """

    severity: Severity
    code: str
    message: str
    path: DocPath = ()
    address: Address | None = None
    origin: Origin | None = None
    pos: SourcePos | None = None
    hint: str | None = None
    excerpt: str | None = None


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    return any(d.severity is Severity.ERROR for d in diagnostics)


def error(
    code: str,
    message: str,
    *,
    path: DocPath = (),
    address: Address | None = None,
    origin: Origin | None = None,
    hint: str | None = None,
) -> Diagnostic:
    return Diagnostic(Severity.ERROR, code, message, path, address, origin, hint=hint)


def warning(
    code: str,
    message: str,
    *,
    path: DocPath = (),
    address: Address | None = None,
    origin: Origin | None = None,
    hint: str | None = None,
) -> Diagnostic:
    return Diagnostic(Severity.WARNING, code, message, path, address, origin, hint=hint)
