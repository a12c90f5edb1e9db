"""Thousands of bindings and audit rows in one go: the same rows, the same chain."""

from __future__ import annotations

from datetime import datetime

from cspctl.ledger.ledger import Ledger
from cspctl.model.address import Address
from cspctl.model.audit import AuditEvent
from cspctl.model.binding import Binding


def event(now: datetime, number: int) -> AuditEvent:
    return AuditEvent(now, "ada", "run-1", "adopt", "done", address=f"Subscription/s{number}")


def binding(now: datetime, number: int, realm: str, live_id: str = "") -> Binding:
    address = Address("Subscription", f"s{number}")
    return Binding(address, live_id or f"id-{number}", "tenant", {"quantity": number}, now, "run-1", realm=realm)


def test_bindings_are_inserted_or_replaced(ledger: Ledger, now: datetime, realm: str) -> None:
    ledger.put_binding(binding(now, 1, realm))
    ledger.put_bindings([binding(now, 1, realm, "other"), binding(now, 2, realm)])
    assert {a.name: b.live_id for a, b in ledger.bindings().items()} == {"s1": "other", "s2": "id-2"}
    ledger.put_bindings([])
    assert len(ledger.bindings()) == 2


def test_audit_rows_continue_the_chain(ledger: Ledger, now: datetime, realm: str) -> None:
    ledger.append_audit(event(now, 1), realm=realm)
    ledger.append_audits((event(now, n), realm) for n in (2, 3))
    ledger.append_audit(event(now, 4), realm=realm)
    assert [(e.seq, e.address) for e in ledger.audit_events()] == [(n, f"Subscription/s{n}") for n in range(1, 5)]
    assert ledger.verify_audit() == []
