"""One subscription being converged: what is wanted, what is there, and what has been proposed so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from cspctl.kinds.contract import Desired, Proposal
from cspctl.kinds.subscription import attributes as shape
from cspctl.kinds.subscription.creation import schedule_step
from cspctl.kinds.subscription.steps import PatchSubscription, ScheduleNextTerm
from cspctl.model.change import Action, AttributeChange, Step, Timing, When
from cspctl.model.live import LiveObject

# Source: Partner Center docs, create-a-new-subscription (Oct 2023).
RENEWAL = timedelta(days=2)


@dataclass(slots=True)
class Case:
    """`restores`: a proposed unit already writes the scheduled instructions again."""

    desired: Desired
    live: LiveObject
    now: datetime
    want: dict[str, Any]
    have: Mapping[str, Any]
    proposals: list[Proposal] = field(default_factory=list)
    restores: bool = False

    @property
    def end(self) -> date | None:
        """The last day of the running commitment."""
        return shape.commitment_end(self.live)

    @property
    def after_end(self) -> date | None:
        """The first day of the next term."""
        return self.end + timedelta(days=1) if self.end else None

    @property
    def ignored(self) -> frozenset[str]:
        """Attributes that lifecycle.ignore leaves to others."""
        return shape.ignored(self.desired.memory.get("ignore") or ())

    @property
    def off_date(self) -> bool:
        """endOfTerm.on names another day than the last one of the running commitment."""
        on = self.desired.memory.get("on")
        return bool(self.want.get("next") and on and self.end and on != self.end.isoformat())

    @property
    def renews(self) -> bool:
        """Whether it is, or becomes, active with auto-renew on: only then can anything be scheduled."""
        return self.target("state") == "active" and self.target("autoRenew") is not False

    @property
    def renewing(self) -> bool:
        """The term is over and the renewal still under way: up to 24 hours from midnight UTC."""
        active = self.live.facts.get("status") == "active" and bool(self.have.get("autoRenew"))
        return bool(active and self.end and self.end < self.now.date() < self.end + RENEWAL)

    def differs(self, key: str) -> bool:
        return key in self.want and self.want[key] != self.have.get(key)

    def target(self, key: str) -> Any:
        """What it shall be; what it is where lifecycle.ignore leaves it to others."""
        return self.want.get(key, self.have.get(key))

    def change(self, key: str) -> AttributeChange:
        return AttributeChange(path=key, before=self.have.get(key), after=self.want.get(key))

    def changes(self, keys: Sequence[str]) -> tuple[AttributeChange, ...]:
        return tuple(self.change(k) for k in keys)

    def with_seats(self, keys: Sequence[str]) -> tuple[AttributeChange, ...]:
        """Of a row that is blocked and holds back the seats too."""
        return self.changes([*keys, *(["quantity"] if self.differs("quantity") else [])])

    def patch(self, changes: dict[str, Any], summary: str, unit: str) -> PatchSubscription:
        return PatchSubscription(
            scope=self.desired.scope,
            unit=unit,
            summary=summary,
            subscription=self.live.live_id,
            changes=changes,
        )

    def add_now(
        self,
        action: Action,
        phase: int,
        steps: Sequence[Step],
        keys: Sequence[str],
        *,
        side_effects: Sequence[str] = (),
        valid_until: datetime | None = None,
    ) -> None:
        """A row that takes effect at once."""
        self.proposals.append(
            Proposal(
                action=action,
                timing=Timing(when=When.NOW),
                attributes=self.changes(keys),
                steps=tuple(steps),
                side_effects=tuple(side_effects),
                phase=phase,
                valid_until=valid_until,
            )
        )

    def restoration(self, unit: str, *, end: date | None = None) -> list[Step]:
        """The scheduled instructions that the step before deletes, written again; `end` is the term's from then on."""
        if (end is None and self.off_date) or (self.want.get("next") and not self.renews):
            return []
        self.restores = True
        if self.want.get("next"):
            return [schedule_step(self.desired, self.live.live_id, unit)]
        standing = self.have.get("next") or self.owed
        if "next" not in self.ignored or not standing or self.live.facts.get("isTrial"):
            return []
        return [self.keep(standing, unit, end or self.end)]

    @property
    def owed(self) -> dict[str, Any] | None:
        """A scheduled change that is left to others, deleted by an interrupted run that had yet to write it again."""
        if "next" not in self.ignored or self.have.get("next") or not (self.renews and self.have.get("autoRenew")):
            return None
        owed = [s for s in self.desired.owed if isinstance(s, ScheduleNextTerm) and self._still_fits(s)]
        names = ("product", "sku", "term", "billing", "quantity")
        return {**{n: getattr(owed[-1], n) for n in names}, "endDate": owed[-1].end_date} if owed else None

    def _still_fits(self, step: ScheduleNextTerm) -> bool:
        """For this subscription and, where it says so, this commitment."""
        same = step.subscription in ("", self.live.live_id)
        return same and (step.on is None or self.end is None or step.on == self.end.isoformat())

    def keep(self, standing: Mapping[str, Any], unit: str, end: date | None) -> ScheduleNextTerm:
        return ScheduleNextTerm(
            scope=self.desired.scope,
            unit=unit,
            summary="restore the scheduled change that this deletes",
            subscription=self.live.live_id,
            product=standing["product"],
            sku=standing["sku"],
            segment=self.desired.memory["segment"],
            term=standing["term"],
            billing=standing["billing"],
            quantity=standing["quantity"],
            end_date=standing.get("endDate"),
            on=end.isoformat() if end else None,
        )
