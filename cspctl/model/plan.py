"""The change plan: what is reviewed is what is applied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from cspctl.model.change import Action, Change, Finding, Frozen, When


class DriftRow(Frozen):
    """One attribute that changed behind Git's back, and who did it.

    `klass` is `changed`, `ended`, `missing` or `unmanaged`; `revertible` null means not known.
    """

    address: str
    live_id: str = Field(alias="liveId")
    scope: str
    path: str
    old: Any = None
    new: Any = None
    klass: str = Field("changed", alias="class")
    principal: str | None = None
    application: str | None = None
    at: datetime | None = None
    operation: str | None = None
    revertible: bool | None = None
    revertible_until: datetime | None = Field(None, alias="revertibleUntil")
    note: str = ""


class GapRow(Frozen):
    """`scope` is a tenant GUID, `affects` the addresses that depend on it."""

    scope: str
    scope_label: str = Field("", alias="scopeLabel")
    reason: str
    affects: tuple[str, ...] = ()


class GuardResult(Frozen):
    """A safety belt with the numbers in its message."""

    name: str
    refused: bool
    message: str
    allowed: bool = False


class Unmanaged(Frozen):
    """A living subscription of a mapped tenant that no manifest owns."""

    scope: str
    scope_label: str = Field("", alias="scopeLabel")
    live_id: str = Field(alias="liveId")
    title: str
    quantity: int | None = None


class Plan(Frozen):
    """planVersion 1.0; the JSON schema is schemas/plan-v1.schema.json."""

    plan_version: Literal["1.0"] = Field("1.0", alias="planVersion")
    id: str
    created_at: datetime = Field(alias="createdAt")
    expires_at: datetime = Field(alias="expiresAt")
    as_of: datetime = Field(alias="asOf")
    digest: str = ""
    desired_digest: str = Field("", alias="desiredDigest")
    policy_digest: str = Field("", alias="policyDigest")
    project: str
    realm: str
    scope: Mapping[str, Any] = Field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    drift: tuple[DriftRow, ...] = ()
    gaps: tuple[GapRow, ...] = ()
    findings: tuple[Finding, ...] = ()
    guards: tuple[GuardResult, ...] = ()
    unmanaged: tuple[Unmanaged, ...] = ()
    summary: Mapping[str, Any] = Field(default_factory=dict)
    refresh: str = "full"

    @property
    def empty(self) -> bool:
        return not self.changes

    @property
    def refused(self) -> bool:
        return any(g.refused and not g.allowed for g in self.guards)

    def counts(self) -> dict[str, int]:
        """Changes per action, in the order of the enumeration, zeros left out."""
        seen = Counter(c.action for c in self.changes)
        return {a.value: seen[a] for a in Action if seen[a]}

    def detailed_exit_code(self) -> int:
        """3 blocked or gaps, 2 changes, 8 deferred only, 0 none; 4 when a guard refuses."""
        if self.refused:
            return 4
        if self.gaps or any(c.blocked for c in self.changes):
            return 3
        if any(c.timing.when is not When.DEFERRED for c in self.changes):
            return 2
        return 8 if self.changes else 0
