"""What time does is the same in one step of 500 days as in many of a day, an hour or no fixed length."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest

SUITE = "CFQ7TTAB12CD"
PROVIDER, CUSTOMER = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10", "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b11"
OFFER = {"id": "031c9e47-4802-4248-838e-778fb1d2cc05", "name": "Old Suite", "equivalent": f"{SUITE}:0001"}
START, DAYS = datetime.fromisoformat("2026-01-31T09:15:00Z"), 500


def old(number):
    return {"partner": PROVIDER, "customer": CUSTOMER, "offerId": OFFER["id"], "quantity": 5, "billing": "monthly",
            "startedAt": "2025-10-01T00:00:00Z", "id": f"aa3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2c0{number}"}  # fmt: skip


def populate(market):
    """One subscription of every fate."""
    seed = {"offers": [OFFER], "legacySubscriptions": [old(1), old(2), old(3)]}
    assert market.control("POST", "seed", seed).status_code == 200
    month, year = market.buy(termDuration="P1M"), market.buy()
    market.buy(termDuration="P3Y", billingCycle="annual")
    market.buy(customTermEndDate="2026-12-31T00:00:00Z")
    market.buy(catalogItemId=market.item(f"{SUITE}:0002"), quantity=25, termDuration="P1M", billingCycle="none")
    ending, suspended, extended = (market.buy(termDuration="P1M", quantity=number) for number in (2, 3, 4))
    changes = [
        (ending, {"autoRenewEnabled": False}),
        (suspended, {"status": "suspended"}),
        (month, {"quantity": 12}),
    ]
    product, sku, availability = year["offerId"].split(":")
    target = {"productId": product, "skuId": sku, "availabilityId": availability, "billingCycle": "annual"}
    changes.append((year, {"scheduledNextTermInstructions": {"product": {**target, "termDuration": "P1Y"},
                                                             "quantity": 3}}))  # fmt: skip  # one change
    for one, change in changes:
        assert market.patch(one, **change).status_code == 200
    assert market.control("POST", "clock", {"now": "2026-05-10T00:00:00Z"}).status_code == 200
    assert market.patch(extended, autoRenewEnabled=False).status_code == 200
    assert market.patch(market.get(f"/subscriptions/{old(1)['id']}"), status="suspended").status_code == 200
    body = {"currentSubscriptionId": old(2)["id"], "targetDate": "2026-06-01T00:00:00Z"}
    assert market.call("POST", "/migrations/newcommerce/schedules", body).status_code == 200
    body = {"currentSubscriptionId": old(3)["id"], "migrateOnRenewal": True}
    assert market.call("POST", "/migrations/newcommerce/schedules", body).status_code == 200


def world(market):
    """Everything that time changes, as stored."""
    documents = market.store.dump()["documents"]
    kinds = ("subscription", "charge", "invoice", "migration", "migration_schedule", "order")
    return {kind: documents.get(kind, []) for kind in kinds}


def hops(way):
    """The instants at which the clock stops on its way."""
    end, now, dice = START + timedelta(days=DAYS), datetime.fromisoformat("2026-05-10T00:00:00Z"), random.Random(7)  # noqa: S311 - no secret
    while now < end:
        length = {"days": timedelta(days=1), "odd": timedelta(hours=dice.randint(1, 900))}.get(way, end - now)
        now = min(now + length, end)
        yield now.isoformat().replace("+00:00", "Z")


def lived(market, way):
    populate(market)
    for instant in hops(way):
        assert market.control("POST", "clock", {"now": instant}).status_code == 200
    return world(market)


@pytest.mark.parametrize("way", ["days", "odd"])
def test_the_world_is_the_same_after_one_step_and_after_many(open_market, way):
    once, often = (lived(open_market(now="2026-01-31T09:15:00Z"), each) for each in ("one", way))
    for kind, documents in once.items():
        assert documents == often[kind], kind
    fates = {entry["body"]["status"] for entry in once["subscription"]}
    assert fates == {"active", "deleted"}
    assert len(once["charge"]) > 60 and once["invoice"] and len(once["migration"]) == 2
