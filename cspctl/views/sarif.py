"""Diagnostics as SARIF 2.1.0, for code scanning. Source: OASIS, sarif-v2.1.0."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from cspctl import __version__
from cspctl.model.diagnostic import Diagnostic, Severity
from cspctl.views import canonical
from cspctl.views.diagnostic_place import dotted, file_of, in_order

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def render(diagnostics: Sequence[Diagnostic]) -> str:
    """One run; rules are the codes that occur, sorted. Paths are relative to the project root."""
    ordered = in_order(diagnostics)
    codes = sorted({d.code for d in ordered})
    driver = {"name": "cspctl", "version": __version__, "rules": [{"id": code} for code in codes]}
    return canonical.dumps(
        {
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [
                {
                    "tool": {"driver": driver},
                    "columnKind": "unicodeCodePoints",
                    "results": [_result(d, codes.index(d.code)) for d in ordered],
                }
            ],
        }
    )


def _result(diagnostic: Diagnostic, rule: int) -> dict[str, Any]:
    message = diagnostic.message + (f"\nHint: {diagnostic.hint}" if diagnostic.hint else "")
    return {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": _LEVELS[diagnostic.severity],
        "message": {"text": message.replace("](", "] (")},  # SARIF 3.11.6 would make it a link
        "locations": [_location(diagnostic)],
        "partialFingerprints": {"cspctl/v1": _fingerprint(diagnostic)},
    }


def _location(diagnostic: Diagnostic) -> dict[str, Any]:
    """Code scanning refuses results without a file: what concerns the whole project is put at its file."""
    uri = quote(file_of(diagnostic) or "cspctl.yaml", safe="/", errors="surrogateescape")
    physical: dict[str, Any] = {"artifactLocation": {"uri": uri}}
    if diagnostic.pos:
        line, column = max(1, diagnostic.pos.line), max(1, diagnostic.pos.column)
        physical["region"] = {"startLine": line, "startColumn": column}
    location: dict[str, Any] = {"physicalLocation": physical}
    name = " ".join(filter(None, [str(diagnostic.address or ""), dotted(diagnostic.path)]))
    if name:
        location["logicalLocations"] = [{"fullyQualifiedName": name}]
    return location


def _fingerprint(diagnostic: Diagnostic) -> str:
    """The same finding keeps its identity when lines above it move."""
    parts = [
        diagnostic.code,
        file_of(diagnostic) or "",
        str(diagnostic.address or ""),
        dotted(diagnostic.path),
    ]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
