"""Readings of customer tenants: what each request showed, written only where it differs from what is known."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from cspctl.ledger.connection import Database
from cspctl.ledger.dialect import upsert
from cspctl.ledger.encoding import instant, instant_text, json_text, optional_instant, optional_instant_text
from cspctl.ledger.home import Home
from cspctl.ledger.tables import readings, snapshots
from cspctl.model.live import LiveObject
from cspctl.model.reading import Difference, ReadingNote, TenantReading

# Names in one IN list; databases limit how many there may be.
CHUNK = 400
_NAMES = "kind account scope read_at wall_at written_at objects problem"
_READ = [readings.c[name] for name in _NAMES.split()]
_KEPT = [snapshots.c[name] for name in ("scope", "live_id", "attributes", "facts")]


class Readings:
    def __init__(self, database: Database, home: Home) -> None:
        self._database = database
        self._home = home

    def put(self, found: Iterable[TenantReading], realms: Mapping[str, str], discovery: str | None) -> Difference:
        """All or none. A reading older than the one known is left out; a gap leaves the objects known alone.

        `realms`: account to realm. `discovery` None keeps the mark of the discovery that read the tenant before.
        """
        total = Difference()
        ordered = sorted(found, key=_group)
        with self._database.transaction() as connection:
            for (kind, account), group in groupby(ordered, key=_group):
                for part in _chunks(list(group)):
                    total += self._put_part(connection, kind, account, realms[account], part, discovery)
        return total

    def notes(self) -> Sequence[ReadingNote]:
        """By kind, account and tenant."""
        query = select(*_READ).where(self._home.rows(readings))
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(readings.c.kind, readings.c.account, readings.c.scope))
            return [_note(row) for row in rows]

    def disturb(self, scopes: Collection[str], at: datetime, problem: str) -> None:
        """This project writes to these tenants at `at` (wall clock): what was read before may be over."""
        where = self._home.rows(readings, readings.c.scope == bindparam("wanted"))
        statement = update(readings).where(where).values(written_at=instant_text(at), problem=problem)
        if scopes:
            with self._database.transaction() as connection:
                connection.execute(statement, [{"wanted": scope} for scope in sorted(scopes)])

    def _put_part(
        self,
        connection: Connection,
        kind: str,
        account: str,
        realm: str,
        part: Sequence[TenantReading],
        discovery: str | None,
    ) -> Difference:
        at = (readings.c.kind == kind, readings.c.account == account, readings.c.scope.in_([r.scope for r in part]))
        query = select(readings.c.scope, readings.c.wall_at, readings.c.written_at, readings.c.discovery)
        known = {row[0]: row[1:] for row in connection.execute(query.where(self._home.rows(readings, *at)))}
        newer = [r for r in part if r.scope not in known or instant(known[r.scope][0]) <= r.wall_at]
        if not newer:
            return Difference()
        difference = self._put_objects(connection, kind, realm, [r for r in newer if r.problem is None])
        rows = [self._values(r, realm, discovery, known.get(r.scope)) for r in newer]
        connection.execute(upsert(readings), rows)
        return difference

    def _put_objects(self, connection: Connection, kind: str, realm: str, read: Sequence[TenantReading]) -> Difference:
        if not read:
            return Difference()
        inside = (snapshots.c.kind == kind, snapshots.c.realm == realm, snapshots.c.scope.in_([r.scope for r in read]))
        rows = connection.execute(select(*_KEPT).where(self._home.rows(snapshots, *inside)))
        before = {row[1]: tuple(row) for row in rows}
        now = {one.live_id: (_content(one), r.read_at, one) for r in read for one in r.objects}
        new = [live_id for live_id in now if live_id not in before]
        changed = [live_id for live_id in now if live_id in before and now[live_id][0] != before[live_id]]
        gone = [live_id for live_id in before if live_id not in now]
        if new or changed:
            values = [self._snapshot(kind, realm, *now[live_id][:2]) for live_id in (*new, *changed)]
            connection.execute(upsert(snapshots), values)
        for part in _chunks(gone):
            ids = (snapshots.c.kind == kind, snapshots.c.realm == realm, snapshots.c.live_id.in_(part))
            connection.execute(delete(snapshots).where(self._home.rows(snapshots, *ids)))
        return Difference(len(new), len(changed), len(gone))

    def _snapshot(self, kind: str, realm: str, content: tuple[str, ...], read_at: datetime) -> dict[str, Any]:
        scope, live_id, attributes, facts = content
        return {
            **self._home.columns(realm),
            "kind": kind,
            "live_id": live_id,
            "scope": scope,
            "attributes": attributes,
            "facts": facts,
            "read_at": instant_text(read_at),
        }

    def _values(
        self, one: TenantReading, realm: str, discovery: str | None, known: Sequence[Any] | None
    ) -> dict[str, Any]:
        written = optional_instant(known[1]) if known else None
        return {
            **self._home.columns(realm),
            "kind": one.kind,
            "account": one.account,
            "scope": one.scope,
            "read_at": instant_text(one.read_at),
            "wall_at": instant_text(one.wall_at),
            "written_at": optional_instant_text(written),
            "discovery": discovery or (known[2] if known else None),
            "objects": len(one.objects),
            "problem": one.problem,
        }


def _group(one: TenantReading) -> tuple[str, str]:
    return (one.kind, one.account)


def _content(one: LiveObject) -> tuple[str, ...]:
    """In the order of _KEPT."""
    return (one.scope, one.live_id, json_text(one.attributes), json_text(one.facts))


def _chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]


def _note(row: Sequence[Any]) -> ReadingNote:
    kind, account, scope, read_at, wall_at, written_at, objects, problem = row
    return ReadingNote(
        kind, account, scope, instant(read_at), instant(wall_at), optional_instant(written_at), objects, problem
    )
