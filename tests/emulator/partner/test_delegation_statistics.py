"""Statistics of the old delegated admin privileges, on a host of their own."""

from __future__ import annotations

PROVIDER = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
HOST = "traf-pcsvcadmin-prod.trafficmanager.net"
PATH = "/CustomerServiceAdminApi/Web/v1/delegatedAdminStatistics"
RESOURCE = "https://api.partnercustomeradministration.microsoft.com"


def statistics(office, resource=RESOURCE, **more):
    headers = {"Authorization": f"Bearer {office.bearer(resource, **more)}", "Host": HOST}
    return office._send("GET", PATH, headers=headers)


def seeded(office, name, **more):
    entry = {"partner": PROVIDER, "domain": f"{name}.onmicrosoft.com", "companyName": name, "market": "DE", **more}
    assert office.control("POST", "seed", {"customers": [entry]}).status_code == 200
    every = office.get("/v1/customers?size=50")["items"]
    return next(one["id"] for one in every if one["companyProfile"]["companyName"] == name)


def test_relationships_are_counted_by_day(office, sample, missing):
    one = seeded(office, "one", dap="2021-06-18", dapUsed="2025-11-20")
    seeded(office, "two", dap="2022-02-18", dapUsed="2026-03-01")
    seeded(office, "three", dap="2022-02-18", dapUsed="2025-12-09")
    answer = statistics(office)
    assert answer.status_code == 200, answer.text
    assert missing(sample("get-delegated-admin-relation-statistics"), answer.json()) == []
    body = answer.json()
    assert (body["partnerTenantId"], body["totalDapCustomerCount"]) == (PROVIDER, 3)
    assert body["establishedDapCount"] == [{"date": "6/18/2021", "count": 1}, {"date": "2/18/2022", "count": 2}]
    assert body["inactiveDapCount"] == [{"date": "2/18/2026", "count": 1}, {"date": "3/9/2026", "count": 1}]
    removed = office.call("PATCH", f"/v1/customers/{one}", {"allowDelegatedAccess": False})
    assert removed.status_code == 200
    body = statistics(office).json()
    assert (body["totalDapCustomerCount"], body["inactiveDapCount"]) == (2, [{"date": "3/9/2026", "count": 1}])
    assert office.get(f"/v1/customers/{one}")["allowDelegatedAccess"] is False


def test_users_alone_may_ask(office):
    assert statistics(office).json()["totalDapCustomerCount"] == 0
    assert statistics(office, app_only=True).status_code == 403
    assert statistics(office, "https://graph.microsoft.com").status_code == 401
    assert statistics(office, "https://api.partnercenter.microsoft.com").status_code == 200


def test_a_day_that_is_none_is_refused(office):
    entry = {"partner": PROVIDER, "domain": "x.onmicrosoft.com", "dap": "yesterday"}
    assert office.control("POST", "seed", {"customers": [entry]}).status_code == 400


def test_rule_54_the_old_privileges_open_tenants_until_their_last_day(office):
    gated = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b12"
    names = {"partner": PROVIDER, "id": gated, "domain": "gated.onmicrosoft.com", "companyName": "Gated"}
    entry = {**names, "market": "DE", "gdap": False, "agreement": False, "dap": "2021-06-18"}
    assert office.control("POST", "seed", {"customers": [entry]}).status_code == 200
    users, organization = f"/v1/customers/{gated}/users", f"/v1/customers/{gated}/organization"
    assert office.refused("GET", users) == (403, 900308), "GDAP alone counts since May 2023"
    office.switch(dap_until="2030-01-01")
    assert office.call("GET", users).status_code == 200
    assert office.refused("GET", organization) == (403, 900308), "never enough for this one"
    assert office.call("PATCH", f"/v1/customers/{gated}", {"allowDelegatedAccess": False}).status_code == 200
    assert office.refused("GET", users) == (403, 900308)
