"""24 months over a seeded fleet: every cent invoiced is a charge line, every charge line is an event, and nothing that
happened is missing. Also: the same seed gives the same bytes."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import orjson
import pytest

from cspctl.emulator import lifecycle, seed
from cspctl.emulator.settings import DEFAULTS
from cspctl.emulator.store import Store
from cspctl.emulator.subscription_document import record

START = datetime(2026, 1, 15, 8, tzinfo=UTC)
FLEET = {"fleet": {"customers": 30, "subscriptionsPerCustomer": 4, "randomSeed": 7}}


def lived(months=24):
    """A fleet that grows, shrinks, suspends and cancels a little every month."""
    store = Store(None)
    lifecycle.attach(store, DEFAULTS)
    seed.apply(store, FLEET, START)
    account = store.list("partner", "")[0]["accountId"]
    for month in range(months):
        now = START + timedelta(days=30 * month)
        lifecycle.advance(store, now)
        for number, one in enumerate(store.list("subscription", account)):
            if one["status"] == "active" and one["termDuration"] == "P1M" and number % 7 == month % 7:
                _touch(store, account, one, now, number)
    lifecycle.advance(store, START + timedelta(days=30 * months))
    return store, account


def _touch(store, account, one, now, number):
    before = one["quantity"]
    if number % 3 == 0:
        one["status"] = "deleted"
        record(one, "cancelImmediate", now, before=before, returned=before)
    else:
        one["quantity"] = before + 2 if number % 2 else max(1, before - 1)
        record(one, "addQuantity" if number % 2 else "removeQuantity", now, before=before)
    store.put("subscription", account, one["id"], one)


@pytest.fixture(scope="module")
def fleet():
    store, account = lived()
    charges = store.list("charge", account)
    return store, account, charges


def test_every_cent_invoiced_is_a_charge_line(fleet):
    store, account, charges = fleet
    lines = defaultdict(Decimal)
    for one in charges:
        lines[one["at"][:7], one["currency"]] += Decimal(one["subtotal"]) + Decimal(one["tax"])
    invoices = store.list("invoice", account)
    billed = {(one["_period"], one["currencyCode"]): Decimal(one["_total"]) for one in invoices}
    assert len(invoices) == len(billed) >= 23
    last = max(period for period, _ in billed)
    assert billed == {key: amount for key, amount in lines.items() if key[0] <= last}
    assert {key[0] for key in lines if key[0] > last} <= {"2027-12", "2028-01"}  # not invoiced yet
    assert all(Decimal(str(one["totalCharges"])) == Decimal(one["_total"]) for one in invoices)


def test_every_charge_line_is_an_event(fleet):
    store, account, charges = fleet
    events = {one["id"]: one["_events"] for one in store.list("subscription", account)}
    assert len({one["id"] for one in charges}) == len(charges) > 1000
    for one in charges:
        event = events[one["subscription"]][one["event"]]
        assert (event["type"], event["at"]) == (one["type"], one["at"])


def test_every_event_that_costs_is_charged_exactly_once(fleet):
    store, account, charges = fleet
    found = Counter((one["subscription"], one["event"]) for one in charges)
    wanted = {"new": 1, "renew": 1, "cycleCharge": 1, "addQuantity": 2, "removeQuantity": 2}
    history = datetime(2026, 1, 1, tzinfo=UTC).isoformat()
    for one in store.list("subscription", account):
        for index, event in enumerate(one["_events"]):
            if event["at"] < history or event["type"] == "cancelImmediate":
                continue
            assert found[one["id"], index] == wanted[event["type"]], event


def test_nobody_pays_twice_for_one_day_nor_gets_a_day_for_nothing(fleet):
    """Cycle lines of one subscription follow each other without a gap or an overlap."""
    _, _, charges = fleet
    cycles = defaultdict(list)
    for one in charges:
        if one["type"] in ("new", "renew", "cycleCharge"):
            cycles[one["subscription"]].append((one["from"], one["to"]))
    for spans in cycles.values():
        for (_, end), (start, _) in pairwise(spans):
            assert datetime.fromisoformat(start) - datetime.fromisoformat(end) == timedelta(days=1)
    assert sum(len(spans) for spans in cycles.values()) > 800


def test_a_subscription_costs_what_its_seats_and_days_cost(fleet):
    """Independent of the lines: the net of a cycle lies between the least and the most seats that were held in it."""
    _, _, charges = fleet
    nets, seats = defaultdict(Decimal), defaultdict(list)
    begun = {(one["subscription"], one["to"]) for one in charges if one["type"] in ("new", "renew", "cycleCharge")}
    for one in charges:
        if one["type"] == "cancelImmediate" or (one["subscription"], one["to"]) not in begun:
            continue  # cycles that began before the fleet was seeded were charged elsewhere
        nets[one["subscription"], one["to"]] += Decimal(one["subtotal"])
        if one["quantity"] > 0:
            seats[one["subscription"], one["to"]].append((one["quantity"], Decimal(one["unit"])))
    assert len(nets) > 800
    for key, net in nets.items():
        held = seats[key]
        low, high = min(q * unit for q, unit in held), max(q * unit for q, unit in held)
        cents = Decimal("0.01") * max(q for q, _ in held) + Decimal("0.02")  # truncation of units
        assert low - cents <= net <= high + cents, key


def test_the_same_seed_gives_the_same_bytes():
    def dumped():
        return orjson.dumps(lived(months=4)[0].dump(), option=orjson.OPT_SORT_KEYS)

    assert dumped() == dumped()


def test_the_size_of_the_steps_does_not_matter():
    def run(days):
        store = Store(None)
        lifecycle.attach(store, DEFAULTS)
        seed.apply(store, FLEET, START)
        for step in range(days, 121, days):
            lifecycle.advance(store, START + timedelta(days=step))
        return store.dump()["documents"]

    assert run(1) == run(120)


def test_a_store_written_without_a_watcher_is_taken_in_later():
    watched, unwatched = Store(None), Store(None)
    lifecycle.attach(watched, DEFAULTS)
    for store in (watched, unwatched):
        seed.apply(store, FLEET, START)
    lifecycle.attach(unwatched, DEFAULTS)
    for store in (watched, unwatched):
        lifecycle.advance(store, START + timedelta(days=90))
    assert watched.dump()["documents"]["charge"] == unwatched.dump()["documents"]["charge"]
