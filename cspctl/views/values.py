"""Attribute values as text, and nested changes as one line per leaf."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple

from cspctl.model.change import AttributeChange
from cspctl.views import escape

_WORD = re.compile(r"^[\w.:/@+-]+$")
UNKNOWN = "(known after apply)"
NONE = "(none)"


class Leaf(NamedTuple):
    """One changed value; `path` with dots and `[n]`."""

    path: str
    before: Any
    after: Any
    after_unknown: bool = False


def leaves(change: AttributeChange) -> list[Leaf]:
    """The changed values inside an attribute, in the order of their paths; unchanged parts are left out."""
    if change.after_unknown:
        return [Leaf(change.path, change.before, None, after_unknown=True)]
    return list(_walk(change.path, change.before, change.after))


def _walk(path: str, before: Any, after: Any) -> Iterator[Leaf]:
    if _maps(before, after):
        left, right = before or {}, after or {}
        for key in sorted(set(left) | set(right), key=str):
            yield from _walk(f"{path}.{key}" if path else str(key), left.get(key), right.get(key))
    elif _lists_of_maps(before, after):
        left, right = before or (), after or ()
        for i in range(max(len(left), len(right))):
            yield from _walk(f"{path}[{i}]", _at(left, i), _at(right, i))
    elif before != after:
        yield Leaf(path, before, after)


def _maps(before: Any, after: Any) -> bool:
    """Both are maps, or one is and the other is absent; empty maps are values of their own."""
    both = [v for v in (before, after) if v is not None]
    return bool(both) and all(isinstance(v, Mapping) and v for v in both)


def _lists_of_maps(before: Any, after: Any) -> bool:
    both = [v for v in (before, after) if v is not None]
    return bool(both) and all(
        isinstance(v, list | tuple) and v and all(isinstance(e, Mapping) for e in v) for v in both
    )


def _at(items: Any, index: int) -> Any:
    return items[index] if index < len(items) else None


def show(value: Any) -> str:
    """One line, escaped for a terminal: words bare, other text quoted, lists and maps in JSON style."""
    if value is None:
        return NONE
    if isinstance(value, Decimal | date):
        return str(plain(value))
    if isinstance(value, str) and _WORD.match(value) and value not in ("true", "false", "null"):
        return escape.terminal(value)
    return escape.terminal(json.dumps(plain(value), ensure_ascii=False, sort_keys=True))


def plain(value: Any) -> Any:
    """JSON data: Decimal as decimal text, instants as ISO 8601 with Z, maps with sorted keys.

    Raises TypeError for anything that is not data, a secret among them.
    """
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(k): plain(value[k]) for k in sorted(value, key=str)}
    if isinstance(value, set | frozenset):
        return sorted((plain(v) for v in value), key=str)
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    raise TypeError(f"{type(value).__name__} cannot be shown as data")


def instant(value: datetime) -> str:
    """`2026-11-21 12:00 UTC`."""
    return value.strftime("%Y-%m-%d %H:%M UTC")


def money(value: Mapping[str, Any]) -> list[str]:
    """One line per figure: `cost 240.00 EUR (per term, sheet)`; figures that are absent say so."""
    return [f"{_label(name)} {_figure(value[name])}" for name in sorted(value)]


def _figure(value: Any) -> str:
    if value is None:
        return "not computed"
    if isinstance(value, Mapping) and "amount" in value:
        notes = [show(value[k]) for k in ("basis", "priceSource") if value.get(k)]
        amount = f"{show(value['amount'])} {show(value['currency'])}" if value.get("currency") else "not computed"
        return f"{amount} ({', '.join(notes)})" if notes else amount
    if isinstance(value, Mapping):
        return ", ".join(f"{_label(k)} {_figure(value[k])}" for k in sorted(value))
    return show(value)


def _label(name: str) -> str:
    """`cashThisCycle` as `cash this cycle`."""
    return escape.terminal(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower())
