"""The journal: what is about to be written to the service, before it is, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, select, update

from cspctl.ledger.connection import Database
from cspctl.ledger.encoding import (
    instant,
    instant_text,
    json_text,
    json_value,
    optional_instant,
    optional_instant_text,
    optional_text,
    plain_text,
)
from cspctl.ledger.home import Home
from cspctl.ledger.tables import journal
from cspctl.model.ports import Intent
from cspctl.model.result import StepOutcome, StepStatus

OPEN = ("intent", StepStatus.UNKNOWN.value, "planned")


class Journal:
    """An intent and a request id must be on disk before the request leaves: neither joins a transaction."""

    def __init__(self, database: Database, home: Home) -> None:
        self._database = database
        self._home = home

    def intents(self, run_id: str | None, plan_id: str | None, open_only: bool) -> Sequence[Intent]:
        """In the order they were journaled."""
        conditions: list[ColumnElement[bool]] = []
        if run_id is not None:
            conditions.append(journal.c.run_id == run_id)
        if plan_id is not None:
            conditions.append(journal.c.plan_id == plan_id)
        if open_only:
            conditions.append(journal.c.status.in_(OPEN))
        query = select(journal).where(self._home.rows(journal, *conditions)).order_by(journal.c.row)
        with self._database.read() as connection:
            return [_intent(row) for row in connection.execute(query)]

    def announce(self, intent: Intent) -> None:
        """On disk when this returns. Raises RuntimeError inside a transaction, which might be undone."""
        self._must_be_durable("an intent")
        values = {
            **self._home.columns(intent.realm),
            "id": intent.id,
            "run_id": intent.run_id,
            "plan_id": intent.plan_id,
            "address": intent.address,
            "unit": intent.unit,
            "ordinal": intent.ordinal,
            "step": json_text(intent.step),
            "status": intent.status,
            "outputs": json_text(intent.outputs),
            "request_ids": json_text(intent.request_ids),
            "created_at": instant_text(intent.created_at or datetime.now(UTC)),
            "settled_at": optional_instant_text(intent.settled_at),
            "message": plain_text(intent.message),
            "code": optional_text(intent.code),
        }
        with self._database.transaction() as connection:
            connection.execute(insert(journal), values)

    def add_request_id(self, intent_id: str, request_id: str) -> None:
        """On disk when this returns; the same id twice in a row is kept once."""
        self._must_be_durable("a request id")
        with self._database.transaction() as connection:
            row = self._row(connection, intent_id)
            ids = _with_new(json_value(row.request_ids), (request_id,))
            self._change(connection, intent_id, request_ids=json_text(ids))

    def settle(self, intent_id: str, outcome: StepOutcome, at: datetime) -> None:
        """Outputs add to those of an earlier attempt; an unknown outcome leaves the intent open.

        Raises KeyError for an intent that was never journaled.
        """
        is_open = outcome.status is StepStatus.UNKNOWN
        with self._database.transaction() as connection:
            row = self._row(connection, intent_id)
            self._change(
                connection,
                intent_id,
                status=outcome.status.value,
                outputs=json_text({**json_value(row.outputs), **outcome.outputs}),
                request_ids=json_text(_with_new(json_value(row.request_ids), outcome.request_ids)),
                settled_at=None if is_open else instant_text(at),
                message=plain_text(outcome.message),
                code=optional_text(outcome.code),
            )

    def _row(self, connection: Connection, intent_id: str) -> Row[Any]:
        row = connection.execute(select(journal).where(self._at(intent_id))).one_or_none()
        if row is None:
            raise KeyError(intent_id)
        return row

    def _change(self, connection: Connection, intent_id: str, **values: str | None) -> None:
        connection.execute(update(journal).where(self._at(intent_id)).values(**values))

    def _at(self, intent_id: str) -> ColumnElement[bool]:
        return self._home.rows(journal, journal.c.id == intent_id)

    def _must_be_durable(self, what: str) -> None:
        if self._database.in_transaction:
            raise RuntimeError(f"{what} inside a transaction would not be on disk when the request leaves")


def _with_new(known: list[str], added: Sequence[str]) -> list[str]:
    return known + [request_id for request_id in added if request_id not in known]


def _intent(row: Row[Any]) -> Intent:
    return Intent(
        id=row.id,
        run_id=row.run_id,
        plan_id=row.plan_id,
        address=row.address,
        unit=row.unit,
        ordinal=row.ordinal,
        step=json_value(row.step),
        realm=row.realm,
        status=row.status,
        outputs=json_value(row.outputs),
        request_ids=tuple(json_value(row.request_ids)),
        created_at=instant(row.created_at),
        settled_at=optional_instant(row.settled_at),
        message=row.message,
        code=row.code,
    )
