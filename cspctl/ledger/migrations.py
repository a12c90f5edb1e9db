"""How a ledger's schema comes to exist and grows older versions up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from sqlalchemy import Connection, inspect, select

from cspctl import __version__
from cspctl.errors import InputError, LedgerVersionError
from cspctl.ledger import dialect, tables

Migration = Callable[[Connection], None]

# From this version to the next one. Version 1 is the first, so there is nothing to grow from yet.
MIGRATIONS: Mapping[int, Migration] = MappingProxyType({})


def schema_version(connection: Connection, name: str) -> int | None:
    """The version found; None when the database is empty. Raises InputError when it is no ledger."""
    found = inspect(connection).get_table_names()
    if not found:
        return None
    query = select(tables.meta.c.value).where(tables.meta.c.name == "schema_version")
    text = connection.execute(query).scalar() if tables.meta.name in found else None
    if text is None or not str(text).isdigit():
        raise InputError(
            f"{name} is a database, but not a cspctl ledger",
            code="E-LEDGER-FOREIGN",
            hint="point the state setting at a file of its own",
        )
    return int(text)


def refuse_newer(found: int | None, target: int, name: str) -> None:
    """Raises LedgerVersionError when the ledger is newer than this tool."""
    if found is not None and found > target:
        raise LedgerVersionError(
            f"{name} has schema version {found}; cspctl {__version__} knows versions up to {target}",
            hint="use the newer cspctl that wrote it, or restore a backup made before",
        )


def create(connection: Connection) -> None:
    """Every table, empty."""
    tables.metadata.create_all(connection)
    dialect.forbid_changes(connection, tables.audit)
    _stamp(connection, tables.SCHEMA_VERSION)


def migrate(connection: Connection, found: int, target: int, migrations: Mapping[int, Migration]) -> None:
    """Step by step from `found` to `target`; raises LedgerVersionError when a step is missing."""
    for version in range(found, target):
        if version not in migrations:
            raise LedgerVersionError(
                f"the ledger has schema version {found}; cspctl {__version__} writes {target} "
                f"and knows no way up from {version}",
                hint="migrate it with an older cspctl first",
            )
        migrations[version](connection)
    _stamp(connection, target)


def _stamp(connection: Connection, version: int) -> None:
    values = {"schema_version": str(version), "written_by": f"cspctl {__version__}"}
    for name, value in values.items():
        connection.execute(dialect.upsert(tables.meta), {"name": name, "value": value})
