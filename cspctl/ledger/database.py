"""Opening a ledger: created when missing, migrated when older, refused when newer; a reader never writes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy.engine import URL

from cspctl.errors import InputError
from cspctl.ledger import copies, dialect, migrations
from cspctl.ledger.connection import Database, translated
from cspctl.ledger.home import Home
from cspctl.ledger.ledger import Ledger
from cspctl.ledger.migrations import MIGRATIONS, Migration
from cspctl.ledger.tables import SCHEMA_VERSION


def open_ledger(url: str, project: str, environment: str, *, read_only: bool) -> Ledger:
    """The ledger of one project and environment (`live` or `emulator`); close it, or use it in `with`.

    `url` is `sqlite:///relative`, `sqlite:////absolute` or `sqlite://` (memory). Read-only, a ledger that
    does not exist is an empty one, and no file appears. Raises InputError for a bad URL or a file that is no
    ledger, LedgerVersionError when it is newer than this tool.
    """
    home = Home.of(project, environment)
    return Ledger(open_database(url, read_only=read_only), home)


def open_database(
    url: str,
    *,
    read_only: bool,
    known: Mapping[int, Migration] = MIGRATIONS,
    target: int = SCHEMA_VERSION,
) -> Database:
    """The same without a project; `known` and `target` are for migrations."""
    parsed = dialect.parse(url)
    if read_only:
        return _open_reader(parsed, known, target)
    return _open_writer(parsed, known, target)


def _open_writer(url: URL, known: Mapping[int, Migration], target: int) -> Database:
    path = dialect.file_of(url)
    if path is not None:
        copies.prepare(path)
    database = _writer(url)
    try:
        _bring_up(database, path, known, target)
    except BaseException:
        database.close()
        raise
    return database


def _bring_up(database: Database, path: Path | None, known: Mapping[int, Migration], target: int) -> None:
    found = _version(database, target)
    if found == target:
        return
    if found is not None and path is not None:
        copies.copy_of(database, copies.beside(path, f"v{found}"))
    with database.transaction() as connection:
        found = migrations.schema_version(connection, database.name)  # another process may have been faster
        if found is None:
            migrations.create(connection)
        elif found < target:
            migrations.migrate(connection, found, target, known)


def _open_reader(url: URL, known: Mapping[int, Migration], target: int) -> Database:
    path = dialect.file_of(url)
    if path is None or not path.exists():
        return _in_memory(None, known, target, _name(path))
    database = Database(dialect.reader(url), read_only=True, name=_name(path))
    try:
        found = _version(database, target)
        if found == target:
            return database
        copy = _in_memory(database, known, target, database.name)
    except BaseException:
        database.close()
        raise
    database.close()
    return copy


def _in_memory(source: Database | None, known: Mapping[int, Migration], target: int, name: str) -> Database:
    """Empty, or a migrated copy: a reader may not migrate the file itself."""
    database = Database(dialect.memory(), read_only=False, name=name)
    if source is not None:
        dialect.copy_database(source.connection, database.connection)
    _bring_up(database, None, known, target)
    database.read_only = True
    return database


def _version(database: Database, target: int) -> int | None:
    with database.read() as connection:
        found = migrations.schema_version(connection, database.name)
    migrations.refuse_newer(found, target, database.name)
    return found


def restore_ledger(url: str, backup: Path) -> Path | None:
    """Put a backup in the place of the ledger; gives the copy made of what was there, None if nothing was.

    Raises InputError when the backup is missing or no ledger, LedgerVersionError when it is newer than this
    tool.
    """
    if not backup.is_file():
        raise InputError(f"there is no backup at {backup}", code="E-BACKUP-MISSING")
    parsed = dialect.parse(url)
    path = dialect.file_of(parsed)
    if path is None:
        raise InputError("a ledger in memory cannot be restored", code="E-STATE-URL")
    source = open_database(f"sqlite:///{backup}", read_only=True)
    try:
        saved = _set_aside(parsed, path) if path.exists() else None
        copies.prepare(path)
        target = _writer(parsed)
        try:
            with translated(target.name):
                dialect.copy_database(source.connection, target.connection)
        finally:
            target.close()
    finally:
        source.close()
    return saved


def _set_aside(url: URL, path: Path) -> Path:
    """A copy of what is there; where it is no database any more, the file itself under another name."""
    aside = copies.beside(path, "before-restore")
    database = Database(dialect.reader(url), read_only=True, name=_name(path))
    try:
        return copies.copy_of(database, aside)
    except InputError:
        return path.rename(aside)
    finally:
        database.close()


def _writer(url: URL) -> Database:
    path = dialect.file_of(url)
    return Database(dialect.writer(url), read_only=False, name=_name(path), url=None if path is None else url)


def _name(path: Path | None) -> str:
    return "the ledger in memory" if path is None else f"the ledger {path}"
