"""Drift rows with who did it, for `drift` and for the drift section of a plan."""

from __future__ import annotations

from cspctl.engine.drift import attribute, detect
from cspctl.engine.situation import Situation
from cspctl.model.plan import DriftRow
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
