"""Everything that differs between databases, and nothing else. SQLite so far.

SQLite: write-ahead log with synchronous=FULL, so that a commit is on disk before it returns; explicit BEGIN,
because the driver's own transactions begin too late; foreign keys on; 30 s of patience with other writers.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, RootTransaction, Table, create_engine, event
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import StaticPool

from cspctl.errors import InputError

BUSY_MS = 30_000
DriverError = sqlite3.Error
_BEGIN = "cspctl_begin"
_NO_CHANGE = ("update", "delete")


def parse(url: str) -> URL:
    """`sqlite:///path` or `sqlite://` (memory); raises InputError for any other state."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise InputError(
            "the state is not a database URL", code="E-STATE-URL", hint="sqlite:///.cspctl/state.db"
        ) from error
    if parsed.get_backend_name() != "sqlite":
        raise InputError(
            f"state in {parsed.get_backend_name()} is not supported by this version",
            code="E-STATE-URL",
            hint="use sqlite:///.cspctl/state.db",
        )
    return parsed


def file_of(url: URL) -> Path | None:
    """The file behind the URL; None for a database in memory."""
    return None if url.database in (None, "", ":memory:") else Path(str(url.database))


def prepare_file(path: Path) -> None:
    """An empty file only its owner can read (0600), its folder made when missing (0700)."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    if path.stat().st_mode & 0o077:
        with suppress(PermissionError):  # someone else's file: theirs to guard
            path.chmod(0o600)


def writer(url: URL) -> Engine:
    """For reading and writing; the file must have been prepared."""
    path = file_of(url)
    engine = _engine(f"file:{quote(str(path))}?mode=rw" if path else None)

    @event.listens_for(engine, "connect")
    def configure(dbapi: sqlite3.Connection, _record: object) -> None:
        if path:
            _write_ahead(dbapi)
        dbapi.execute("PRAGMA synchronous = FULL")

    return engine


def reader(url: URL) -> Engine:
    """For reading only; leaves no byte and no file changed, and none behind."""
    path = file_of(url)
    assert path is not None, "a database in memory has no separate readers"
    engine = _engine(_reader_uri(path))

    @event.listens_for(engine, "connect")
    def configure(dbapi: sqlite3.Connection, _record: object) -> None:
        dbapi.execute("PRAGMA query_only = ON")

    return engine


def memory() -> Engine:
    return _engine(None)


def _reader_uri(path: Path) -> str:
    """Which of SQLite's ways of opening leaves the folder as it was.

    With a log left by a crash: `ro`, which does not fold it into the file. Without one: `rw` under
    query_only, which removes its empty side files again, as `ro` cannot. In a folder nobody may write to:
    `immutable`.
    """
    uri = f"file:{quote(str(path))}"
    log = path.with_name(path.name + "-wal")
    if log.exists() and log.stat().st_size:
        return f"{uri}?mode=ro"
    if not os.access(path.parent, os.W_OK) or not os.access(path, os.W_OK):
        return f"{uri}?immutable=1"
    return f"{uri}?mode=rw"


def _engine(uri: str | None) -> Engine:
    def connect() -> sqlite3.Connection:
        return sqlite3.connect(uri or ":memory:", uri=uri is not None, timeout=BUSY_MS / 1000, check_same_thread=False)

    engine = create_engine("sqlite://", creator=connect, poolclass=StaticPool, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def explicit(dbapi: sqlite3.Connection, _record: object) -> None:
        dbapi.isolation_level = None
        dbapi.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def begin_as_told(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN"))

    return engine


def _write_ahead(dbapi: sqlite3.Connection) -> None:
    """Two openers may collide here, and SQLite does not wait by itself when switching modes."""
    deadline = time.monotonic() + BUSY_MS / 1000
    while dbapi.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            dbapi.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def begin_read(connection: Connection) -> RootTransaction:
    """One consistent view, waiting for nobody."""
    connection.execution_options(**{_BEGIN: "BEGIN"})
    return connection.begin()


def begin_write(connection: Connection) -> RootTransaction:
    """The only writer until the transaction ends: what is read in it cannot change before it is written."""
    connection.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})
    return connection.begin()


def upsert(table: Table, *, keep: Sequence[str] = ()) -> Insert:
    """Insert, or replace the row of the same primary key; columns in `keep` stay as they were."""
    statement = insert(table)
    key = [column.name for column in table.primary_key]
    replaced: Mapping[str, Any] = {
        column.name: statement.excluded[column.name]
        for column in table.columns
        if column.name not in key and column.name not in keep
    }
    return statement.on_conflict_do_update(index_elements=key, set_=dict(replaced))


def forbid_changes(connection: Connection, table: Table) -> None:
    """Triggers against slips of the hand; whoever owns the file can drop them, so nothing relies on them."""
    for verb in _NO_CHANGE:
        connection.exec_driver_sql(
            f"CREATE TRIGGER {table.name}_no_{verb} BEFORE {verb.upper()} ON {table.name} "
            f"BEGIN SELECT RAISE(ABORT, 'the {table.name} log is append-only'); END"
        )


@contextmanager
def tolerant_text(connection: Connection) -> Iterator[None]:
    """Reads text that is not UTF-8 too: a tampered row must be named, not crash the verification."""
    dbapi = driver_connection(connection)
    before = dbapi.text_factory
    dbapi.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        dbapi.text_factory = before


def copy_database(source: Connection, target: Connection) -> None:
    """A consistent copy of everything, also while others write; replaces what the target holds."""
    driver_connection(source).backup(driver_connection(target))


def copy_to_file(source: Connection, path: Path) -> None:
    """The same into an empty prepared file, which stands alone afterwards: no log beside it."""
    target = sqlite3.connect(path)
    try:
        driver_connection(source).backup(target)
        target.execute("PRAGMA journal_mode = DELETE")
    finally:
        target.close()


def driver_connection(connection: Connection) -> sqlite3.Connection:
    raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    return raw


def is_busy(error: BaseException | None) -> bool:
    """Whether another writer kept the database longer than our patience."""
    return isinstance(error, sqlite3.OperationalError) and "locked" in str(error)


def is_damaged(error: BaseException | None) -> bool:
    """Whether the file is no database, or one that was damaged."""
    return isinstance(error, sqlite3.DatabaseError) and any(
        sign in str(error) for sign in ("not a database", "malformed")
    )
