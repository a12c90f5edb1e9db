"""What a manifest means."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

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


NO_LABELS: Mapping[str, str] = {}
DEFAULT_LIFECYCLE = Lifecycle()


class Resource(NamedTuple):
    """One document. `spec` is validated, canonical plain data (aliases resolved, no defaults of parents merged).

    `effective` is the same after the merge of defaults (subscription > plan item > plan > tenant > reseller
    > project); for kinds without merged defaults it is the very same object as `spec`.
    A tuple, because a project has hundreds of thousands: a frozen dataclass takes seven times as long to make.
    """

    address: Address
    spec: Spec
    effective: Spec
    origin: Origin
    labels: Mapping[str, str] = NO_LABELS
    previous_names: tuple[str, ...] = ()
    lifecycle: Lifecycle = DEFAULT_LIFECYCLE

    @property
    def kind(self) -> str:
        return self.address.kind

    @property
    def name(self) -> str:
        return self.address.name


class ResourceIndex:
    """All resources of a project, by address; iteration is sorted by address."""

    def __init__(self, resources: Mapping[Address, Resource]) -> None:
        self._by_kind: dict[str, dict[str, Resource]] = {}
        for address, resource in sorted(resources.items()):
            self._by_kind.setdefault(address.kind, {})[address.name] = resource
        self._counts = {kind: len(named) for kind, named in self._by_kind.items()}
        self._build: Callable[[str], dict[str, Resource]] | None = None

    @classmethod
    def deferred(cls, counts: Mapping[str, int], build: Callable[[str], dict[str, Resource]]) -> ResourceIndex:
        """`build` gives the resources of a kind by name, sorted, when they are first asked for; `counts` how many."""
        index = cls({})
        index._counts = dict(sorted(counts.items()))
        index._build = build
        return index

    def __iter__(self) -> Iterator[Resource]:
        for kind in self._counts:
            yield from self.of_kind(kind).values()

    def __len__(self) -> int:
        return sum(self._counts.values())

    def __contains__(self, address: object) -> bool:
        return isinstance(address, Address) and self.at(address) is not None

    def get(self, kind: str, name: str) -> Resource | None:
        return self.of_kind(kind).get(name)

    def at(self, address: Address) -> Resource | None:
        return self.get(address.kind, address.name)

    def of_kind(self, kind: str) -> Mapping[str, Resource]:
        """Name to resource, sorted by name."""
        named = self._by_kind.get(kind)
        if named is not None:
            return named
        if self._build is None or kind not in self._counts:
            return {}
        built = self._by_kind[kind] = self._build(kind)
        return built
