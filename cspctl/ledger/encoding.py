"""Values to canonical text and back: JSON with sorted keys, instants as ISO UTC with microseconds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import orjson

from cspctl.secret import Secret


def json_text(value: Any) -> str:
    """Canonical JSON: sorted keys, no spaces, ASCII; Decimal and dates as text, tuples and sets as lists.

    Raises TypeError for a Secret or any value without a plain JSON shape, ValueError for NaN, infinity and
    instants without a zone.
    """
    return json.dumps(value, default=_plain, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def json_value(text: str | None) -> Any:
    """What `json_text` wrote: dict, list, str, int, float, bool or None."""
    return None if text is None else json.loads(text)


def fast_json(text: str) -> Any:
    """The same for text known to be there; several times as fast, and every plan reads a whole fleet."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)  # lone surrogates of a foreign answer


def _plain(value: Any) -> Any:
    """The JSON encoder's fallback for everything that JSON does not know."""
    if isinstance(value, Secret):
        raise TypeError("a secret must not enter the ledger")
    if isinstance(value, Decimal):
        return _decimal_text(value)
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Set):
        return sorted(value, key=json_text)
    if callable(dump := getattr(value, "model_dump", None)):
        return dump(by_alias=True)
    raise TypeError(f"a {type(value).__name__} cannot be written to the ledger")


def _decimal_text(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError("only finite numbers can be written to the ledger")
    return format(value, "f")  # never 1E+2: the text is compared and shown


def instant_text(at: datetime) -> str:
    """`2026-03-01T08:00:00.000000+00:00`: one width, so that text order is time order."""
    if at.tzinfo is None:
        raise ValueError("an instant without a time zone cannot be written to the ledger")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def optional_instant_text(at: datetime | None) -> str | None:
    return None if at is None else instant_text(at)


def optional_instant(text: str | None) -> datetime | None:
    return None if text is None else instant(text)


def plain_text(text: str) -> str:
    """Text that any database can hold: broken surrogates and NUL of a foreign answer become `?`."""
    if not isinstance(text, str):
        raise TypeError(f"text wanted, not {type(text).__name__}")
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "?")


def optional_text(text: str | None) -> str | None:
    return None if text is None else plain_text(text)
