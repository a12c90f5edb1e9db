"""Rows and columns: as text fit to a width, csv, or JSON."""

from __future__ import annotations

import csv as _csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cspctl.views import canonical, escape, values
from cspctl.views.layout import cells, pad, shorten
from cspctl.views.style import PLAIN, Style

_GAP = "  "
_NARROWEST = 6


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` are (key, title), one value per column in every row; keys name the JSON fields."""

    columns: tuple[tuple[str, str], ...]
    rows: Sequence[Sequence[Any]]
    empty: str = "Nothing to show."

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(key for key, _ in self.columns)


def text(table: Table, *, style: Style = PLAIN, width: int = 100) -> str:
    """Aligned columns; the widest are shortened until a line fits. Ends with a newline."""
    if not table.rows:
        return table.empty + "\n"
    shown = [[_cell(v) for v in row] for row in table.rows]
    titles = [title.upper() for _, title in table.columns]
    widths = _fit([max(map(cells, column)) for column in zip(titles, *shown, strict=True)], width)
    numeric = [all(_is_number(row[i]) for row in table.rows) for i in range(len(titles))]
    lines = [style.bold(_line(titles, widths, numeric)), *(_line(row, widths, numeric) for row in shown)]
    return "\n".join(lines) + "\n"


def csv(table: Table) -> str:
    """A header of keys and the rows; line feeds; no cell can become a formula."""
    out = io.StringIO()
    writer = _csv.writer(out, lineterminator="\n")
    writer.writerow(table.keys)
    for row in table.rows:
        writer.writerow([_csv_cell(v) for v in row])
    return out.getvalue()


def json(table: Table) -> str:
    """A list of objects."""
    return canonical.dumps([canonical.Ordered(zip(table.keys, row, strict=True)) for row in table.rows])


def _cell(value: Any) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, str):
        return escape.terminal(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(values.plain(value)) if _is_number(value) else values.show(value).strip('"')


def _csv_cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return escape.sheet_cell(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    data = values.plain(value)
    return (
        escape.sheet_cell(data if isinstance(data, str) else values.show(value)) if not _is_number(value) else str(data)
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _fit(widths: list[int], width: int) -> list[int]:
    """Take cells from the widest column, one at a time, until the line fits or nothing more can be taken."""
    fitted = list(widths)
    excess = sum(fitted) + len(_GAP) * (len(fitted) - 1) - width
    while excess > 0 and max(fitted) > _NARROWEST:
        fitted[fitted.index(max(fitted))] -= 1
        excess -= 1
    return fitted


def _line(row: Sequence[str], widths: list[int], numeric: list[bool]) -> str:
    shown = [
        pad(shorten(cell, size), size, right=right) for cell, size, right in zip(row, widths, numeric, strict=True)
    ]
    return _GAP.join(shown).rstrip()
