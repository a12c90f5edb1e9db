"""`filter`, `groupby`, `top` and `skip` of the analytics calls.

Source: Partner Center docs, pages get-all-subscription-analytics, get-subscription-analytics-by-search-query,
get-subscription-analytics-grouped-by-dates-or-terms (2018). The filter is a small part of OData.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

from cspctl.emulator.requests import invalid
from cspctl.emulator.shapes import query_value

Document = dict[str, Any]
_CLAUSE = re.compile(r"\s*(\w+)\s+(eq|ne|gt|ge|lt|le)\s+('(?:[^']|'')*'|\S+)\s*", re.IGNORECASE)


def filtered(rows: list[Document], text: str | None) -> list[Document]:
    """Rows that meet every clause; clauses are joined by `and`. Raises 400/800002."""
    for clause in re.split(r"\s+and\s+", text, flags=re.IGNORECASE) if text else []:
        match = _CLAUSE.fullmatch(clause)
        if match is None:
            raise invalid(f"the filter {clause!r} is not readable")
        name, operator, value = match.group(1), match.group(2).lower(), match.group(3)
        wanted = value[1:-1].replace("''", "'") if value.startswith("'") else value
        rows = [row for row in rows if _holds(_field(row, name), operator, wanted)]
    return rows


def _field(row: Document, name: str) -> Any:
    for key, value in row.items():
        if key.lower() == name.lower():
            return value
    raise invalid(f"there is no field {name}")


def _holds(actual: Any, operator: str, wanted: str) -> bool:
    if actual is None or wanted.lower() == "null":
        same = actual is None and wanted.lower() == "null"
        return same if operator == "eq" else operator == "ne" and not same
    left: Any = str(actual).lower()
    right: Any = wanted.lower()
    if isinstance(actual, int | float) and not isinstance(actual, bool):
        try:
            left, right = float(actual), float(wanted)
        except ValueError:
            raise invalid(f"{wanted!r} is no number") from None
    order = (left > right) - (left < right)
    outcomes: dict[str, bool] = {
        "eq": order == 0, "ne": order != 0, "gt": order > 0, "ge": order >= 0, "lt": order < 0, "le": order <= 0
    }  # fmt: skip  # a table
    return outcomes[operator]


def grouped(rows: list[Document], text: str, counts: tuple[str, str]) -> list[Document]:
    """One row per combination of the named fields, with the number of rows and a sum, both as text like the sample."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    sums: dict[tuple[str, ...], list[int]] = {}
    for row in rows:
        found = sums.setdefault(tuple(str(_field(row, name)) for name in names), [0, 0])
        found[0] += 1
        found[1] += int(row.get(counts[1]) or 0)
    spelled = {key.lower(): key for row in rows[:1] for key in row}
    keys = [spelled.get(name.lower(), name) for name in names]
    return [
        {**dict(zip(keys, values, strict=True)), counts[0]: str(number), counts[1]: str(total)}
        for values, (number, total) in sorted(sums.items())
    ]


def page(request: Request, rows: list[Document], largest: int) -> Document:
    """{"Value", "@nextLink", "TotalCount"} with `top` and `skip` applied. Raises 400/800002."""
    top, skip = _number(request, "top", largest, largest), _number(request, "skip", 0, None)
    part = rows[skip : skip + top]
    body: Document = {"Value": part, "TotalCount": len(rows)}
    if skip + top < len(rows):
        query = {key: value for key, value in request.query_params.items() if key.lower() not in ("top", "skip")}
        body["@nextLink"] = f"{request.url.path}?{urlencode({**query, 'top': top, 'skip': skip + top})}"
    return body


def _number(request: Request, name: str, default: int, largest: int | None) -> int:
    text = query_value(request, name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or (largest is not None and not 1 <= int(text) <= largest):
        limit = f"1 to {largest}" if largest else "a whole number"
        raise invalid(f"{name} must be {limit}, not {text!r}")
    return int(text)
