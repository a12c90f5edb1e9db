"""What other kinds ask of a Plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cspctl.model.resource import Resource

KIND = "Plan"


def items(resource: Resource) -> Iterable[Mapping[str, Any]]:
    return resource.effective.get("items") or ()


def item_names(resource: Resource) -> list[str]:
    return sorted(str(item["name"]) for item in items(resource))


def offer_item(resource: Resource, item_name: str) -> Mapping[str, Any] | None:
    """The item of that name, as plain data with the keys of the manifest."""
    for item in items(resource):
        if item["name"] == item_name:
            return item
    return None


def offers(item: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(term, billing) pairs that the item is sold with, in the order of the manifest."""
    return [(str(offer["term"]), str(offer["billing"])) for offer in item.get("offers") or ()]


def only_choices(resource: Resource, chosen: Mapping[str, Any]) -> dict[str, str]:
    """Values for `item`, `term` and `billing` that `chosen` leaves out and the plan offers only one of.

    A stated term narrows the billing plans and the other way round. What stays ambiguous is left out.
    """
    found: dict[str, str] = {}
    name = chosen.get("item")
    names = item_names(resource)
    if name is None and len(names) == 1:
        name = found["item"] = names[0]
    item = offer_item(resource, str(name)) if name is not None else None
    if item is None:
        return found
    pairs = [
        pair
        for pair in offers(item)
        if chosen.get("term") in (None, pair[0]) and chosen.get("billing") in (None, pair[1])
    ]
    for index, key in enumerate(("term", "billing")):
        values = {pair[index] for pair in pairs}
        if chosen.get(key) is None and len(values) == 1:
            found[key] = values.pop()
    return found


def pricing_for(resource: Resource, item_name: str, reseller: str | None) -> Mapping[str, Any]:
    """The pricing in force for one item and reseller: override of the item, override of all, item, plan."""
    spec = resource.effective
    general: Mapping[str, Any] | None = None
    for override in spec.get("overrides") or ():
        if override["reseller"] != reseller:
            continue
        if override.get("item") == item_name:
            return _mapping(override["pricing"])
        if override.get("item") is None:
            general = override["pricing"]
    if general is not None:
        return general
    item = offer_item(resource, item_name)
    return _mapping((item or {}).get("pricing") or spec["pricing"])


def _mapping(value: Any) -> Mapping[str, Any]:
    assert isinstance(value, Mapping), "the spec was validated"
    return value
