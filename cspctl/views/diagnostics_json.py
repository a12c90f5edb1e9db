"""Diagnostics as JSON."""

from __future__ import annotations

from collections.abc import Sequence

from cspctl.model.diagnostic import Diagnostic, Severity
from cspctl.views import canonical
from cspctl.views.diagnostic_place import counts, dotted, file_of, in_order


def render(diagnostics: Sequence[Diagnostic], resources: int | None = None) -> str:
    """`{"valid", "resources", "summary": {"errors","warnings","infos"}, "diagnostics": [...]}`."""
    found = counts(diagnostics)
    return canonical.dumps(
        canonical.Ordered(
            diagnosticsVersion="1.0",
            valid=not found[Severity.ERROR],
            resources=resources,
            summary=canonical.Ordered(
                errors=found[Severity.ERROR], warnings=found[Severity.WARNING], infos=found[Severity.INFO]
            ),
            diagnostics=[record(d) for d in in_order(diagnostics)],
        )
    )


def record(diagnostic: Diagnostic) -> canonical.Ordered:
    """One diagnostic; `path` with dots, `line` and `column` from 1, null where not known."""
    return canonical.Ordered(
        severity=diagnostic.severity.value,
        code=diagnostic.code,
        message=diagnostic.message,
        file=file_of(diagnostic),
        line=diagnostic.pos.line if diagnostic.pos else None,
        column=diagnostic.pos.column if diagnostic.pos else None,
        address=str(diagnostic.address) if diagnostic.address else None,
        path=dotted(diagnostic.path),
        hint=diagnostic.hint,
        excerpt=diagnostic.excerpt,
    )
