"""Makes the price sheets of examples/manifests/prices; run it again after changing a price here.

    python examples/build_sheets.py

The same input gives the same bytes. Product ids look like Partner Center's; prices are made up. The CSV file has
the 18 documented columns, the workbook also the later ones (a leading ChangeIndicator, and Segment). Both hold
the six currencies of a European market. After a change, put the printed hashes into prices/sheets.yaml.
"""

from __future__ import annotations

import csv
import io
import re
import sys
import zipfile
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from openpyxl import Workbook

FOLDER = Path(__file__).parent / "manifests" / "prices"
DOCUMENTED = (
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
)
CURRENCIES = {
    "EUR": Decimal("1"),
    "GBP": Decimal("0.86"),
    "CHF": Decimal("0.96"),
    "SEK": Decimal("11.30"),
    "NOK": Decimal("11.70"),
    "DKK": Decimal("7.46"),
}
# Months and billing cycles of a term, and what a unit costs per month compared with an annual term paid up front.
OFFERS = (
    ("P1M", "Monthly", 1, Decimal("1.20")),
    ("P1Y", "Monthly", 12, Decimal("1.05")),
    ("P1Y", "Annual", 12, Decimal("1.00")),
    ("P3Y", "Monthly", 36, Decimal("1.05")),
    ("P3Y", "Annual", 36, Decimal("1.00")),
    ("P3Y", "Triennial", 36, Decimal("1.00")),
)
PARTNER_SHARE = Decimal("0.80")
CENT = Decimal("0.01")


class Product(NamedTuple):
    """`erp` is the estimated retail price in EUR per month of an annual term paid up front."""

    title: str
    product: str
    sku: str
    erp: str


PRODUCTS = (
    Product("Microsoft 365 E3", "CFQ7TTC0LFLX", "0001", "38.20"),
    Product("Microsoft 365 E5", "CFQ7TTC0LFLZ", "0002", "60.10"),
    Product("Microsoft 365 Business Basic", "CFQ7TTC0LH18", "0001", "5.60"),
    Product("Microsoft 365 Business Standard", "CFQ7TTC0LDPB", "0001", "11.70"),
    Product("Microsoft 365 Business Premium", "CFQ7TTC0LCHC", "0002", "20.60"),
    Product("Exchange Online (Plan 1)", "CFQ7TTC0LH16", "0001", "3.70"),
    Product("Microsoft Teams Audio Conferencing", "CFQ7TTC0LHXM", "0002", "3.30"),
    Product("Microsoft Defender for Office 365 (Plan 1)", "CFQ7TTC0LH04", "0001", "1.90"),
    Product("Microsoft Entra ID P1", "CFQ7TTC0LFLS", "0002", "5.60"),
    Product("Power BI Pro", "CFQ7TTC0HL8W", "0001", "13.10"),
    Product("Visio Plan 2", "CFQ7TTC0HD32", "0002", "14.00"),
    Product("Planner and Project Plan 3", "CFQ7TTC0HDB0", "0002", "28.10"),
)


def rows(market: str) -> Iterator[dict[str, str]]:
    """UnitPrice and ERP Price are for the whole term; each billing plan is rounded on its own, so cents differ."""
    for item in PRODUCTS:
        for term, billing, months, factor in OFFERS:
            for currency, rate in CURRENCIES.items():
                monthly = (Decimal(item.erp) * rate * factor).quantize(CENT, ROUND_HALF_UP)
                cost = (monthly * PARTNER_SHARE).quantize(CENT, ROUND_HALF_UP)
                yield {
                    "ProductTitle": item.title,
                    "ProductId": item.product,
                    "SkuId": item.sku,
                    "SkuTitle": item.title,
                    "Publisher": "Microsoft Corporation",
                    "SkuDescription": item.title,
                    "UnitOfMeasure": "",
                    "TermDuration": term,
                    "BillingPlan": billing,
                    "Market": market,
                    "Currency": currency,
                    "UnitPrice": str(cost * months),
                    "PricingTierRangeMin": "",
                    "PricingTierRangeMax": "",
                    "EffectiveStartDate": "1/1/2026 12:00:00 AM",
                    "EffectiveEndDate": "12/31/9999 11:59:59 PM",
                    "Tags": "License",
                    "ERP Price": str(monthly * months),
                }


def csv_sheet(market: str) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, DOCUMENTED, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows(market))
    return text.getvalue().encode("utf-8")


def workbook(market: str) -> bytes:
    columns = ("ChangeIndicator", *DOCUMENTED, "Segment")
    book = Workbook()
    sheet = book.active
    assert sheet is not None, "a new workbook has a sheet"
    sheet.title = "PriceSheet"
    sheet.append(columns)
    for row in rows(market):
        extended = {"ChangeIndicator": "Unchanged", "Segment": "Commercial", **row}
        numbers = {key: float(extended[key]) for key in ("UnitPrice", "ERP Price")}
        sheet.append([numbers.get(column, extended[column]) for column in columns])
    stream = io.BytesIO()
    book.save(stream)
    return _without_clock(stream.getvalue())


def _without_clock(content: bytes) -> bytes:
    """The same workbook without the time of its making."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(stream, "w") as target:
        for member in source.infolist():
            body = source.read(member)
            if member.filename == "docProps/core.xml":
                body = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2026-11-01T00:00:00Z", body)
            info = zipfile.ZipInfo(member.filename, (2026, 11, 1, 0, 0, 0))
            target.writestr(info, body, zipfile.ZIP_DEFLATED, 9)
    return stream.getvalue()


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, content in {"nce-de-2026-11.xlsx": workbook("DE"), "nce-gb-2026-11.csv": csv_sheet("GB")}.items():
        (FOLDER / name).write_bytes(content)
        sys.stdout.write(f"{sha256(content).hexdigest()}  {name}\n")


if __name__ == "__main__":
    main()
