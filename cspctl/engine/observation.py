"""Reading the live side: every account in parallel, every failure a gap."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cspctl.errors import RemoteError, UnreachableError
from cspctl.kinds.contract import Observer
from cspctl.model.binding import Binding
from cspctl.model.live import Gap, LiveObject, LiveState
from cspctl.model.ports import Progress


@dataclass(frozen=True, slots=True)
class TenantScope:
    """A mapped customer tenant; `account` is the reseller's account GUID."""

    scope: str
    label: str
    account: str


async def observe(
    observers: Sequence[Observer],
    readers: Mapping[str, Any],
    tenants: Sequence[TenantScope],
    *,
    now: datetime,
    progress: Progress,
) -> LiveState:
    """Raises UnreachableError only when no account could be reached at all."""
    accounts: dict[str, list[str]] = {}
    for tenant in tenants:
        accounts.setdefault(tenant.account, []).append(tenant.scope)
    jobs = [
        _account(observer, readers.get(account), scopes, now, progress)
        for account, scopes in sorted(accounts.items())
        for observer in observers
    ]
    results = await asyncio.gather(*jobs)
    failures = [failure for _, _, failure in results if failure]
    if failures and len(failures) == len(results):
        raise failures[0]
    objects = {(o.kind, o.live_id): o for found, _, _ in results for o in found}
    gaps = sorted({g for _, missing, _ in results for g in missing}, key=lambda g: (g.scope, g.reason))
    unread = {g.scope for g in gaps}
    read = frozenset(t.scope for t in tenants if t.scope not in unread)
    return LiveState(objects=objects, gaps=tuple(gaps), scopes_read=read)


async def _account(
    observer: Observer, reader: Any, scopes: Sequence[str], now: datetime, progress: Progress
) -> tuple[list[LiveObject], list[Gap], UnreachableError | None]:
    if reader is None:
        return [], [Gap(s, "no connection to this account is configured") for s in scopes], None
    try:
        objects, gaps = await observer.observe(reader, scopes, now=now, progress=progress)
    except UnreachableError as error:
        return [], [Gap(s, f"{error.code}: {error.message}") for s in scopes], error
    except RemoteError as error:
        return [], [Gap(s, f"{error.code}: {error.message}") for s in scopes], None
    return objects, gaps, None


def doubted(live: LiveState, bindings: Collection[Binding]) -> LiveState:
    """An empty answer for a tenant in which something is bound says nothing: it is a gap, not an absence."""
    full = {o.scope for o in live.objects.values()}
    bound = {b.scope for b in bindings if b.state == "bound" and b.scope}
    empty = sorted((bound & live.scopes_read) - full)
    if not empty:
        return live
    reason = "E-EMPTY: the answer lists no subscription at all, although some are bound"
    gaps = sorted((*live.gaps, *(Gap(s, reason) for s in empty)), key=lambda g: (g.scope, g.reason))
    return LiveState(objects=live.objects, gaps=tuple(gaps), scopes_read=live.scopes_read - set(empty))
