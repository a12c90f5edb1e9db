"""Cells of a price sheet as values. Every reader raises CellError with a sentence about the cell."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

OPEN_START = datetime(1753, 1, 1, tzinfo=UTC)
OPEN_END = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)

_AMOUNT = re.compile(r"-?\d{1,15}(\.\d{1,15})?([eE]-?\d{1,2})?")
_US = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:[ T](\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)?(?: ?([AaPp])[Mm])?)?")
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?)?(?:Z|([+-])(\d\d):?(\d\d))?")
_PRODUCT = re.compile(r"[A-Z0-9]{12}")
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+?\d+")
# Excel keeps 15 significant digits and fills the rest of a longer number with zeros.
_ROUNDED = re.compile(r"\d{13,15}0{3,}")


class CellError(Exception):
    """`code` of the finding, and a sentence without the row number."""

    def __init__(self, code: str, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


def text(cell: Any) -> str:
    """Trimmed text; whole floats without their `.0`, nothing for an empty cell."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell).strip()


@lru_cache(maxsize=50_000)
def amount(cell: Any, column: str) -> Decimal:
    """A price. Floats of a spreadsheet are read with the 15 digits that it shows."""
    if isinstance(cell, bool):
        raise CellError("E-SHEET-PRICE", f"{column} is {cell}, not a number")
    if isinstance(cell, (int, float)):
        return Decimal(format(cell, ".15g") if isinstance(cell, float) else cell)
    shown = text(cell)
    refuse_formula(shown, column)
    if not _AMOUNT.fullmatch(shown):
        hint = "use a decimal point, no thousands separator and no currency sign" if "," in shown else None
        raise CellError("E-SHEET-PRICE", f"{column} is {shown!r}, not a number", hint)
    return Decimal(shown)


@lru_cache(maxsize=50_000)
def instant(cell: Any, column: str) -> datetime | None:
    """Aware UTC, None for an empty cell. US style `2/1/2019 12:00:00 AM`, or ISO with up to 7 fraction digits.

    Source: Partner Center docs, get-a-price-sheet (2022) for the US style; later sheets write ISO.
    """
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=UTC) if cell.tzinfo is None else cell.astimezone(UTC)
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day, tzinfo=UTC)
    shown = text(cell)
    if not shown:
        return None
    refuse_formula(shown, column)
    try:
        found = _us_date(shown) or _iso_date(shown)
    except (ValueError, OverflowError):
        found = None
    if found is None:
        hint = "dates look like 2/1/2019 12:00:00 AM (month first) or 2026-01-31T00:00:00Z"
        raise CellError("E-SHEET-DATE", f"{column} is {shown!r}, not a date", hint)
    return found


def _us_date(shown: str) -> datetime | None:
    match = _US.fullmatch(shown)
    if match is None:
        return None
    month, day, year, hour, minute, second, half = match.groups()
    hours = int(hour or 0)
    if half:
        if not 1 <= hours <= 12:
            raise ValueError("no such hour")
        hours = hours % 12 + (12 if half in "Pp" else 0)
    return datetime(int(year), int(month), int(day), hours, int(minute or 0), int(second or 0), tzinfo=UTC)


def _iso_date(shown: str) -> datetime | None:
    match = _ISO.fullmatch(shown)
    if match is None:
        return None
    year, month, day, hour, minute, second, sign, off_hours, off_minutes = match.groups()
    found = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=UTC)
    if sign:
        offset = timedelta(hours=int(off_hours), minutes=int(off_minutes))
        found = found - offset if sign == "+" else found + offset
    return found


@lru_cache(maxsize=50_000)
def product_id(cell: Any, column: str) -> str:
    """12 letters and digits; refuses what a spreadsheet program made of a long number."""
    shown = text(cell)
    refuse_formula(shown, column)
    if isinstance(cell, float) or _SCIENTIFIC.fullmatch(shown) or _ROUNDED.fullmatch(shown):
        message = f"{column} {shown} was turned into a number by a spreadsheet program; its digits are lost"
        raise CellError("E-SHEET-MANGLED", message, "use the file as it was downloaded, or CSV opened as text")
    if not _PRODUCT.fullmatch(shown.upper()):
        raise CellError("E-SHEET-ID", f"{column} {shown!r} is not a product id of 12 letters and digits")
    return shown.upper()


@lru_cache(maxsize=50_000)
def sku_id(cell: Any, column: str) -> tuple[str, bool]:
    """(SKU of 4 characters, whether leading zeros had to be put back)."""
    shown = text(cell).upper()
    refuse_formula(shown, column)
    if not re.fullmatch(r"[A-Z0-9]{1,4}", shown):
        raise CellError("E-SHEET-ID", f"{column} {shown!r} is not a SKU id of 4 letters and digits")
    return shown.zfill(4), len(shown) < 4


def refuse_formula(shown: str, column: str) -> None:
    if shown.startswith("="):
        hint = "copy the sheet and paste it as values, or better use the file as it was downloaded"
        raise CellError("E-SHEET-FORMULA", f"{column} holds a formula; prices are never computed here", hint)
