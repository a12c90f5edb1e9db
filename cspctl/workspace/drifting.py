"""Drift rows with who did it, for `drift` and for the drift section of a plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cspctl.engine.drift import attribute, detect
from cspctl.engine.narrowing import Narrowing
from cspctl.engine.situation import Situation
from cspctl.model.live import Gap
from cspctl.model.plan import DriftRow, GapRow
from cspctl.workspace.remotes import feed, remote_kinds
from cspctl.workspace.run import Run


async def drifted(run: Run, situation: Situation) -> list[DriftRow]:
    """The service's audit records are asked only for tenants in which something drifted."""
    found = detect(situation, remote_kinds())
    if not found:
        return []
    accounts = {t.scope: t.account for t in run.tenants()}
    feeds = {account: feed(reader) for account, reader in run.readers.items()}
    return await attribute(found, feeds, accounts, now=situation.now)


@dataclass(frozen=True, slots=True)
class DriftResult:
    rows: tuple[DriftRow, ...]
    gaps: tuple[GapRow, ...]


async def drift(run: Run, narrowing: Narrowing, *, record: bool) -> DriftResult:
    """Live against last applied; with `record` the rows are kept in the ledger."""
    settlement = await run.settlement()
    live = await run.observed()
    now = run.clock.now()
    situation = run.situation(live, settlement, narrowing=narrowing, allow=frozenset(), now=now, refresh="full")
    rows = await drifted(run, situation)
    if record:
        run.ledger.record_drift(rows, run_id="", at=now)
    labels = {tenant.scope: tenant.label for tenant in run.tenants()}
    return DriftResult(tuple(rows), tuple(_gap_row(gap, labels) for gap in situation.live.gaps))


def _gap_row(gap: Gap, labels: Mapping[str, str]) -> GapRow:
    return GapRow(scope=gap.scope, scope_label=labels.get(gap.scope, ""), reason=gap.reason, affects=gap.affects)
