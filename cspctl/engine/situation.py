"""Everything the planner looks at. Building it reads; planning from it is pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cspctl.engine.guards import GuardLimits
from cspctl.engine.narrowing import Narrowing
from cspctl.kinds.contract import Desired, Kind, ProjectView, RemoteKind
from cspctl.model.address import Address
from cspctl.model.binding import Binding
from cspctl.model.change import Finding, Step
from cspctl.model.diagnostic import DocPath
from cspctl.model.live import LiveState
from cspctl.model.positions import Origin, SourcePos
from cspctl.model.resource import Resource

Locate = Callable[[Origin, DocPath], SourcePos | None]


@dataclass(frozen=True, slots=True)
class Situation:
    """`complete`: the whole root was loaded without error. `unsettled`: address to why its last write is unknown.

    `owed`: address to steps that complete what an earlier run half carried out. `notes` are findings about the
    whole plan.
    `labels` name a tenant GUID for people. `realm_of` gives the ledger realm for an account (empty: local).
    """

    project: str
    view: ProjectView
    kinds: Sequence[Kind]
    bindings: Mapping[Address, Binding]
    live: LiveState
    now: datetime
    labels: Mapping[str, str]
    realm_of: Callable[[str, str], str]
    locate: Locate
    desired_digest: str
    limits: GuardLimits = field(default_factory=GuardLimits)
    allow: frozenset[str] = frozenset()
    narrowing: Narrowing = field(default_factory=Narrowing)
    complete: bool = True
    unsettled: Mapping[Address, str] = field(default_factory=dict)
    owed: Mapping[Address, tuple[Step, ...]] = field(default_factory=dict)
    refresh: str = "full"
    notes: tuple[Finding, ...] = ()
    # Asked for by several parts of one plan, and costly for a fleet.
    _desired: dict[str, Mapping[Address, Desired]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _bindings: dict[str, dict[Address, Binding]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def desired(self, kind: RemoteKind) -> Mapping[Address, Desired]:
        """Every manifest of a kind in comparable shape, by address."""
        if kind.name not in self._desired:
            resources = self.view.resources.of_kind(kind.name).values()
            self._desired[kind.name] = {r.address: kind.desire(r, self.view) for r in resources}
        return self._desired[kind.name]

    def bindings_of(self, kind_name: str) -> Mapping[Address, Binding]:
        """Bound and released, sorted by address."""
        if not self._bindings:
            for address, binding in sorted(self.bindings.items(), key=lambda item: item[0]):
                self._bindings.setdefault(address.kind, {})[address] = binding
        return self._bindings.get(kind_name, {})

    def resource(self, address: Address) -> Resource | None:
        return self.view.resources.at(address)

    def pos(self, address: Address, path: DocPath = ("metadata", "name")) -> SourcePos | None:
        resource = self.resource(address)
        return self.locate(resource.origin, path) if resource else None
