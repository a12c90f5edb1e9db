"""Reading a whole partner account into the ledger: how far it came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DiscoveryState(StrEnum):
    """Exactly these five, per partner account."""

    NOT_STARTED = "not-started"
    IN_PROGRESS = "in-progress"
    STOPPED = "stopped"
    ERROR = "error"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True)
class Discovery:
    """`total` is None until the list of customers was read; `done` includes `gaps`, customers that could not be read.

    `changed` counts objects that were new, different or gone. Instants are of the wall clock. `code` and `message`
    say why it is in error.
    """

    account: str
    state: DiscoveryState = DiscoveryState.NOT_STARTED
    id: str = ""
    started_at: datetime | None = None
    resumed_at: datetime | None = None
    beat_at: datetime | None = None
    ended_at: datetime | None = None
    total: int | None = None
    done: int = 0
    done_before: int = 0
    gaps: int = 0
    objects: int = 0
    changed: int = 0
    stop_asked: bool = False
    code: str | None = None
    message: str = ""

    @property
    def partial(self) -> bool:
        """Whether something was found, but not everything."""
        return self.state is not DiscoveryState.COMPLETED and bool(self.done)

    @property
    def resumable(self) -> bool:
        """A finished one too where something could not be read."""
        if self.state in (DiscoveryState.STOPPED, DiscoveryState.ERROR):
            return True
        return self.state is DiscoveryState.COMPLETED and self.gaps > 0

    def seconds_left(self, now: datetime) -> float | None:
        """By the pace so far of this stretch; None while it cannot be told."""
        begun = self.resumed_at or self.started_at
        paced = self.done - self.done_before
        if self.state is not DiscoveryState.IN_PROGRESS or self.total is None or begun is None or paced <= 0:
            return None
        last = self.beat_at or now
        return max(0.0, (last - begun).total_seconds() / paced * (self.total - self.done))


@dataclass(frozen=True, slots=True)
class KnownCustomer:
    """A customer of an account as the list showed it. `read_at` None: not read yet; `problem`: it could not be."""

    account: str
    customer: str
    name: str
    domain: str
    read_at: datetime | None = None
    objects: int = 0
    problem: str | None = None
