"""The audit log as a table, JSON, or JSON Lines for export."""

from __future__ import annotations

from collections.abc import Sequence

from cspctl.model.audit import AuditEvent
from cspctl.views import canonical, table, values
from cspctl.views.style import PLAIN, Style

_COLUMNS = (
    ("seq", "seq"),
    ("at", "at"),
    ("actor", "actor"),
    ("event", "event"),
    ("outcome", "outcome"),
    ("address", "address"),
    ("run", "run"),
)


def as_table(events: Sequence[AuditEvent]) -> table.Table:
    rows = [(e.seq, values.instant(e.at), e.actor, e.event, e.outcome, e.address, e.run_id) for e in events]
    return table.Table(_COLUMNS, rows, "The audit log has no such entries.")


def text(events: Sequence[AuditEvent], *, style: Style = PLAIN, width: int = 100) -> str:
    return table.text(as_table(events), style=style, width=width)


def json(events: Sequence[AuditEvent]) -> str:
    return canonical.dumps([record(e) for e in events])


def json_lines(events: Sequence[AuditEvent]) -> str:
    """One event per line, in the order given."""
    return "".join(canonical.line(record(e)) for e in events)


def record(event: AuditEvent) -> canonical.Ordered:
    """Every field of an event, hashes included, so that an export can be verified by others."""
    return canonical.Ordered(
        seq=event.seq,
        at=event.at,
        actor=event.actor,
        runId=event.run_id,
        event=event.event,
        outcome=event.outcome,
        digest=event.digest,
        approvals=event.approvals,
        address=event.address,
        step=event.step,
        requestId=event.request_id,
        correlationId=event.correlation_id,
        detail=event.detail,
        realm=event.realm,
        prevHash=event.prev_hash,
        hash=event.hash,
    )
