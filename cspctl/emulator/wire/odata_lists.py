"""`$orderby`, `$select` and pages of lists in the form of OData.

Source: Partner Center docs, page get-a-list-of-referrals (2020).
"""

from __future__ import annotations

from typing import Any

from cspctl.emulator.wire.odata import ODataError, value_at

Row = dict[str, Any]


def ordered(rows: list[Row], text: str | None) -> list[Row]:
    """Rows sorted by `name desc, other`; those without a value come first. Raises ODataError."""
    if not text or not text.strip():
        return rows
    for part in reversed(text.split(",")):
        path, _, way = part.strip().partition(" ")
        if not path or way.strip().lower() not in ("", "asc", "desc"):
            raise ODataError(f"cannot order by {part.strip()!r}")
        rows = _sorted(rows, path, down=way.strip().lower() == "desc")
    return rows


def _sorted(rows: list[Row], path: str, *, down: bool) -> list[Row]:
    return sorted(rows, key=lambda row: _rank(value_at(row, path)), reverse=down)


def _rank(value: Any) -> tuple[int, Any]:
    if value is None:
        return 0, 0
    if isinstance(value, int | float) and not isinstance(value, bool):
        return 1, value
    return 2, str(value).lower()


def selected(row: Row, text: str | None) -> Row:
    """The named top-level properties; all of them without a `$select`."""
    names = {name.strip().lower() for name in (text or "").split(",") if name.strip()}
    return {key: value for key, value in row.items() if key.lower() in names} if names else row


def number(text: str | None, default: int, name: str, *, least: int = 0, most: int | None = None) -> int:
    """A whole number of the query. Raises ODataError."""
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or int(text) < least or (most is not None and int(text) > most):
        limit = f"{least} to {most}" if most is not None else "a whole number"
        raise ODataError(f"{name} must be {limit}, not {text!r}")
    return int(text)
