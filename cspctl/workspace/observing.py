"""What is live, by refresh mode: read in full, read where something may have changed, or not read at all."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cspctl.engine import refresh
from cspctl.engine.observation import TenantScope, observe
from cspctl.engine.refresh import Known
from cspctl.errors import CspctlError
from cspctl.garbage import without_collector
from cspctl.model.change import Finding
from cspctl.model.live import Gap, LiveObject, LiveState
from cspctl.model.plan import DriftRow, Plan
from cspctl.model.reading import TenantReading
from cspctl.workspace.change_feed import written
from cspctl.workspace.clocks import WallClock
from cspctl.workspace.remotes import hands, remote_kinds

if TYPE_CHECKING:
    from cspctl.workspace.run import Run

NEVER_READ = "never read into the ledger; `cspctl discover start` does"
NO_CONNECTION = "no connection to this account is configured"
WRITTEN = "an apply wrote to it and did not read it again"


@dataclass(frozen=True, slots=True)
class Observed:
    """`fresh` are the tenants read in this very run; `mode` is what the plan says of itself."""

    live: LiveState
    mode: str
    fresh: frozenset[str] = frozenset()
    known: Mapping[str, Known] = field(default_factory=dict)
    doubt: str = ""


async def observed(run: Run, mode: str) -> Observed:
    """`mode` is auto, full or none."""
    if mode == "none":
        return from_snapshots(run)
    return await (read_all(run) if mode == "full" else read_changed(run))


async def read_all(run: Run, tenants: Sequence[TenantScope] | None = None) -> Observed:
    """Every mapped tenant, or those given; kept in the ledger where that is open for writing."""
    tenants = run.tenants() if tenants is None else tenants
    live = await _read(run, tenants)
    return Observed(live, "full", frozenset(t.scope for t in tenants))


def from_snapshots(run: Run) -> Observed:
    """Without a single request; a tenant that was never read, or could not be, is a gap."""
    tenants = run.tenants()
    notes = run.ledger.reading_notes()
    known = refresh.known_tenants(tenants, notes, _kind_names())
    failed = refresh.problems(tenants, notes)
    gaps = []
    realms = run.realms()
    for tenant in tenants:
        if tenant.account not in realms:
            gaps.append(Gap(tenant.scope, NO_CONNECTION))
        elif tenant.scope not in known:
            note = failed.get(tenant.scope)
            gaps.append(Gap(tenant.scope, f"{note.problem} (as of {_time(note.read_at)})" if note else NEVER_READ))
    gaps.sort(key=lambda g: g.scope)
    return Observed(_state(run, known, tuple(gaps)), "none", known=known)


async def read_changed(run: Run, tenants: Sequence[TenantScope] | None = None) -> Observed:
    """Tenants whose last reading can be relied on are not read again; everything else is."""
    tenants = run.tenants() if tenants is None else tenants
    known = refresh.known_tenants(tenants, run.ledger.reading_notes(), _kind_names())
    recent = refresh.young(known, now=run.clock.now(), wall=WallClock().now())
    recent, doubt = await _unwritten(run, recent)
    if not recent:
        return replace(await read_all(run, tenants), doubt=doubt)
    kept = _state(run, recent, ())
    renewing = refresh.renewing(kept.objects.values(), run.clock.now().date())
    recent = {scope: one for scope, one in recent.items() if scope not in renewing}
    seen = Observed(_without(kept, renewing), "auto", known=recent, doubt=doubt)
    return await read_again(run, seen, [t.scope for t in tenants if t.scope not in recent], tenants)


async def read_again(
    run: Run, seen: Observed, scopes: Collection[str], tenants: Sequence[TenantScope] | None = None
) -> Observed:
    """The same with these tenants read afresh."""
    chosen = set(scopes)
    wanted = [t for t in (run.tenants() if tenants is None else tenants) if t.scope in chosen]
    if not wanted:
        return seen
    new = await _read(run, wanted)
    old = _without(seen.live, chosen)
    gaps = tuple(sorted((*old.gaps, *new.gaps), key=lambda g: (g.scope, g.reason)))
    live = LiveState({**old.objects, **new.objects}, gaps, old.scopes_read | new.scopes_read)
    known = {scope: one for scope, one in seen.known.items() if scope not in chosen}
    return replace(seen, live=live, known=known, fresh=seen.fresh | frozenset(t.scope for t in wanted))


def unproven(seen: Observed, plan: Plan, drift: Sequence[DriftRow]) -> set[str]:
    """Tenants in which something would be shown as different on the word of a snapshot."""
    if seen.mode != "auto":
        return set()
    scopes = {c.scope for c in plan.changes} | {row.scope for row in drift}
    return {scope for scope in scopes if scope in seen.known}


def findings(seen: Observed, labels: Mapping[str, str], now: datetime) -> Iterator[Finding]:
    """What a reviewer must know about how old the plan's knowledge is."""
    if seen.doubt:
        yield Finding(code="W-REFRESH-FULL", severity="warning", message=f"everything was read: {seen.doubt}")
    if seen.mode == "full" or not (seen.known or seen.mode == "none"):
        return
    oldest = min(seen.known.values(), key=lambda one: (one.read_at, one.scope), default=None)
    if seen.mode == "auto":
        assert oldest is not None, "only plans that rely on snapshots get here"
        message = (
            f"refresh: auto; {len(seen.known)} tenants were not read again, the oldest reading is {_age(oldest, now)}"
        )
        yield Finding(code="I-REFRESH-AUTO", severity="info", message=message)
    elif oldest is None:
        message = "refresh: none; nothing was read, and the ledger holds no reading of any mapped tenant"
        yield Finding(code="W-REFRESH-NONE", severity="warning", message=message)
    else:
        name = labels.get(oldest.scope, oldest.scope)
        message = f"refresh: none; nothing was read, the oldest snapshot is {_age(oldest, now)} (tenant {name})"
        yield Finding(code="I-REFRESH-NONE", severity="info", message=message)


def remember(run: Run, live: LiveState, tenants: Sequence[TenantScope], *, read_at: datetime, wall: datetime) -> None:
    """Keeps what was read in the ledger; a ledger opened for reading stays as it is."""
    if run.ledger.read_only:
        return
    realms = run.realms()
    kinds = _kind_names()
    readings = []
    for tenant in tenants:
        gap = live.gap_for(tenant.scope)
        if tenant.account not in realms:
            continue
        for kind in kinds:
            objects = () if gap else live.in_scope(kind, tenant.scope)
            problem = gap.reason if gap else None
            readings.append(TenantReading(kind, tenant.account, tenant.scope, read_at, wall, objects, problem))
    run.ledger.put_readings(readings, realms)


def expect_writes(run: Run, scopes: Collection[str]) -> None:
    """Before the first write: until it is read again, what is known of these tenants counts for nothing."""
    run.ledger.disturb(scopes, at=WallClock().now(), problem=WRITTEN)


async def read_outcome(run: Run, scopes: Collection[str]) -> None:
    """After the last write. What cannot be read stays a gap of the snapshots, and no error of the apply."""
    run.ledger.disturb(scopes, at=WallClock().now(), problem=WRITTEN)
    with suppress(CspctlError):
        await _read(run, [t for t in run.tenants() if t.scope in scopes])


async def _read(run: Run, tenants: Sequence[TenantScope]) -> LiveState:
    read_at, wall = run.clock.now(), WallClock().now()
    observers = [h.observer for h in hands().values()]
    live = await observe(observers, run.readers, tenants, now=read_at, progress=run.settings.progress)
    remember(run, live, tenants, read_at=read_at, wall=wall)
    return live


async def _unwritten(run: Run, recent: Mapping[str, Known]) -> tuple[dict[str, Known], str]:
    """Those that the service's audit records say nothing about, and why they could not be asked."""
    kept: dict[str, Known] = {}
    doubts = []
    for account in sorted({one.account for one in recent.values()}):
        mine = {scope: one for scope, one in recent.items() if one.account == account}
        reader = run.readers.get(account)
        if reader is None:
            continue
        try:
            records = await written(reader, refresh.records_since(mine.values()), run.clock.now())
        except CspctlError as error:
            doubts.append(f"the audit records of {account} cannot be read ({error.code})")
            continue
        touched = refresh.touched(records, mine)
        if touched is None:
            doubts.append(f"an audit record of {account} does not say whom it is about")
        else:
            kept |= {scope: one for scope, one in mine.items() if scope not in touched}
    return kept, "; ".join(doubts)


def _state(run: Run, known: Mapping[str, Known], gaps: tuple[Gap, ...]) -> LiveState:
    realms = run.realms()
    wanted: dict[str, dict[str, datetime]] = {}
    for scope, one in known.items():
        wanted.setdefault(realms[one.account], {})[scope] = one.read_at
    objects: dict[tuple[str, str], LiveObject] = {}
    with without_collector():
        for kind in _kind_names():
            for live in run.ledger.live_objects(kind, wanted):
                objects[(kind, live.live_id)] = live
    return LiveState(objects, gaps, frozenset(known))


def _without(live: LiveState, scopes: Collection[str]) -> LiveState:
    if not scopes:
        return live
    objects = {key: one for key, one in live.objects.items() if one.scope not in scopes}
    gaps = tuple(g for g in live.gaps if g.scope not in scopes)
    return LiveState(objects, gaps, live.scopes_read - set(scopes))


def _kind_names() -> list[str]:
    return [kind.name for kind in remote_kinds()]


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _age(one: Known, now: datetime) -> str:
    return f"{_duration(max(timedelta(), now - one.read_at))} old, of {_time(one.read_at)}"


def _duration(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 1:
        return "less than a minute"
    if minutes < 120:
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours} h" if hours < 48 else f"{hours // 24} days"
