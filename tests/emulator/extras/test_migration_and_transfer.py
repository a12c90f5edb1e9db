"""Migrations to new commerce with schedules, and transfers between partners."""

from __future__ import annotations

SUITE = "CFQ7TTAB12CD"
OURS, THEIRS = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10", "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a20"
BASE_SUB, ADDON_SUB = "1c2b75c1-74a5-472a-a729-7f8cefc477f9", "69829602-c219-40fd-a3d5-4150fca41a19"
TRIAL_SUB, LONE_SUB = "488745b5-2086-4912-802c-6abb9f7c3638", "75b71186-73c3-45b4-a403-281c0d7eb032"
REFERENCE = "771317a4-275d-47d9-9724-3eefa4a168ad"
BOTH = {"currentSubscriptionId": BASE_SUB, "addOnMigrations": [{"currentSubscriptionId": ADDON_SUB.upper()}]}
ALL = "/migrations/newcommerce"


def code(answer):
    return answer.status_code, answer.json()["code"]


def migrate(shop, **more):
    return shop.call("POST", ALL, {**BOTH, **more})


def test_validation_is_a_200(shop):
    body = shop.post(f"{ALL}/validate", BOTH)
    assert (body["isEligible"], body["catalogItemId"]) == (True, shop.item())
    assert [one["isEligible"] for one in body["addOnMigrations"]] == [True]
    alone = shop.post(f"{ALL}/validate", {"currentSubscriptionId": BASE_SUB})
    assert alone["isEligible"] is False, "an add-on is left behind"
    lone = shop.post(f"{ALL}/validate", {"currentSubscriptionId": LONE_SUB})
    assert [one["code"] for one in lone["errors"]] == [5]
    assert "catalogItemId" not in lone


def test_a_migration_completes_by_the_clock(shop, sample, misfits):
    answer = migrate(shop, quantity=7, purchaseFullTerm=False, externalReferenceId=REFERENCE)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert misfits(sample("create-migration"), body) == []
    assert (body["status"], body["billingCycle"], body["quantity"]) == ("Processing", "Monthly", 7)
    assert body["subscriptionEndDate"] == "2026-09-30T00:00:00Z", "the rest of the legacy term"
    assert "newCommerceSubscriptionId" not in body
    before = {one["id"] for one in shop.get("/subscriptions")["items"]}
    shop.advance("PT300S")
    done = shop.get(f"{ALL}/{body['id']}")
    assert misfits(sample("get-new-commerce-migration"), done) == []
    assert done["status"] == "Completed"
    new = shop.get(f"/subscriptions/{done['newCommerceSubscriptionId']}")
    assert new["id"] not in before, "it was not there before"
    assert (new["quantity"], new["migratedFromSubscriptionId"]) == (7, BASE_SUB)
    assert (new["commitmentEndDate"], new["orderId"]) == ("2026-09-30T00:00:00Z", done["newCommerceOrderId"])
    assert shop.get(f"/subscriptions/{BASE_SUB}")["status"] == "deleted"
    listed = shop.get(f"/v1/migrations/newcommerce?ExternalReferenceId={REFERENCE}")
    assert misfits(sample("query-migrated-subscriptions"), listed, "addOnMigrations") == []
    assert [one["id"] for one in listed] == [body["id"]]
    events = shop.get(f"{ALL}/events?current_subscription_id={BASE_SUB}")
    assert misfits(sample("get-migration-events"), events) == []
    names = [one["eventName"] for one in sample("get-migration-events")]
    assert [one["eventName"] for one in events] == names


def test_a_full_term_starts_anew(shop):
    body = migrate(shop, purchaseFullTerm=True).json()
    assert body["subscriptionEndDate"] == "2027-03-09T00:00:00Z"


def test_a_running_migration_blocks_the_next(shop):
    assert migrate(shop).status_code == 200
    assert code(migrate(shop)) == (400, 900216)
    shop.advance("PT300S")
    assert code(migrate(shop)) == (400, 900262), "the add-on is no longer active"


def test_what_keeps_a_subscription_from_migrating(shop):
    assert code(shop.call("POST", ALL, {"currentSubscriptionId": BASE_SUB})) == (400, 900219)
    assert code(shop.call("POST", ALL, {"currentSubscriptionId": LONE_SUB})) == (400, 900220)
    assert code(migrate(shop, addOnMigrations=BOTH["addOnMigrations"] * 2)) == (400, 900248)
    unknown = [{"currentSubscriptionId": REFERENCE}]
    assert code(migrate(shop, addOnMigrations=unknown)) == (400, 900262)
    assert code(migrate(shop, termDuration="P1M", billingCycle="annual")) == (400, 900222)
    assert code(migrate(shop, customTermEndDate="2028-01-31")) == (400, 900291)
    assert code(migrate(shop, customTermEndDate="2026-12-24")) == (400, 900292)
    assert code(shop.call("GET", f"{ALL}/{REFERENCE}")) == (400, 900224)
    assert code(shop.call("GET", "/v1/migrations/newcommerce")) == (400, 800002)
    shop.switch(migration_minimum_days=365)
    assert code(migrate(shop)) == (403, 900226)
    shop.switch(migration_minimum_days=None)
    assert shop.patch(ADDON_SUB, status="suspended").status_code == 200
    assert shop.patch(BASE_SUB, status="suspended").status_code == 200
    assert code(migrate(shop, addOnMigrations=[])) == (400, 900215)


def test_the_limit_of_migrations_is_answered_429(open_shop):
    shop = open_shop(migration_creates_per_window=1)
    assert migrate(shop).status_code == 200
    answer = migrate(shop)
    assert (answer.status_code, answer.json()["statusCode"]) == (429, 429)
    assert int(answer.headers["retry-after"]) > 0
    shop.advance("PT5M")
    assert migrate(shop).status_code == 400


def test_the_list_is_paged_by_a_header(open_shop):
    shop = open_shop(migration_page_size=1)
    assert migrate(shop).status_code == 200
    lone = "4d3f8b90-29b3-4e7b-b37c-4a435ddef1d9"
    shop.seed({"offers": [{"id": lone, "name": "Common Area Phone", "equivalent": f"{SUITE}:0002"}]})
    assert shop.call("POST", ALL, {"currentSubscriptionId": LONE_SUB}).status_code == 200
    path = f"/v1/migrations/newcommerce?CustomerTenantId={shop.customer}"
    first = shop.call("GET", path)
    assert len(first.json()) == 1
    token = {"MS-ContinuationToken": first.headers["ms-continuationtoken"]}
    second = shop.call("GET", path, headers=token)
    assert second.json()[0]["id"] != first.json()[0]["id"]
    assert "ms-continuationtoken" not in second.headers


def test_a_schedule_starts_its_migration_on_the_day(shop, sample, misfits):
    path = f"{ALL}/schedules"
    assert code(shop.call("POST", path, BOTH)) == (400, 800002)
    both_days = {**BOTH, "targetDate": "2026-04-01", "migrateOnRenewal": True}
    assert code(shop.call("POST", path, both_days)) == (400, 800002)
    body = shop.post(path, {**BOTH, "quantity": 6, "targetDate": "2026-04-01T00:00:00Z"})
    assert misfits(sample("schedule-a-new-commerce-migration"), body) == []
    assert body["status"] == "Created"
    (listed,) = shop.get(f"/v1/migrations/newcommerce/schedules?CustomerTenantId={shop.customer}")
    assert misfits(sample("get-a-new-commerce-migration-schedule"), [listed]) == []
    one = f"{path}/{body['id']}"
    changed = shop.call("PUT", one, {**listed, "quantity": 9})
    assert misfits(sample("update-a-new-commerce-migration-schedule"), changed.json()) == []
    assert changed.json()["quantity"] == 9
    assert code(shop.call("PUT", one, {**listed, "currentSubscriptionId": LONE_SUB})) == (400, 800002)
    shop.advance("P22D")
    assert shop.get(one)["status"] == "Completed"
    (migration,) = shop.get(f"/v1/migrations/newcommerce?CurrentSubscriptionId={BASE_SUB}")
    assert migration["quantity"] == 9
    assert code(shop.call("POST", f"{one}/cancel")) == (400, 900141)


def test_a_cancelled_schedule_does_nothing(shop, sample, misfits):
    body = shop.post(f"{ALL}/schedules", {**BOTH, "migrateOnRenewal": True})
    one = f"{ALL}/schedules/{body['id']}"
    answer = shop.post(f"{one}/cancel")
    assert misfits(sample("cancel-a-new-commerce-migration-schedule"), answer, "targetDate") == []
    assert answer["status"] == "Cancelled"
    shop.advance("P10D")
    assert shop.get(f"/v1/migrations/newcommerce?CustomerTenantId={shop.customer}") == []


def transfer(shop, *subscriptions, **more):
    lines = [{"subscriptionId": one} for one in subscriptions]
    return shop.call("POST", "/transfers", {"targetPartnerTenantId": THEIRS, "lineItems": lines, **more})


def test_a_transfer_moves_subscriptions_to_the_other_partner(shop, sample, misfits):
    bought = shop.buy()
    answer = transfer(shop, bought["id"], BASE_SUB)
    assert answer.status_code == 201, answer.text
    body = shop.get(f"/transfers/{answer.json()['id']}")
    but = ("lineItems.partnerIdOnRecord",)
    assert misfits(sample("get-transfer-by-id"), body, *but) == []
    assert (body["status"], body["targetPartnerName"]) == ("Active", "Other")
    one = f"/transfers/{body['id']}"
    assert code(shop.call("POST", f"{one}/accept")) == (403, 900150)
    done = shop.post(f"{one}/accept", partner=THEIRS)
    documented = sample("accept-a-transfer")
    but = ("orders.lineItems.partnerIdOnRecord", "orders.attributes.etag", "transferErrors")
    assert misfits(documented, done, *but) == []
    assert done["transferErrors"] == []
    assert code(shop.call("GET", f"/subscriptions/{bought['id']}")) == (404, 20003)
    theirs = shop.get(f"/subscriptions/{bought['id']}", partner=THEIRS)
    assert (theirs["quantity"], theirs["orderId"]) == (10, done["orders"][0]["id"])
    addon = shop.get(f"/subscriptions/{ADDON_SUB}", partner=THEIRS)
    assert addon["parentSubscriptionId"] == BASE_SUB, "add-ons go along"
    assert shop.get("/transfers", partner=THEIRS)[0]["status"] == "Completed"
    assert code(shop.call("POST", f"{one}/accept", partner=THEIRS)) == (400, 900102)
    assert shop.audited("create_transfer")


def test_a_transfer_is_rejected_or_withdrawn(shop, sample, misfits):
    first = transfer(shop, BASE_SUB).json()
    assert code(transfer(shop, BASE_SUB)) == (409, 900101)
    body = {"id": first["id"], "status": "reject"}
    answer = shop.call("PATCH", f"/transfers/{first['id']}", body, partner=THEIRS)
    assert misfits(sample("reject-a-transfer"), answer.json(), "lineItems.partnerIdOnRecord") == []
    assert answer.json()["status"] == "Reject"
    second = transfer(shop, BASE_SUB).json()
    assert code(shop.call("DELETE", f"/transfers/{second['id']}", partner=THEIRS)) == (403, 900150)
    assert shop.call("DELETE", f"/transfers/{second['id']}").status_code == 204


def test_what_a_transfer_may_not_be(shop):
    assert code(transfer(shop, REFERENCE)) == (400, 800078)
    assert code(transfer(shop, BASE_SUB, targetPartnerTenantId=OURS)) == (400, 900148)
    assert code(shop.call("GET", f"/transfers/{REFERENCE}")) == (404, 900100)


def test_a_line_that_ended_meanwhile_becomes_an_error(shop, sample, misfits):
    kept = transfer(shop, LONE_SUB).json()
    shop.switch(transfer_blocks_writes=False)
    assert shop.patch(LONE_SUB, status="suspended").status_code == 200
    done = shop.post(f"/transfers/{kept['id']}/accept", partner=THEIRS)
    documented = sample("accept-a-transfer")["transferErrors"]
    but = ("lineItems.partnerIdOnRecord", "lineItems.entitlementId")
    assert misfits(documented, done["transferErrors"], *but) == []
    assert [one["code"] for one in done["transferErrors"]] == [900103]


def test_transfer_eligibility(shop, sample, misfits):
    assert shop.patch(LONE_SUB, status="suspended").status_code == 200
    kept = transfer(shop, BASE_SUB).json()
    body = shop.get("/transferseligibility?transferType=directtoindirect")
    assert misfits(sample("get-customer-s-subscriptions-transfer-eligibility")[3:], body, "reason") == []
    found = {one["id"]: one for one in body}
    assert found[LONE_SUB]["reason"] == f"Subscription: {LONE_SUB} is in state: Suspended"
    assert found[BASE_SUB]["reason"].endswith(kept["id"])
    assert found[TRIAL_SUB] == {"id": TRIAL_SUB, "isEligible": True}
    assert code(shop.call("GET", "/transferseligibility")) == (400, 800002)
