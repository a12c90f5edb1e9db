"""Copies of a ledger: whole, private, and never half written under their final name."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from cspctl.errors import InputError
from cspctl.ledger import dialect
from cspctl.ledger.connection import Database


def copy_of(database: Database, path: Path) -> Path:
    """A consistent, self-contained copy (mode 0600) while others go on writing.

    Written under a temporary name, fsynced, renamed. Raises InputError when `path` exists.
    """
    if path.exists():
        raise InputError(f"{path} exists already", code="E-BACKUP-EXISTS", hint="name a new file")
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    partial.unlink(missing_ok=True)
    prepare(partial)
    try:
        with database.read() as connection:
            dialect.copy_to_file(connection, partial)
        _sync(partial)
        partial.replace(path)
        _sync(path.parent)
    finally:
        partial.unlink(missing_ok=True)
    return path


def prepare(path: Path) -> None:
    """An empty file for its owner alone; raises InputError when it cannot be made."""
    try:
        dialect.prepare_file(path)
    except OSError as error:
        raise InputError(
            f"{path} cannot be created: {error.strerror}",
            code="E-LEDGER-IO",
            hint="check the state setting and the permissions of the folder",
        ) from error


def beside(path: Path, why: str) -> Path:
    """`state.db.v0-20260301T080000123456Z.bak`: wall clock, because it names a file for a person."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    return path.with_name(f"{path.name}.{why}-{stamp}.bak")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
