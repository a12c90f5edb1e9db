"""Azure plan, entitlements, registration, overage, budgets, usage, product upgrades, marketplace activation."""

from __future__ import annotations

import pytest

OURS, SANDBOX = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10", "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a30"
LONE_SUB = "75b71186-73c3-45b4-a403-281c0d7eb032"
OLD_AZURE = "a356ac8c-e310-44f4-bf85-c7f29044af99"


def code(answer):
    return answer.status_code, answer.json()["code"]


@pytest.fixture
def plan(shop):
    return shop.plan()


def entitlement(shop, plan):
    return shop.get(f"/subscriptions/{plan['id']}/azureEntitlements")["items"][0]


def use(shop, plan, *records):
    entries = [{"partner": OURS, "subscription": plan["id"], **one} for one in records]
    shop.seed({"usage": entries})


def test_an_entitlement_is_cancelled_and_comes_back(shop, plan, sample, misfits):
    one = entitlement(shop, plan)
    path = f"/subscriptions/{plan['id']}/azureEntitlements/{one['id']}"
    assert code(shop.call("POST", f"{path}/cancel", {"cancellationReason": "whim"})) == (400, 900307)
    assert code(shop.call("POST", f"{path}/reactivate")) == (400, 900337)
    answer = shop.post(f"{path}/cancel", {"cancellationReason": "compromise"})
    assert misfits(sample("cancel-an-azure-subscription"), answer) == []
    after = shop.get(path)
    assert misfits(sample("get-an-azure-entitlement-for-a-subscription"), after) == []
    assert after["status"] == "inactive"
    again = shop.call("POST", f"{path}/reactivate")
    assert (again.status_code, again.content) == (202, b"")
    assert shop.get(path)["status"] == "active"
    assert shop.post(path)["id"] == one["id"], "the page prints POST for the read"


def test_entitlements_belong_to_azure_plans(shop, plan):
    licence = shop.buy()
    assert code(shop.call("GET", f"/subscriptions/{licence['id']}/azureEntitlements")) == (400, 800011)
    unknown = f"/subscriptions/{plan['id']}/azureEntitlements/{LONE_SUB}"
    assert code(shop.call("GET", unknown)) == (404, 800111)


def test_a_plan_with_active_azure_subscriptions_is_not_suspended(shop, plan):
    assert code(shop.patch(plan["id"], status="suspended")) == (403, 900115)
    path = f"/subscriptions/{plan['id']}/azureEntitlements/{entitlement(shop, plan)['id']}/cancel"
    shop.post(path, {"cancellationReason": "compromise"})
    assert shop.patch(plan["id"], status="suspended").json()["status"] == "suspended"


def test_registration_takes_a_while(shop, plan, sample, misfits):
    path = f"/subscriptions/{plan['id']}/registrationstatus"
    before = shop.get(path)
    assert misfits(sample("get-subscription-registration-status"), before) == []
    assert before["status"] == "NotRegistered"
    answer = shop.call("POST", f"/subscriptions/{plan['id']}/registrations")
    assert (answer.status_code, answer.headers["location"]) == (202, shop.base.removeprefix("/v1") + path)
    assert shop.get(path)["status"] == "Registering"
    shop.advance("PT60S")
    assert shop.get(path)["status"] == "Registered"


def test_overage_of_a_customer(shop, plan):
    path = "/subscriptions/overage"
    assert shop.get(path)["items"] == []
    body = {"azureEntitlementId": entitlement(shop, plan)["id"], "partnerId": "1234567", "overageEnabled": True}
    answer = shop.call("PUT", path, body).json()
    assert answer == {**body, "type": "PhoneServices", "attributes": {"objectType": "Overage"}}
    assert shop.get(path)["items"] == [answer]
    assert shop.audited("manage_overage")
    assert code(shop.call("PUT", path, {**body, "azureEntitlementId": LONE_SUB})) == (403, 800114)
    legacy = {"partner": OURS, "customer": shop.customer, "offerId": "MS-AZR-0145P", "id": OLD_AZURE}
    shop.seed({"legacySubscriptions": [legacy]})
    assert code(shop.call("PUT", path, body)) == (403, 800112)


def test_budget_round_trip(shop, sample, misfits):
    assert "amount" not in shop.get("/usagebudget")
    body = {"Amount": 100, "Attributes": {"ObjectType": "SpendingBudget"}}
    answer = shop.call("PATCH", "/usagebudget", body).json()
    assert (answer["amount"], answer["usageSpendingBudget"]) == (100, 100)
    assert misfits(sample("get-a-customer-s-usage-spending-budget"), shop.get("/usagebudget")) == []
    (record,) = shop.audited("update_customer_spending_budget")
    assert (record["resourceType"], record["resourceNewValue"]) == ("spending_limit", '{"Amount":100}')
    assert "amount" not in shop.call("PATCH", "/usagebudget", {"amount": None}).json()
    assert code(shop.call("PATCH", "/usagebudget", {"amount": -1})) == (400, 800002)


def test_usage_adds_up_everywhere(shop, plan, sample, misfits):
    use(
        shop,
        plan,
        {"date": "2026-03-02T00:00:00Z", "quantity": "2", "cost": "1.10", "resource": "vm-1"},
        {"date": "2026-03-03T00:00:00Z", "quantity": "3", "cost": "2.20", "resource": "vm-1"},
        {"date": "2026-03-03T00:00:00Z", "quantity": "9", "cost": "0.30", "resource": "d-1", "meter": "Disk"},
        {"date": "2026-02-27T00:00:00Z", "quantity": "9", "cost": "500", "resource": "vm-1"},
    )
    shop.call("PATCH", "/usagebudget", {"amount": 4})
    mine = shop.get("/usagesummary")
    assert misfits(sample("get-a-customer-usage-summary", 1), mine) == []
    assert misfits(sample("get-a-customer-usage-summary"), mine, "budget.ammount") == []
    assert (mine["totalCost"], mine["billingStartDate"]) == (3.6, "2026-03-01T00:00:00+00:00")
    every = shop.get("/subscriptions/usagerecords")
    for index in (0, 1):
        documented = sample("get-a-customer-subscription-s-usage-records", index)
        assert misfits(documented, every, "items.partnerOnRecord") == []
    assert [one["totalCost"] for one in every["items"]] == [3.6]
    path = f"/subscriptions/{plan['id']}"
    resources = shop.get(f"{path}/resourceusagerecords")
    assert misfits(sample("get-a-customer-subscription-resource-usage-records"), resources) == []
    assert [(one["resourceName"], one["totalCost"]) for one in resources["items"]] == [("vm-1", 3.3), ("d-1", 0.3)]
    older = shop.get(f"{path}/usagerecords/resources", user=False)
    assert misfits(sample("get-all-monthly-usage-records-for-a-subscription"), older) == []
    assert [one["quantityUsed"] for one in older["items"]] == [5.0, 9.0]
    meters = shop.get(f"{path}/meterusagerecords")
    assert sum(one["totalCost"] for one in meters["items"]) == pytest.approx(3.6)
    assert shop.get(f"{path}/usagesummary")["totalCost"] == 3.6
    (customer,) = shop.get("/v1/customers/usagerecords")["items"]
    assert (customer["totalCost"], customer["percentUsed"]) == (3.6, 90.0)
    partner = shop.get("/v1/usagesummary")
    assert misfits(sample("get-a-partner-usage-summary"), partner) == []
    assert (partner["customersOverBudget"], partner["customersTrendingOver"]) == (0, 1)


def test_utilization_records_are_paged_and_merged(open_shop, sample, misfits):
    shop = open_shop(utilization_page_size=2)
    plan = shop.plan()
    day = {"date": "2026-03-03T00:00:00Z", "quantity": "1", "cost": "1"}
    use(shop, plan, {**day, "resource": "a"}, {**day, "resource": "b"}, {**day, "resource": "c"})
    query = "start_time=2026-03-01T00:00:00-08:00&end_time=2026-03-05T00:00:00-08:00&granularity=daily"
    path = f"/subscriptions/{plan['id']}/utilizations/azure?{query}"
    page = shop.get(path)
    documented = sample("get-a-customer-s-utilization-record-for-azure")["items"][0]
    but = tuple(f"instanceData.additionalInfo.azureStack.{name}" for name in ("MeterId", "SubscriptionId", "Location"))
    assert misfits(documented, page["items"][0], *but, "instanceData.additionalInfo.azureStack.EventDateTime") == []
    assert len(page["items"]) == 2
    (header,) = page["links"]["next"]["headers"]
    rest = shop.get(f"{path}&seekOperation=Next", headers={header["key"]: header["value"]})
    assert len(rest["items"]) == 1
    (merged,) = shop.get(f"{path}&show_details=false")["items"]
    assert merged["quantity"] == 3.0
    assert "instanceData" not in merged
    assert code(shop.call("GET", f"/subscriptions/{plan['id']}/utilizations/azure")) == (400, 800002)


def test_utilization_up_to_now_is_reported_even_when_asked_beyond(shop, plan):
    day = {"quantity": "1", "cost": "1"}
    use(shop, plan, {**day, "date": "2026-03-03T00:00:00Z"}, {**day, "date": "2026-03-20T00:00:00Z"})
    path = f"/subscriptions/{plan['id']}/utilizations/azure"
    found = shop.get(f"{path}?start_time=2026-03-01T00:00:00Z&end_time=2026-04-01T00:00:00Z")["items"]
    assert [one["usageStartTime"][:10] for one in found] == ["2026-03-03"], "what has not happened is not reported"
    for wrong in ("start_time=2026-03-05T00:00:00Z&end_time=2026-03-01T00:00:00Z", "start_time=x&end_time=y",
                  "start_time=2026-03-01T00:00:00Z&end_time=2026-03-05T00:00:00Z&granularity=weekly"):  # fmt: skip  # 3
        assert code(shop.call("GET", f"{path}?{wrong}")) == (400, 800002)


def test_a_budget_of_zero_is_one_and_every_word_for_it_is_read(shop):
    for body, amount in (({"usageSpendingBudget": 7.5}, 7.5), ({"AMOUNT": 0}, 0)):
        assert shop.call("PATCH", "/usagebudget", body).json()["amount"] == amount
        assert shop.get("/usagebudget", user=False)["usageSpendingBudget"] == amount
    for wrong in ("7", True, {}):
        assert code(shop.call("PATCH", "/usagebudget", {"amount": wrong})) == (400, 800002)


def test_product_upgrade_from_legacy_azure(shop, sample, misfits):
    request = {"customerId": shop.customer, "productFamily": "azure"}
    assert shop.post("/v1/productUpgrades/eligibility", request)["isEligible"] is False
    assert code(shop.call("POST", "/v1/productupgrades", request)) == (403, 900108)
    legacy = {"partner": OURS, "customer": shop.customer, "offerId": "MS-AZR-0145P", "id": OLD_AZURE}
    shop.seed({"legacySubscriptions": [legacy]})
    assert misfits(sample("get-a-subscription-by-id", 0), shop.get(f"/subscriptions/{OLD_AZURE}")) == []
    eligible = shop.post("/v1/productUpgrades/eligibility", request)
    assert misfits(sample("get-eligibility-for-product-upgrade"), eligible) == []
    assert eligible["isEligible"] is True
    answer = shop.call("POST", "/v1/productupgrades", request)
    assert answer.status_code == 202, answer.text
    path = "/v1" + answer.headers["location"]
    assert shop.post(path, request)["status"] == "InProgress"
    assert code(shop.call("POST", "/v1/productupgrades", request)) == (409, 900109)
    shop.advance("PT300S")
    done = shop.post(path, request)
    assert misfits(sample("get-product-upgrade-status"), done) == []
    assert done["status"] == "Completed"
    target = done["lineItems"][0]["targetProduct"]["id"]
    assert shop.get(f"/subscriptions/{target}")["status"] == "active"
    assert shop.get(f"/subscriptions/{OLD_AZURE}")["status"] == "deleted"
    assert code(shop.call("POST", f"/v1/productUpgrades/{LONE_SUB}/status", request)) == (404, 900106)


def test_marketplace_activation_is_for_the_sandbox(open_shop, sample, misfits):
    thing = {"productId": "DZH318Z0SAAS", "title": "Market thing", "productType": "SaaS"}
    skus = [{"id": "0001", "terms": [{"duration": "P1M", "billingCycle": "monthly"}]}]
    shop = open_shop(SANDBOX)
    shop.seed({"catalogue": [{**thing, "skus": skus}]})
    bought = shop.buy("DZH318Z0SAAS:0001", termDuration="P1M")
    answer = shop.post(f"/subscriptions/{bought['id']}/activate")
    assert misfits(sample("activate-sandbox-subscription-azure-marketplace-products"), answer) == []
    assert code(shop.call("POST", f"/subscriptions/{bought['id']}/activate")) == (400, 800041)
    production = open_shop()
    assert code(production.call("POST", f"/subscriptions/{production.buy()['id']}/activate")) == (400, 900127)
