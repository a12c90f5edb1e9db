"""The drift log, and the deviations that someone accepted for a while."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select

from cspctl.ledger.connection import Database
from cspctl.ledger.dialect import upsert
from cspctl.ledger.encoding import instant, instant_text, json_text, json_value
from cspctl.ledger.home import Home
from cspctl.ledger.tables import deviations, drift
from cspctl.model.plan import DriftRow


@dataclass(frozen=True, slots=True)
class Deviation:
    """Drift at `path` of `address` that is not reported until `expires_at`; `path` may be `*`."""

    address: str
    path: str
    reason: str
    owner: str
    accepted_by: str
    accepted_at: datetime
    expires_at: datetime


class DriftLog:
    def __init__(self, database: Database, home: Home) -> None:
        self._database = database
        self._home = home

    def record(self, rows: Sequence[DriftRow], run_id: str, at: datetime) -> None:
        """All or none."""
        values = [
            {
                **self._home.columns(),
                "run_id": run_id,
                "recorded_at": instant_text(at),
                "address": row.address,
                "document": json_text(row),
            }
            for row in rows
        ]
        if not values:
            return
        with self._database.transaction() as connection:
            connection.execute(insert(drift), values)

    def latest(self, limit: int) -> Sequence[Mapping[str, Any]]:
        """Newest first: the drift row as JSON (keys as in the plan), with `runId` and `recordedAt`."""
        query = select(drift).where(self._home.rows(drift)).order_by(drift.c.row.desc()).limit(limit)
        with self._database.read() as connection:
            return [
                {**json_value(row.document), "runId": row.run_id, "recordedAt": row.recorded_at}
                for row in connection.execute(query)
            ]

    def accept(self, deviation: Deviation) -> None:
        """Replaces an earlier acceptance of the same address and path."""
        values = {
            **self._home.columns(),
            "address": deviation.address,
            "path": deviation.path,
            "reason": deviation.reason,
            "owner": deviation.owner,
            "accepted_by": deviation.accepted_by,
            "accepted_at": instant_text(deviation.accepted_at),
            "expires_at": instant_text(deviation.expires_at),
        }
        with self._database.transaction() as connection:
            connection.execute(upsert(deviations), values)

    def withdraw(self, address: str, path: str) -> None:
        at = (deviations.c.address == address, deviations.c.path == path)
        with self._database.transaction() as connection:
            connection.execute(delete(deviations).where(self._home.rows(deviations, *at)))

    def accepted(self, now: datetime) -> Sequence[Deviation]:
        """Those still in force, by address and path."""
        in_force = deviations.c.expires_at > instant_text(now)
        query = select(deviations).where(self._home.rows(deviations, in_force))
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(deviations.c.address, deviations.c.path)).all()
        return [
            Deviation(
                address=row.address,
                path=row.path,
                reason=row.reason,
                owner=row.owner,
                accepted_by=row.accepted_by,
                accepted_at=instant(row.accepted_at),
                expires_at=instant(row.expires_at),
            )
            for row in rows
        ]
