"""What was observed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

# Comparable shape, the same on the desired and the live side: path -> canonical plain value. A value may be
# a nested mapping or a tuple; absent and None are the same.
Attributes = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LiveObject:
    """One remote object. `scope` names the tenant (or account) it lives in.

    `facts` are observed values that are not managed but that rules, fingerprints and reports need: status,
    commitment end, refund tranches. `body` is the JSON as read, for read-modify-write; never stored in plans.
    """

    kind: str
    live_id: str
    scope: str
    attributes: Attributes
    facts: Mapping[str, Any] = field(default_factory=dict)
    read_at: datetime | None = None
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """What could not be read: unknown is not absent. `affects` are the scopes that depend on it."""

    scope: str
    reason: str
    affects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LiveState:
    """Everything observed in one run. Keys of `objects` are (kind, live_id)."""

    objects: Mapping[tuple[str, str], LiveObject]
    gaps: tuple[Gap, ...] = ()
    scopes_read: frozenset[str] = frozenset()

    def gap_for(self, scope: str) -> Gap | None:
        """The gap that keeps `scope` from being known, if any."""
        for gap in self.gaps:
            if gap.scope == scope or scope in gap.affects:
                return gap
        return None

    def in_scope(self, kind: str, scope: str) -> list[LiveObject]:
        return sorted(
            (o for (k, _), o in self.objects.items() if k == kind and o.scope == scope),
            key=lambda o: o.live_id,
        )
