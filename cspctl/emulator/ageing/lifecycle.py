"""What the passing of virtual time does to stored documents.

Time changes a subscription only at instants its own document names; the store's agenda holds the next one of each,
so that a year of thousands of subscriptions costs their events and nothing else. What happened is the same however
often, and in whatever steps, the clock is moved. Availability ids and orders need nothing: they are computed from
the clock on reading.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from cspctl.emulator.ageing import agenda, cycles, endings, extended_service, renewal
from cspctl.emulator.billing.charges import microseconds
from cspctl.emulator.billing.issuing import issue_due
from cspctl.emulator.clock import mark
from cspctl.emulator.moves import migration_schedules
from cspctl.emulator.partner import gdap_state
from cspctl.emulator.settings import DEFAULTS, Settings
from cspctl.emulator.store import Store
from cspctl.emulator.subscription.document import Document
from cspctl.emulator.subscription.windows import RUNNING, ending
from cspctl.emulator.switches import effective
from cspctl.emulator.terms import instant, parse_moment, stamp
from cspctl.emulator.webhooks.events import queue

_PATIENCE = 5  # changes that one document may undergo at one instant
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def attach(store: Store, settings: Settings) -> None:
    """Watch every write of what time changes, and take in what was written while nobody watched."""

    def watch(store: Store, partner: str, schedule: Document) -> None:
        due = migration_schedules.next_due(schedule)
        at = None if due is None else microseconds(due)
        store.schedule(migration_schedules.KIND, partner, schedule["id"], at)

    agenda.attach(store, settings)
    store.watchers[migration_schedules.KIND] = watch
    with store.transaction():
        while missed := store.unscheduled(migration_schedules.KIND, 100):
            for partner, schedule in missed:
                store.put(migration_schedules.KIND, partner, schedule["id"], schedule)


def is_due(store: Store, now: datetime) -> bool:
    """Whether `advance` would change anything."""
    return store.soonest() <= microseconds(now)


def advance(store: Store, now: datetime, settings: Settings = DEFAULTS) -> int:
    """Let everything happen that is due by `now`, in the order of time; answers how many things did."""
    until, done = microseconds(now), 0
    if store.soonest() > until:
        return 0
    rules = effective(store, settings)
    with store.transaction():
        entry, repeated = store.due(until), 0
        while entry is not None:
            at, kind, partner, id = entry
            moment = _EPOCH + timedelta(microseconds=at)
            if kind == agenda.KIND:
                _step(store, rules, partner, id, moment)
            elif kind == migration_schedules.KIND:
                migration_schedules.fall_due(store, rules, partner, id, moment)
            elif kind == gdap_state.KIND:
                gdap_state.fall_due(store, rules, partner, id, moment)
            else:
                issue_due(store, rules, partner, moment)
            done, before, entry = done + 1, entry, store.due(until)
            repeated = repeated + 1 if entry == before else 0
            if repeated > _PATIENCE:
                store.schedule(kind, partner, id, None)  # nothing moves it on: never again
                entry = store.due(until)
        if done:
            mark(store, moment)
    return done


def _step(store: Store, settings: Settings, partner: str, id: str, at: datetime) -> None:
    """The one change that is due at `at`. A PATCH still under way lands before anything else happens."""
    document = store.get(agenda.KIND, partner, id)
    if document is None:
        return
    pending = document.get("_pending")
    if pending:
        document = pending["after"]
    else:
        _change(store, settings, document, at)
    store.put(agenda.KIND, partner, id, document)
    path = f"/webhooks/v1/customers/{document['_customer']}/subscriptions/{id}"
    queue(store, settings, at, partner, "subscription-updated", path, "subscription")


def _change(store: Store, settings: Settings, document: Document, at: datetime) -> None:
    until = document.get("_stateUntil")
    if until and parse_moment(until) <= at:
        endings.sink(settings, document, at)
    elif document["status"] not in RUNNING:
        return
    elif document.get("_nextCharge") and instant(date.fromisoformat(document["_nextCharge"])) <= at:
        cycles.begin_cycle(store, settings, document, at)
    elif document.get("_renewal"):
        renewal.renew(store, settings, document, at)
    elif ending(document) <= at:
        _end_term(store, settings, document, at)


def _end_term(store: Store, settings: Settings, document: Document, at: datetime) -> None:
    """00:00 UTC after the last day: wait for the renewal, roll on, or run out."""
    legacy_trial = document.get("_legacy") and document["isTrial"]  # becomes paid by a conversion only
    if document["status"] == "active" and document["autoRenewEnabled"] and not legacy_trial:
        extended_service.return_to_standard(document)
        document["_renewal"] = stamp(at + timedelta(seconds=settings.renewal_seconds))
        if settings.renewal_seconds == 0:
            renewal.renew(store, settings, document, at)
    elif extended_service.rolls_on(settings, document):
        extended_service.roll_on(store, document, at)
    else:
        endings.expire(settings, document, at)
