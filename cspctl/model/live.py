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
    # Built when first asked: every manifest asks, and fleets are large.
    _by_scope: dict[tuple[str, str], list[LiveObject]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _gap_of: dict[str, Gap] = field(default_factory=dict, init=False, repr=False, compare=False)

    def gap_for(self, scope: str) -> Gap | None:
        """The gap that keeps `scope` from being known, if any."""
        if self.gaps and not self._gap_of:
            for gap in self.gaps:
                for name in (gap.scope, *gap.affects):
                    self._gap_of.setdefault(name, gap)
        return self._gap_of.get(scope)

    def in_scope(self, kind: str, scope: str) -> list[LiveObject]:
        """By id."""
        if self.objects and not self._by_scope:
            for one in sorted(self.objects.values(), key=lambda o: o.live_id):
                self._by_scope.setdefault((one.kind, one.scope), []).append(one)
        return self._by_scope.get((kind, scope), [])
