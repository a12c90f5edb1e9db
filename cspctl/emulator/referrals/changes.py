"""JSON Patch on referrals: `add` and `replace`, the only two operations there are.

Source: Partner Center docs, page patch-a-referral (2020), and RFC 6902. Properties are typed, so `replace` also takes
one that has no value yet; names may be spelled in any case.
"""

from __future__ import annotations

import copy
from typing import Any

from cspctl.emulator.referrals.documents import FOLLOWING, GIVEN, Document, ReferralError, checked
from cspctl.emulator.wire.bodies import camel_name

_OPERATIONS = ("add", "replace")


def patched(before: Document, operations: Any) -> Document:
    """The referral after all operations, or none of them. Raises ReferralError."""
    if not isinstance(operations, list) or not operations:
        raise ReferralError("the body is a list of operations")
    after = copy.deepcopy(before)
    for one in operations:
        if not isinstance(one, dict) or one.get("op") not in _OPERATIONS or "value" not in one:
            raise ReferralError("an operation has an op (add or replace), a path and a value")
        _apply(after, str(one["op"]), _pointer(one.get("path")), one["value"])
    after = checked(after)
    if after["status"] not in FOLLOWING[before["status"]]:
        raise ReferralError(f"status {before['status']} cannot become {after['status']}")
    return after


def _pointer(path: object) -> list[str]:
    """The names of a JSON pointer. Raises ReferralError for what callers may not write."""
    if not isinstance(path, str) or not path.startswith("/"):
        raise ReferralError(f"the path {path!r} is no JSON pointer")
    names = [part.replace("~1", "/").replace("~0", "~") for part in path[1:].split("/")]
    if camel_name(names[0]) not in GIVEN:
        raise ReferralError(f"{names[0]} cannot be changed")
    return names


def _apply(document: Document, op: str, names: list[str], value: Any) -> None:
    place: Any = document
    for name in names[:-1]:
        place = _inside(place, name)
    last = names[-1]
    if isinstance(place, list):
        if op == "add" and last == "-":
            place.append(value)
        elif op == "add":
            place.insert(_index(last, len(place) + 1), value)
        else:
            place[_index(last, len(place))] = value
    else:
        place[camel_name(last)] = value


def _inside(place: Any, name: str) -> Any:
    if isinstance(place, list):
        found = place[_index(name, len(place))]
    else:
        found = place.get(camel_name(name))
        if found is None:  # a typed property without a value yet
            found = place[camel_name(name)] = {}
    if not isinstance(found, dict | list):
        raise ReferralError(f"there is nothing below {name}")
    return found


def _index(name: str, size: int) -> int:
    if not name.isascii() or not name.isdigit() or int(name) >= size:
        raise ReferralError(f"there is no element {name!r}")
    return int(name)
