"""The emulator's clock: the wall clock plus an offset, or frozen at an instant. It survives a restart."""

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

    def set(self, instant: datetime) -> None:
        """Go to `instant`: a frozen clock stays frozen there, a real one runs on from there."""
        if self._frozen:
            self._frozen = instant.astimezone(UTC)
        else:
            self._offset = instant - datetime.now(UTC)
        self._keep()

    def freeze(self, instant: datetime) -> None:
        self._frozen = instant.astimezone(UTC)
        self._keep()

    def run(self) -> None:
        """Follow the wall clock again, from the instant a frozen clock shows now."""
        if self._frozen:
            self._offset = self._frozen - datetime.now(UTC)
            self._frozen = None
        self._keep()

    def follow_wall(self) -> None:
        """The wall clock itself, without an offset."""
        self._frozen, self._offset = None, timedelta()
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
