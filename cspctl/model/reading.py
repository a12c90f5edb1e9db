"""What was read of one customer tenant, and how that reading is remembered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cspctl.model.live import LiveObject


@dataclass(frozen=True, slots=True)
class TenantReading:
    """One kind's objects of one tenant as one request showed them, or why they could not be read.

    `read_at` is by the realm's clock, `wall_at` by the wall clock; both are from before the request was sent.
    """

    kind: str
    account: str
    scope: str
    read_at: datetime
    wall_at: datetime
    objects: Sequence[LiveObject] = ()
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class ReadingNote:
    """What the ledger keeps of a reading besides the objects.

    `written_at` (wall clock) is when this project last wrote to the tenant; `problem` is set for a gap.
    """

    kind: str
    account: str
    scope: str
    read_at: datetime
    wall_at: datetime
    written_at: datetime | None
    objects: int
    problem: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """What readings changed in the ledger, in objects."""

    added: int = 0
    changed: int = 0
    gone: int = 0

    def __add__(self, other: Difference) -> Difference:
        return Difference(self.added + other.added, self.changed + other.changed, self.gone + other.gone)

    @property
    def total(self) -> int:
        return self.added + self.changed + self.gone
