"""Which tenants must be read again, and which may be taken from the last reading. Pure.

Premises. A tenant's snapshot is what one request showed at `read_at`. The service's audit records say which tenants
were written to since, but how long a record takes to appear is documented nowhere (minutes), renewals and expiries
leave none, and lists may lag behind writes (a new order takes up to 15 minutes to be listed: Partner Center docs,
get-all-of-a-customer-s-orders, Oct 2023). So a snapshot is trusted for 15 minutes at most, only where the records of
that time and of the 15 minutes before say nothing of its tenant, and never for a tenant in which something is to be
shown as a change.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from cspctl.engine.observation import TenantScope
from cspctl.model.live import LiveObject
from cspctl.model.reading import ReadingNote

TRUSTED_FOR = timedelta(minutes=15)
LIST_LAG = timedelta(minutes=15)
# A renewal is carried out within 24 hours from midnight UTC after the last day (Partner Center docs, renewals).
RENEWAL_DAYS = 2


@dataclass(frozen=True, slots=True)
class Known:
    """A tenant that was read: the oldest of its readings, one per kind. `read_at` is by the realm's clock."""

    scope: str
    account: str
    read_at: datetime
    wall_at: datetime
    written_at: datetime | None


@dataclass(frozen=True, slots=True)
class Written:
    """An audit record: which tenant, when. None where the record does not say."""

    scope: str | None
    at: datetime | None


def known_tenants(
    tenants: Sequence[TenantScope], notes: Iterable[ReadingNote], kinds: Collection[str]
) -> dict[str, Known]:
    """Tenant to its reading; only where every kind was read."""
    wanted = {(t.account, t.scope) for t in tenants}
    found: dict[str, list[ReadingNote]] = {}
    for note in notes:
        if note.problem is None and note.kind in kinds and (note.account, note.scope) in wanted:
            found.setdefault(note.scope, []).append(note)
    return {scope: _oldest(notes) for scope, notes in found.items() if len(notes) == len(kinds)}


def problems(tenants: Sequence[TenantScope], notes: Iterable[ReadingNote]) -> dict[str, ReadingNote]:
    """Tenant to the reading that failed."""
    wanted = {(t.account, t.scope) for t in tenants}
    return {n.scope: n for n in notes if n.problem is not None and (n.account, n.scope) in wanted}


def young(known: Mapping[str, Known], *, now: datetime, wall: datetime) -> dict[str, Known]:
    """Those read lately by both clocks, and not written to by this project since."""
    return {
        scope: one
        for scope, one in known.items()
        if _is_recent(one.read_at, now) and _is_recent(one.wall_at, wall) and not _is_disturbed(one)
    }


def records_since(known: Collection[Known]) -> datetime:
    """From when on the service's records matter."""
    return min(one.read_at for one in known) - LIST_LAG


def touched(records: Iterable[Written], known: Mapping[str, Known]) -> set[str] | None:
    """Tenants written to since they were read; None where the records do not tell."""
    found: set[str] = set()
    for record in records:
        if record.scope is None or record.at is None:
            return None
        one = known.get(record.scope)
        if one is not None and record.at >= one.read_at - LIST_LAG:
            found.add(record.scope)
    return found


def renewing(objects: Iterable[LiveObject], today: date) -> set[str]:
    """Tenants in which a commitment ends about now: time itself changes them and leaves no record."""
    days = {(today + timedelta(days=n)).isoformat() for n in range(-RENEWAL_DAYS, 2)}
    return {one.scope for one in objects if one.facts.get("commitmentEnd") in days}


def _oldest(notes: Sequence[ReadingNote]) -> Known:
    first = min(notes, key=lambda n: n.wall_at)
    written = max((n.written_at for n in notes if n.written_at is not None), default=None)
    return Known(first.scope, first.account, min(n.read_at for n in notes), first.wall_at, written)


def _is_recent(at: datetime, now: datetime) -> bool:
    """An instant ahead of the clock is not trusted either: the clock was set back."""
    return timedelta() <= now - at <= TRUSTED_FOR


def _is_disturbed(one: Known) -> bool:
    return one.written_at is not None and one.written_at >= one.wall_at - LIST_LAG
