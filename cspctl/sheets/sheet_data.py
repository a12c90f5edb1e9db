"""What was read from one file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cspctl.commerce.price_row import PriceRow
from cspctl.model.diagnostic import Severity


@dataclass(frozen=True, slots=True)
class SheetFinding:
    """Something wrong with a file or with rows of it; `rows` are 1-based as a spreadsheet shows them."""

    severity: Severity
    code: str
    message: str
    rows: tuple[int, ...] = ()
    hint: str | None = None

    def text(self, shown: int = 5) -> str:
        """The message with its row numbers, the first few of them where there are many."""
        if not self.rows:
            return self.message
        numbers = ", ".join(str(row) for row in self.rows[:shown])
        more = f" and {len(self.rows) - shown} more" if len(self.rows) > shown else ""
        return f"{'rows' if len(self.rows) > 1 else 'row'} {numbers}{more}: {self.message}"


@dataclass(frozen=True, slots=True)
class SheetData:
    """`rows` are in the order of the file; a file that could not be read at all has an error and no rows."""

    rows: tuple[PriceRow, ...]
    findings: tuple[SheetFinding, ...]
    sha256: str
    currencies: frozenset[str]


class Findings:
    """Collects findings; the same code and message of many rows becomes one finding."""

    def __init__(self) -> None:
        self._rows: dict[tuple[Severity, str, str, str | None], list[int]] = {}

    def error(self, code: str, message: str, row: int | None = None, hint: str | None = None) -> None:
        self._add(Severity.ERROR, code, message, row, hint)

    def warning(self, code: str, message: str, row: int | None = None, hint: str | None = None) -> None:
        self._add(Severity.WARNING, code, message, row, hint)

    def _add(self, severity: Severity, code: str, message: str, row: int | None, hint: str | None) -> None:
        rows = self._rows.setdefault((severity, code, message, hint), [])
        if row is not None:
            rows.append(row)

    def all(self) -> Iterable[SheetFinding]:
        """Errors first, then in the order in which they first appeared."""
        found = [
            SheetFinding(severity, code, message, tuple(rows), hint)
            for (severity, code, message, hint), rows in self._rows.items()
        ]
        return sorted(found, key=lambda f: f.severity is not Severity.ERROR)
