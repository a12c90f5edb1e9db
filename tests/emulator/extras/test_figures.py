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


def test_filters_join_with_or_and_take_any_text(shop):
    shop.buy(friendlyName="salt and pepper")
    shop.plan()
    text = "friendlyName eq 'Salt and Pepper' or (subscriptionType eq 'Azure' and not licenseCount gt 0)"
    found = shop.get(f"{BASE}/subscriptions?filter={text}")["Value"]
    assert sorted(one["subscriptionType"] for one in found) == ["Azure", "Office"]
    assert shop.get(f"{BASE}/subscriptions?filter=effectiveStartDate lt 2025-10-02")["TotalCount"] == 3
    assert code(shop.call("GET", f"{BASE}/subscriptions?filter=magic eq 1")) == (400, 800002)


def test_dates_are_grouped_by_level(shop):
    def groups(query):
        return [
            (one["effectiveStartDate"], one["subscriptionCount"])
            for one in shop.get(f"{BASE}/subscriptions?groupby=effectiveStartDate{query}")["Value"]
        ]

    assert groups("&aggregationLevel=day") == [("2025-10-01T00:00:00", "3"), ("2026-03-10T00:00:00", "1")]
    assert groups("&aggregationLevel=week") == [("2025-09-29T00:00:00", "3"), ("2026-03-09T00:00:00", "1")]
    assert groups("&aggregationLevel=month") == [("2025-10-01T00:00:00", "3"), ("2026-03-01T00:00:00", "1")]
    assert groups("&aggregationLevel=year") == [("2025-01-01T00:00:00", "3"), ("2026-01-01T00:00:00", "1")]
    both = shop.get(f"{BASE}/subscriptions?groupby=status,effectiveStartDate&aggregationLevel=year")["Value"]
    assert [(one["status"], one["licenseCount"]) for one in both] == [("ACTIVE", "10"), ("ACTIVE", "25")]
    for query in ("aggregationLevel=day", "groupby=status&aggregationLevel=hour", "groupby=magic"):
        assert code(shop.call("GET", f"{BASE}/subscriptions?{query}")) == (400, 800002)


def test_resellers(shop):
    (row,) = shop.get(f"{BASE}/indirectresellers")["Value"]
    assert (row["mpnId"], row["subscriptionCount"]) == ("1234567", 0)


def test_searches_are_those_of_the_seed(shop, sample, misfits):
    assert shop.get(f"{BASE}/search") == {"Value": [], "TotalCount": 0}
    found = {"searchDate": "2026-02-01", "detailsViewed": True, "keywordSearchText": "acme"}
    shop.seed({"searches": [{"partner": OURS, **found}, {"partner": OURS, "keywordSearchText": "crm"}]})
    rows = shop.get(f"{BASE}/search?filter=detailsViewed eq true")["Value"]
    assert [one["keywordSearchText"] for one in rows] == ["acme"]
    assert misfits(sample("get-all-search-analytics"), rows[0]) == []
    assert rows[0]["mpnId"] == 4847383
    groups = shop.get(f"{BASE}/search?groupby=searchDate&aggregationLevel=month")["Value"]
    assert [one["searchCount"] for one in groups] == ["1", "1"]
    assert shop.control("POST", "seed", {"searches": [{"partner": OURS, "magic": 1}]}).status_code == 400


def test_referrals_with_the_day_of_every_state(shop, sample, misfits):
    assert shop.get(f"{BASE}/referrals")["Value"] == []
    profile = {"name": "Best Customer", "size": "10to50employees", "address": {"country": "US"}}
    seed = {"partner": OURS, "customerProfile": profile, "createdDateTime": "2026-03-01T08:00:00Z"}
    late = {**seed, "name": "b", "expirationDateTime": "2026-03-02T00:00:00Z"}
    shop.seed({"referrals": [{**seed, "name": "a"}, late]})
    host = "api.partner.microsoft.com"
    headers = {"Authorization": f"Bearer {shop.bearer(f'https://{host}', OURS, True)}", "Host": host}
    where = "/v1.0/engagements/referrals"
    lead = shop.send(method="GET", url=f"{where}?$filter=name eq 'a'", headers=headers).json()["value"][0]["id"]
    for status, substatus in (("Active", "Accepted"), ("Closed", "Won")):
        body = [{"op": "replace", "path": "/status", "value": status},
                {"op": "replace", "path": "/substatus", "value": substatus}]  # fmt: skip  # two operations
        assert shop.send(method="PATCH", url=f"{where}/{lead}", headers=headers, json=body).status_code == 204
        shop.advance("PT15M")
    won, gone = shop.get(f"{BASE}/referrals")["Value"]
    but = ("id",)
    assert misfits(sample("get-all-referrals-analytics"), won, *but) == []
    days = {name: text for name, text in won.items() if name.endswith("Date")}
    assert days == {
        "createdDate": "2026-03-01T08:00:00",
        "acknowledgedDate": "2026-03-10T09:15:00",
        "acceptedDate": "2026-03-10T09:15:00",
        "wonDate": "2026-03-10T09:30:00",
    }
    assert (won["status"], won["customerMarket"], won["partnerMarket"]) == ("Won", "US", "DE")
    assert (gone["status"], gone["expiredDate"]) == ("Expired", "2026-03-02T00:00:00")
    counts = shop.get(f"{BASE}/referrals?groupby=status")["Value"]
    assert counts == [{"status": "Expired", "referralCount": "1"}, {"status": "Won", "referralCount": "1"}]


def test_a_sandbox_has_no_insights(open_shop):
    sandbox = open_shop("7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a30")
    sandbox.buy(quantity=10)
    nothing = {"Value": [], "TotalCount": 0}
    for path in ("subscriptions", "commercial/usage/license", "indirectresellers", "usage/azure", "referrals"):
        assert sandbox.get(f"{BASE}/{path}") == nothing, path
    assert sandbox.get("/v1/analytics/licenses/usage")["items"] == []
    assert sandbox.get("/analytics/licenses/deployment")["items"] == []


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
