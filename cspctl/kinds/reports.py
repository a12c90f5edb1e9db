"""How rules speak: a diagnostic about one resource, and the nearest name to a misspelt one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from cspctl.model.diagnostic import Diagnostic, DocPath, Severity
from cspctl.model.resource import Resource


def error(resource: Resource, code: str, message: str, *path: str | int, hint: str | None = None) -> Diagnostic:
    return _about(resource, Severity.ERROR, code, message, path, hint)


def warning(resource: Resource, code: str, message: str, *path: str | int, hint: str | None = None) -> Diagnostic:
    return _about(resource, Severity.WARNING, code, message, path, hint)


def _about(
    resource: Resource, severity: Severity, code: str, message: str, path: DocPath, hint: str | None
) -> Diagnostic:
    return Diagnostic(severity, code, message, path, resource.address, resource.origin, hint=hint)


def did_you_mean(wrong: str, names: Iterable[str]) -> str | None:
    """A hint with the nearest name, or None when nothing is near."""
    near = get_close_matches(wrong, sorted(names), n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else None


def listed(names: Iterable[str]) -> str:
    """Sorted, comma separated; `none` when empty."""
    return ", ".join(sorted(names)) or "none"
