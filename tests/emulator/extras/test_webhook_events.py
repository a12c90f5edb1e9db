"""Every documented event: what causes it, where it points, and whose audit record it names (rules 20, 46 and 48)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

BASE = "/webhooks/v1/registration"
OURS, THEIRS = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10", "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a20"
SANDBOX = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a30"
CUSTOMER = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b11"
BASE_SUB, ADDON_SUB = "1c2b75c1-74a5-472a-a729-7f8cefc477f9", "69829602-c219-40fd-a3d5-4150fca41a19"
BOTH = {"currentSubscriptionId": BASE_SUB, "addOnMigrations": [{"currentSubscriptionId": ADDON_SUB}]}
G = "/v1.0/tenantRelationships/delegatedAdminRelationships"
ROLE, OTHER = "f2ef992c-3afb-46b9-b7cf-a126ee74c451", "fe930be7-5e62-47db-91af-98c3a49a38b1"
GUID = r"[0-9a-f-]{36}"
SUBSCRIPTION = rf"/webhooks/v1/customers/{GUID}/subscriptions/{GUID}"
RELATIONSHIP = rf"/granularAdminRelationships/{GUID}-{GUID}"
ASSIGNMENT = rf"{RELATIONSHIP}/accessAssignments/{GUID}"
MIGRATION = rf"/webhooks/v1/customers/{GUID}/migrations/newcommerce"


def graph(shop: Any, method: str, path: str, body: Any = None, **headers: str) -> Any:
    given = {"Authorization": f"Bearer {shop.bearer('https://graph.microsoft.com', shop.partner, True)}", **headers}
    return shop.send(method=method, url=path, headers=given, **({} if body is None else {"json": body}))


def roles(*ids: str) -> dict[str, Any]:
    return {"accessDetails": {"unifiedRoles": [{"roleDefinitionId": one} for one in ids]}}


def act(shop: Any, action: str, **more: Any) -> Any:
    answer = shop.control("POST", "actions", {"action": action, "partner": shop.partner, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def relationship(shop: Any) -> str:
    body = {"displayName": "Access", "duration": "P30D", "customer": {"tenantId": CUSTOMER}, **roles(ROLE, OTHER)}
    id = str(graph(shop, "POST", G, body).json()["id"])
    assert graph(shop, "POST", f"{G}/{id}/requests", {"action": "lockForApproval"}).status_code == 201
    act(shop, "approve-gdap", relationship=id)
    return id


def assignment(shop: Any) -> str:
    path = f"{G}/{relationship(shop)}/accessAssignments"
    group = {"accessContainerId": "869713c9-0b28-4d08-8949-ae07ae1bf528", "accessContainerType": "securityGroup"}
    return f"{path}/{graph(shop, 'POST', path, {'accessContainer': group, **roles(ROLE)}).json()['id']}"


def change_assignment(shop: Any, method: str, body: Any = None) -> None:
    path = assignment(shop)
    tag = {"If-Match": graph(shop, "GET", path).json()["@odata.etag"]}
    assert graph(shop, method, path, body, **tag).status_code < 300


def expire(shop: Any) -> None:
    relationship(shop)
    shop.advance("P31D")


def terminate(shop: Any) -> None:
    assert graph(shop, "POST", f"{G}/{relationship(shop)}/requests", {"action": "terminate"}).status_code == 201


def bill(shop: Any) -> None:
    shop.buy()
    shop.advance("P2M")


def overspend(shop: Any) -> None:
    plan = shop.plan()
    use = {"partner": OURS, "subscription": plan["id"], "date": "2026-03-02T00:00:00Z", "quantity": 1, "cost": "9"}
    shop.seed({"usage": [use]})
    shop.call("PATCH", "/usagebudget", {"amount": 8})
    shop.advance("PT1S")


def fail_schedule(shop: Any) -> None:
    shop.post("/migrations/newcommerce/schedules", {**BOTH, "targetDate": "2026-04-01T00:00:00Z"})
    assert shop.patch(ADDON_SUB, status="suspended").status_code == 200
    assert shop.patch(BASE_SUB, status="suspended").status_code == 200
    shop.advance("P22D")


def migrate(shop: Any) -> None:
    assert shop.call("POST", "/migrations/newcommerce", BOTH).status_code == 200


CAUSES: dict[str, tuple[Callable[[Any], Any], str]] = {
    "test-created": (lambda shop: shop.post(f"{BASE}/validationEvents"), rf"{BASE}/validationEvents/{GUID}"),
    "subscription-updated": (lambda shop: shop.patch(shop.buy()["id"], quantity=12), SUBSCRIPTION),
    "usagerecords-thresholdExceeded": (overspend, "/webhooks/v1/customers/usagerecords"),
    "invoice-ready": (bill, r"/v1/invoices/[A-Z]\w+"),
    "reseller-relationship-accepted-by-customer": (
        lambda shop: act(shop, "accept-relationship", customer={"domain": "g.example"}), rf"/v1/customers/{GUID}"),
    "indirect-reseller-relationship-accepted-by-customer": (
        lambda shop: act(shop, "accept-relationship", customer={"domain": "g.example", "reseller": "1234567"}),
        rf"/v1/customers/{GUID}"),
    "dap-admin-relationship-terminated": (
        lambda shop: shop.call("PATCH", "", {"allowDelegatedAccess": False}), rf"/v1/customers/{GUID}"),
    "granular-admin-relationship-approved": (relationship, RELATIONSHIP),
    "granular-admin-relationship-activated": (relationship, RELATIONSHIP),
    "granular-admin-relationship-expired": (expire, RELATIONSHIP),
    "granular-admin-relationship-terminated": (terminate, RELATIONSHIP),
    "granular-admin-access-assignment-created": (assignment, ASSIGNMENT),
    "granular-admin-access-assignment-activated": (assignment, ASSIGNMENT),
    "granular-admin-access-assignment-updated": (
        lambda shop: change_assignment(shop, "PATCH", roles(OTHER)), ASSIGNMENT),
    "granular-admin-access-assignment-deleted": (lambda shop: change_assignment(shop, "DELETE"), ASSIGNMENT),
    "azure-fraud-event-detected": (
        lambda shop: act(shop, "raise-fraud-event", customer=CUSTOMER),
        rf"/v1/fraudEvents\?SubscriptionId={GUID}&EventStatus=Active"),
    "new-commerce-migration-created": (migrate, rf"{MIGRATION}/{GUID}"),
    "new-commerce-migration-completed": (migrate, rf"{MIGRATION}/{GUID}"),
    "new-commerce-migration-schedule-failed": (fail_schedule, rf"{MIGRATION}/schedules/{GUID}"),
}  # fmt: skip  # a table of causes
ELSEWHERE = {
    "dap-admin-relationship-approved": "delegated admin privileges are not granted any more",
    "dap-admin-relationship-terminated-by-microsoft": "the vendor's own act",
    "new-commerce-migration-failed": "a migration that fails after it began; tested with migrations",
    "referral-created": "tested with referrals",
    "referral-updated": "tested with referrals",
    "related-referral-created": "tested with referrals",
    "related-referral-updated": "tested with referrals",
}
HOST = "https://api.partnercenter.microsoft.com"


def payloads(shop: Any) -> list[dict[str, Any]]:
    return [one["payload"] for one in shop.store.list("webhook_event", "")]


def audited(shop: Any, address: str) -> Any:
    """The audit record an event names, read where it says."""
    bearer = {"Authorization": f"Bearer {shop.bearer(HOST, shop.partner, True)}"}
    return shop.send(method="GET", url=address.removeprefix(HOST), headers=bearer).json()


def listen(shop: Any, *events: str) -> None:
    shop.switch(webhook_delay_seconds=31_536_000)  # they wait in the queue: nobody listens there
    assert (
        shop.call("POST", BASE, {"WebhookUrl": "http://127.0.0.1:9/hook", "WebhookEvents": list(events)}).status_code
        == 200
    )


def test_every_documented_event_is_in_one_of_the_tables(shop):
    assert sorted([*CAUSES, *ELSEWHERE]) == sorted(shop.get(f"{BASE}/events"))


@pytest.mark.parametrize("name", sorted(CAUSES))
def test_rule_46_each_event_and_where_it_points(shop, name):
    cause, pattern = CAUSES[name]
    listen(shop, name)
    cause(shop)
    found = payloads(shop)
    assert {one["EventName"] for one in found} == {name}
    for one in found:
        assert set(one) == {"EventName", "ResourceUri", "ResourceName", "AuditUri", "ResourceChangeUtcDate"}
        assert re.fullmatch(re.escape(HOST) + pattern, one["ResourceUri"], re.IGNORECASE)
        assert one["ResourceName"]
        assert one["ResourceChangeUtcDate"].endswith("+00:00")
        if one["AuditUri"] is not None:
            assert audited(shop, one["AuditUri"])["operationStatus"] == "succeeded"


@pytest.mark.parametrize("name", sorted(set(CAUSES) - {"test-created"}))
def test_nothing_is_sent_that_was_not_asked_for(shop, name):
    listen(shop, "test-created")
    CAUSES[name][0](shop)
    assert payloads(shop) == []


def test_events_go_to_the_partner_they_concern(shop):
    hook = {"WebhookUrl": "http://127.0.0.1:9/hook", "WebhookEvents": ["subscription-updated"]}
    shop.switch(webhook_delay_seconds=31_536_000)
    assert shop.call("POST", BASE, hook, partner=THEIRS).status_code == 200
    shop.patch(shop.buy()["id"], quantity=12)
    assert payloads(shop) == []


def test_refused_changes_are_no_events(shop):
    bought = shop.buy()
    listen(shop, "subscription-updated")
    assert shop.patch(bought["id"], quantity=301).status_code == 400
    assert payloads(shop) == []


def test_a_sandbox_hears_of_new_subscriptions(open_shop):
    production, sandbox = open_shop(), open_shop(SANDBOX)
    hook = {"WebhookUrl": "http://127.0.0.1:9/hook", "WebhookEvents": ["subscription-active"]}
    assert production.call("POST", BASE, hook).json()["code"] == 800002
    assert "subscription-active" not in production.get(f"{BASE}/events")
    assert "subscription-active" in sandbox.get(f"{BASE}/events")
    listen(sandbox, "subscription-active")
    bought = sandbox.buy()
    (one,) = payloads(sandbox)
    assert one["EventName"] == "subscription-active"
    assert one["ResourceUri"].endswith(f"/customers/{sandbox.customer}/subscriptions/{bought['id']}")
