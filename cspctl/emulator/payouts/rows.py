"""Earnings and payments of a partner: seeded rows, filtered and written as a table.

Source: Partner Center docs, pages create-earnings-export-request and create-payments-export-request (2023): what a
filter may name, and that an export without one reaches back three years. The columns of the real files are not
documented there; these are the documented fields, then whatever else the seeded rows have.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cspctl.emulator.clock import add_duration, parse_instant
from cspctl.emulator.store import Store
from cspctl.emulator.wire.odata import predicate
from cspctl.emulator.wire.shapes import stable_guid

Row = dict[str, Any]
KIND = "payout_row"


@dataclass(frozen=True)
class Report:
    """`path` names it in addresses, `day` is the field an export without a filter goes by."""

    path: str
    section: str
    day: str
    columns: tuple[str, ...]
    numbers: tuple[str, ...]


EARNINGS = Report(
    "transactionhistory", "earnings", "earningForDate",
    ("enrollmentParticipantId", "engagementName", "earningForDate", "transactionAmount", "earningAmount"),
    ("transactionAmount", "earningAmount"),
)  # fmt: skip  # one report
PAYMENTS = Report(
    "payments", "payments", "payoutStatusUpdateTS",
    ("enrollmentParticipantId", "programName", "paymentId", "payoutOrderType", "payoutStatusUpdateTS", "paymentAmount"),
    ("paymentAmount",),
)  # fmt: skip  # one report
REPORTS: Mapping[str, Report] = {one.path: one for one in (EARNINGS, PAYMENTS)}
DELIMITERS: Mapping[str, str] = {"csv": ",", "csv1": ",", "tsv": "\t"}  # one page prints csv1 for csv


def put_rows(store: Store, partner: Row, report: Report, entries: list[Row]) -> None:
    """Seeded rows. Raises ValueError for one without its day or with amounts that are no numbers."""
    for number, entry in enumerate(entries):
        where = f"{report.section} {number}"
        if not entry.get(report.day):
            raise ValueError(f"{where} has no {report.day}")
        parse_instant(str(entry[report.day]))
        for name in report.numbers:
            if not isinstance(entry.get(name, 0), int | float) or isinstance(entry.get(name), bool):
                raise ValueError(f"{where}: {name} is no number")
        row = {"enrollmentParticipantId": str(partner.get("mpnId")), **entry}
        row = {key: value for key, value in row.items() if key != "partner"}
        id = stable_guid("payout row", partner["accountId"], report.path, str(sorted(row.items())))
        store.put(KIND, partner["accountId"], id, {**row, "_id": id}, parent=report.path)


def rows_of(store: Store, partner: str, report: Report, query: str, now: datetime, years: int) -> list[Row]:
    """What a filter leaves, by day. Raises ODataError."""
    rows = store.list(KIND, partner, parent=report.path)
    known = {*report.columns, *(key for row in rows for key in row if key[:1] != "_")}
    fits = predicate(query, known)
    if not query:
        since = add_duration(now.replace(year=now.year - years), "P0D")
        rows = [row for row in rows if parse_instant(str(row[report.day])) >= since]
    return sorted((row for row in rows if fits(row)), key=lambda row: (str(row[report.day]), row["_id"]))


def text_of(report: Report, rows: list[Row], delimiter: str) -> bytes:
    """A header and one line per row."""
    others = dict.fromkeys(key for row in rows for key in row if key[:1] != "_" and key not in report.columns)
    columns = [*report.columns, *others]
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([row.get(name, "") for name in columns] for row in rows)
    return text.getvalue().encode()
