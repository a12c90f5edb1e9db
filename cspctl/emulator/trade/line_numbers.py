"""Ids of cart lines: who has which, and none twice.

Source: Partner Center docs, pages create-a-cart and cart-resources (Oct 2023).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from cspctl.emulator.errors import ApiError

Document = dict[str, Any]


def numbered(given: list[Document]) -> list[Document]:
    """The lines with ids: given ones as numbers, missing ones by position. Raises 400/800009 for one used twice."""
    lines = []
    for index, line in enumerate(given):
        addons = line.get("addonItems") or []
        if not isinstance(addons, list) or not all(isinstance(one, dict) for one in addons):
            raise ApiError(400, 800002, "Invalid request input: addonItems must be a list of line items.")
        named = [_item(one, None) for one in addons]
        lines.append({**_item(line, index), "addonItems": named})
    used = Counter(str(one["id"]) for line in lines for one in (line, *line["addonItems"]) if one["id"] is not None)
    twice = next((id for id, count in used.items() if count > 1), None)
    if twice is not None:
        raise ApiError(400, 800009, f"Error in Cart item(s): the id {twice} stands on more than one line item.")
    return lines


def _item(line: Document, number: int | None) -> Document:
    """The request table of the page calls the catalogue item `catalogId`, everything else `catalogItemId`."""
    accepted, name = line.get("attestationAccepted"), line.get("friendlyName")
    if accepted is not None and not isinstance(accepted, bool):
        raise ApiError(400, 800002, "Invalid request input: attestationAccepted must be true or false.")
    return {
        **line,
        **({"friendlyName": str(name)} if name is not None else {}),
        "id": _number(line.get("id"), number),
        "catalogItemId": line.get("catalogItemId") or line.get("catalogId"),
    }


def _number(given: object, default: int | None) -> object:
    """The schema says text and every sample a number: both are read, a number is answered."""
    if given is None:
        return default
    return int(given) if isinstance(given, str) and given.isdecimal() else given
