"""The fleet at a glance: what runs, what is due, what can still be given back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cspctl.kinds.subscription import attributes as shape
from cspctl.model.live import LiveObject, LiveState
from cspctl.views import ics
from cspctl.views.ics import Day
from cspctl.views.table import Table
from cspctl.workspace.run import Run


@dataclass(frozen=True, slots=True)
class FleetStatus:
    """Counts for the dashboard; `gaps` are tenants that could not be read."""

    project: str
    as_of: datetime
    tenants: int
    subscriptions: int
    managed: int
    seats: int
    by_state: dict[str, int]
    renewing_soon: int
    refundable_seats: int
    unknown_writes: int
    gaps: int
    last_run: str

    def table(self) -> Table:
        rows: list[tuple[str, Any]] = [
            ("tenants", self.tenants),
            ("subscriptions", self.subscriptions),
            ("…owned by a manifest", self.managed),
            ("seats", self.seats),
            *((f"…{state}", count) for state, count in sorted(self.by_state.items())),
            ("terms ending within 30 days", self.renewing_soon),
            ("seats that can be given back now", self.refundable_seats),
            ("writes with unknown outcome", self.unknown_writes),
            ("tenants that could not be read", self.gaps),
            ("last run", self.last_run),
        ]
        return Table((("what", "what"), ("count", "count")), rows)


@dataclass(frozen=True, slots=True)
class Renewal:
    """A term that ends: `on` is its last day (inclusive), `then` what follows."""

    on: date
    tenant: str
    name: str
    title: str
    quantity: int
    then: str
    live_id: str


async def status(run: Run) -> FleetStatus:
    live = await run.observed()
    living = list(_living(live))
    now = run.clock.now()
    bound = {b.live_id for b in run.ledger.bindings().values() if b.state == "bound"}
    last = next(iter(run.ledger.runs(limit=1)), None)
    return FleetStatus(
        project=run.place.name,
        as_of=now,
        tenants=len(run.tenants()),
        subscriptions=len(living),
        managed=sum(1 for o in living if o.live_id in bound),
        seats=sum(int(o.attributes.get("quantity") or 0) for o in living),
        by_state=dict(Counter(str(o.facts.get("status")) for o in living)),
        renewing_soon=sum(1 for o in living if _ends_by(o, (now + timedelta(days=30)).date())),
        refundable_seats=sum(shape.refundable_now(o, now)[0] for o in living),
        unknown_writes=sum(1 for i in run.ledger.intents(open_only=True) if i.status != "planned"),
        gaps=len(live.gaps),
        last_run=f"{last.command} {last.status}, {last.started_at:%Y-%m-%d %H:%M} UTC" if last else "none",
    )


async def renewals(run: Run, *, within: timedelta) -> list[Renewal]:
    """Terms that end within that time from now, soonest first."""
    live = await run.observed()
    until = (run.clock.now() + within).date()
    names, labels = _names(run), {t.scope: t.label for t in run.tenants()}
    found = [
        Renewal(
            on=end,
            tenant=labels.get(o.scope, o.scope),
            name=names.get(o.live_id, "(unmanaged)"),
            title=str(o.facts.get("offerName") or o.attributes.get("product")),
            quantity=int(o.attributes.get("quantity") or 0),
            then=_then(o),
            live_id=o.live_id,
        )
        for o in _living(live)
        if (end := shape.commitment_end(o)) is not None and end <= until
    ]
    return sorted(found, key=lambda r: (r.on, r.tenant, r.name, r.live_id))


def renewal_table(rows: Sequence[Renewal]) -> Table:
    columns = (("on", "last day"), ("tenant", "tenant"), ("name", "manifest"), ("title", "product"))
    more = (("quantity", "seats"), ("then", "then"), ("liveId", "live id"))
    cells = [(r.on.isoformat(), r.tenant, r.name, r.title, r.quantity, r.then, r.live_id) for r in rows]
    return Table((*columns, *more), cells, "No term ends in that time.")


def calendar(rows: Sequence[Renewal]) -> str:
    """One whole-day entry per term end, all with one fixed stamp, so that equal input gives equal bytes."""
    days = [
        Day(
            uid=f"{r.live_id}-{r.on:%Y%m%d}@cspctl",
            on=r.on,
            summary=f"{r.tenant}: {r.title} ({r.quantity} seats) {r.then}",
            description=f"manifest {r.name}, subscription {r.live_id}",
        )
        for r in rows
    ]
    return ics.render(days, stamp=datetime(2000, 1, 1, tzinfo=UTC))


async def refunds(run: Run) -> Table:
    """Seats that can be given back, tranche by tranche, and whole subscriptions that can be cancelled."""
    live = await run.observed()
    now = run.clock.now()
    names, labels = _names(run), {t.scope: t.label for t in run.tenants()}
    rows: list[tuple[Any, ...]] = []
    for o in _living(live):
        who = (labels.get(o.scope, o.scope), names.get(o.live_id, "(unmanaged)"))
        rows += [(until, *who, "seats", n, o.live_id) for until, n in _tranches(o, now)]
        cancel = o.facts.get("cancelUntil")
        if cancel and datetime.fromisoformat(cancel) > now:
            rows.append((_minute(cancel), *who, "whole", int(o.attributes.get("quantity") or 0), o.live_id))
    columns = (("until", "until"), ("tenant", "tenant"), ("name", "manifest"), ("what", "what"))
    return Table((*columns, ("quantity", "seats"), ("liveId", "live id")), sorted(rows), "Nothing can be given back.")


def _tranches(live: LiveObject, now: datetime) -> Iterator[tuple[str, int]]:
    for tranche in live.facts.get("refundable") or ():
        if tranche["until"] and datetime.fromisoformat(tranche["until"]) > now:
            yield _minute(tranche["until"]), int(tranche["quantity"])


def _minute(text: str) -> str:
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M} UTC"


def _living(live: LiveState) -> Iterator[LiveObject]:
    for (kind, _), o in sorted(live.objects.items()):
        if kind == shape.KIND and o.facts.get("status") not in shape.ENDED:
            yield o


def _names(run: Run) -> dict[str, str]:
    return {b.live_id: a.name for a, b in run.ledger.bindings().items() if b.state == "bound"}


def _ends_by(live: LiveObject, day: date) -> bool:
    end = shape.commitment_end(live)
    return end is not None and end <= day


def _then(live: LiveObject) -> str:
    following = live.attributes.get("next")
    if following:
        return f"becomes {following['quantity']} seats, {following['term']} {following['billing']}"
    if live.attributes.get("autoRenew"):
        return "renews as it is"
    return "auto-renew is off"
