"""Sheets as bytes: quoted CSV, in a zip file when the caller takes deflate.

Source: page get-a-price-sheet (Oct 2023): with `Accept-Encoding: deflate` the body is a zip file with one CSV, not
a compressed transfer. All values are quoted text; dates are US style.
"""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context
from cspctl.emulator.wire.requests import invalid

_ZIP_TIME = (2020, 1, 1, 0, 0, 0)  # fixed, so that the same sheet has the same bytes


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()


def sheet(request: Request, ctx: Context, name: str, content: bytes) -> Answer:
    """The answer with a sheet. Raises 400 without client-request-id where the settings ask for it."""
    if ctx.settings.require_client_request_id and not request.headers.get("client-request-id"):
        raise invalid("the header client-request-id is required")
    zipped = "deflate" in request.headers.get("accept-encoding", "").lower()
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": f"attachment; filename={name}",
        "timestamp": ctx.clock.now().isoformat(timespec="seconds"),
        "ETag": f'"{hashlib.sha256(content).hexdigest()[:16]}"',
    }
    return Answer(200, None, headers, raw=_zip(name, content) if zipped else content)


def _zip(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name, _ZIP_TIME), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def us_date(moment: datetime) -> str:
    """`2/1/2019 12:00:00 AM`."""
    hour = moment.hour % 12 or 12
    half = "AM" if moment.hour < 12 else "PM"
    return f"{moment.month}/{moment.day}/{moment.year} {hour}:{moment:%M:%S} {half}"


def month_of(text: str) -> datetime:
    """The first instant of a month YYYYMM. Raises 400/800002."""
    if len(text) != 6 or not text.isdigit() or not 1 <= int(text[4:]) <= 12 or int(text[:4]) < 2000:
        raise invalid(f"month must be YYYYMM, not {text!r}")
    return datetime(int(text[:4]), int(text[4:]), 1, tzinfo=UTC)


def month_after(first: datetime) -> datetime:
    return first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
