"""The rows of a plan that send nothing, carried out by an import: what it wrote is this project's from then on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, NamedTuple

from cspctl.engine import bookkeeping
from cspctl.engine.canonical import plain
from cspctl.engine.journal import Journal
from cspctl.engine.planner import Planning
from cspctl.model.address import Address
from cspctl.model.audit import AuditEvent
from cspctl.model.binding import Binding
from cspctl.model.change import Action, Change
from cspctl.workspace.run import Run

# Rows per transaction: one at a time each waits for the disk.
BATCH = 500
Memory = Mapping[str, Any]


class Noted(NamedTuple):
    """A binding to be kept, and what its audit row says."""

    binding: Binding
    event: str
    message: str


def taken_up(
    changes: Iterable[Change], bindings: Mapping[Address, Binding], touched: Collection[Address]
) -> list[Change]:
    """Adoptions, and local resources that are new to the ledger or that this import wrote."""
    return [c for c in changes if _is_taken(c, bindings, touched)]


def _is_taken(change: Change, bindings: Mapping[Address, Binding], touched: Collection[Address]) -> bool:
    if change.action is Action.ADOPT:
        return True
    if change.action is not Action.LOCAL or change.scope or (change.binding or {}).get("movedFrom"):
        return False
    return change.addr in touched or change.addr not in bindings


def bind(
    run: Run,
    journal: Journal,
    planning: Planning,
    rows: Sequence[Change],
    memories: Mapping[Address, Memory],
) -> bool:
    """Bindings and their audit rows; False where there was nothing to note, and then no run is recorded either."""
    bindings = dict(run.ledger.bindings())
    refreshed = {b.address: b for b in planning.refreshed}
    new = {c.addr for c in rows}
    again = [a for a in sorted(memories) if a not in new and _standing(run, a, bindings) is not None]
    if not rows and not again:
        return False
    realm = run.realm("global", "")
    run.ledger.begin_run(journal.run)
    journal.note("run", "started", realm=realm, detail={"command": "import", "changes": len(rows) + len(again)})
    for some in _batches([_row(c, bindings, journal, memories) for c in rows]):
        _put(run, journal, some)
    for some in _batches([_again(run, a, bindings, refreshed, journal, memories[a]) for a in again]):
        _put(run, journal, some)
    with run.ledger.transaction():
        run.ledger.finish_run(journal.run.id, status="done", exit_code=0, at=journal.now())
        journal.note("run", "done", realm=realm, detail={"exitCode": 0})
    return True


def _row(
    change: Change, bindings: Mapping[Address, Binding], journal: Journal, memories: Mapping[Address, Memory]
) -> Noted:
    binding = _with(bookkeeping.without_steps(change, bindings, journal), memories.get(change.addr))
    return Noted(binding, change.action.value, change.reason)


def _again(
    run: Run,
    address: Address,
    bindings: Mapping[Address, Binding],
    refreshed: Mapping[Address, Binding],
    journal: Journal,
    memory: Memory,
) -> Noted:
    standing = _standing(run, address, bindings)
    assert standing is not None, "asked before"
    binding = _with(refreshed.get(standing.address, standing), memory)
    binding = replace(binding, run_id=journal.run.id, applied_at=journal.now())
    return Noted(binding, "import", "brought up to date with Partner Center")


def _put(run: Run, journal: Journal, some: Sequence[Noted]) -> None:
    with run.ledger.transaction():
        run.ledger.put_bindings([noted.binding for noted in some])
        run.ledger.append_audits((_event(journal, noted), noted.binding.realm) for noted in some)


def _event(journal: Journal, noted: Noted) -> AuditEvent:
    return AuditEvent(
        at=journal.now(),
        actor=journal.run.actor,
        run_id=journal.run.id,
        event=noted.event,
        outcome="done",
        digest=journal.run.digest,
        approvals=journal.approvals,
        address=str(noted.binding.address),
        detail={"message": noted.message},
    )


def _standing(run: Run, address: Address, bindings: Mapping[Address, Binding]) -> Binding | None:
    """That of the address, or of the name it had before."""
    if address in bindings:
        return bindings[address]
    resource = run.project.resources.at(address)
    old = [Address(address.kind, name) for name in (resource.previous_names if resource else ())]
    return next((bindings[o] for o in old if o in bindings), None)


def _with(binding: Binding, memory: Memory | None) -> Binding:
    if memory is None:
        return binding
    return replace(binding, memory={**binding.memory, "imported": plain(memory)})


def _batches(items: Sequence[Any]) -> Iterable[list[Any]]:
    rest = iter(items)
    while some := list(islice(rest, BATCH)):
        yield some
