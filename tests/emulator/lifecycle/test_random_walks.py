"""Whatever is asked of subscriptions in whatever order, over two years: no failure, and the resource stays coherent."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, datetime, timedelta

import pytest

SUITE = "CFQ7TTAB12CD"
STEPS = ("PT1H", "P1D", "P3D", "P7DT1S", "P10D", "P20D", "P31D", "P90D")
TERMS = [{"duration": pair.split()[0], "billingCycle": pair.split()[1]} for pair in (
    "P1M monthly", "P1Y annual", "P1Y monthly", "P3Y annual", "P3Y monthly")]  # fmt: skip  # one table
SEED = {"catalogue": [{"productId": SUITE, "title": "Demo Suite", "skus": [
    {"id": "0001", "title": "Demo Suite Basic", "terms": TERMS, "upgradeTargetOffers": [f"{SUITE}:0006"]},
    {"id": "0002", "title": "Demo Suite Trial", "isTrial": True, "convertsTo": f"{SUITE}:0001"},
    {"id": "0006", "title": "Demo Suite Premium", "terms": TERMS}]}]}  # fmt: skip  # one product


class Walk:
    """One customer who buys, changes and waits at random."""

    def __init__(self, market, seed):
        self.market, self.dice, self.owned = market, random.Random(seed), []  # noqa: S311 - a walk, no secret
        self.answers = Counter()
        assert market.control("POST", "seed", SEED).status_code == 200

    def step(self):
        way = self.dice.choice((self.buy, self.change, self.change, self.change, self.move, self.wait, self.wait))
        way()

    def wait(self):
        self.market.advance(self.dice.choice(STEPS))

    def buy(self):
        pair = self.dice.choice(("P1M monthly", "P1Y monthly", "P1Y annual", "P3Y annual", "P1M none"))
        term, billing = pair.split()
        sku, seats = (f"{SUITE}:0002", 25) if billing == "none" else (f"{SUITE}:0001", self.dice.randint(1, 9))
        line = self.market.line(sku, termDuration=term, billingCycle=billing, quantity=seats)
        cart = self.ask("POST", "/carts", {"partnerOnRecordAttestationAccepted": True, "lineItems": [line]})
        done = self.ask("POST", f"/carts/{cart.json()['id']}/checkout")
        orders = done.json().get("orders", [])
        self.owned += [line["subscriptionId"] for order in orders for line in order["lineItems"]]

    def change(self):
        if not self.owned:
            return
        one = self.get(self.dice.choice(self.owned))
        product, sku, availability = one["offerId"].split(":")
        target = {"productId": product, "skuId": sku, "availabilityId": availability}
        planned = {"product": {**target, "termDuration": "P1Y", "billingCycle": "monthly"}, "quantity": 7}
        changes = (
            {"quantity": one["quantity"] + 2}, {"quantity": max(1, one["quantity"] - 1)}, {"friendlyName": "x"},
            {"autoRenewEnabled": False}, {"autoRenewEnabled": True}, {"status": "suspended"}, {"status": "active"},
            {"status": "deleted"}, {"termDuration": "P1Y", "billingCycle": "annual"}, {"termDuration": "P3Y"},
            {"scheduledNextTermInstructions": planned}, {"scheduledNextTermInstructions": None},
        )  # fmt: skip  # a table of changes
        self.ask("PATCH", f"/subscriptions/{one['id']}", {**one, **self.dice.choice(changes)})

    def move(self):
        if not self.owned:
            return
        one = self.get(self.dice.choice(self.owned))
        body = {"toCatalogItemId": self.market.item(f"{SUITE}:0006"), "transitionType": "transition_only",
                "quantity": self.dice.choice((1, one["quantity"]))}  # fmt: skip  # one body
        answer = self.ask("POST", f"/subscriptions/{one['id']}/transitions", body)
        if answer.status_code == 200 and answer.json()["toSubscriptionId"] not in self.owned:
            self.owned.append(answer.json()["toSubscriptionId"])

    def ask(self, method, path, body=None):
        answer = self.market.call(method, path, body)
        assert answer.status_code < 500, answer.text
        self.answers[answer.status_code] += 1
        return answer

    def get(self, id):
        return self.market.get(f"/subscriptions/{id}")


def day(stamp):
    return date.fromisoformat(stamp[:10])


def check(one, now):
    """What holds of a subscription at any time."""
    running = one["status"] in ("active", "suspended")
    assert running or (one["actions"] == [] and one["autoRenewEnabled"] is False)
    assert running or not {"scheduledNextTermInstructions", "refundableQuantity"} & one.keys()
    if one["status"] == "suspended":
        assert one["autoRenewEnabled"] is False and "scheduledNextTermInstructions" not in one
    if "scheduledNextTermInstructions" in one:
        assert one["autoRenewEnabled"] is True or one["isTrial"]
    if running:
        waiting = timedelta(days=1)  # a renewal may still be under way
        assert day(one["commitmentEndDate"]) >= (now - waiting).date()
        assert day(one["billingCycleEndDate"]) <= day(one["commitmentEndDate"])
    refundable = one.get("refundableQuantity", {"totalQuantity": 0, "details": []})
    assert refundable["totalQuantity"] == sum(part["quantity"] for part in refundable["details"]) <= one["quantity"]
    if "cancellationAllowedUntilDate" in one:
        assert datetime.fromisoformat(one["cancellationAllowedUntilDate"]) >= now
    assert ("cancel" not in one["actions"]) or "cancellationAllowedUntilDate" in one
    assert one["quantity"] >= 1


WORLDS = {
    "as the settings are": {},
    "changes and renewals take long": {"patch_mode": "accepted", "patch_delay_seconds": 200_000,
                                       "renewal_seconds": 86_400, "renewal_wait": "documented"},
    "no extended service": {"extended_service_term": False, "transition_keeps_window": True,
                            "refundable_while_suspended": True, "suspended_end_status": "expired"},
}  # fmt: skip  # a table of settings


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("settings", WORLDS.values(), ids=WORLDS)
def test_any_order_of_changes_and_waits_leaves_subscriptions_coherent(open_market, settings, seed):
    market = open_market(now="2025-12-31T22:00:00Z", **settings)
    walk = Walk(market, seed)
    for _ in range(60):
        walk.step()
        now = datetime.fromisoformat(market.control("GET", "clock").json()["now"])
        for one in market.get("/subscriptions")["items"]:
            check(one, now)
    answers = walk.answers
    assert answers[200] + answers[202] >= 5 and sum(answers[status] for status in (400, 403, 409)) >= 5, answers
