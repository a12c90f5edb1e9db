"""What differs, and the inert steps that make it so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny

from cspctl.model.address import Address
from cspctl.model.positions import SourcePos


class Frozen(BaseModel):
    """A value: immutable, strict about unknown keys, camelCase on the wire."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Action(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    SCHEDULE = "schedule"
    SUSPEND = "suspend"
    REACTIVATE = "reactivate"
    CANCEL = "cancel"
    UPGRADE = "upgrade"
    CONVERT = "convert"
    EXTEND_TERM = "extend-term"
    MOVE = "move"
    ADOPT = "adopt"
    RELEASE = "release"
    BLOCKED = "blocked"
    LOCAL = "local"


class When(StrEnum):
    NOW = "now"
    AT_RENEWAL = "at-renewal"
    DEFERRED = "deferred"
    BLOCKED = "blocked"


class Timing(Frozen):
    """`rule` and `first_legal` are set when blocked; `on` when at-renewal or deferred."""

    when: When
    on: date | None = None
    rule: str | None = None
    first_legal: date | None = Field(None, alias="firstLegal")


class Cause(Frozen):
    """Why there is a change. `pos` for `manifest`."""

    type: Literal["manifest", "drift", "calendar", "price-list", "policy"]
    pos: str | None = None

    @classmethod
    def manifest(cls, pos: SourcePos | None) -> Cause:
        return cls(type="manifest", pos=str(pos) if pos else None)


class AttributeChange(Frozen):
    path: str
    before: Any = None
    after: Any = None
    after_unknown: bool = Field(False, alias="afterUnknown")


class Finding(Frozen):
    """Something a reviewer must know about a change. Codes: E-… blocks, W-… warns, I-… informs."""

    code: str
    severity: Literal["error", "warning", "info"]
    message: str
    hint: str | None = None


class Step(Frozen):
    """One API mutation, as data. Each kind declares its own subclasses with a literal `type` tag.

    `scope` is the tenant it acts on, `purchases` whether repeating it could buy twice, `unit` groups steps
    that must be carried out together.
    """

    type: str
    scope: str
    summary: str
    unit: str = ""

    @property
    def purchases(self) -> bool:
        return False

    @property
    def establishes(self) -> Mapping[str, Any]:
        """The attributes of the new object that this step buys; empty for steps on an existing one."""
        return {}

    @property
    def completes(self) -> bool:
        """Whether it is still due once the step before it in its unit was done, even if everything stopped there:
        what it writes cannot always be known from the manifest and the live object alone."""
        return False


class Change(Frozen):
    """One row of a plan. `money` and `regret` are null until they can be computed, with a finding that says so.

    `phase` is the place in the apply order (see cspctl.engine.ordering). `fingerprint` is the hash of what the
    change touches, so that a later apply can tell whether it still stands.
    """

    address: str
    action: Action
    timing: Timing
    cause: Cause
    attributes: tuple[AttributeChange, ...] = ()
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    steps: tuple[SerializeAsAny[Step], ...] = ()
    money: Mapping[str, Any] | None = None
    regret: Mapping[str, Any] | None = None
    side_effects: tuple[str, ...] = Field((), alias="sideEffects")
    findings: tuple[Finding, ...] = ()
    reason: str = ""
    live_id: str | None = Field(None, alias="liveId")
    scope: str = ""
    scope_label: str = Field("", alias="scopeLabel")
    phase: int = 0
    requires: tuple[str, ...] = ()
    fingerprint: str = ""
    binding: Mapping[str, Any] | None = None

    @property
    def addr(self) -> Address:
        return Address.parse(self.address)

    @property
    def blocked(self) -> bool:
        return self.action is Action.BLOCKED
