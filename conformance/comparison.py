"""What a documented body has and an answered one lacks, on raw JSON.

Bodies become shapes: the union of what their objects and lists hold. A property that is null in the sample is
optional; a documented number stays a number and a number printed as text stays text; dates are text. Names are
compared without regard to case, because pages print the names of the .NET library and those of the wire mixed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

_COLUMNS = 3  # a first line with this many commas is the header of a CSV file


@dataclass
class Shape:
    """The union of the types and properties seen at one place."""

    types: set[str] = field(default_factory=set)
    fields: dict[str, Shape] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    item: Shape | None = None

    def add(self, value: Any) -> None:
        kind = _type(value)
        self.types.add(kind)
        if isinstance(value, dict):
            for name, inner in value.items():
                self.names.setdefault(name.lower(), name)
                self.fields.setdefault(name.lower(), Shape()).add(inner)
        elif isinstance(value, list):
            self.item = self.item or (Shape() if value else None)
            for inner in value:
                self.item.add(inner)  # type: ignore[union-attr]  # made above for any list that is not empty


def _type(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return {"str": "text", "dict": "object", "list": "list"}[type(value).__name__]


def differences(documented: Any, answered: Any) -> list[str]:
    """Paths of documented properties that are missing or of another type; a list is written `items[]`."""
    wanted, given = Shape(), Shape()
    wanted.add(documented)
    given.add(answered)
    return _compare(wanted, given, "")


def aligned(documented: Any, answered: Any) -> Any:
    """The part of the answer a page prints: one element of a collection, or the elements without their frame."""
    if isinstance(documented, list) and isinstance(answered, dict):
        return [answered]
    if isinstance(documented, dict) and isinstance(answered, dict):
        names = {name.lower(): inner for name, inner in answered.items()}
        lists = [
            inner for name, inner in names.items() if isinstance(inner, list) and inner and isinstance(inner[0], dict)
        ]
        shared = names.keys() & {name.lower() for name in documented} - {"attributes", "links"}
        rows = names.get("items", names.get("value")) or (lists[0] if lists and not shared else None)
        framed = {"items", "value"} & {name.lower() for name in documented}
        if isinstance(rows, list) and rows and not framed:
            return max(rows, key=lambda row: -len(differences(documented, row)))
    return answered


def _compare(wanted: Shape, given: Shape, path: str) -> list[str]:
    where = path or "body"
    expected = wanted.types - {"null"}
    if not expected:
        return []
    odd = given.types - expected - {"null"}
    if odd or not given.types - {"null"}:
        return [f"{where}: {'/'.join(sorted(expected))}, answered {'/'.join(sorted(odd)) or 'null'}"]
    found = []
    for name, inner in wanted.fields.items():
        label = f"{path}.{wanted.names[name]}".lstrip(".")
        if name in given.fields:
            found += _compare(inner, given.fields[name], label)
        elif inner.types != {"null"}:
            found.append(f"{label}: missing")
    if wanted.item is not None and (given.item is not None or "object" in wanted.item.types):
        found += [f"{where}: empty list"] if given.item is None else _compare(wanted.item, given.item, f"{path}[]")
    return found


def text_differences(documented: str, answered: str) -> list[str]:
    """For a body that is not JSON: it is there, and a CSV file has every documented column."""
    if not answered.strip():
        return ["body: empty"]
    first = documented.strip().splitlines()[0]
    if first.count(",") < _COLUMNS:
        return []
    columns = set(_columns(answered.strip().splitlines()[0]))
    return [f"column {name}: missing" for name in _columns(first) if name not in columns]


def _columns(line: str) -> list[str]:
    return [name.strip(' \t"“”').lower() for name in line.split(",") if name.strip(' \t"“”')]
