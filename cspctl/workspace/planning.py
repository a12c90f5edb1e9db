"""A plan: observe, compare, and observe again where a snapshot alone would speak for a change."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from cspctl.engine.narrowing import Narrowing
from cspctl.engine.planner import plan
from cspctl.engine.settlement import Settlement
from cspctl.garbage import without_collector
from cspctl.model.plan import Plan
from cspctl.workspace import observing
from cspctl.workspace.drifting import drifted
from cspctl.workspace.run import Run


@dataclass(frozen=True, slots=True)
class PlanRequest:
    narrowing: Narrowing = field(default_factory=Narrowing)
    allow: frozenset[str] = frozenset()
    as_of: datetime | None = None
    refresh: str = "auto"


async def planned(run: Run, request: PlanRequest, settlement: Settlement) -> Plan:
    seen = await observing.observed(run, request.refresh)
    labels = {t.scope: t.label for t in run.tenants()}
    while True:
        now = request.as_of or run.clock.now()
        with without_collector():
            situation = run.situation(
                seen.live,
                settlement,
                narrowing=request.narrowing,
                allow=request.allow,
                now=now,
                refresh=seen.mode,
                notes=tuple(observing.findings(seen, labels, now)),
            )
            made = plan(situation).plan
        drift = tuple(await drifted(run, situation))
        again = observing.unproven(seen, made, drift)
        if not again:
            return made.model_copy(update={"drift": drift})
        seen = await observing.read_again(run, seen, again)
