"""Parsed sheets by content, so that a workbook is unpacked once and not on every run.

The cache may be deleted at any time; a damaged or unreadable entry is a miss, and failing to write one is no error.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from cspctl.commerce.price_row import PriceRow
from cspctl.model.diagnostic import Severity
from cspctl.sheets.sheet_data import SheetData, SheetFinding

FORMAT = 1  # raise it whenever reading gives other rows or findings than before
_FIELDS = (
    "product",
    "sku",
    "term",
    "billing",
    "market",
    "currency",
    "segment",
    "unit_price",
    "erp_price",
    "start",
    "end",
    "title",
    "tags",
    "row",
)


def cache_directory(environment: Mapping[str, str] = os.environ) -> Path:
    """CSPCTL_CACHE_DIR, else XDG_CACHE_HOME/cspctl, else ~/.cache/cspctl; sheets are kept in `sheets` below."""
    named = environment.get("CSPCTL_CACHE_DIR")
    if named:
        return Path(named) / "sheets"
    return Path(environment.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "cspctl" / "sheets"


class SheetCache:
    """One JSON file per content hash, readable by its owner only: partner prices are confidential."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _entry(self, digest: str) -> Path:
        return self._folder / f"{digest}-{FORMAT}.json"

    def get(self, digest: str) -> SheetData | None:
        try:
            return _decode(orjson.loads(self._entry(digest).read_bytes()), digest)
        except (OSError, ValueError, KeyError, TypeError, ArithmeticError):
            return None

    def put(self, data: SheetData) -> None:
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(orjson.dumps(_encode(data)))
                    stream.flush()
                    os.fsync(stream.fileno())
                Path(name).replace(self._entry(data.sha256))
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise


def _encode(data: SheetData) -> dict[str, Any]:
    return {
        "rows": [[_plain(getattr(row, field)) for field in _FIELDS] for row in data.rows],
        "findings": [[f.severity.value, f.code, f.message, list(f.rows), f.hint] for f in data.findings],
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, datetime) else value


_instant = lru_cache(maxsize=10_000)(datetime.fromisoformat)


def _decode(body: Any, digest: str) -> SheetData:
    rows = tuple(_row(values, digest) for values in body["rows"])
    findings = tuple(
        SheetFinding(Severity(severity), code, message, tuple(numbers), hint)
        for severity, code, message, numbers, hint in body["findings"]
    )
    return SheetData(rows, findings, digest, frozenset(row.currency for row in rows))


def _row(values: list[Any], digest: str) -> PriceRow:
    """In the order of `_FIELDS`; spelled out because this runs for every row on every command."""
    product, sku, term, billing, market, currency, segment, price, erp, start, end, title, tags, number = values
    return PriceRow(
        product,
        sku,
        term,
        billing,
        market,
        currency,
        segment,
        Decimal(price),
        None if erp is None else Decimal(erp),
        _instant(start),
        _instant(end),
        title,
        tuple(tags),
        digest,
        number,
    )
