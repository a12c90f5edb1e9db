"""The journal discipline: intent before each write, outcome after it, both with the ids the service saw."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from cspctl.engine.canonical import plain
from cspctl.model.audit import AuditEvent
from cspctl.model.binding import Binding
from cspctl.model.change import Change, Step
from cspctl.model.ports import Intent, LedgerWriter, RunRecord, WriteContext
from cspctl.model.result import StepOutcome


@dataclass(slots=True)
class Journal:
    """Writes of one run. `now` is the planner's clock, so that virtual time stays consistent."""

    ledger: LedgerWriter
    run: RunRecord
    approvals: tuple[str, ...]
    now: Callable[[], datetime]
    correlation_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    _current: dict[str, str] = field(default_factory=dict)

    def intend(self, change: Change, ordinal: int, step: Step, *, status: str = "intent") -> Intent:
        """Durable before the write it announces is sent; `planned` before the write that makes it necessary."""
        intent = Intent(
            id=str(uuid.uuid4()),
            run_id=self.run.id,
            plan_id=self.run.plan_id,
            address=change.address,
            unit=unit_of(change, step),
            ordinal=ordinal,
            step=step.model_dump(mode="json", by_alias=True),
            realm=realm_of(change),
            status=status,
            request_ids=(str(uuid.uuid4()),),
            created_at=self.now(),
        )
        self.ledger.journal_intent(intent)
        return intent

    def carry(self, change: Change, ordinal: int, step: Step, done: Intent) -> None:
        """A step that an earlier run finished and this one builds on: what follows is settled with its outputs."""
        if done.run_id == self.run.id:
            return
        copy = replace(
            done,
            id=str(uuid.uuid4()),
            run_id=self.run.id,
            plan_id=self.run.plan_id,
            unit=unit_of(change, step),
            ordinal=ordinal,
            created_at=self.now(),
            settled_at=self.now(),
            message="done by an earlier run",
        )
        self.ledger.journal_intent(copy)

    def context(self, intent: Intent) -> WriteContext:
        def fresh() -> str:
            request_id = str(uuid.uuid4())
            self.ledger.journal_request_id(intent.id, request_id)
            self._current[intent.id] = request_id
            return request_id

        # The same id goes on being used until a response asked for a fresh one.
        return WriteContext(self._current.get(intent.id, intent.request_ids[-1]), self.correlation_id, fresh)

    def settle(
        self,
        change: Change,
        intent: Intent,
        outcome: StepOutcome,
        binding: Binding | None,
        closed: Sequence[Intent] = (),
    ) -> None:
        """Outcome, binding and audit row together or not at all; `closed` are planned steps that it settles too."""
        with self.ledger.transaction():
            self.ledger.settle_intent(intent.id, outcome, at=self.now())
            for planned in closed:
                self.ledger.settle_intent(planned.id, replace(outcome, request_ids=()), at=self.now())
            if binding is not None:
                self.ledger.put_binding(binding)
            self._audit_step(change.address, intent, outcome)

    def settle_earlier(self, intent: Intent, outcome: StepOutcome) -> None:
        """An intent of an earlier run, found out by reading."""
        with self.ledger.transaction():
            self.ledger.settle_intent(intent.id, outcome, at=self.now())
            self._audit_step(intent.address, intent, replace(outcome, message=f"settled: {outcome.message}"))

    def _audit_step(self, address: str, intent: Intent, outcome: StepOutcome) -> None:
        detail: dict[str, Any] = {
            "message": outcome.message,
            "intent": intent.id,
            "step": intent.step.get("summary"),
        }
        if outcome.code:
            detail["code"] = outcome.code
        ids = outcome.request_ids or intent.request_ids
        self.note(
            "step",
            outcome.status.value,
            realm=intent.realm,
            address=address,
            step=str(intent.step.get("type")),
            request_id=ids[-1] if ids else None,
            detail=detail,
        )

    def bind(self, change: Change, binding: Binding, *, event: str, outcome: str, message: str) -> None:
        with self.ledger.transaction():
            self.ledger.put_binding(binding)
            self.note(event, outcome, realm=binding.realm, address=change.address, detail={"message": message})

    def note(
        self,
        event: str,
        outcome: str,
        *,
        realm: str,
        address: str | None = None,
        step: str | None = None,
        request_id: str | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        self.ledger.append_audit(
            AuditEvent(
                at=self.now(),
                actor=self.run.actor,
                run_id=self.run.id,
                event=event,
                outcome=outcome,
                digest=self.run.digest,
                approvals=self.approvals,
                address=address,
                step=step,
                request_id=request_id,
                correlation_id=self.correlation_id if step else None,
                detail=plain(detail or {}),
            ),
            realm=realm,
        )


def unit_of(change: Change, step: Step) -> str:
    return f"{change.action.value}/{step.unit}"


def realm_of(change: Change) -> str:
    return str((change.binding or {}).get("realm") or "")
