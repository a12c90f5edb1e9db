"""What a documented body has and an answered one lacks, on raw JSON.

Bodies become shapes: the union of what the objects of one list hold. The leniencies, all of them:

- a property that is null in the sample is optional, because answers leave null properties out (API conventions);
- `Name` and `name` are one name: pages print the same property of the same resource both ways (a transition has
  `fromCatalogItemId` on one page and `FromCatalogItemId` on the next). No other spelling is accepted;
- the objects of one list differ in kind, so a property may be found in any answered object; but at least one
  documented object must be found whole in a single answered one;
- a number is a number, whole or not; text is text, but a documented moment is answered by a moment;
- `a/b` is the property `b` of `a`, which one kind of page renders so beside it.

A list that the sample fills is filled in the answer, with whatever it is filled.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from typing import Any

_MOMENT = re.compile(r"^\s*\d{4}-\d\d-\d\d(T[\d:.\-]+(Z|[+-]\d\d:?\d\d)?)?$")
_VALUE = re.compile(r"^([0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\dT.*|\d+(\.\d+)?)$", re.I)


@dataclass
class Shape:
    """The union of the types and properties seen at one place."""

    types: set[str] = field(default_factory=set)
    fields: dict[str, Shape] = field(default_factory=dict)
    item: Shape | None = None

    def add(self, value: Any) -> None:
        self.types.add(_type(value))
        if isinstance(value, dict):
            for key, inner in value.items():
                self.fields.setdefault(key, Shape()).add(inner)
        elif isinstance(value, list):
            for inner in value:
                self.item = self.item or Shape()
                self.item.add(inner)

    def named(self, name: str) -> Shape | None:
        """The property of a documented name, whatever the case of its first letter; `a/b` is inside `a`."""
        outer, slash, inner = name.partition("/")
        if slash and outer in self.fields:
            return self.fields[outer].named(inner)
        return self.fields.get(name) or self.fields.get(other_case(name))


def other_case(name: str) -> str:
    return name[:1].swapcase() + name[1:]


def _type(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "moment" if _MOMENT.match(value) else "text"
    return "object" if isinstance(value, dict) else "list"


def differences(documented: Any, answered: Any) -> list[str]:
    """Paths of documented properties that are missing or of another type; a list is written `items[]`."""
    wanted, given = Shape(), Shape()
    wanted.add(documented)
    given.add(answered)
    return _compare(wanted, given, "") or _scattered(documented, answered, "")


def _compare(wanted: Shape, given: Shape, path: str) -> list[str]:
    where = path or "body"
    expected = wanted.types - {"null"}
    if not expected:
        return []
    allowed = expected | ({"moment"} if "text" in expected else set())
    odd = given.types - allowed - {"null"}
    if odd or not given.types - {"null"}:
        return [f"{where}: {'/'.join(sorted(expected))}, answered {'/'.join(sorted(odd)) or 'null'}"]
    found = []
    for name, inner in wanted.fields.items():
        label = f"{path}.{name}".lstrip(".")
        other = given.named(name)
        if other is not None:
            found += _compare(inner, other, label)
        elif inner.types != {"null"}:
            found.append(f"{label}: missing")
    if wanted.item is not None:
        found += [f"{where}: empty list"] if given.item is None else _compare(wanted.item, given.item, f"{path}[]")
    return found


def _scattered(documented: Any, answered: Any, path: str) -> list[str]:
    """Lists whose answered objects have every property together, but none of them has those of a documented one."""
    if isinstance(documented, list) and isinstance(answered, list):
        objects = [one for one in documented if isinstance(one, dict)]
        if objects and not any(not differences(one, other) for one in objects for other in answered):
            return [f"{path}[]: no single answered object has all properties of a documented one"]
        return []
    if not isinstance(documented, dict) or not isinstance(answered, dict):
        return []
    found = []
    for name, inner in documented.items():
        other = answered.get(name, answered.get(other_case(name)))
        found += _scattered(inner, other, f"{path}.{name}".lstrip("."))
    return found


def text_differences(documented: str, answered: str) -> list[str]:
    """For a body that is not JSON: it is there, and a CSV file has every documented column.

    A file printed without a header row has as many columns as printed, or more where the page cuts the row off.
    """
    if not answered.strip():
        return ["body: empty"]
    first = documented.strip().splitlines()[0]
    if "," not in first:  # not a table: a rendered .NET object that stands for the bytes of a file
        return []
    if _is_data(first):
        printed, given = (len(next(csv.reader([text]))) for text in (first, answered.strip().splitlines()[0]))
        return [] if given >= printed else [f"body: {given} columns instead of {printed}"]
    columns = set(_columns(answered.strip().splitlines()[0]))
    return [f"column {name}: missing" for name in _columns(first) if name not in columns]


def _is_data(line: str) -> bool:
    """Whether a row holds values: a GUID, a moment or a number, none of which is the name of a column."""
    return any(_VALUE.match(cell.strip()) for cell in next(csv.reader([line])))


def _columns(line: str) -> list[str]:
    return [name.strip(' \t"“”') for name in line.split(",") if name.strip(' \t"“”')]
