"""Names are unique per kind, also across renames."""

from __future__ import annotations

from collections.abc import Iterator

from cspctl.model.address import Address
from cspctl.model.diagnostic import Diagnostic, error
from cspctl.model.positions import Origin
from cspctl.model.resource import Resource, ResourceIndex


def duplicate(address: Address, first: str, second: Origin) -> Diagnostic:
    """`first` is the `file:line:column` of the name that came before."""
    return error(
        "E-DUPLICATE",
        f"{address} is defined twice: here in {second.file} and before in {first}",
        path=("metadata", "name"),
        address=address,
        origin=second,
        hint="rename one of them or remove it",
    )


def renames(index: ResourceIndex) -> Iterator[Diagnostic]:
    """E-PREVIOUS-NAME: a previous name that a document still has, or that two documents claim."""
    claimed: dict[Address, Resource] = {}
    for resource in [r for r in index if r.previous_names]:
        for place, old in enumerate(resource.previous_names):
            holder = index.get(resource.kind, old)
            other = claimed.setdefault(Address(resource.kind, old), resource)
            if holder is not None:
                yield _collision(resource, place, f"{holder.address} in {holder.origin.file} still has the name {old}")
            elif other is not resource:
                said = f"{other.address} in {other.origin.file} says too that it was named {old}"
                yield _collision(resource, place, said)


def _collision(resource: Resource, place: int, message: str) -> Diagnostic:
    return error(
        "E-PREVIOUS-NAME",
        message,
        path=("metadata", "previousNames", place),
        address=resource.address,
        origin=resource.origin,
        hint="a binding can follow one rename only; remove the previous name here or there",
    )
