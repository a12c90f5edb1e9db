"""Diagnostics for a terminal: `file:line:column: severity CODE message`, excerpt, hint."""

from __future__ import annotations

from collections.abc import Sequence

from cspctl.model.diagnostic import Diagnostic, Severity
from cspctl.views import escape
from cspctl.views.diagnostic_place import counts, dotted, in_order, place
from cspctl.views.layout import shorten, wrap
from cspctl.views.plan_words import plural
from cspctl.views.style import PLAIN, Style


def render(
    diagnostics: Sequence[Diagnostic], resources: int | None = None, *, style: Style = PLAIN, width: int = 100
) -> str:
    """All of them and a last line with totals; ends with a newline. `resources` is how many were checked."""
    lines: list[str] = []
    for diagnostic in in_order(diagnostics):
        lines += [*block(diagnostic, style=style, width=width), ""]
    return "\n".join([*lines, style.bold(total(diagnostics, resources))]) + "\n"


def block(diagnostic: Diagnostic, *, style: Style = PLAIN, width: int = 100) -> list[str]:
    """One diagnostic. The first line is never wrapped, so that editors and problem matchers can read it."""
    head = f"{diagnostic.severity.value} {escape.terminal(diagnostic.code)}"
    where = style.bold(escape.terminal(place(diagnostic)))
    painted = style.severity(diagnostic.severity.value, head)
    lines = [f"{where}: {painted} {escape.terminal(diagnostic.message)}"]
    about = " ".join(filter(None, [str(diagnostic.address or ""), dotted(diagnostic.path)]))
    if about and about != place(diagnostic):
        lines += wrap(escape.terminal(f"in {about}"), width, first="  ", rest="    ")
    lines += _excerpt(diagnostic, style, width)
    if diagnostic.hint:
        lines += wrap(f"hint: {escape.terminal(diagnostic.hint)}", width, first="  ", rest="        ")
    return lines


def _excerpt(diagnostic: Diagnostic, style: Style, width: int) -> list[str]:
    """The source line and the caret under it. Tabs become blanks first, so that the caret stays in place."""
    if not diagnostic.excerpt:
        return []
    source, _, caret = diagnostic.excerpt.expandtabs(1).partition("\n")
    number = str(diagnostic.pos.line) if diagnostic.pos else ""
    bar = " " * len(number)
    start = _cut(caret, width - len(number) - 6)
    shown = shorten(_one_cell(source[start:]), max(8, width - len(number) - 6))
    lines = [style.dim(f"  {number} | ") + shown]
    if caret.strip():
        mark = caret[start:].replace("\n", " ").rstrip()
        lines.append(style.dim(f"  {bar} | ") + style.severity(diagnostic.severity.value, escape.terminal(mark)))
    return lines


def _cut(caret: str, room: int) -> int:
    """How much of a long line to leave out in front, so that the caret can be seen."""
    column = len(caret) - len(caret.lstrip(" "))
    return 0 if column < room else column - room // 2


def _one_cell(source: str) -> str:
    """Hidden characters as one sign each: the caret below must keep its column."""
    return "".join("\ufffd" if escape.is_hidden(c) else c for c in source)


def total(diagnostics: Sequence[Diagnostic], resources: int | None = None) -> str:
    """`2 errors, 1 warning in 12 resources.`"""
    found = counts(diagnostics)
    checked = f" in {plural(resources, 'resource')}" if resources is not None else ""
    names = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
    parts = [plural(found[s], names[s]) for s in Severity if found[s]]
    if not parts:
        return f"Valid: nothing to complain about{checked}."
    prefix = "" if found[Severity.ERROR] else "Valid: "
    return f"{prefix}{', '.join(parts)}{checked}."
