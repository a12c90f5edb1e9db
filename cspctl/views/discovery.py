"""How far the discovery of each account came."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from cspctl.model.discovery import Discovery, DiscoveryState, KnownCustomer
from cspctl.views import canonical, escape, values
from cspctl.views.layout import wrap
from cspctl.views.plan_words import plural
from cspctl.views.style import PLAIN, Style
from cspctl.views.table import Table

Rows = Sequence[tuple[str, Discovery]]  # (name of the Reseller, its discovery)
_LABEL = 10


def text(rows: Rows, taken_at: datetime, *, style: Style = PLAIN, width: int = 100) -> str:
    """One block per account, ending with a newline."""
    blocks = ["\n".join(_block(name, one, taken_at, style, width)) for name, one in rows]
    return "\n\n".join(blocks) + "\n"


def json(rows: Rows, taken_at: datetime, customers: Sequence[KnownCustomer] | None = None) -> str:
    """A list with one object per account; with `customers` each lists what is known of its own."""
    return canonical.dumps([_record(name, one, taken_at, customers) for name, one in rows])


def customer_table(customers: Sequence[KnownCustomer], labels: Mapping[str, str]) -> Table:
    """Every customer that is known so far, and whether it was read; columns that say nothing are left out."""
    columns = [("customer", "customer"), ("name", "company"), ("domain", "domain")]
    columns += [("state", "state"), ("objects", "objects")]
    rows: list[list[Any]] = [[c.customer, c.name, c.domain, reading_state(c), c.objects] for c in customers]
    for key, found in (
        ("mapping", [labels.get(c.customer) for c in customers]),
        ("problem", [c.problem for c in customers]),
    ):
        if any(found):
            columns.append((key, key))
            for row, value in zip(rows, found, strict=True):
                row.append(value)
    return Table(tuple(columns), rows, "No customer is known yet.")


def reading_state(one: KnownCustomer) -> str:
    """`read`, `gap` or `unread`."""
    if one.problem is not None:
        return "gap"
    return "unread" if one.read_at is None else "read"


def time_left(seconds: float | None) -> str:
    """`about 4 min`, or nothing where it is not known."""
    if seconds is None:
        return ""
    if seconds < 90:
        return f"about {max(1, round(seconds))} s"
    return f"about {round(seconds / 60)} min" if seconds < 5400 else f"about {seconds / 3600:.1f} h"


def _block(name: str, one: Discovery, now: datetime, style: Style, width: int) -> Iterator[str]:
    head = f"{escape.terminal(name)} ({one.account}): {one.state.value}{_counts(one, now)}"
    for number, line in enumerate(wrap(head, width, rest="  ")):
        yield style.bold(line) if number == 0 else line
    for label, words in _details(one, now):
        yield from wrap(words, width, first="  " + label.ljust(_LABEL), rest=" " * (_LABEL + 2))


def _counts(one: Discovery, now: datetime) -> str:
    if one.state is DiscoveryState.NOT_STARTED:
        return ""
    if one.total is None:
        return ", the list of customers is not complete yet"
    if one.state is DiscoveryState.COMPLETED:
        return f", {plural(one.total, 'customer')}, {plural(one.objects, 'object')}"
    left = time_left(one.seconds_left(now))
    share = 100 * one.done // one.total if one.total else 100
    return f", {one.done} of {plural(one.total, 'customer')} ({share} %)" + (f", {left} left" if left else "")


def _details(one: Discovery, now: datetime) -> Iterator[tuple[str, str]]:
    if one.state is DiscoveryState.NOT_STARTED:
        yield "next", "cspctl discover start reads it into the ledger"
        return
    if one.started_at:
        resumed = f", resumed {values.instant(one.resumed_at)}" if one.resumed_at else ""
        yield "started", values.instant(one.started_at) + resumed
    if one.ended_at and one.state is not DiscoveryState.IN_PROGRESS:
        yield "ended", values.instant(one.ended_at)
    if one.state is DiscoveryState.IN_PROGRESS and one.stop_asked:
        yield "stopping", "what is in flight is finished first"
    if one.message or one.code:
        yield "cause", f"{one.code}: {escape.terminal(one.message)}"
    if one.partial:
        yield "partial", f"{plural(one.objects, 'object')} of {plural(one.done, 'customer')} can be used already"
    if one.gaps:
        yield "gaps", f"{plural(one.gaps, 'customer')} could not be read (discover status --customers lists them)"
    if one.state is DiscoveryState.COMPLETED:
        changed = f"{plural(one.changed, 'object')} new, different or gone" if one.changed else "nothing had changed"
        yield "ledger", changed
    if one.resumable:
        again = "tries the gaps again" if one.state is DiscoveryState.COMPLETED else _rest(one)
        yield "next", f"cspctl discover resume {again}"


def _rest(one: Discovery) -> str:
    if one.total is None:
        return "begins with the list of customers again"
    return f"goes on with the {plural(one.total - one.done + one.gaps, 'customer')} left"


def _record(name: str, one: Discovery, now: datetime, customers: Sequence[KnownCustomer] | None) -> canonical.Ordered:
    left = one.seconds_left(now)
    record = canonical.Ordered(
        reseller=name,
        account=one.account,
        state=one.state.value,
        partial=one.partial,
        resumable=one.resumable,
        total=one.total,
        done=one.done,
        gaps=one.gaps,
        objects=one.objects,
        changed=one.changed,
        startedAt=one.started_at,
        resumedAt=one.resumed_at,
        beatAt=one.beat_at,
        endedAt=one.ended_at,
        secondsLeft=None if left is None else round(left),
        stopAsked=one.stop_asked,
        code=one.code,
        message=one.message,
    )
    if customers is not None:
        record["customers"] = [_customer(c) for c in customers if c.account == one.account]
    return record


def _customer(one: KnownCustomer) -> canonical.Ordered:
    return canonical.Ordered(
        customer=one.customer,
        name=one.name,
        domain=one.domain,
        state=reading_state(one),
        objects=one.objects,
        readAt=one.read_at,
        problem=one.problem,
    )
