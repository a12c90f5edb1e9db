"""Where a diagnostic is about, in words every view uses."""

from __future__ import annotations

from collections.abc import Sequence

from cspctl.model.diagnostic import Diagnostic, DocPath, Severity


def dotted(path: DocPath) -> str:
    """("spec", "items", 0, "sku") as `spec.items[0].sku`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def place(diagnostic: Diagnostic) -> str:
    """`file:line:column`, else the file, else the address; never empty."""
    if diagnostic.pos:
        return str(diagnostic.pos)
    if diagnostic.origin:
        return diagnostic.origin.file
    return str(diagnostic.address) if diagnostic.address else "project"


def file_of(diagnostic: Diagnostic) -> str | None:
    if diagnostic.pos:
        return diagnostic.pos.file
    return diagnostic.origin.file if diagnostic.origin else None


def in_order(diagnostics: Sequence[Diagnostic]) -> list[Diagnostic]:
    """By file, line, column, code, message: the same in every run and every format."""
    return sorted(
        diagnostics,
        key=lambda d: (
            file_of(d) or "",
            d.pos.line if d.pos else 0,
            d.pos.column if d.pos else 0,
            d.code,
            d.message,
            str(d.address or ""),
            dotted(d.path),
        ),
    )


def counts(diagnostics: Sequence[Diagnostic]) -> dict[Severity, int]:
    return {s: sum(d.severity is s for d in diagnostics) for s in Severity}
