"""The price books of a project: every PriceSheet's file, read, checked against its pin, and indexed."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from cspctl.commerce.price_book import PriceBooks
from cspctl.commerce.price_row import PriceRow
from cspctl.model.diagnostic import Diagnostic, Severity
from cspctl.model.ports import PriceSource
from cspctl.model.resource import Resource, ResourceIndex
from cspctl.model.trust import Trust
from cspctl.sheets.price_sheet import parse_sheet
from cspctl.sheets.sheet_cache import SheetCache, cache_directory
from cspctl.sheets.sheet_data import SheetData, SheetFinding
from cspctl.sheets.tables import MAX_FILE

KIND = "PriceSheet"
NO_TRUST = Trust()


def load_price_books(
    resources: ResourceIndex, root: Path, *, trust: Trust = NO_TRUST, cache: SheetCache | None = None
) -> tuple[PriceSource, list[Diagnostic]]:
    """All prices that the project pins, and what is wrong with the files.

    `root` is the project's folder (where cspctl.yaml stands). `file` is relative to its manifest's folder and
    may not leave the root unless `trust` lists the place. A file that fails its pin is reported and still read,
    so that one finding stays one.
    """
    cache = cache or SheetCache(cache_directory())
    books: dict[str, list[PriceRow]] = {}
    found: list[Diagnostic] = []
    read: dict[Path, SheetData | Diagnostic] = {}
    # Oldest month first: a later sheet's row replaces the same row of an earlier one.
    for sheet in sorted(resources.of_kind(KIND).values(), key=lambda s: (str(s.effective["period"]), s.name)):
        loaded = _load(sheet, root, trust, cache, read)
        if isinstance(loaded, Diagnostic):
            found.append(loaded)
            continue
        market = str(sheet.effective["market"])
        found.extend(_judge(sheet, loaded, market))
        mine = [row for row in loaded.rows if row.market == market]
        if mine:
            books.setdefault(str(sheet.effective["priceBook"]), []).extend(mine)
    return PriceBooks(books), found


def _load(
    sheet: Resource, root: Path, trust: Trust, cache: SheetCache, read: dict[Path, SheetData | Diagnostic]
) -> SheetData | Diagnostic:
    stated = str(sheet.effective["file"])
    path = (root / sheet.origin.file).parent / stated
    try:
        real = path.resolve()
        if not trust.allows_file(real, root):
            return _about(sheet, "E-SHEET-OUTSIDE", f"{stated} lies outside of the project", "move it inside")
        if not real.is_file():
            where = (Path(sheet.origin.file).parent / stated).as_posix()
            hint = "the path is relative to this manifest's folder"
            return _about(sheet, "E-SHEET-MISSING", f"there is no file {where}", hint)
        if real.stat().st_size > MAX_FILE:
            return _about(sheet, "E-SHEET-SIZE", f"{stated} is larger than {MAX_FILE // 1024 // 1024} MiB")
        if real not in read:
            read[real] = _parse(real.read_bytes(), cache)
        return read[real]
    except (OSError, ValueError) as cause:  # ValueError: a path with a null character
        reason = cause.strerror if isinstance(cause, OSError) else "not a path"
        return _about(sheet, "E-SHEET-UNREADABLE", f"{stated} cannot be read: {reason}")


def _parse(content: bytes, cache: SheetCache) -> SheetData:
    kept = cache.get(sha256(content).hexdigest())
    if kept is not None:
        return kept
    data = parse_sheet(content)
    if data.rows:
        cache.put(data)
    return data


def _judge(sheet: Resource, data: SheetData, market: str) -> Iterator[Diagnostic]:
    pin = sheet.effective.get("sha256")
    if pin and str(pin) != data.sha256:
        yield _about(
            sheet,
            "E-SHEET-HASH",
            f"the content of {sheet.effective['file']} is not the pinned one: its sha256 is {data.sha256}",
            "restore the file; or, where the new content is wanted, pin its hash in a reviewed change",
            key="sha256",
        )
    for finding in data.findings:
        yield _finding(sheet, finding)
    others = sorted({row.market for row in data.rows} - {market})
    if others and not any(row.market == market for row in data.rows):
        message = f"{sheet.effective['file']} has no rows of market {market}; it holds {', '.join(others[:10])}"
        yield _about(sheet, "E-SHEET-MARKET", message, key="market")
    elif not data.rows and not data.findings:
        yield _about(sheet, "E-SHEET-EMPTY", f"{sheet.effective['file']} has no price rows")


def _finding(sheet: Resource, finding: SheetFinding) -> Diagnostic:
    return Diagnostic(
        finding.severity,
        finding.code,
        f"{sheet.effective['file']}: {finding.text()}",
        ("spec", "file"),
        sheet.address,
        sheet.origin,
        hint=finding.hint,
    )


def _about(sheet: Resource, code: str, message: str, hint: str | None = None, *, key: str = "file") -> Diagnostic:
    return Diagnostic(Severity.ERROR, code, message, ("spec", key), sheet.address, sheet.origin, hint=hint)
