"""What changed behind Git's back: live against last applied, joined with the service's audit records.

Not drift: what equals the manifest anyway (converged), manifest edits not applied yet (pending), renewals, and own
scheduled changes that landed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from cspctl.engine.canonical import plain
from cspctl.engine.identity import binding_of
from cspctl.engine.situation import Situation
from cspctl.kinds.contract import Desired, RemoteKind
from cspctl.model.address import Address
from cspctl.model.audit import ServiceAuditRecord
from cspctl.model.binding import Binding
from cspctl.model.live import LiveObject
from cspctl.model.plan import DriftRow
from cspctl.model.ports import AuditFeed

# The service keeps audit records for ninety days (Partner Center docs, get-a-record-of-partner-center-activity).
AUDIT_REACH = timedelta(days=90)
CLOCK_SKEW = timedelta(minutes=5)


def detect(situation: Situation, kinds: Sequence[RemoteKind]) -> list[tuple[DriftRow, Binding]]:
    """Pure. Rows in the order of addresses and paths, with the binding they are measured against."""
    rows: list[tuple[DriftRow, Binding]] = []
    for kind in kinds:
        desired = situation.desired(kind)
        renamed = {binding_of(situation, a)[1]: d for a, d in desired.items() if binding_of(situation, a)[1]}
        for address, binding in situation.bindings_of(kind.name).items():
            shown = situation.narrowing.shows(address, situation.resource(address))
            if binding.state == "bound" and shown:
                want = desired.get(address) or renamed.get(address)
                rows += [(row, binding) for row in _of_binding(situation, kind, address, binding, want)]
    return rows


def _of_binding(
    situation: Situation, kind: RemoteKind, address: Address, binding: Binding, want: Desired | None
) -> list[DriftRow]:
    if situation.live.gap_for(binding.scope) or binding.scope not in situation.live.scopes_read:
        return []
    live = situation.live.objects.get((kind.name, binding.live_id))
    if live is None:
        return [_row(address, binding, "", "bound", None, "missing", "its tenant's list does not show it")]
    expected = kind.expected(binding, live, now=situation.now)
    if not kind.is_living(live):
        agreed = {binding.applied.get("state"), want.attributes.get("state") if want else None, expected.get("state")}
        return [] if agreed & {"cancelled", live.attributes.get("state")} else _ended(address, binding, live)
    rows = []
    # Nearly all are as they were, and fleets are large: only what differs as it stands is looked at closely.
    moved = {path for path, old in binding.applied.items() if old != live.attributes.get(path)}
    for path in sorted({*moved, *expected}):
        old, new = plain(expected.get(path, binding.applied.get(path))), plain(live.attributes.get(path))
        if old == new or _converged(want, path, new) or _accepted(want, path):
            continue
        row = _row(address, binding, path, old, new, "changed", "")
        revertible, until = kind.revertible(path, old, new, live, now=situation.now)
        rows.append(row.model_copy(update={"revertible": revertible, "revertible_until": until}))
    return rows


def _converged(want: Desired | None, path: str, new: Any) -> bool:
    return want is not None and path in want.attributes and plain(want.attributes[path]) == new


def _accepted(want: Desired | None, path: str) -> bool:
    """The manifest leaves it to others: not declared any more, or in lifecycle.ignore."""
    return want is not None and path not in want.attributes


def _ended(address: Address, binding: Binding, live: LiveObject) -> list[DriftRow]:
    old, new = binding.applied.get("state", "active"), live.attributes.get("state")
    row = _row(address, binding, "state", old, new, "ended", "it has ended and cannot be brought back")
    return [row.model_copy(update={"revertible": False})]


def _row(address: Address, binding: Binding, path: str, old: Any, new: Any, klass: str, note: str) -> DriftRow:
    return DriftRow(
        address=str(address),
        live_id=binding.live_id,
        scope=binding.scope,
        path=path,
        old=old,
        new=new,
        klass=klass,
        note=note,
    )


async def attribute(
    found: Sequence[tuple[DriftRow, Binding]],
    feeds: Mapping[str, AuditFeed],
    accounts: Mapping[str, str],
    *,
    now: datetime,
) -> list[DriftRow]:
    """Adds who, with what, when and by which operation. One query per tenant; no record means unknown, not nobody."""
    records: dict[str, Sequence[ServiceAuditRecord] | None] = {}
    for row, _ in found:
        if row.scope not in records:
            feed = feeds.get(accounts.get(row.scope, ""))
            since = now - AUDIT_REACH + timedelta(days=1)
            until = now + CLOCK_SKEW
            records[row.scope] = await feed.records(customer_id=row.scope, since=since, until=until) if feed else None
    return [_attributed(row, binding, records[row.scope]) for row, binding in found]


def _attributed(row: DriftRow, binding: Binding, records: Sequence[ServiceAuditRecord] | None) -> DriftRow:
    if records is None:
        return row.model_copy(update={"note": row.note or "the service's audit records were not asked"})
    mine = [
        r
        for r in records
        if (r.resource_id or "").lower() == row.live_id
        and r.at >= binding.applied_at - CLOCK_SKEW
        and r.status == "succeeded"
    ]
    culprit = _culprit(row, binding, mine)
    if culprit is None:
        note = row.note or "no audit record of the service explains it yet"
        return row.model_copy(update={"note": note})
    return row.model_copy(
        update={
            "principal": culprit.principal,
            "application": culprit.application,
            "at": culprit.at,
            "operation": culprit.operation,
        }
    )


def _culprit(row: DriftRow, binding: Binding, records: Sequence[ServiceAuditRecord]) -> ServiceAuditRecord | None:
    """The newest record whose new value shows what is live now, else the newest later one that shows no value.

    Of one instant the last in the feed is the newest. Nobody is named on the word of a record that shows otherwise.
    """
    newest_first = sorted(records, key=lambda r: r.at)[::-1]
    for record in newest_first:
        if record.new_value is not None and plain(record.new_value.get(row.path)) == row.new:
            before = record.old_value or {}
            if not before or plain(before.get(row.path)) != row.new:
                return record
    silent = (r for r in newest_first if r.new_value is None and r.at > binding.applied_at + CLOCK_SKEW)
    return next(silent, None)
