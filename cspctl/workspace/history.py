"""Past runs and what of them is still open, from the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cspctl.errors import InputError
from cspctl.ledger.ledger import Ledger
from cspctl.model.audit import AuditEvent
from cspctl.model.ports import Intent, RunRecord
from cspctl.views import values
from cspctl.views.table import Table

OPEN = ("intent", "unknown")


@dataclass(frozen=True, slots=True)
class RunStory:
    """One run: what it intended, write by write, and what the audit log says of it."""

    run: RunRecord
    intents: Sequence[Intent]
    events: Sequence[AuditEvent]

    def table(self) -> Table:
        rows = [(i.address, i.step.get("summary"), i.status, _news(i)) for i in self.intents]
        columns = (("address", "address"), ("step", "step"), ("status", "status"), ("message", "message"))
        return Table(columns, rows, "This run sent nothing to Partner Center.")

    def writes(self) -> list[dict[str, object]]:
        """Every write with the ids that Microsoft's support asks for."""
        return [
            {
                "address": i.address,
                "type": i.step.get("type"),
                "summary": i.step.get("summary"),
                "status": i.status,
                "message": i.message,
                "requestIds": list(i.request_ids),
                "createdAt": i.created_at,
                "settledAt": i.settled_at,
            }
            for i in self.intents
        ]


def _news(intent: Intent) -> str:
    """What the outcome says beyond the step's own summary."""
    return "" if intent.message == intent.step.get("summary") else intent.message


def history(ledger: Ledger, limit: int) -> Table:
    """Newest first."""
    rows = [
        (
            values.instant(run.started_at),
            run.command,
            run.actor,
            run.status,
            run.exit_code,
            sum(1 for _ in ledger.intents(run_id=run.id)),
            run.id,
        )
        for run in ledger.runs(limit=limit)
    ]
    columns = (("startedAt", "started"), ("command", "command"), ("actor", "actor"), ("status", "status"))
    return Table((*columns, ("exitCode", "exit"), ("writes", "writes"), ("run", "run")), rows, "Nothing was run yet.")


def show(ledger: Ledger, run_id: str) -> RunStory:
    """By id or by the beginning of one. Raises InputError where none or several begin so."""
    found = [r for r in ledger.runs(limit=10_000) if r.id.startswith(run_id)]
    if len(found) != 1:
        how = "no run begins" if not found else f"{len(found)} runs begin"
        raise InputError(f"{how} with {run_id!r}", code="E-RUN", hint="see `cspctl history`")
    run = found[0]
    return RunStory(run, ledger.intents(run_id=run.id), ledger.audit_events(run_id=run.id))


def operations(ledger: Ledger) -> Table:
    """Writes whose outcome is not known, oldest first."""
    rows = [
        (
            i.address,
            i.step.get("summary"),
            i.status,
            values.instant(i.created_at) if i.created_at else None,
            i.message,
            i.run_id,
        )
        for i in ledger.intents(open_only=True)
    ]
    columns = (("address", "address"), ("step", "step"), ("status", "status"), ("since", "since"))
    return Table((*columns, ("message", "message"), ("run", "run")), rows, "Nothing is in flight or unknown.")
