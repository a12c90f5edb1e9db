"""The bills of a fleet depend neither on how time was moved nor on who watched; one seed gives one set of bytes."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import orjson

from cspctl.emulator.ageing import lifecycle
from cspctl.emulator.seeding import seed
from cspctl.emulator.settings import DEFAULTS
from cspctl.emulator.store import Store

START = datetime(2026, 1, 15, 8, tzinfo=UTC)
FLEET = {"fleet": {"customers": 30, "subscriptionsPerCustomer": 4, "randomSeed": 7}}


def fleet(days, step):
    """A store whose fleet has lived so many days, in steps of so many."""
    store = Store(None)
    lifecycle.attach(store, DEFAULTS)
    seed.apply(store, FLEET, START)
    for day in range(step, days + 1, step):
        lifecycle.advance(store, START + timedelta(days=day))
    return store


def test_the_same_seed_gives_the_same_bytes():
    def dumped():
        return orjson.dumps(fleet(120, 30).dump(), option=orjson.OPT_SORT_KEYS)

    assert dumped() == dumped()


def test_the_size_of_the_steps_does_not_matter():
    assert fleet(120, 1).dump()["documents"] == fleet(120, 120).dump()["documents"]


def test_a_store_written_without_a_watcher_is_taken_in_later():
    watched, unwatched = Store(None), Store(None)
    lifecycle.attach(watched, DEFAULTS)
    for store in (watched, unwatched):
        seed.apply(store, FLEET, START)
    lifecycle.attach(unwatched, DEFAULTS)
    for store in (watched, unwatched):
        lifecycle.advance(store, START + timedelta(days=90))
    assert watched.dump()["documents"]["charge"] == unwatched.dump()["documents"]["charge"]


def test_nobody_pays_twice_for_one_day_nor_gets_a_day_for_nothing():
    """Cycle lines of one subscription follow each other without a gap or an overlap."""
    store = fleet(720, 30)
    cycles = defaultdict(list)
    for one in store.list("charge", store.list("partner", "")[0]["accountId"]):
        if one["type"] in ("new", "renew", "cycleCharge"):
            cycles[one["subscription"]].append((one["from"], one["to"]))
    for spans in cycles.values():
        for (_, end), (start, _) in pairwise(spans):
            assert datetime.fromisoformat(start) - datetime.fromisoformat(end) == timedelta(days=1)
    assert sum(len(spans) for spans in cycles.values()) > 800
