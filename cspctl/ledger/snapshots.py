"""Live snapshots: what was last read of each remote object, and how far each change feed was followed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, delete, select

from cspctl.ledger.connection import Database
from cspctl.ledger.dialect import upsert
from cspctl.ledger.encoding import fast_json, instant, instant_text, json_text, json_value
from cspctl.ledger.home import Home
from cspctl.ledger.tables import cursors, snapshots
from cspctl.model.live import LiveObject

# Large enough that a fleet takes one second, small enough that it never sits in memory twice.
BATCH = 2_000
_NOWHERE: Mapping[str, datetime] = {}


# In the order of LiveObject. Rows are taken apart by place: by name it is twice as slow, and fleets are large.
_READ = [snapshots.c[name] for name in ("kind", "live_id", "scope", "attributes", "facts", "read_at")]


class Snapshots:
    def __init__(self, database: Database, home: Home) -> None:
        self._database = database
        self._home = home

    def put_many(self, objects: Iterable[LiveObject], realm: str, read_at: datetime) -> int:
        """Insert or replace, all or none; gives how many. An object's own `read_at` wins. Bodies stay out."""
        rows = (self._values(one, realm, read_at) for one in objects)
        count = 0
        with self._database.transaction() as connection:
            while batch := list(islice(rows, BATCH)):
                connection.execute(upsert(snapshots), batch)
                count += len(batch)
        return count

    def one(self, kind: str, live_id: str) -> LiveObject | None:
        at = (snapshots.c.kind == kind, snapshots.c.live_id == live_id)
        with self._database.read() as connection:
            row = connection.execute(select(*_READ).where(self._home.rows(snapshots, *at))).one_or_none()
        return None if row is None else _live(row)

    def some(self, kind: str | None, scope: str | None) -> Sequence[LiveObject]:
        """By kind and id; None means every kind, or every scope."""
        query = select(*_READ).where(self._home.rows(snapshots, *_narrowed(kind, scope)))
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(snapshots.c.kind, snapshots.c.live_id))
            return [_live(row) for row in rows]

    def of_tenants(self, kind: str, tenants: Mapping[str, Mapping[str, datetime]]) -> Iterator[LiveObject]:
        """In no order. `tenants`: realm to the tenants wanted, each with when it was read last."""
        columns = [snapshots.c[n] for n in ("realm", "scope", "live_id", "attributes", "facts")]
        query = select(*columns).where(self._home.rows(snapshots, snapshots.c.kind == kind))
        known: dict[str, str] = {}  # a tenant is named once, however much it holds
        with self._database.read() as connection:
            for part in connection.execute(query).partitions(BATCH):
                for realm, scope, live_id, attributes, facts in part:
                    read_at = tenants.get(realm, _NOWHERE).get(scope)
                    if read_at is not None:
                        at = known.setdefault(scope, scope)
                        yield LiveObject(kind, live_id, at, fast_json(attributes), fast_json(facts), read_at)

    def forget(self, kind: str | None, scope: str | None, live_id: str | None) -> int:
        """Drop what is known to be gone, or a whole scope before it is read afresh; gives how many."""
        conditions = _narrowed(kind, scope)
        if live_id is not None:
            conditions.append(snapshots.c.live_id == live_id)
        with self._database.transaction() as connection:
            return connection.execute(delete(snapshots).where(self._home.rows(snapshots, *conditions))).rowcount

    def cursor(self, feed: str) -> str | None:
        """Where the reading of a change feed goes on; None when it never began."""
        query = select(cursors.c.position).where(self._home.rows(cursors, cursors.c.feed == feed))
        with self._database.read() as connection:
            return connection.execute(query).scalar()

    def put_cursor(self, feed: str, position: str, at: datetime) -> None:
        values = {**self._home.columns(), "feed": feed, "position": position, "moved_at": instant_text(at)}
        with self._database.transaction() as connection:
            connection.execute(upsert(cursors), values)

    def _values(self, one: LiveObject, realm: str, read_at: datetime) -> dict[str, Any]:
        return {
            **self._home.columns(realm),
            "kind": one.kind,
            "live_id": one.live_id,
            "scope": one.scope,
            "attributes": json_text(one.attributes),
            "facts": json_text(one.facts),
            "read_at": instant_text(one.read_at or read_at),
        }


def _narrowed(kind: str | None, scope: str | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if kind is not None:
        conditions.append(snapshots.c.kind == kind)
    if scope is not None:
        conditions.append(snapshots.c.scope == scope)
    return conditions


def _live(row: Sequence[Any]) -> LiveObject:
    kind, live_id, scope, attributes, facts, read_at = row
    return LiveObject(kind, live_id, scope, json_value(attributes), json_value(facts), instant(read_at))
