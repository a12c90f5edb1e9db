"""The schema, version 1. Instants are ISO text in UTC, documents are canonical JSON text.

Every row carries its realm, and the realm's project and environment as columns of their own to search by.
`meta` alone has none: it describes the file.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Index, Integer, MetaData, Table, Text, UniqueConstraint

SCHEMA_VERSION = 1

metadata = MetaData()


def _key(name: str, kind: type[Any] = Text) -> Column[Any]:
    return Column(name, kind, primary_key=True, autoincrement=False)


def _text(name: str, *, optional: bool = False) -> Column[str]:
    return Column(name, Text, nullable=optional)


def _home() -> list[Column[Any]]:
    return [_key("project"), _key("environment"), _text("realm")]


def _log_home() -> list[Column[Any]]:
    """For tables whose order is that of writing."""
    row = Column("row", Integer, primary_key=True, autoincrement=True)
    return [row, _text("project"), _text("environment"), _text("realm")]


meta = Table("meta", metadata, _key("name"), _text("value"))

bindings = Table(
    "bindings",
    metadata,
    *_home(),
    _key("kind"),
    _key("name"),
    _text("live_id"),
    _text("scope"),
    _text("applied"),
    _text("applied_at"),
    _text("run_id"),
    _text("state"),
    _text("memory"),
)

runs = Table(
    "runs",
    metadata,
    *_log_home(),
    _text("id"),
    _text("plan_id"),
    _text("digest"),
    _text("actor"),
    _text("command"),
    _text("started_at"),
    _text("status"),
    _text("finished_at", optional=True),
    Column("exit_code", Integer, nullable=True),
    _text("plan"),
    UniqueConstraint("project", "environment", "id"),
    Index("runs_by_plan", "project", "environment", "plan_id"),
)

journal = Table(
    "journal",
    metadata,
    *_log_home(),
    _text("id"),
    _text("run_id"),
    _text("plan_id"),
    _text("address"),
    _text("unit"),
    Column("ordinal", Integer, nullable=False),
    _text("step"),
    _text("status"),
    _text("outputs"),
    _text("request_ids"),
    _text("created_at"),
    _text("settled_at", optional=True),
    _text("message"),
    _text("code", optional=True),
    UniqueConstraint("project", "environment", "id"),
    Index("journal_by_run", "project", "environment", "run_id"),
    Index("journal_by_plan", "project", "environment", "plan_id"),
    Index("journal_by_status", "project", "environment", "status"),
)

audit = Table(
    "audit",
    metadata,
    *_home(),
    _key("seq", Integer),
    Column("format", Integer, nullable=False),
    _text("at"),
    _text("actor"),
    _text("run_id"),
    _text("event"),
    _text("outcome"),
    _text("digest", optional=True),
    _text("approvals"),
    _text("address", optional=True),
    _text("step", optional=True),
    _text("request_id", optional=True),
    _text("correlation_id", optional=True),
    _text("detail"),
    _text("prev_hash"),
    _text("hash"),
    Index("audit_by_run", "project", "environment", "run_id"),
    Index("audit_by_address", "project", "environment", "address"),
)

drift = Table(
    "drift",
    metadata,
    *_log_home(),
    _text("run_id"),
    _text("recorded_at"),
    _text("address"),
    _text("document"),
    Index("drift_by_address", "project", "environment", "address"),
)

deviations = Table(
    "deviations",
    metadata,
    *_home(),
    _key("address"),
    _key("path"),
    _text("reason"),
    _text("owner"),
    _text("accepted_by"),
    _text("accepted_at"),
    _text("expires_at"),
)

snapshots = Table(
    "snapshots",
    metadata,
    *_home(),
    _key("kind"),
    _key("live_id"),
    _text("scope"),
    _text("attributes"),
    _text("facts"),
    _text("read_at"),
    Index("snapshots_by_scope", "project", "environment", "kind", "scope"),
)

# How each tenant was last read: without a row here it never was, and its absence from `snapshots` means nothing.
readings = Table(
    "readings",
    metadata,
    *_home(),
    _key("kind"),
    _key("account"),
    _key("scope"),
    _text("read_at"),
    _text("wall_at"),
    _text("written_at", optional=True),
    _text("discovery", optional=True),
    Column("objects", Integer, nullable=False),
    _text("problem", optional=True),
    Index("readings_by_discovery", "project", "environment", "account", "discovery"),
)

customers = Table("customers", metadata, *_home(), _key("account"), _key("customer"), _text("name"), _text("domain"))

discoveries = Table(
    "discoveries",
    metadata,
    *_home(),
    _key("account"),
    _text("id"),
    Column("token", Integer, nullable=False),
    _text("state"),
    _text("holder"),
    _text("process", optional=True),
    _text("started_at"),
    _text("resumed_at", optional=True),
    _text("beat_at"),
    _text("ended_at", optional=True),
    Column("total", Integer, nullable=True),
    Column("done_before", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("stop_asked", Integer, nullable=False),
    _text("code", optional=True),
    _text("message"),
)

cursors = Table("cursors", metadata, *_home(), _key("feed"), _text("position"), _text("moved_at"))

leases = Table(
    "leases",
    metadata,
    *_home(),
    Column("token", Integer, nullable=False),
    _text("holder", optional=True),
    _text("host", optional=True),
    _text("process", optional=True),
    _text("since", optional=True),
    _text("until", optional=True),
)
