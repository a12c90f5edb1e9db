"""The emulator's state: JSON documents in one SQLite file (WAL), or in memory."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, partner TEXT NOT NULL,
  id TEXT NOT NULL, parent TEXT NOT NULL, body BLOB NOT NULL, UNIQUE (kind, partner, id));
CREATE INDEX IF NOT EXISTS documents_by_parent ON documents (kind, partner, parent, seq);
CREATE INDEX IF NOT EXISTS documents_in_order ON documents (kind, partner, seq);
CREATE INDEX IF NOT EXISTS documents_by_id ON documents (kind, id);
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS agenda (
  kind TEXT NOT NULL, partner TEXT NOT NULL, id TEXT NOT NULL, at INTEGER,
  PRIMARY KEY (kind, partner, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS agenda_by_time ON agenda (at, kind, partner, id);
"""
_NEVER = 2**62
_SCHEDULE = "INSERT OR REPLACE INTO agenda VALUES (?,?,?,?)"
_SCHEDULE_ONCE = "INSERT OR IGNORE INTO agenda VALUES (?,?,?,?)"
# Credentials in hashed form and stored answers say nothing about the emulated world.
_UNDUMPED_KINDS = frozenset({"token", "refresh", "replay"})


def encode_extra(value: Any) -> Any:
    """For orjson: a Decimal is written as a JSON number with exactly its digits."""
    if isinstance(value, Decimal):
        return orjson.Fragment(format(value, "f"))
    raise TypeError(f"not JSON: {type(value).__name__}")


def to_json(value: Any) -> bytes:
    return orjson.dumps(value, default=encode_extra)


class Store:
    """Documents addressed by (kind, partner, id); ids are compared exactly, so callers lower-case GUIDs.

    Every method commits by itself unless it runs inside `transaction()`. All calls come from one thread, the
    event loop's; the lock only guards a caller that breaks this.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.inserted: Counter[str] = Counter()  # documents created by this process, per kind
        self.watchers: dict[str, Callable[[Store, str, dict[str, Any]], None]] = {}
        self._lock = threading.RLock()
        self._depth = 0
        self._soonest: int | None = None  # of the agenda; None = not known
        if path:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # never readable by others, not even at first
        self._db = sqlite3.connect(str(path) if path else ":memory:", check_same_thread=False, isolation_level=None)
        if path:
            path.chmod(0o600)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.execute("PRAGMA cache_size=-65536")  # 64 MB: large fleets are read over and over
        self._db.executescript(_SCHEMA)

    def get(self, kind: str, partner: str, id: str) -> dict[str, Any] | None:
        with self._lock:
            row = self._db.execute(
                "SELECT body FROM documents WHERE kind=? AND partner=? AND id=?", (kind, partner, id)
            ).fetchone()
        return None if row is None else _document(row[0])

    def put(self, kind: str, partner: str, id: str, body: dict[str, Any], *, parent: str = "") -> None:
        """Insert or replace. Replacing keeps the place in the order, and the parent unless one is given.

        The watcher of the kind sees (store, partner, body) first and may add internal keys to the body.
        """
        watcher = self.watchers.get(kind)
        if watcher is not None:
            watcher(self, partner, body)
        data = to_json(body)
        with self._lock:
            changed = self._db.execute(
                "UPDATE documents SET body=?1, parent=CASE WHEN ?2='' THEN parent ELSE ?2 END "
                "WHERE kind=?3 AND partner=?4 AND id=?5",
                (data, parent, kind, partner, id),
            ).rowcount
            if not changed:
                self._db.execute(
                    "INSERT INTO documents (kind, partner, id, parent, body) VALUES (?,?,?,?,?)",
                    (kind, partner, id, parent, data),
                )
                self.inserted[kind] += 1

    def delete(self, kind: str, partner: str, id: str) -> bool:
        with self._lock:
            done = self._db.execute("DELETE FROM documents WHERE kind=? AND partner=? AND id=?", (kind, partner, id))
            if kind in self.watchers:
                self._db.execute("DELETE FROM agenda WHERE kind=? AND partner=? AND id=?", (kind, partner, id))
                self._soonest = None
        return done.rowcount > 0

    def list(
        self,
        kind: str,
        partner: str,
        *,
        parent: str | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> list[dict[str, Any]]:
        """In the order of insertion. `after` is the id of the last document already read.

        Raises KeyError when `after` names no document of this kind and partner.
        """
        query = "SELECT body FROM documents WHERE kind=? AND partner=?"
        values: list[Any] = [kind, partner]
        if parent is not None:
            query += " AND parent=?"
            values.append(parent)
        if after is not None:
            query += " AND seq>?"
            values.append(self._seq(kind, partner, after))
        query += " ORDER BY seq"
        if limit is not None:
            query += " LIMIT ?"
            values.append(limit)
        with self._lock:
            rows = self._db.execute(query, values).fetchall()
        return [_document(row[0]) for row in rows]

    def parents(self, kind: str, partner: str, prefix: str) -> Sequence[str]:
        """The parents of documents of a kind that start with `prefix`, sorted."""
        with self._lock:
            rows = self._db.execute(
                "SELECT DISTINCT parent FROM documents WHERE kind=? AND partner=? AND parent>=? AND parent<?",
                (kind, partner, prefix, prefix + "\uffff"),
            ).fetchall()
        return sorted(row[0] for row in rows)

    def find(self, kind: str, id: str) -> tuple[str, dict[str, Any]] | None:
        """(partner, body) of the document with this id under whichever partner holds it."""
        with self._lock:
            row = self._db.execute(
                "SELECT partner, body FROM documents WHERE kind=? AND id=? ORDER BY seq LIMIT 1", (kind, id)
            ).fetchone()
        return None if row is None else (row[0], _document(row[1]))

    def count(self, kind: str, partner: str | None = None) -> int:
        query, values = "SELECT COUNT(*) FROM documents WHERE kind=?", [kind]
        if partner is not None:
            query += " AND partner=?"
            values.append(partner)
        with self._lock:
            return int(self._db.execute(query, values).fetchone()[0])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; may be nested, the inner one then rolls back alone."""
        with self._lock:
            name = f"level_{self._depth}"
            self._db.execute(f"SAVEPOINT {name}" if self._depth else "BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                self._db.execute(f"ROLLBACK TO {name}" if self._depth else "ROLLBACK")
                self._soonest = None
                if self._depth:
                    self._db.execute(f"RELEASE {name}")
                raise
            self._depth -= 1
            self._db.execute(f"RELEASE {name}" if self._depth else "COMMIT")

    def meta(self, key: str, default: Any = None) -> Any:
        with self._lock:
            row = self._db.execute("SELECT value FROM meta WHERE key=?", (key,)).fetchone()
        return default if row is None else orjson.loads(row[0])

    def set_meta(self, key: str, value: Any) -> None:
        """Keys that start with "_" hold secrets: they are never dumped and outlive `reset`."""
        with self._lock:
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?,?)", (key, to_json(value)))

    def next_number(self, name: str) -> int:
        """1, 2, 3, … per name, kept across restarts."""
        with self._lock:
            row = self._db.execute(
                "INSERT INTO meta VALUES (?, '1') ON CONFLICT (key) DO UPDATE "
                "SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT) RETURNING value",
                (f"number:{name}",),
            ).fetchone()
        return int(row[0])

    def delete_below(self, partner: str, parent: str, *, keep: Sequence[str] = ()) -> None:
        """Delete everything a partner has below one parent, except documents of the kinds in `keep`."""
        marks = ",".join("?" * len(keep))
        with self._lock:
            self._db.execute(
                f"DELETE FROM documents WHERE partner=? AND parent=? AND kind NOT IN ({marks})",  # noqa: S608  # marks only
                (partner, parent, *keep),
            )

    def purge(self, kind: str, before: str) -> None:
        """Delete documents of a kind whose parent, an instant in ISO text, is earlier than `before`."""
        with self._lock:
            self._db.execute("DELETE FROM documents WHERE kind=? AND parent<?", (kind, before))

    def schedule(self, kind: str, partner: str, id: str, at: int | None, *, unless_known: bool = False) -> None:
        """Note the next instant (microseconds since 1970) at which time itself changes something; None = never."""
        how = _SCHEDULE_ONCE if unless_known else _SCHEDULE
        with self._lock:
            self._db.execute(how, (kind, partner, id, at))
            self._soonest = None

    def due(self, until: int) -> tuple[int, str, str, str] | None:
        """The earliest (at, kind, partner, id) of the agenda that is not later than `until`."""
        with self._lock:
            row = self._db.execute(
                "SELECT at, kind, partner, id FROM agenda WHERE at<=? ORDER BY at, kind, partner, id LIMIT 1", (until,)
            ).fetchone()
        return None if row is None else (row[0], row[1], row[2], row[3])

    def soonest(self) -> int:
        """The earliest instant of the agenda; a number beyond every date when it is empty."""
        if self._soonest is None:
            with self._lock:
                found = self._db.execute("SELECT MIN(at) FROM agenda").fetchone()[0]
            self._soonest = _NEVER if found is None else int(found)
        return self._soonest

    def unscheduled(self, kind: str, limit: int) -> Sequence[tuple[str, dict[str, Any]]]:
        """(partner, body) of documents of a kind that the agenda has never heard of."""
        with self._lock:
            rows = self._db.execute(
                "SELECT d.partner, d.body FROM documents d LEFT JOIN agenda a "
                "ON a.kind=d.kind AND a.partner=d.partner AND a.id=d.id "
                "WHERE d.kind=? AND a.id IS NULL ORDER BY d.seq LIMIT ?",
                (kind, limit),
            ).fetchall()
        return [(partner, _document(body)) for partner, body in rows]

    def reset(self) -> None:
        """Forget every document and every public meta value."""
        with self.transaction():
            self._db.execute("DELETE FROM documents")
            self._db.execute("DELETE FROM agenda")
            self._soonest = None
            self._db.execute("DELETE FROM meta WHERE substr(key, 1, 1) <> '_'")
        self.inserted.clear()

    def dump(self) -> dict[str, Any]:
        """{"documents": {kind: [{partner, id, parent, body}]}, "meta": {...}}, without credentials."""
        documents: dict[str, list[dict[str, Any]]] = {}
        with self._lock:
            rows = self._db.execute(
                "SELECT kind, partner, id, parent, body FROM documents ORDER BY kind, seq"
            ).fetchall()
            meta = self._db.execute("SELECT key, value FROM meta WHERE substr(key, 1, 1) <> '_' ORDER BY key")
            public = {key: orjson.loads(value) for key, value in meta}
        for kind, partner, id, parent, body in rows:
            if kind not in _UNDUMPED_KINDS:
                entry = {"partner": partner, "id": id, "parent": parent, "body": _document(body)}
                documents.setdefault(kind, []).append(entry)
        return {"documents": documents, "meta": public}

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def _seq(self, kind: str, partner: str, id: str) -> int:
        with self._lock:
            row = self._db.execute(
                "SELECT seq FROM documents WHERE kind=? AND partner=? AND id=?", (kind, partner, id)
            ).fetchone()
        if row is None:
            raise KeyError(id)
        return int(row[0])


def _document(data: bytes) -> dict[str, Any]:
    body: dict[str, Any] = orjson.loads(data)
    return body
