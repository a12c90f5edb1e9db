"""Analytics and service costs: derived from what is stored."""

from __future__ import annotations

OURS = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
BASE = "/partner/v1/analytics"


def code(answer):
    return answer.status_code, answer.json()["code"]


def test_subscription_analytics_row_by_row(shop, sample, misfits):
    bought = shop.buy(friendlyName="core")
    body = shop.get(f"{BASE}/subscriptions")
    rows = {one["id"]: one for one in body["Value"]}
    row = rows[bought["id"].upper()]
    but = ("lastRenewalDate",)
    assert misfits(sample("get-all-subscription-analytics"), row, *but) == []
    assert (row["licenseCount"], row["status"], row["billingCycleName"]) == (10, "ACTIVE", "MONTHLY")
    assert body["TotalCount"] == len(body["Value"])
    assert code(shop.call("GET", f"{BASE}/subscriptions", user=False)) == (403, 900329)


def test_top_and_skip_with_a_next_link(shop):
    every = shop.get(f"{BASE}/subscriptions")["Value"]
    first = shop.get(f"{BASE}/subscriptions?top=3")
    assert first["Value"] == every[:3]
    assert shop.get(first["@nextLink"])["Value"] == every[3:6]
    assert "@nextLink" not in shop.get(f"{BASE}/subscriptions?skip=3")
    assert code(shop.call("GET", f"{BASE}/subscriptions?top=10001")) == (400, 800002)


def test_filter_and_groups(shop, sample, misfits):
    shop.buy(quantity=4)
    shop.plan()
    found = shop.get(f"{BASE}/subscriptions?filter=autoRenewEnabled eq false and subscriptionType eq 'Azure'")
    but = ("commitmentEndDate", "friendlyName")
    assert misfits(sample("get-subscription-analytics-by-search-query"), found["Value"][0], *but) == []
    assert len(found["Value"]) == 1
    body = shop.get(f"{BASE}/subscriptions?groupBy=subscriptionType")
    assert misfits(sample("get-subscription-analytics-grouped-by-dates-or-terms"), body) == []
    groups = {one["subscriptionType"]: one for one in body["Value"]}
    assert groups["Azure"] == {"subscriptionType": "Azure", "subscriptionCount": "1", "licenseCount": "0"}
    assert groups["Office"]["licenseCount"] == str(5 + 2 + 25 + 3 + 4)
    assert code(shop.call("GET", f"{BASE}/subscriptions?filter=nonsense")) == (400, 800002)


def test_azure_usage_analytics(shop, sample, misfits):
    plan = shop.plan()
    use = {"partner": OURS, "subscription": plan["id"], "date": "2026-03-02T00:00:00Z", "quantity": 20, "cost": "9"}
    shop.seed({"usage": [use]})
    (row,) = shop.get(f"{BASE}/usage/azure")["Value"]
    assert misfits(sample("get-all-azure-usage-analytics"), row) == []
    assert (row["quantity"], row["usageDate"]) == (20, "2026-03-02T00:00:00")


def test_resellers_searches_and_referrals(shop):
    (row,) = shop.get(f"{BASE}/indirectresellers")["Value"]
    assert (row["mpnId"], row["subscriptionCount"]) == ("1234567", 0)
    assert shop.get(f"{BASE}/search") == {"Value": [], "TotalCount": 0}
    assert shop.get(f"{BASE}/referrals")["Value"] == []


def test_licences_deployed_and_used(shop, sample, misfits):
    shop.buy(quantity=10)
    rows = shop.get("/v1/analytics/commercial/usage/license")
    assert misfits(sample("get-licenses-usage-information"), rows) == []
    assert shop.get(f"{BASE}/commercial/usage/license") == rows
    assert {row["licenseActive"] for row in rows["Value"] if row["licensesQualified"] == 10} == {6}
    partner = shop.get("/v1/analytics/licenses/usage")
    assert misfits(sample("get-partner-licenses-usage-information"), partner) == []
    used = shop.get("/analytics/licenses/usage")
    assert misfits(sample("get-customer-licenses-usage-information"), used) == []
    deployed = shop.get("/analytics/licenses/deployment")
    assert misfits(sample("get-customer-licenses-deployment-information"), deployed) == []
    assert {one["deploymentPercent"] for one in deployed["items"] if one["licensesSold"] == 10} == {80.0}
    assert len(shop.get(f"{BASE}/commercial/deployment/license")["Value"]) == len(rows["Value"])
    assert shop.get("/v1/analytics/licenses/deployment")["totalCount"] == 1


def test_service_costs_are_the_charges_of_the_month_before(shop, sample, misfits):
    bought = shop.buy("CFQ7TTAB12CD:0002", quantity=2)
    assert shop.get("/servicecosts/mostrecent")["afterTaxTotal"] == 0
    shop.advance("P30D")
    items = shop.get("/servicecosts/mostrecent/lineitems")
    assert misfits(sample("get-a-customer-s-service-costs-line-items"), items) == []
    (line,) = [one for one in items["items"] if one["subscriptionId"] == bought["id"]]
    assert (line["chargeType"], line["quantity"]) == ("new", 2.0)
    assert line["pretaxTotal"] == 121.46, "two seats at 728.80 a year, one month, the unit cut to cents"
    summary = shop.get("/servicecosts/mostrecent")
    assert misfits(sample("get-a-customer-s-service-costs-summary"), summary) == []
    assert summary["pretaxTotal"] == line["pretaxTotal"]
    assert summary["billingStartDate"] == "2026-03-01T00:00:00Z"
    assert code(shop.call("GET", "/servicecosts/lastyear")) == (400, 800002)
