"""What a manifest means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cspctl.model.address import Address
from cspctl.model.positions import Origin

# Plain data as the manifest reader yields it: dict, list, str, int, Decimal, bool, None.
Plain = Any
Spec = Mapping[str, Plain]


@dataclass(frozen=True, slots=True)
class Lifecycle:
    protect: bool = False
    ignore: tuple[str, ...] = ()
    allow_twin: bool = False


@dataclass(frozen=True, slots=True)
class Resource:
    """One document. `spec` is validated, canonical plain data (aliases resolved, no defaults of parents merged).

    `effective` is the same after the merge of defaults (subscription > plan item > plan > tenant > reseller
    > project); for kinds without merged defaults it is the very same object as `spec`.
    """

    address: Address
    spec: Spec
    effective: Spec
    origin: Origin
    labels: Mapping[str, str] = field(default_factory=dict)
    previous_names: tuple[str, ...] = ()
    lifecycle: Lifecycle = field(default_factory=Lifecycle)

    @property
    def kind(self) -> str:
        return self.address.kind

    @property
    def name(self) -> str:
        return self.address.name


class ResourceIndex:
    """All resources of a project, by address; iteration is sorted by address."""

    def __init__(self, resources: Mapping[Address, Resource]) -> None:
        self._by_address = dict(sorted(resources.items()))
        self._by_kind: dict[str, dict[str, Resource]] = {}
        for resource in self._by_address.values():
            self._by_kind.setdefault(resource.address.kind, {})[resource.address.name] = resource

    def __iter__(self) -> Iterator[Resource]:
        return iter(self._by_address.values())

    def __len__(self) -> int:
        return len(self._by_address)

    def __contains__(self, address: object) -> bool:
        return address in self._by_address

    def get(self, kind: str, name: str) -> Resource | None:
        return self._by_kind.get(kind, {}).get(name)

    def at(self, address: Address) -> Resource | None:
        return self._by_address.get(address)

    def of_kind(self, kind: str) -> Mapping[str, Resource]:
        """Name to resource, sorted by name."""
        return self._by_kind.get(kind, {})
