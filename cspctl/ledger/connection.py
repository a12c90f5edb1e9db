"""One open database: transactions that nest, reads that are consistent, errors that say what to do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, IntegrityError

from cspctl.errors import CspctlError, InputError, RefusedError, UnreachableError
from cspctl.ledger import dialect

# Which databases the current task (not only thread) has a transaction open on.
_mine: ContextVar[frozenset[int]] = ContextVar("cspctl_ledger_transactions", default=frozenset())


class Database:
    """Threads take turns. A transaction belongs to the task that began it and must not span an `await`."""

    def __init__(self, engine: Engine, *, read_only: bool, name: str, url: URL | None = None) -> None:
        """`name` is how messages call it; `url` is for a second connection, None where there can be none."""
        self.engine = engine
        self.read_only = read_only
        self.name = name
        self._url = url
        self._lock = threading.RLock()
        self._depth = 0
        self._open: Connection | None = None

    @property
    def connection(self) -> Connection:
        if self._open is None:
            with translated(self.name):
                self._open = self.engine.connect()
        return self._open

    def sibling(self) -> Database:
        """A second writer of the same ledger; in memory there is only this one."""
        if self._url is None or self.read_only:
            return self
        return Database(dialect.writer(self._url), read_only=False, name=self.name, url=self._url)

    @property
    def in_transaction(self) -> bool:
        return self._depth > 0

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """All statements inside see the same state."""
        with self._lock, translated(self.name):
            if self._depth:
                yield self.connection
            else:
                with dialect.begin_read(self.connection):
                    yield self.connection

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Commits together or not at all; an inner one that fails takes only its own writes back.

        Raises RefusedError when opened read-only, UnreachableError when another writer does not let go.
        """
        if self.read_only:
            raise RefusedError(f"{self.name} was opened for reading only", code="E-LEDGER-READ-ONLY", hint="use apply")
        with self._lock:
            if self._depth and id(self) not in _mine.get():
                raise RuntimeError("a ledger transaction must not span an await: another task is in one")
            token = _mine.set(_mine.get() | {id(self)})
            try:
                with translated(self.name), self._begin():
                    self._depth += 1
                    try:
                        yield self.connection
                    finally:
                        self._depth -= 1
            finally:
                _mine.reset(token)

    @contextmanager
    def _begin(self) -> Iterator[None]:
        connection = self.connection
        with connection.begin_nested() if self._depth else dialect.begin_write(connection):
            yield

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None
        self.engine.dispose()


@contextmanager
def translated(name: str) -> Iterator[None]:
    """The database's errors in the product's words."""
    try:
        yield
    except IntegrityError as error:
        raise CspctlError(f"{name}: a row of that key exists already", code="E-LEDGER-CONFLICT") from error
    except DBAPIError as error:
        raise _in_words(name, error.orig) from error
    except dialect.DriverError as error:
        raise _in_words(name, error) from error


def _in_words(name: str, error: BaseException | None) -> CspctlError:
    if dialect.is_busy(error):
        return UnreachableError(
            f"{name}: another process keeps it locked", code="E-LEDGER-BUSY", hint="try again in a moment"
        )
    if dialect.is_damaged(error):
        return InputError(
            f"{name} is not a ledger, or it was damaged",
            code="E-LEDGER-DAMAGED",
            hint="check the state setting, or bring a backup back with `cspctl state restore`",
        )
    return CspctlError(
        f"{name} cannot be used: {error}",
        code="E-LEDGER-IO",
        hint="check free space and the permissions of the file and its folder",
    )
