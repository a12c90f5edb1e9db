"""Seed documents: upsert, idempotent, refused as a whole when wrong; the made-up fleet."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from cspctl.emulator.seeding import seed
from cspctl.emulator.store import Store

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
PARTNER = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
CUSTOMER = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b11"
SUITE = "CFQ7TTAB12CD"
WORLD = {
    "partners": [{"accountId": PARTNER.upper(), "domain": "acme.onmicrosoft.com", "market": "DE", "currency": "EUR"}],
    "customers": [{"id": CUSTOMER, "domain": "a.onmicrosoft.com", "companyName": "A", "market": "AT"}],
    "catalogue": [{"productId": SUITE, "title": "Suite", "skus": [{"id": 1}]}],
}


def entry(**more):
    found = {"customer": CUSTOMER, "productId": SUITE, "skuId": "0001", "term": "P1Y", "billing": "monthly"}
    return {**found, "quantity": 5, **more}


def world(*subscriptions):
    store = Store(None)
    seed.apply(store, {**WORLD, "subscriptions": list(subscriptions)}, NOW)
    return store


def only(store):
    [found] = store.list("subscription", PARTNER)
    return found


def test_applying_twice_changes_nothing():
    store, document = Store(None), {**WORLD, "subscriptions": [entry(), entry()]}
    assert seed.apply(store, document, NOW) == {"partners": 1, "customers": 1, "catalogue": 1, "subscriptions": 2}
    before = store.dump()
    assert seed.apply(store, document, NOW)["subscriptions"] == 0
    assert store.dump() == before


def test_a_second_document_updates_and_keeps_what_it_does_not_name():
    store = world()
    seed.apply(store, {"catalogue": [{"productId": SUITE, "title": "Renamed", "skus": [{"id": "0002"}]}]}, NOW)
    product = store.get("product", "", SUITE)
    assert (product["title"], [sku["id"] for sku in product["_skus"]]) == ("Renamed", ["0001", "0002"])


def test_the_state_of_a_subscription_survives_a_second_seed():
    store = world(entry())
    changed = {**only(store), "quantity": 99}
    store.put("subscription", PARTNER, changed["id"], changed)
    seed.apply(store, {**WORLD, "subscriptions": [entry()]}, NOW)
    assert only(store)["quantity"] == 99


def test_currency_comes_from_the_partner_and_the_agreement_is_there_unless_denied():
    store = world()
    assert store.get("customer", PARTNER, CUSTOMER)["_currency"] == "EUR"
    assert len(store.list("agreement", PARTNER, parent=CUSTOMER)) == 1
    seed.apply(store, {"customers": [{**WORLD["customers"][0], "agreement": False}]}, NOW)
    assert store.list("agreement", PARTNER, parent=CUSTOMER) == []


def test_a_seeded_subscription_has_its_order():
    store = world(entry(friendlyName="core"))
    one = only(store)
    order = store.get("order", PARTNER, one["orderId"])
    assert [line["subscriptionId"] for line in order["lineItems"]] == [one["id"]]
    assert (one["friendlyName"], one["commitmentEndDate"]) == ("core", "2027-11-20T00:00:00Z")


def test_an_old_subscription_has_renewed_since():
    one = only(world(entry(startedAt="2023-03-15T08:00:00Z")))
    assert (one["status"], one["commitmentEndDate"]) == ("active", "2027-03-14T00:00:00Z")
    assert one["creationDate"] == "2023-03-15T08:00:00Z"
    assert one["_until"] == "2026-03-22T00:00:00Z"


@pytest.mark.parametrize(
    ("started", "status"),
    [("2025-11-22", "active"), ("2025-11-01", "expired"), ("2025-09-01", "disabled"), ("2025-01-01", "deleted")],
)
def test_without_auto_renew_the_documented_steps_follow_the_term_end(started, status):
    one = only(world(entry(startedAt=f"{started}T00:00:00Z", autoRenew=False)))
    assert (one["status"], one["autoRenewEnabled"]) == (status, False)


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ({"planets": []}, "unknown section planets"),
        ({"partners": [{"accountId": "x", "domain": "d", "market": "DE", "currency": "EUR"}]}, "not a GUID"),
        ({"customers": [{"domain": "b.onmicrosoft.com", "reseller": "1"}]}, "reseller 1 is not seeded"),
        ({"catalogue": [{"productId": SUITE, "skus": [{"id": "1", "segments": ["space"]}]}]}, "segment 'space'"),
        ({"subscriptions": [entry(customer="nobody")]}, "customer nobody is not seeded"),
        ({"subscriptions": [entry(term="P5Y")]}, "term duration"),
        ({"subscriptions": [entry(startedAt="2027-01-01T00:00:00Z")]}, "after the emulator's clock"),
        ({"fleet": {"customers": "many"}}, "is not a number of things"),
    ],
)
def test_a_wrong_document_is_refused_as_a_whole(document, text):
    store = world()
    before = store.dump()
    with pytest.raises(ValueError, match=text):
        seed.apply(store, {"resellers": [{"mpnId": "5"}], **document}, NOW)
    assert store.dump() == before


@pytest.mark.parametrize("price", ["ten", "NaN", "-1"])
def test_a_price_is_a_decimal_number(price):
    row = {"productId": SUITE, "skuId": "1", "term": "P1Y", "billing": "annual", "market": "DE", "currency": "EUR"}
    with pytest.raises(ValueError, match="unitPrice"):
        seed.apply(Store(None), {"prices": [{**row, "unitPrice": price}]}, NOW)


def fleet(customers=40, each=5, number=7):
    return {"fleet": {"customers": customers, "subscriptionsPerCustomer": each, "randomSeed": number, "partner": None}}


def test_the_fleet_is_the_same_for_the_same_random_seed():
    one, two, three = Store(None), Store(None), Store(None)
    for store, number in ((one, 7), (two, 7), (three, 8)):
        assert seed.apply(store, fleet(number=number), NOW) == {"customers": 40, "subscriptions": 200}
    assert one.dump() == two.dump()
    assert one.dump()["documents"]["customer"] != three.dump()["documents"]["customer"]


def test_the_fleet_grows_and_keeps_what_there_is():
    store = Store(None)
    seed.apply(store, fleet(customers=3), NOW)
    before = store.dump()["documents"]["subscription"]
    assert seed.apply(store, fleet(customers=5), NOW) == {"customers": 2, "subscriptions": 10}
    assert store.dump()["documents"]["subscription"][:15] == before


def test_the_fleet_is_untidy_and_every_subscription_has_an_order():
    store = Store(None)
    seed.apply(store, fleet(customers=150), NOW)
    [partner] = store.list("partner", "")
    documents = store.list("subscription", partner["accountId"])
    assert {"active", "suspended", "deleted"} <= set(Counter(d["status"] for d in documents))
    lines = Counter(
        line["subscriptionId"] for order in store.list("order", partner["accountId"]) for line in order["lineItems"]
    )
    assert lines == Counter(document["id"] for document in documents)
    names = [one["companyProfile"]["companyName"] for one in store.list("customer", partner["accountId"])]
    assert any(name.startswith("=") for name in names)
    assert len(store.list("agreement", partner["accountId"])) < len(names)
