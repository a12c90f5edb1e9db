"""Diagnostics as JUnit XML: one test case per diagnostic, errors fail; one passing case when none does."""

from __future__ import annotations

from collections.abc import Sequence

from cspctl.model.diagnostic import Diagnostic, Severity
from cspctl.views import diagnostics_text
from cspctl.views.diagnostic_place import counts, file_of, in_order, place
from cspctl.views.escape import xml


def render(diagnostics: Sequence[Diagnostic]) -> str:
    """A document with one test suite, ending with a newline; no times, so that its bytes are stable."""
    failures = counts(diagnostics)[Severity.ERROR]
    cases = [_case(d) for d in in_order(diagnostics)]
    if not failures:
        cases.insert(0, '    <testcase classname="cspctl" name="manifests are valid"/>')
    totals = f'tests="{len(cases)}" failures="{failures}" errors="0" skipped="0"'
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<testsuites name="cspctl validate" {totals}>',
            f'  <testsuite name="cspctl validate" {totals}>',
            *cases,
            "  </testsuite>",
            "</testsuites>",
            "",
        ]
    )


def _case(diagnostic: Diagnostic) -> str:
    name = f"{diagnostic.code} {place(diagnostic)}"
    head = f'    <testcase classname="{xml(file_of(diagnostic) or "project")}" name="{xml(name)}"'
    text = "\n".join(diagnostics_text.block(diagnostic))
    if diagnostic.severity is Severity.ERROR:
        attributes = f'type="{xml(diagnostic.code)}" message="{xml(diagnostic.message)}"'
        body = f"<failure {attributes}>{xml(text)}</failure>"
    else:
        body = f"<system-out>{xml(text)}</system-out>"
    return f"{head}>{body}</testcase>"
