"""Drift as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from cspctl.model.plan import DriftRow, GapRow
from cspctl.views import escape, plan_words, values


def render(drift: Sequence[DriftRow], gaps: Sequence[GapRow] = ()) -> str:
    """A table of the rows and a list of the gaps; ends with a newline."""
    total = plan_words.plural(len(drift), "difference") if drift else "none"
    blocks = [f"### Drift: {total}"]
    if drift:
        blocks.append("\n".join(table(drift)))
    if gaps:
        listed = [f"- {escape.markdown(g.scope)}: {escape.markdown(g.reason)}" for g in gaps]
        blocks.append("\n".join(["Could not be read, so drift is not known there:", "", *listed]))
    return "\n\n".join(blocks) + "\n"


def table(drift: Sequence[DriftRow]) -> list[str]:
    """Two header lines, then one line per row."""
    head = ["| Address | What | Was | Is | Who | When | Revert until |", "|---|---|---|---|---|---|---|"]
    return head + [_row(row) for row in drift]


def _row(row: DriftRow) -> str:
    what = row.path if row.klass == "changed" else f"{row.path or row.live_id} ({row.klass})"
    who = " ".join(filter(None, [row.principal or "unknown", row.application and f"with {row.application}"]))
    cells = [row.address, what, values.show(row.old), values.show(row.new), who]
    at = values.instant(row.at) if row.at else "unknown"
    return f"| {' | '.join(escape.markdown(c) for c in cells)} | {at} | {_until(row)} |"


def _until(row: DriftRow) -> str:
    if row.revertible is None:
        return "unknown"
    if not row.revertible:
        return "cannot"
    return values.instant(row.revertible_until) if row.revertible_until else "no end"
