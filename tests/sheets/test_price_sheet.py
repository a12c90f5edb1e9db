"""Reading one price sheet. Columns: Partner Center docs, get-a-price-sheet (2022), and later third-party readers."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from cspctl.sheets.price_sheet import parse_sheet, read_sheet
from cspctl.sheets.sheet_data import SheetData
from cspctl.sheets.tables import MAX_RATIO

SAMPLES = Path(os.environ.get("CSPCTL_SAMPLES") or Path(__file__).parents[3] / "shared/partner-center/samples")
DOCUMENTED = [
    "ProductTitle",
    "ProductId",
    "SkuId",
    "SkuTitle",
    "Publisher",
    "SkuDescription",
    "UnitOfMeasure",
    "TermDuration",
    "BillingPlan",
    "Market",
    "Currency",
    "UnitPrice",
    "PricingTierRangeMin",
    "PricingTierRangeMax",
    "EffectiveStartDate",
    "EffectiveEndDate",
    "Tags",
    "ERP Price",
]
VALUES: dict[str, Any] = {
    "ProductTitle": "Microsoft 365 E3",
    "ProductId": "CFQ7TTC0LFLX",
    "SkuId": "0001",
    "SkuTitle": "Microsoft 365 E3",
    "TermDuration": "P1Y",
    "BillingPlan": "Monthly",
    "Market": "DE",
    "Currency": "EUR",
    "UnitPrice": "345.60",
    "EffectiveStartDate": "1/1/2026 12:00:00 AM",
    "EffectiveEndDate": "12/31/9999 11:59:59 PM",
    "Tags": "License",
    "ERP Price": "432",
}


def csv_of(rows: Sequence[dict[str, Any]], columns: Sequence[str] = DOCUMENTED, delimiter: str = ",") -> bytes:
    lines = [delimiter.join(f'"{c}"' for c in columns)]
    lines += [delimiter.join(f'"{row.get(c, "")}"' for c in columns) for row in rows]
    return "\n".join(lines).encode()


def xlsx_of(rows: Sequence[dict[str, Any]], columns: Sequence[str] = DOCUMENTED) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(columns))
    for row in rows:
        sheet.append([row.get(c) for c in columns])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def zip_of(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def codes(data: SheetData) -> list[tuple[str, tuple[int, ...]]]:
    return [(f.code, f.rows) for f in data.findings]


def test_the_documented_sample_is_read() -> None:
    path = SAMPLES / "get-a-price-sheet.json"
    if not path.exists():
        pytest.skip(f"the documented samples are not at {SAMPLES}; set CSPCTL_SAMPLES")
    body = json.loads(path.read_text())["exchanges"][0]["response_body"].split("=======")[0]
    data = parse_sheet(body.encode())
    (row,) = data.rows
    assert (row.product, row.sku, row.term, row.billing) == ("CFQ7TTC0HDK0", "0001", "P1Y", "annual")
    assert (row.market, row.currency, row.segment) == ("US", "USD", "commercial")
    assert (row.unit_price, row.erp_price) == (Decimal("115.2"), Decimal("144"))
    assert row.start == datetime(2019, 2, 1, tzinfo=UTC)
    assert row.end == datetime(2021, 2, 4, 20, 35, 31, tzinfo=UTC)
    assert row.tags == ("License",)
    assert data.findings == ()


def test_xlsx_csv_and_zip_hold_the_same_rows() -> None:
    rows = [VALUES, {**VALUES, "BillingPlan": "Annual", "UnitPrice": "329.15", "Tags": "License; Trial"}]
    typed = [{**r, "UnitPrice": float(r["UnitPrice"]), "ERP Price": 432} for r in rows]
    text = csv_of(rows)
    read = [parse_sheet(content) for content in (text, xlsx_of(typed), zip_of({"sheets.csv": text}))]
    keys = [[(r.billing, r.unit_price, r.erp_price, r.start, r.end, r.tags, r.row) for r in d.rows] for d in read]
    assert keys[0] == keys[1] == keys[2]
    assert [r.row for r in read[0].rows] == [2, 3]
    assert read[0].rows[1].tags == ("License", "Trial")
    assert all(d.findings == () for d in read)
    assert len({d.sha256 for d in read}) == 3


def test_columns_are_found_by_name_wherever_they_stand() -> None:
    columns = ["ChangeIndicator", "NewColumn", "Segment", *reversed([c for c in DOCUMENTED if "Tier" not in c])]
    data = parse_sheet(csv_of([{**VALUES, "Segment": "Charity", "NewColumn": "x"}], columns))
    assert [r.segment for r in data.rows] == ["charity"]
    assert data.rows[0].unit_price == Decimal("345.60")
    assert data.findings == ()


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters_are_understood(delimiter: str) -> None:
    assert len(parse_sheet(csv_of([VALUES], delimiter=delimiter)).rows) == 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_byte_order_marks_are_understood(encoding: str) -> None:
    assert len(parse_sheet(csv_of([VALUES]).decode().encode(encoding)).rows) == 1


@pytest.mark.parametrize(
    ("written", "start"),
    [
        ("2/1/2019 12:00:00 AM", datetime(2019, 2, 1, tzinfo=UTC)),
        ("2/4/2021 8:35:31 PM", datetime(2021, 2, 4, 20, 35, 31, tzinfo=UTC)),
        ("12/31/2026 12:30:00 PM", datetime(2026, 12, 31, 12, 30, tzinfo=UTC)),
        ("2026-01-01T00:00:00.0000000Z", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01T01:00:00.1234567+01:00", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01", datetime(2026, 1, 1, tzinfo=UTC)),
        ("1/1/1753 12:00:00 AM", datetime(1753, 1, 1, tzinfo=UTC)),
        ("", datetime(1753, 1, 1, tzinfo=UTC)),
    ],
)
def test_dates_of_both_styles(written: str, start: datetime) -> None:
    data = parse_sheet(csv_of([{**VALUES, "EffectiveStartDate": written}]))
    assert [r.start for r in data.rows] == [start]


def test_lost_leading_zeros_are_put_back_and_flagged_once() -> None:
    text = parse_sheet(csv_of([{**VALUES, "SkuId": "1"}, VALUES, {**VALUES, "SkuId": "1"}]))
    assert [r.sku for r in text.rows] == ["0001"] * 3
    assert codes(text) == [("W-SHEET-SKU", (2, 4))]
    number = parse_sheet(xlsx_of([{**VALUES, "SkuId": 1}]))
    assert [r.sku for r in number.rows] == ["0001"]


@pytest.mark.parametrize("mangled", [123456789012345000, "123456789012345000", "1.23457E+17", 1.23457e17])
def test_ids_that_a_spreadsheet_turned_into_numbers_are_refused(mangled: Any) -> None:
    data = parse_sheet(xlsx_of([{**VALUES, "ProductId": mangled}, VALUES]))
    assert [r.row for r in data.rows] == [3]
    assert codes(data) == [("E-SHEET-MANGLED", (2,))]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"UnitPrice": "=A1*2"}, "E-SHEET-FORMULA"),
        ({"ProductId": "=CONCAT(A1)"}, "E-SHEET-FORMULA"),
        ({"UnitPrice": "345,60"}, "E-SHEET-PRICE"),
        ({"UnitPrice": "NaN"}, "E-SHEET-PRICE"),
        ({"UnitPrice": "-3"}, "E-SHEET-PRICE"),
        ({"UnitPrice": ""}, "E-SHEET-PRICE"),
        ({"ERP Price": "n/a"}, "E-SHEET-PRICE"),
        ({"EffectiveStartDate": "31.12.2026"}, "E-SHEET-DATE"),
        ({"EffectiveStartDate": "13/1/2026 12:00:00 AM"}, "E-SHEET-DATE"),
        ({"EffectiveStartDate": "1/1/2027 12:00:00 AM", "EffectiveEndDate": "1/1/2026"}, "E-SHEET-DATE"),
        ({"Market": ""}, "E-SHEET-EMPTY"),
        ({"ProductId": "CFQ7"}, "E-SHEET-ID"),
        ({"SkuId": "00001"}, "E-SHEET-ID"),
        ({"Segment": "Pirates"}, "E-SHEET-SEGMENT"),
    ],
)
def test_a_bad_row_is_named_and_the_others_pass(change: dict[str, str], code: str) -> None:
    for build in (csv_of, xlsx_of):
        data = parse_sheet(build([VALUES, {**VALUES, **change}, VALUES], [*DOCUMENTED, "Segment"]))
        assert [r.row for r in data.rows] == [2, 4]
        assert codes(data) == [(code, (3,))]


def test_a_missing_price_for_the_end_customer_is_not_zero() -> None:
    data = parse_sheet(csv_of([{**VALUES, "ERP Price": ""}]))
    assert data.rows[0].erp_price is None


def test_only_the_first_price_tier_is_used() -> None:
    data = parse_sheet(csv_of([{**VALUES, "PricingTierRangeMin": "1"}, {**VALUES, "PricingTierRangeMin": "100"}]))
    assert [r.row for r in data.rows] == [2]
    assert codes(data) == [("W-SHEET-TIER", (3,))]


def test_missing_columns_are_all_named() -> None:
    data = parse_sheet(csv_of([VALUES], ["ProductId", "SkuId", "Market"]))
    (finding,) = data.findings
    assert finding.code == "E-SHEET-COLUMN"
    assert finding.message == "columns are missing: TermDuration, BillingPlan, Currency, UnitPrice"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "E-SHEET-COLUMN"),
        (b"hello", "E-SHEET-COLUMN"),
        (csv_of([VALUES]).replace(b"Microsoft", b"M\xfcnchen"), "E-SHEET-ENCODING"),
        (b"PK\x03\x04 cut off", "E-SHEET-FORMAT"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old workbook", "E-SHEET-FORMAT"),
        (zip_of({}), "E-SHEET-FORMAT"),
        (zip_of({"a.csv": csv_of([VALUES]), "b.csv": b""}), "E-SHEET-FORMAT"),
        (zip_of({"xl/workbook.xml": b"<workbook/>", "[Content_Types].xml": b"<x"}), "E-SHEET-FORMAT"),
        (zip_of({"bomb.csv": b"0" * 4096 * (MAX_RATIO + 1)}), "E-SHEET-SIZE"),
    ],
)
def test_unreadable_files_are_findings_never_exceptions(content: bytes, code: str) -> None:
    data = parse_sheet(content)
    assert data.rows == ()
    assert [f.code for f in data.findings] == [code]


def test_many_findings_of_one_kind_become_one_with_the_first_row_numbers() -> None:
    data = parse_sheet(csv_of([{**VALUES, "UnitPrice": ""}] * 9))
    (finding,) = data.findings
    assert finding.text() == "rows 2, 3, 4, 5, 6 and 4 more: UnitPrice is '', not a number"


def test_currencies_of_a_european_sheet(tmp_path: Path) -> None:
    six = ["EUR", "GBP", "CHF", "SEK", "NOK", "DKK"]
    path = tmp_path / "sheet.csv"
    path.write_bytes(csv_of([{**VALUES, "Currency": c} for c in six]))
    assert read_sheet(path).currencies == frozenset(six)
