"""The emulator's clock: the wall clock plus an offset, or frozen at an instant. It survives a restart.

It goes back only over time in which nothing happened: what was bought, charged or renewed cannot be undone, and an
earlier clock would bill it twice or never.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cspctl.emulator.store import Store

_DURATION = re.compile(
    r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$"
)
_META = "clock"
_HAPPENED = "happened"  # when the last thing happened, in microseconds since 1970
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class BackwardsError(ValueError):
    """The clock was to go back behind something that happened."""


def mark(store: Store, at: datetime) -> None:
    """Note that something happened at `at` which a clock before that instant would contradict."""
    moment = (at - _EPOCH) // timedelta(microseconds=1)
    kept = store.meta(_HAPPENED)
    if kept is None or kept < moment:
        store.set_meta(_HAPPENED, moment)


def parse_instant(text: str) -> datetime:
    """ISO 8601 text to aware UTC; text without a zone is UTC. Raises ValueError."""
    value = datetime.fromisoformat(text)
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def format_instant(value: datetime) -> str:
    """`2026-11-02T09:15:00Z`, with microseconds only when there are some."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def add_duration(start: datetime, text: str) -> datetime:
    """`start` plus an ISO 8601 duration; years and months by the calendar. Raises ValueError."""
    match = _DURATION.match(text)
    if not match or text in {"P", "PT"} or text.endswith("T"):
        raise ValueError(f"not an ISO 8601 duration: {text!r}")
    years, months, weeks, days, hours, minutes = (int(part or 0) for part in match.groups()[:6])
    seconds = float(match.group(7) or 0)
    month_index = start.year * 12 + start.month - 1 + years * 12 + months
    year, month = divmod(month_index, 12)
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    shifted = start.replace(year=year, month=month + 1, day=day)
    return shifted + timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


class VirtualClock:
    """`now()` is aware UTC. With a store the mode is read from it and every change is kept there."""

    def __init__(self, store: Store | None = None) -> None:
        self._store = store
        self._offset = timedelta()
        self._frozen: datetime | None = None
        kept: dict[str, Any] | None = store.meta(_META) if store else None
        if kept and kept["mode"] == "frozen":
            self._frozen = parse_instant(kept["now"])
        elif kept:
            self._offset = timedelta(seconds=kept["offset"])

    @property
    def mode(self) -> str:
        """ "real" or "frozen"."""
        return "frozen" if self._frozen else "real"

    def now(self) -> datetime:
        return self._frozen or datetime.now(UTC) + self._offset

    def check(self, instant: datetime) -> None:
        """Raises BackwardsError when something happened after `instant`, and `instant` has passed."""
        kept = None if self._store is None else self._store.meta(_HAPPENED)
        if kept is None or instant >= self.now():
            return
        last = _EPOCH + timedelta(microseconds=kept)
        if instant < last:
            raise BackwardsError(
                f"The clock cannot go back to {format_instant(instant)}, because the last thing happened at "
                f"{format_instant(last)} and cannot be undone. Go no further back than that, or reset the emulator."
            )

    def set(self, instant: datetime) -> None:
        """Go to `instant`: a frozen clock stays frozen there, a real one runs on from there. Raises BackwardsError."""
        self.check(instant)
        if self._frozen:
            self._frozen = instant.astimezone(UTC)
        else:
            self._offset = instant - datetime.now(UTC)
        self._keep()

    def freeze(self, instant: datetime) -> None:
        """Stand still at `instant`. Raises BackwardsError."""
        self.check(instant)
        self._frozen = instant.astimezone(UTC)
        self._keep()

    def run(self) -> None:
        """Follow the wall clock again, from the instant a frozen clock shows now."""
        if self._frozen:
            self._offset = self._frozen - datetime.now(UTC)
            self._frozen = None
        self._keep()

    def advance(self, duration: str) -> None:
        """Move on by an ISO 8601 duration. Raises ValueError."""
        self.set(add_duration(self.now(), duration))

    def _keep(self) -> None:
        if self._store is None:
            return
        if self._frozen:
            self._store.set_meta(_META, {"mode": "frozen", "now": format_instant(self._frozen)})
        else:
            self._store.set_meta(_META, {"mode": "real", "offset": self._offset.total_seconds()})
