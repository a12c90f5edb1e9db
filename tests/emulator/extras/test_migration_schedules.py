"""Scheduled migrations by the clock: their instant, their place in the order of events, and how they fail.

Sources: pages schedule-a-new-commerce-migration, update- and cancel-a-new-commerce-migration-schedule (2022),
error-codes 900215 to 900226 (2023).
"""

from __future__ import annotations

import pytest

BASE_SUB, ADDON_SUB = "1c2b75c1-74a5-472a-a729-7f8cefc477f9", "69829602-c219-40fd-a3d5-4150fca41a19"
BOTH = {"currentSubscriptionId": BASE_SUB, "addOnMigrations": [{"currentSubscriptionId": ADDON_SUB}]}
ALL = "/migrations/newcommerce"


def code(answer):
    return answer.status_code, answer.json()["code"]


def at(shop, instant):
    assert shop.control("POST", "clock", {"now": instant}).status_code == 200


def planned(shop, **more):
    return shop.post(f"{ALL}/schedules", {**BOTH, **more})


def status(shop, kept):
    return shop.get(f"{ALL}/schedules/{kept['id']}")["status"]


def migrations(shop):
    return shop.get(f"/v1/migrations/newcommerce?CurrentSubscriptionId={BASE_SUB}")


@pytest.mark.parametrize(
    "steps",
    [
        ["2026-12-31T00:00:00Z"],
        ["2026-03-31T23:59:59Z", "2026-04-01T00:00:00Z", "2026-04-01T00:05:00Z", "2026-12-31T00:00:00Z"],
        [f"2026-{month:02d}-11T06:00:00Z" for month in range(4, 12)] + ["2026-12-31T00:00:00Z"],
    ],
    ids=["one step", "its seconds", "months"],
)
def test_a_schedule_is_done_on_its_day_however_the_clock_is_moved(shop, steps):
    kept = planned(shop, quantity=6, targetDate="2026-04-01T00:00:00Z")
    for step in steps:
        at(shop, step)
    (done,) = migrations(shop)
    assert (done["startedTime"], done["completedTime"]) == ("2026-04-01T00:00:00Z", "2026-04-01T00:05:00Z")
    assert status(shop, kept) == "Completed"
    new = shop.get(f"/subscriptions/{done['newCommerceSubscriptionId']}")
    assert (new["effectiveStartDate"], new["quantity"]) == ("2026-04-01T00:05:00Z", 6)
    assert new["commitmentEndDate"] == "2027-09-30T00:00:00Z"  # the rest of the legacy term, renewed once since


def test_before_its_second_nothing_has_happened(shop):
    kept = planned(shop, targetDate="2026-04-01T00:00:00Z")
    at(shop, "2026-03-31T23:59:59Z")
    assert (status(shop, kept), migrations(shop)) == ("Created", [])
    at(shop, "2026-04-01T00:00:00Z")
    assert status(shop, kept) == "Completed"
    assert [one["status"] for one in migrations(shop)] == ["Processing"]


def test_on_renewal_a_full_term_begins_where_the_legacy_one_ended(shop):
    """The legacy term began on 1 October 2025: it ends with 30 September 2026."""
    kept = planned(shop, migrateOnRenewal=True)
    at(shop, "2026-09-30T23:59:59Z")
    assert status(shop, kept) == "Created"
    at(shop, "2026-10-01T01:00:00Z")
    assert status(shop, kept) == "Completed"
    (done,) = migrations(shop)
    new = shop.get(f"/subscriptions/{done['newCommerceSubscriptionId']}")
    assert (new["effectiveStartDate"][:10], new["commitmentEndDate"]) == ("2026-10-01", "2027-09-30T00:00:00Z")
    assert [shop.get(f"/subscriptions/{id}")["status"] for id in (BASE_SUB, ADDON_SUB)] == ["deleted", "deleted"]


def test_on_renewal_there_must_be_one(shop):
    kept = planned(shop, migrateOnRenewal=True)
    assert shop.patch(BASE_SUB, autoRenewEnabled=False).status_code == 200
    at(shop, "2026-10-01T01:00:00Z")
    assert (status(shop, kept), migrations(shop)) == ("Failed", [])
    assert shop.get(f"/subscriptions/{BASE_SUB}")["status"] == "expired"


def test_a_day_too_close_to_the_end_of_the_term_fails_and_the_subscription_renews(shop):
    kept = planned(shop, targetDate="2026-09-30T12:00:00Z")
    at(shop, "2026-10-01T02:00:00Z")
    assert (status(shop, kept), migrations(shop)) == ("Failed", [])
    assert shop.get(f"/subscriptions/{BASE_SUB}")["status"] == "active"


@pytest.mark.parametrize(("now", "expected"), [("2026-09-30T00:00:00Z", 200), ("2026-09-30T00:00:01Z", 900217)])
def test_900217_less_than_24_hours_before_the_end(shop, now, expected):
    at(shop, now)
    answer = shop.call("POST", ALL, BOTH)
    assert (answer.status_code if expected == 200 else answer.json()["code"]) == expected


def test_900291_a_month_does_not_end_on_the_28th_beside_a_subscription_that_does(open_shop):
    shop = open_shop(now="2025-04-29T08:00:00Z")
    assert shop.buy()["commitmentEndDate"] == "2026-04-28T00:00:00Z"
    at(shop, "2026-04-05T08:00:00Z")
    body = {**BOTH, "termDuration": "P1M", "billingCycle": "monthly"}
    assert code(shop.call("POST", ALL, {**body, "customTermEndDate": "2026-04-28"})) == (400, 900291)
    assert code(shop.call("POST", ALL, {**body, "customTermEndDate": "2026-04-17"})) == (400, 900292)
    assert shop.call("POST", ALL, {**body, "customTermEndDate": "2026-04-30"}).status_code == 200


def test_a_suspended_subscription_fails_on_its_day(shop):
    kept = planned(shop, targetDate="2026-04-01T00:00:00Z")
    assert shop.patch(BASE_SUB, status="suspended").status_code == 200
    at(shop, "2026-04-02T00:00:00Z")
    assert (status(shop, kept), migrations(shop)) == ("Failed", [])


def test_a_moved_schedule_happens_on_its_new_day_only(shop):
    kept = planned(shop, targetDate="2026-04-01T00:00:00Z")
    answer = shop.call("PUT", f"{ALL}/schedules/{kept['id']}", {**kept, "targetDate": "2026-05-01T00:00:00Z"})
    assert answer.status_code == 200, answer.text
    at(shop, "2026-04-15T00:00:00Z")
    assert migrations(shop) == []
    at(shop, "2026-05-02T00:00:00Z")
    assert [one["startedTime"] for one in migrations(shop)] == ["2026-05-01T00:00:00Z"]


def test_a_migrating_subscription_takes_no_other_change(shop):
    assert shop.call("POST", ALL, BOTH).status_code == 200
    assert code(shop.patch(BASE_SUB, quantity=6)) == (409, 900278)
    assert shop.get(f"/subscriptions/{BASE_SUB}")["actions"] == []
    shop.advance("PT5M")
    assert code(shop.patch(BASE_SUB, quantity=6)) == (400, 2011)
