"""Diagnostics as GitHub workflow commands, which become annotations in the changed files."""

from __future__ import annotations

from collections.abc import Sequence

from cspctl.model.diagnostic import Diagnostic, Severity
from cspctl.views.diagnostic_place import dotted, file_of, in_order
from cspctl.views.escape import workflow_data, workflow_property

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(diagnostics: Sequence[Diagnostic]) -> str:
    """One command per line; empty for no diagnostics."""
    return "".join(_command(d) + "\n" for d in in_order(diagnostics))


def _command(diagnostic: Diagnostic) -> str:
    properties = {"title": diagnostic.code}
    if file := file_of(diagnostic):
        properties["file"] = file
    if diagnostic.pos:
        properties |= {"line": str(diagnostic.pos.line), "col": str(diagnostic.pos.column)}
    about = " ".join(filter(None, [str(diagnostic.address or ""), dotted(diagnostic.path)]))
    lines = [
        diagnostic.message,
        f"in {about}" if about else "",
        diagnostic.hint and f"hint: {diagnostic.hint}",
    ]
    message = "\n".join(line for line in lines if line)
    listed = ",".join(f"{k}={workflow_property(properties[k])}" for k in sorted(properties))
    return f"::{_COMMANDS[diagnostic.severity]} {listed}::{workflow_data(message)}"
