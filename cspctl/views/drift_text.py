"""Drift for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from cspctl.model.plan import DriftRow, GapRow
from cspctl.views import escape, plan_words, values
from cspctl.views.layout import wrap
from cspctl.views.style import PLAIN, Style


def render(drift: Sequence[DriftRow], gaps: Sequence[GapRow] = (), *, style: Style = PLAIN, width: int = 100) -> str:
    """All rows, the gaps, and one line of totals; ends with a newline."""
    lines = rows(drift, style=style, width=width)
    if gaps:
        lines += ["", f"Gaps ({len(gaps)}): could not be read, so drift is not known there"]
        for gap in gaps:
            text = f"{escape.terminal(gap.scope)}: {escape.terminal(gap.reason)}"
            lines += wrap(text, width, first="  ? ", rest="    ")
    if lines:
        lines.append("")
    return "\n".join([*lines, *(style.bold(line) for line in wrap(_total(drift, gaps), width))]) + "\n"


def rows(drift: Sequence[DriftRow], *, style: Style, width: int) -> list[str]:
    """One block per row, grouped by address in the order given."""
    lines: list[str] = []
    previous = ""
    for row in drift:
        if row.address != previous:
            lines.append(f"  {style.bold(escape.terminal(row.address))}")
            previous = row.address
        lines += [style.yellow(line) for line in wrap(_what(row), width, first="    ~ ", rest="        ")]
        for text in (_who(row), _revert(row), escape.terminal(row.note)):
            if text:
                lines += wrap(text, width, first="      ", rest="        ")
    return lines


def _what(row: DriftRow) -> str:
    path = escape.terminal(row.path) if row.path else escape.terminal(row.live_id)
    if row.klass != "changed" and row.old is None and row.new is None:
        return f"{path}: {escape.terminal(row.klass)}"
    kind = "" if row.klass == "changed" else f" ({escape.terminal(row.klass)})"
    return f"{path}: {values.show(row.old)} \u2192 {values.show(row.new)}{kind}"


def _who(row: DriftRow) -> str:
    who = escape.terminal(row.principal or "somebody unknown")
    by = f" with {escape.terminal(row.application)}" if row.application else ""
    at = f" at {values.instant(row.at)}" if row.at else ""
    did = f" ({escape.terminal(row.operation)})" if row.operation else ""
    return f"by {who}{by}{at}{did}"


def _revert(row: DriftRow) -> str:
    if row.revertible is None:
        return "whether it can be reverted is not known"
    if not row.revertible:
        return "cannot be reverted"
    until = f" until {values.instant(row.revertible_until)}" if row.revertible_until else ""
    return f"can be reverted{until}"


def _total(drift: Sequence[DriftRow], gaps: Sequence[GapRow]) -> str:
    unknown = f" {plan_words.plural(len(gaps), 'gap')}: what is there is not known." if gaps else ""
    if not drift:
        return "No drift" + (" in what could be read." if gaps else ".") + unknown
    objects = len({row.address for row in drift})
    found = plan_words.plural(len(drift), "difference")
    return f"Drift: {found} in {plan_words.plural(objects, 'object')}.{unknown}"
