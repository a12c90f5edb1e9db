"""Where in the answer the documented body stands.

A few pages print one object of a collection without the collection around it, or the object inside a list that
the operation does not answer. The body is then looked for in that one place, and the outcome says so: every use
is printed and listed in the table, so that none goes unseen.
"""

from __future__ import annotations

from typing import Any

from conformance.comparison import differences, other_case

_ROWS = ("items", "value", "orders")  # the lists that frame objects: collections, analytics, a cart's checkout


def located(documented: Any, answered: Any) -> tuple[list[str], str]:
    """What is missing, and how the body was read (empty: as printed)."""
    found = differences(documented, answered)
    if not found:
        return found, ""
    if isinstance(documented, list) and isinstance(answered, dict):
        return differences(documented, [answered]), "the page prints the answered object inside a list"
    rows = _rows(answered)
    if isinstance(documented, dict) and rows and not _rows(documented):
        best = min((differences(documented, row) for row in rows), key=len)
        return best, "the page prints one object of the answered list without its frame"
    return found, ""


def _rows(body: Any) -> list[Any]:
    if not isinstance(body, dict):
        return []
    return next((one for key, one in body.items() if key.lower() in _ROWS and isinstance(one, list)), [])


def somewhere(fragment: Any, answered: Any) -> bool:
    """Whether a further example body of a page is found whole in the answer, as it is or inside it."""
    inner = answered.values() if isinstance(answered, dict) else answered if isinstance(answered, list) else ()
    same = type(fragment) is type(answered) and not differences(fragment, answered)
    return same or any(somewhere(fragment, one) for one in inner)


def renamed(documented: Any, answered: Any) -> list[str]:
    """The documented names of resources that the answer does not use; names are values and may differ."""
    missing = sorted(_kinds(documented) - _kinds(answered))
    return [f"the page prints objectType {one}, which the answer does not have" for one in missing]


def respelled(documented: Any, answered: Any) -> list[str]:
    """Documented names that the answer has with the other first letter only."""
    given = _names(answered)
    found = sorted(name for name in _names(documented) - given if other_case(name) in given)
    number = f"{len(found)} names" if len(found) > 1 else "a name"
    return [f"the page prints {number} with the other first letter, such as {found[0]}"] if found else []


def _names(body: Any) -> set[str]:
    inner = body.values() if isinstance(body, dict) else body if isinstance(body, list) else ()
    own = set(body) if isinstance(body, dict) else set()
    return own.union(*(_names(one) for one in inner))


def _kinds(body: Any) -> set[str]:
    inner = body.values() if isinstance(body, dict) else body if isinstance(body, list) else ()
    own = {text for key, text in body.items() if key.lower() == "objecttype"} if isinstance(body, dict) else set()
    return {str(one) for one in own if one}.union(*(_kinds(one) for one in inner))
