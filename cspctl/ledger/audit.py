"""The audit log: append-only rows, one hash chain per project and environment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, select

from cspctl.errors import InputError, VerificationError
from cspctl.ledger import chain
from cspctl.ledger.chain import GENESIS, Link
from cspctl.ledger.connection import Database
from cspctl.ledger.dialect import tolerant_text
from cspctl.ledger.encoding import (
    instant,
    instant_text,
    json_text,
    json_value,
    optional_text,
    plain_text,
)
from cspctl.ledger.home import Home
from cspctl.ledger.tables import audit
from cspctl.model.audit import Anchor, AuditEvent, AuditFault

# Which columns the hash covers, under the number that each row carries. A later format adds a number, never a
# column to this one: rows written long ago must still verify.
FORMAT = 1
_HASHED = tuple(column.name for column in audit.columns if column.name != "hash")
_NUMBERED = audit.c.seq <= 2**31 - 1  # after tampering there may be text or infinity, both of which sort last
_COLUMNS = (*(audit.c[name] for name in _HASHED), audit.c.hash)


class AuditLog:
    def __init__(self, database: Database, home: Home) -> None:
        self._database = database
        self._home = home

    def append(self, event: AuditEvent, realm: str) -> AuditEvent:
        """The event as written, with seq and hashes. Writers of other processes wait for each other."""
        content = {**self._home.columns(realm or event.realm), **_content(event)}
        with self._database.transaction() as connection:
            seq, prev_hash = self._head(connection)
            content |= {"seq": seq + 1, "prev_hash": prev_hash}
            row = {**content, "hash": chain.digest(content)}
            connection.execute(insert(audit), row)
            return _event(connection.execute(select(audit).where(self._at(seq + 1))).one())

    def append_all(self, events: Iterable[tuple[AuditEvent, str]]) -> None:
        """Each with its realm, in order, all or none: for thousands at once, without reading them back."""
        with self._database.transaction() as connection:
            seq, last = self._head(connection)
            rows = []
            for event, realm in events:
                seq += 1
                content = {**self._home.columns(realm or event.realm), **_content(event), "seq": seq, "prev_hash": last}
                last = chain.digest(content)
                rows.append({**content, "hash": last})
            if rows:
                connection.execute(insert(audit), rows)

    def events(self, address: str | None, run_id: str | None, limit: int | None) -> Sequence[AuditEvent]:
        """Oldest first; `limit` keeps the newest. Raises VerificationError at a row that cannot be read."""
        conditions: list[ColumnElement[bool]] = []
        if address is not None:
            conditions.append(audit.c.address == address)
        if run_id is not None:
            conditions.append(audit.c.run_id == run_id)
        query = select(audit).where(self._home.rows(audit, *conditions)).order_by(audit.c.seq.desc())
        with self._database.read() as connection:
            newest_first = [_event(row) for row in connection.execute(query.limit(limit))]
        return newest_first[::-1]

    def verify(self, anchor: Anchor | None) -> list[AuditFault]:
        """What was done to the log, by row; empty when nothing was. Only an anchor tells of a cut end.

        Raises InputError when the anchor is of another project or environment.
        """
        self._refuse_foreign(anchor)
        with self._database.read() as connection, tolerant_text(connection):
            faults = self._broken_links(connection)
            if anchor is not None and anchor.seq > 0:
                faults += self._against(anchor, connection)
        return faults

    def anchor(self, at: datetime) -> Anchor:
        """The log's end as of now, to be kept where a person who can edit the ledger cannot."""
        with self._database.read() as connection:
            seq, last_hash = self._head(connection)
        return Anchor(self._home.project, self._home.environment, seq, last_hash, at)

    def _broken_links(self, connection: Connection) -> list[AuditFault]:
        if chain.is_sound(self._links(connection)):
            return []
        return chain.name_faults(list(self._links(connection)))

    def _against(self, anchor: Anchor, connection: Connection) -> list[AuditFault]:
        last, _ = self._head(connection)
        there = connection.execute(select(audit.c.hash).where(self._at(anchor.seq))).scalar()
        return chain.compare_anchor(anchor, last, there)

    def _links(self, connection: Connection) -> Iterator[Link]:
        query = select(*_COLUMNS).where(self._home.rows(audit)).order_by(audit.c.seq)
        for row in connection.execute(query):
            yield Link(content=dict(zip(_HASHED, row, strict=False)), hash=row[-1])

    def _head(self, connection: Connection) -> tuple[int, str]:
        query = select(audit.c.seq, audit.c.hash).where(self._home.rows(audit, _NUMBERED))
        row = connection.execute(query.order_by(audit.c.seq.desc()).limit(1)).one_or_none()
        if row is None:
            return 0, GENESIS
        return int(row.seq), row.hash

    def _at(self, seq: int) -> ColumnElement[bool]:
        return self._home.rows(audit, audit.c.seq == seq)

    def _refuse_foreign(self, anchor: Anchor | None) -> None:
        if anchor is not None and (anchor.project, anchor.environment) != self._home:
            raise InputError(
                f"the anchor is of {anchor.project} ({anchor.environment}), "
                f"the ledger of {self._home.project} ({self._home.environment})",
                code="E-ANCHOR",
            )


def _content(event: AuditEvent) -> dict[str, Any]:
    """The columns as stored, so that what is hashed is what is read back."""
    return {
        "format": FORMAT,
        "at": instant_text(event.at),
        "actor": plain_text(event.actor),
        "run_id": plain_text(event.run_id),
        "event": plain_text(event.event),
        "outcome": plain_text(event.outcome),
        "digest": optional_text(event.digest),
        "approvals": json_text(event.approvals),
        "address": optional_text(event.address),
        "step": optional_text(event.step),
        "request_id": optional_text(event.request_id),
        "correlation_id": optional_text(event.correlation_id),
        "detail": json_text(event.detail),
    }


def _event(row: Row[Any]) -> AuditEvent:
    try:
        return AuditEvent(
            at=instant(row.at),
            actor=row.actor,
            run_id=row.run_id,
            event=row.event,
            outcome=row.outcome,
            digest=row.digest,
            approvals=tuple(json_value(row.approvals)),
            address=row.address,
            step=row.step,
            request_id=row.request_id,
            correlation_id=row.correlation_id,
            detail=json_value(row.detail),
            seq=row.seq,
            prev_hash=row.prev_hash,
            hash=row.hash,
            realm=row.realm,
        )
    except (TypeError, ValueError) as error:
        raise VerificationError(
            f"row {row.seq} of the audit log cannot be read: it was changed", hint="run cspctl audit verify"
        ) from error


def anchor_text(anchor: Anchor) -> str:
    """One line of JSON, for a file."""
    document = {
        "anchor": "cspctl-audit-1",
        "project": anchor.project,
        "environment": anchor.environment,
        "seq": anchor.seq,
        "hash": anchor.hash,
        "at": anchor.at,
    }
    return json_text(document) + "\n"


def parse_anchor(text: str) -> Anchor:
    """Raises InputError when the text is no anchor."""
    try:
        found = json_value(text)
        if found["anchor"] != "cspctl-audit-1" or type(found["seq"]) is not int:
            raise ValueError("another format")
        texts = (found["project"], found["environment"], found["hash"], found["at"])
        if not all(isinstance(one, str) for one in texts):
            raise ValueError("text wanted")
        return Anchor(found["project"], found["environment"], found["seq"], found["hash"], instant(found["at"]))
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            "this is not an audit anchor", code="E-ANCHOR", hint="write one with cspctl audit export"
        ) from error
