"""What a kind is. Adding a kind means one folder here and one entry in cspctl.kinds.registry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from pydantic import BaseModel, ConfigDict

from cspctl.model.audit import ServiceAuditRecord
from cspctl.model.binding import Binding
from cspctl.model.change import Action, AttributeChange, Finding, Step, Timing
from cspctl.model.diagnostic import Diagnostic
from cspctl.model.document import Edit
from cspctl.model.live import Attributes, Gap, LiveObject
from cspctl.model.ports import PriceSource, Progress, WriteContext
from cspctl.model.resource import Resource, ResourceIndex
from cspctl.model.result import StepOutcome


class SpecModel(BaseModel):
    """Base of every spec: unknown keys are errors, wire names are camelCase aliases."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, frozen=True)


class Mutability(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    NEXT_TERM = "next-term"
    TRANSITION = "transition"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Reference:
    """`path` in the spec (dots; `[]` for each element of a list) holds the metadata.name of a `kind`."""

    path: str
    kind: str


@dataclass(frozen=True, slots=True)
class ProjectView:
    """What rules may look at: every resource, the pinned prices, and the instant they are asked about.

    Of the instant rules use the UTC day alone: what they find holds for a day (cspctl.manifests.verdicts).
    `memory` is that of cspctl.kinds.memo: what was found out about exactly this view.
    """

    resources: ResourceIndex
    prices: PriceSource
    now: datetime
    memory: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)


class Kind(Protocol):
    """The pure half, loaded for every command. `spec` validates and documents; `check` holds the rules.

    `check` sees a resource whose structure is already valid and whose references already resolve; it returns
    diagnostics with `path` relative to the document (("spec", "quantity")) and never reads files or networks.
    """

    name: ClassVar[str]
    spec: ClassVar[type[BaseModel]]
    references: ClassVar[tuple[Reference, ...]]
    mutability: ClassVar[Mapping[str, Mutability]]
    remote: ClassVar[str | None]  # "cspctl.kinds.subscription.remote", loaded only when something is observed

    def check(self, resource: Resource, project: ProjectView) -> Iterable[Diagnostic]: ...


@dataclass(frozen=True, slots=True)
class Desired:
    """A manifest in comparable shape.

    `twin_key` is what makes two objects of one tenant look alike (product and SKU); `adopt_id` the explicit
    live id; `account` the reseller's account GUID; `memory` is kept in the binding. `attributes` are compared;
    `declared` is everything the manifest says, also what lifecycle.ignore leaves to others after the purchase.
    `owed` are steps that complete a unit which an earlier run only half carried out, oldest first.
    """

    resource: Resource
    attributes: Attributes
    scope: str
    scope_label: str
    account: str
    cloud: str
    twin_key: tuple[str, ...]
    adopt_id: str | None = None
    generation: int = 1
    requires: tuple[str, ...] = ()
    memory: Mapping[str, Any] = field(default_factory=dict)
    declared: Attributes = field(default_factory=dict)
    owed: tuple[Step, ...] = ()

    @property
    def bought(self) -> Attributes:
        """What a purchase is made with."""
        return self.declared or self.attributes


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a kind proposes for one difference: action, timing, steps and what a reviewer must know.

    `requires` are addresses that must be done first, besides those that the manifest requires.
    """

    action: Action
    timing: Timing
    attributes: tuple[AttributeChange, ...] = ()
    steps: tuple[Step, ...] = ()
    findings: tuple[Finding, ...] = ()
    side_effects: tuple[str, ...] = ()
    reason: str = ""
    phase: int = 0
    valid_until: datetime | None = None  # the end of a window, price row or rate that this relies on
    requires: tuple[str, ...] = ()


class RemoteKind(Kind, Protocol):
    """A kind whose objects live at Partner Center. Still pure: no I/O here."""

    def desire(self, resource: Resource, project: ProjectView) -> Desired: ...

    def twin_key(self, live: LiveObject) -> tuple[str, ...]: ...

    def matches(self, desired: Desired, live: LiveObject) -> bool:
        """Whether an unbound live object is exactly what the manifest describes (adoption)."""
        ...

    def bears_name(self, desired: Desired, live: LiveObject) -> bool:
        """Whether the live object carries the mark that a purchase for this manifest would have left on it."""
        ...

    def is_living(self, live: LiveObject) -> bool: ...

    def is_managed(self, live: LiveObject) -> bool:
        """Whether objects like this are within scope of the tool (else read-only inventory)."""
        ...

    def propose_create(self, desired: Desired, *, now: datetime) -> Proposal | None:
        """None where the manifest wants no object to exist (already cancelled)."""
        ...

    def propose_update(
        self, desired: Desired, live: LiveObject, binding: Binding | None, *, now: datetime
    ) -> list[Proposal]:
        """Empty when converged. Several when actions or timings differ (an increase and a schedule)."""
        ...

    def remarks(self, desired: Desired, live: LiveObject, *, now: datetime) -> Sequence[Finding]:
        """What a reviewer should know although nothing changes."""
        ...

    def release_note(self, binding: Binding, live: LiveObject | None) -> str:
        """What keeps billing until when after its manifest is gone."""
        ...

    def title(self, live: LiveObject) -> str: ...

    def fingerprint(self, live: LiveObject) -> Mapping[str, Any]:
        """What a change relies on: managed attributes, status, commitment end, refund tranches, schedule."""
        ...

    def step_types(self) -> tuple[type[Step], ...]: ...

    def seats(self, desired: Desired, live: LiveObject | None) -> int:
        """Seats added (positive) or removed (negative) at once."""
        ...

    def expected(self, binding: Binding, live: LiveObject, *, now: datetime) -> Attributes:
        """What time alone was to make of the applied attributes: only those that differ from `binding.applied`."""
        ...

    def revertible(
        self, path: str, old: Any, new: Any, live: LiveObject, *, now: datetime
    ) -> tuple[bool | None, datetime | None]:
        """Whether a drift can be taken back, and until when; (None, None) where it is not known."""
        ...


@dataclass(frozen=True, slots=True)
class Merged:
    """What a later import makes of a manifest that an earlier one wrote.

    `kept` are paths where the manifest says something of its own: they stay. `remembered` is what is now known of
    the live side, for the next time.
    """

    edits: tuple[Edit, ...] = ()
    kept: tuple[str, ...] = ()
    remembered: Attributes = field(default_factory=dict)


class Imports(Protocol):
    """Optional half of a kind: live objects become manifests. Pure. `names` is what other manifests are called."""

    def refusal(self, live: LiveObject) -> Finding | None:
        """Why it cannot be written as a manifest; None where it can."""
        ...

    def to_spec(self, live: LiveObject, names: Any) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """(spec, lifecycle) in the order in which they are to be written."""
        ...

    def remembered(self, live: LiveObject) -> Attributes:
        """What tells, at the next import, whether the live side or a person changed something."""
        ...

    def merge(
        self, resource: Resource, remembered: Attributes, live: LiveObject, names: Any, project: ProjectView
    ) -> Merged: ...


class Observer(Protocol):
    """May read. `scopes` are tenant GUIDs."""

    async def observe(
        self, reader: Any, scopes: Iterable[str], *, now: datetime, progress: Progress
    ) -> tuple[list[LiveObject], list[Gap]]: ...

    async def observe_tenant(self, reader: Any, scope: str, *, now: datetime) -> list[LiveObject]:
        """One tenant that is known to be the account's. Raises what the reader raises, and KeyError, TypeError or
        ValueError for an answer that cannot be understood."""
        ...

    async def observe_one(self, reader: Any, scope: str, live_id: str, *, now: datetime) -> LiveObject | None:
        """None when the service says that it does not exist."""
        ...


class AuditReader(Protocol):
    """Turns the service's audit records into values; `new_value` uses the kind's attribute names."""

    async def records(
        self, reader: Any, *, customer_id: str, since: datetime, until: datetime
    ) -> Sequence[ServiceAuditRecord]: ...


class Actuator(Protocol):
    """May write. One step, one API mutation."""

    async def perform(self, writer: Any, step: Step, inputs: Mapping[str, Any], context: WriteContext) -> StepOutcome:
        """`inputs` are the outputs of earlier steps of the same unit. UnknownOutcomeError may escape."""
        ...

    async def settle(
        self, reader: Any, step: Step, inputs: Mapping[str, Any], *, started_at: datetime, now: datetime
    ) -> StepOutcome:
        """Find out by reading whether a step happened: DONE, SKIPPED (it did not: safe to perform), UNKNOWN."""
        ...
