"""Refusals of migrations, transitions and transfers that only some partners or states meet.

Source: error-codes 800012, 800093, 900147, 900223, 900247, 900258, 900400 (2023); pages create-migration and
api-throttling-guidance.
"""

from __future__ import annotations

import copy

import pytest

from cspctl.emulator.settings import DEFAULTS

OURS, THEIRS = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10", "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a20"
NOBODY = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1aff"
SUITE = "CFQ7TTAB12CD"
BASE_SUB, ADDON_SUB = "1c2b75c1-74a5-472a-a729-7f8cefc477f9", "69829602-c219-40fd-a3d5-4150fca41a19"
BOTH = {"currentSubscriptionId": BASE_SUB, "addOnMigrations": [{"currentSubscriptionId": ADDON_SUB}]}
ALL = "/migrations/newcommerce"


def code(answer):
    return answer.status_code, answer.json()["code"]


def partner(shop, **more):
    kept = shop.store.get("partner", "", OURS)
    names = ("accountId", "domain", "displayName", "market", "currency", "mpnId", "tier")
    shop.seed({"partners": [{**{name: kept[name] for name in names}, **more}]})


@pytest.mark.parametrize("path", [ALL, f"{ALL}/validate", f"{ALL}/schedules"])
def test_900223_a_partner_that_may_not_migrate(shop, path):
    partner(shop, migrationsAllowed=False)
    assert code(shop.call("POST", path, {**BOTH, "targetDate": "2026-04-01"})) == (403, 900223)
    partner(shop, migrationsAllowed=True)
    assert shop.call("POST", path, {**BOTH, "targetDate": "2026-04-01"}).status_code == 200


def test_900247_a_reseller_who_is_gone(shop):
    kept = shop.store.get("subscription", OURS, BASE_SUB)
    shop.store.put("subscription", OURS, BASE_SUB, {**kept, "partnerId": "1234567"})
    assert shop.post(f"{ALL}/validate", BOTH)["isEligible"] is True
    shop.store.delete("reseller", OURS, "1234567")
    assert shop.post(f"{ALL}/validate", BOTH)["isEligible"] is False
    assert code(shop.call("POST", ALL, BOTH)) == (400, 900247)


def test_a_migration_that_fails_leaves_everything_as_it_was(shop):
    offer = shop.store.get("subscription", OURS, BASE_SUB)["offerId"]
    shop.seed({"offers": [{"id": offer, "name": "Old", "equivalent": f"{SUITE}:0001", "migrationFails": True}]})
    before = copy.deepcopy(shop.get(f"/subscriptions/{BASE_SUB}"))
    kept = shop.post(ALL, BOTH)
    assert kept["status"] == "Processing"
    shop.advance("PT300S")
    done = shop.get(f"{ALL}/{kept['id']}")
    assert done["status"] == "Failed"
    assert not {"completedTime", "newCommerceSubscriptionId", "newCommerceOrderId"} & done.keys()
    events = shop.get(f"{ALL}/events?migration_id={kept['id']}")
    assert [one["eventName"] for one in events] == ["MigrationStarted", "MigrationFailed"]
    assert shop.get(f"/subscriptions/{BASE_SUB}") == before


def test_validations_have_a_limit_of_their_own_per_customer(open_shop):
    assert (DEFAULTS.migration_validates_per_window, DEFAULTS.migration_creates_per_window) == (450, 100)
    shop = open_shop(migration_validates_per_window=2, migration_creates_per_window=1)
    for _ in range(2):
        assert shop.call("POST", f"{ALL}/validate", BOTH).status_code == 200
    refused = shop.call("POST", f"{ALL}/validate", BOTH)
    assert refused.status_code == 429 and int(refused.headers["retry-after"]) == 300
    assert shop.call("POST", ALL, BOTH).status_code == 200  # another limit
    shop.advance("PT5M")
    assert shop.call("POST", f"{ALL}/validate", BOTH).status_code == 200


# transitions and transfers


def move(shop, source, **more):
    body = {"toCatalogItemId": shop.item(f"{SUITE}:0002"), "quantity": 1, "transitionType": "transition_only", **more}
    return shop.call("POST", f"/subscriptions/{source['id']}/transitions", body)


def test_800012_a_source_must_be_active(shop):
    source = shop.buy()
    assert shop.patch(source["id"], status="suspended").status_code == 200
    assert code(move(shop, source)) == (400, 800012)
    (first, *_) = shop.get(f"/subscriptions/{source['id']}/transitionEligibilities")["items"]
    assert {kind["errors"][0]["code"] for kind in first["eligibilities"]} == {1}


def test_900258_a_target_must_be_active(shop):
    source, target = shop.buy(), shop.buy(f"{SUITE}:0002")
    shop.advance("P8D")
    assert shop.patch(target["id"], status="suspended").status_code == 200
    assert code(move(shop, source, toSubscriptionId=target["id"])) == (400, 900258)
    assert shop.patch(target["id"], status="active").status_code == 200
    assert move(shop, source, toSubscriptionId=target["id"]).status_code == 200


def test_800093_usage_does_not_renew(shop):
    assert code(shop.patch(shop.plan()["id"], autoRenewEnabled=True)) == (400, 800093)


def test_900147_and_900400_sides_of_a_transfer(shop):
    lines = [{"subscriptionId": BASE_SUB}]
    assert code(shop.call("POST", "/transfers", {"targetPartnerTenantId": NOBODY, "lineItems": lines})) == (400, 900147)
    body = {"sourcePartnerTenantId": THEIRS, "lineItems": lines}  # who does not have this customer
    assert code(shop.call("POST", "/transfers", body)) == (400, 900400)
