"""One price sheet file to price rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from cspctl.commerce.price_row import PriceRow
from cspctl.sheets import cells, columns
from cspctl.sheets.cells import CellError
from cspctl.sheets.sheet_data import Findings, SheetData
from cspctl.sheets.tables import MAX_FILE, NumberedRow, rows_of

SEGMENTS = {
    "": "commercial",
    "commercial": "commercial",
    "education": "education",
    "charity": "charity",
    "nonprofit": "charity",
    "government": "government",
}


def read_sheet(path: Path) -> SheetData:
    """Read an XLSX, CSV or ZIP price sheet. Raises OSError where the file itself cannot be read.

    Rows that cannot be understood are left out and named in a finding; everything else is used.
    """
    if path.stat().st_size > MAX_FILE:
        findings = Findings()
        findings.error("E-SHEET-SIZE", f"the file is larger than {MAX_FILE // 1024 // 1024} MiB")
        return SheetData((), tuple(findings.all()), "", frozenset())
    return parse_sheet(path.read_bytes())


def parse_sheet(content: bytes) -> SheetData:
    """The same, from the bytes of a file."""
    digest, findings = sha256(content).hexdigest(), Findings()
    rows: tuple[PriceRow, ...] = ()
    try:
        rows = tuple(_price_rows(rows_of(content), digest, findings))
    except CellError as wrong:
        findings.error(wrong.code, wrong.message, hint=wrong.hint)
    return SheetData(rows, tuple(findings.all()), digest, frozenset(row.currency for row in rows))


def _price_rows(table: Iterator[NumberedRow], digest: str, findings: Findings) -> Iterator[PriceRow]:
    place = _header(table)
    absent = columns.missing(place)
    if absent:
        raise CellError("E-SHEET-COLUMN", f"columns are missing: {', '.join(absent)}")
    for number, row in table:
        if columns.header(row) is not None:
            continue  # sheets that were joined repeat their header
        try:
            found = _price_row(_Cells(row, place), number, digest, findings)
        except CellError as wrong:
            findings.error(wrong.code, wrong.message, number, wrong.hint)
            continue
        if found is not None:
            yield found


def _header(table: Iterator[NumberedRow]) -> dict[str, int]:
    for number, row in table:
        place = columns.header(row)
        if place is not None:
            return place
        if number >= columns.HEADER_WITHIN:
            break
    raise CellError(
        "E-SHEET-COLUMN",
        f"no row among the first {columns.HEADER_WITHIN} has the headings ProductId and SkuId",
        "columns are found by their English names, in any order",
    )


class _Cells:
    """One row, by column name; a short row and a missing column read as empty."""

    __slots__ = ("_place", "_row")

    def __init__(self, row: Sequence[Any], place: dict[str, int]) -> None:
        self._row = row
        self._place = place

    def raw(self, column: str) -> Any:
        index = self._place.get(column)
        return self._row[index] if index is not None and index < len(self._row) else None

    def text(self, column: str) -> str:
        return cells.text(self.raw(column))


def _price_row(row: _Cells, number: int, digest: str, findings: Findings) -> PriceRow | None:
    if row.text("PricingTierRangeMin") not in ("", "0", "1"):
        findings.warning("W-SHEET-TIER", "price tiers above the first are not used", number)
        return None
    sku, padded = cells.sku_id(row.raw("SkuId"), "SkuId")
    if padded:
        findings.warning("W-SHEET-SKU", "SkuId lost its leading zeros; they were put back", number)
    start, end = _range(row)
    erp = row.raw("ERP Price")
    return PriceRow(
        product=cells.product_id(row.raw("ProductId"), "ProductId"),
        sku=sku,
        term=_code(row, "TermDuration").upper() if row.text("TermDuration") != "NoTerm" else "NoTerm",
        billing=_code(row, "BillingPlan").lower(),
        market=_code(row, "Market").upper(),
        currency=_code(row, "Currency").upper(),
        segment=_segment(row),
        unit_price=_price(row.raw("UnitPrice"), "UnitPrice"),
        erp_price=None if cells.text(erp) == "" else _price(erp, "ERP Price"),
        start=start,
        end=end,
        title=row.text("SkuTitle") or row.text("ProductTitle"),
        tags=tuple(tag.strip() for tag in row.text("Tags").split(";") if tag.strip()),
        sheet=digest,
        row=number,
    )


def _code(row: _Cells, column: str) -> str:
    shown = row.text(column)
    cells.refuse_formula(shown, column)
    if not shown:
        raise CellError("E-SHEET-EMPTY", f"{column} is empty")
    return shown


def _price(cell: Any, column: str) -> Any:
    found = cells.amount(cell, column)
    if found < 0:
        raise CellError("E-SHEET-PRICE", f"{column} is negative")
    return found


def _range(row: _Cells) -> tuple[datetime, datetime]:
    start = cells.instant(row.raw("EffectiveStartDate"), "EffectiveStartDate") or cells.OPEN_START
    end = cells.instant(row.raw("EffectiveEndDate"), "EffectiveEndDate") or cells.OPEN_END
    if end < start:
        raise CellError("E-SHEET-DATE", "EffectiveEndDate is before EffectiveStartDate")
    return start, end


def _segment(row: _Cells) -> str:
    """Older sheets have no such column: their rows are commercial unless the product itself says otherwise."""
    shown = row.text("Segment")
    found = SEGMENTS.get(shown.lower())
    if found is None:
        raise CellError("E-SHEET-SEGMENT", f"Segment {shown!r} is not known")
    return found
