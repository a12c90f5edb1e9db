"""What an import looks at and what it makes; the kinds' halves of it as the engine sees them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from cspctl.engine.ownership import Ownership
from cspctl.engine.situation import Situation
from cspctl.kinds.contract import Imports, RemoteKind
from cspctl.model.address import Address
from cspctl.model.change import Finding
from cspctl.model.document import Document, Edition
from cspctl.model.import_report import ImportFinding, Inventory
from cspctl.model.live import LiveObject
from cspctl.model.resource import Resource

TENANT = "TenantMapping"
# Folders beside those of the tenants.
FOLDERS = frozenset({"plans", "resellers"})
Sku = tuple[str, str]


class Tenants(Imports, Protocol):
    def name_from(self, live: LiveObject) -> Iterator[str]: ...

    def has_market(self, live: LiveObject) -> bool: ...

    def names(self, reseller: str, indirect: str) -> Any: ...


class Sales(Imports, Protocol):
    def offers(self, live: LiveObject) -> Iterator[tuple[str, str, str, str]]: ...

    def remarks(self, live: LiveObject) -> Iterator[Finding]: ...

    def names(self, tenant: str, plan: str, items: Mapping[Sku, str], offered: Any) -> Any: ...


class Shelf(Protocol):
    def plan_for(self, segment: str) -> str: ...

    def need(self, plan: str, sku: Sku, pair: tuple[str, str]) -> None: ...

    def settle(self) -> None: ...

    def items(self, plan: str) -> Mapping[Sku, str]: ...

    def offered(self, plan: str) -> Any: ...

    def documents(self) -> list[Document]: ...

    def editions(self) -> list[Edition]: ...


@dataclass(frozen=True, slots=True)
class Scene:
    """`mapped`: customer id to its TenantMapping, whoever's it is. `sellers`: MPN id or account to the Reseller.

    `folder` is relative to the project's root; `own` are the MPN ids of the reseller itself, which name no other one.
    """

    situation: Situation
    kind: RemoteKind
    ownership: Ownership
    reseller: str
    market: str
    own: frozenset[str]
    sellers: Mapping[str, str]
    customers: Sequence[LiveObject]
    mapped: Mapping[str, Resource]
    folder: str
    segment_of: Callable[[str, str], str]


@dataclass(slots=True)
class Composition:
    """`documents` by file. `memories`: what the ledger is to keep of what was written."""

    documents: dict[str, list[Document]] = field(default_factory=dict)
    editions: list[Edition] = field(default_factory=list)
    memories: dict[Address, Mapping[str, Any]] = field(default_factory=dict)
    findings: list[ImportFinding] = field(default_factory=list)
    inventory: tuple[Inventory, ...] = ()
    subscriptions: int = 0
