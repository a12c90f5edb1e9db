"""Runs: each time someone applied something."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, insert, select, update

from cspctl.ledger.connection import Database
from cspctl.ledger.encoding import instant, instant_text, optional_instant, optional_instant_text
from cspctl.ledger.home import Home
from cspctl.ledger.tables import runs
from cspctl.model.ports import RunRecord

# A plan can be megabytes: only the question for one run brings it along.
_LISTED = [column for column in runs.columns if column.name != "plan"]


class Runs:
    def __init__(self, database: Database, home: Home) -> None:
        self._database = database
        self._home = home

    def latest(self, limit: int) -> Sequence[RunRecord]:
        """Newest first, without their plans."""
        return self._listed(limit=limit)

    def of_plan(self, plan_id: str) -> Sequence[RunRecord]:
        """Newest first, without their plans."""
        return self._listed(runs.c.plan_id == plan_id)

    def one(self, run_id: str) -> RunRecord | None:
        """With its plan."""
        query = select(runs).where(self._home.rows(runs, runs.c.id == run_id))
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _run(row, plan=row.plan)

    def begin(self, run: RunRecord) -> None:
        """Raises CspctlError (E-LEDGER-CONFLICT) when the id was used before."""
        values = {
            **self._home.columns(),
            "id": run.id,
            "plan_id": run.plan_id,
            "digest": run.digest,
            "actor": run.actor,
            "command": run.command,
            "started_at": instant_text(run.started_at),
            "status": run.status,
            "finished_at": optional_instant_text(run.finished_at),
            "exit_code": run.exit_code,
            "plan": run.plan,
        }
        with self._database.transaction() as connection:
            connection.execute(insert(runs), values)

    def finish(self, run_id: str, *, status: str, exit_code: int, at: datetime) -> None:
        """Raises KeyError for a run that never began."""
        change = update(runs).where(self._home.rows(runs, runs.c.id == run_id))
        values = {"status": status, "exit_code": exit_code, "finished_at": instant_text(at)}
        with self._database.transaction() as connection:
            if connection.execute(change.values(**values)).rowcount != 1:
                raise KeyError(run_id)

    def _listed(self, *conditions: ColumnElement[bool], limit: int | None = None) -> Sequence[RunRecord]:
        query = select(*_LISTED).where(self._home.rows(runs, *conditions))
        query = query.order_by(runs.c.started_at.desc(), runs.c.row.desc()).limit(limit)
        with self._database.read() as connection:
            return [_run(row) for row in connection.execute(query)]


def _run(row: Row[Any], plan: str = "") -> RunRecord:
    return RunRecord(
        id=row.id,
        plan_id=row.plan_id,
        digest=row.digest,
        actor=row.actor,
        started_at=instant(row.started_at),
        status=row.status,
        finished_at=optional_instant(row.finished_at),
        exit_code=row.exit_code,
        command=row.command,
        plan=plan,
    )
