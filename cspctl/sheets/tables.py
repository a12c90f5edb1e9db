"""A file as rows of cells: CSV, XLSX, or a ZIP with one CSV, told apart by their first bytes."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from typing import IO, Any, NamedTuple

from cspctl.sheets.cells import CellError

MAX_FILE = 256 * 1024 * 1024
MAX_UNPACKED = 1024 * 1024 * 1024
MAX_RATIO = 200  # a price sheet packs about 1:20; deflate at its worst does 1:1000
MAX_PART_COUNT = 2_000
_DELIMITERS = (",", ";", "\t")


class NumberedRow(NamedTuple):
    """`number` is 1-based, as a spreadsheet shows it."""

    number: int
    cells: tuple[Any, ...] | list[Any]


def rows_of(content: bytes) -> Iterator[NumberedRow]:
    """Every row that is not empty. Raises CellError for a file that cannot be read."""
    if len(content) > MAX_FILE:
        raise CellError("E-SHEET-SIZE", f"the file is larger than {MAX_FILE // 1024 // 1024} MiB")
    if content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise CellError("E-SHEET-FORMAT", "this is an old .xls workbook", "save it as .xlsx or .csv")
    try:
        if content[:2] == b"PK":
            yield from _packed(content)
        else:
            yield from _csv(io.BytesIO(content))
    except UnicodeDecodeError as cause:
        raise CellError("E-SHEET-ENCODING", "the file is not UTF-8 text", "save it as CSV UTF-8") from cause
    except csv.Error as cause:
        raise CellError("E-SHEET-FORMAT", f"the file is not a CSV table: {cause}") from cause
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as cause:
        raise CellError("E-SHEET-FORMAT", "the file is damaged or not a ZIP or XLSX file") from cause


def _packed(content: bytes) -> Iterator[NumberedRow]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [m for m in archive.infolist() if not m.is_dir() and not m.filename.startswith("__MACOSX/")]
        _check_size(members)
        if any(m.filename == "xl/workbook.xml" for m in members):
            yield from _workbook(content)
            return
        sheets = [m for m in members if m.filename.lower().endswith(".csv")]
        if len(sheets) != 1:
            message = f"the ZIP file holds {len(sheets)} CSV files; one is needed"
            raise CellError("E-SHEET-FORMAT", message)
        if sheets[0].flag_bits & 0x1:
            raise CellError("E-SHEET-FORMAT", "the ZIP file is encrypted", "unpack it first")
        with archive.open(sheets[0]) as stream:
            yield from _csv(stream)


def _check_size(members: list[zipfile.ZipInfo]) -> None:
    """Before anything is unpacked. A member never yields more than the size it declares."""
    unpacked, packed = sum(m.file_size for m in members), sum(m.compress_size for m in members)
    if len(members) > MAX_PART_COUNT or unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(packed, 4096):
        message = f"the file unpacks to {unpacked} bytes from {packed} in {len(members)} parts: refused"
        raise CellError("E-SHEET-SIZE", message, "use the file as it was downloaded")


def _csv(stream: IO[bytes]) -> Iterator[NumberedRow]:
    encoding = "utf-16" if stream.read(2) in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    stream.seek(0)
    lines = io.TextIOWrapper(stream, encoding=encoding, newline="")
    # The documented sample closes its last heading with a typographic quote, which would swallow a line.
    first = lines.readline().replace("“", '"').replace("”", '"')
    delimiter = max(_DELIMITERS, key=first.count)
    for number, cells in enumerate(csv.reader(_chain(first, lines), delimiter=delimiter), start=1):
        if any(cells):
            yield NumberedRow(number, cells)


def _chain(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _workbook(content: bytes) -> Iterator[NumberedRow]:
    """The first worksheet; formulas arrive as their text and are refused where a value is needed."""
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    with ExitStack() as stack:
        try:
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
            stack.callback(book.close)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # some writers state a wrong size
            rows = sheet.iter_rows(values_only=True)
            for number, cells in enumerate(rows, start=1):
                if any(cell is not None for cell in cells):
                    yield NumberedRow(number, cells)
        except (InvalidFileException, KeyError, IndexError, ValueError, SyntaxError) as cause:
            # SyntaxError: the XML parser's ParseError derives from it.
            raise CellError("E-SHEET-FORMAT", "the workbook is damaged", "save it again as .xlsx") from cause
