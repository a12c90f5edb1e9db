"""Pages of users, devices and relationships; consents field by field; what a list of users can be narrowed to."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

RELATIONSHIPS = "/v1.0/tenantRelationships/delegatedAdminRelationships"
ROLE = {"roleDefinitionId": "f2ef992c-3afb-46b9-b7cf-a126ee74c451"}


def walk(office, path):
    """Ids of all items along the next links, page by page."""
    pages, url, headers = [], office.customer + path, {}
    while url:
        body = office.get(url, **headers)
        assert body["totalCount"] == len(body["items"])
        pages.append([one["id"] for one in body["items"]])
        following = body.get("links", {}).get("next")
        url = following and "/v1" + following["uri"]
        headers = {one["key"]: one["value"] for one in following["headers"]} if following else {}
    return pages


def add_users(office, count):
    for number in range(count):
        body = {"userPrincipalName": f"u{number}@birkenau.onmicrosoft.com", "displayName": f"U{number}"}
        password = {"passwordProfile": {"password": "Renew456*", "forceChangePassword": True}}
        assert office.call("POST", "/users", {**body, **password}).status_code == 200


def test_rule_10_users_page_by_page(office):
    add_users(office, 4)
    pages = walk(office, "/users?size=2")
    assert [len(page) for page in pages] == [2, 2, 1]
    assert len({id for page in pages for id in page}) == 5


def test_rule_10_devices_a_hundred_a_page(office):
    devices = [{"SerialNumber": str(n), "ProductKey": f"00329-{n}", "HardwareHash": f"H{n}"} for n in range(101)]
    assert office.call("POST", "/deviceBatches", {"BatchId": "b", "Devices": devices}).status_code == 202
    pages = walk(office, "/deviceBatches/b/devices")
    assert [len(page) for page in pages] == [100, 1]


def test_rule_10_graph_pages_by_next_link(office):
    for number in range(3):
        body = {"displayName": f"N{number}", "duration": "P10D", "accessDetails": {"unifiedRoles": [ROLE]}}
        assert office.call("POST", RELATIONSHIPS, body).status_code == 201
    url, seen = f"{RELATIONSHIPS}?$top=2", []
    while url:
        body = office.get(url)
        assert len(body["value"]) <= 2
        seen += [one["id"] for one in body["value"]]
        url = body.get("@odata.nextLink", "").removeprefix("http://127.0.0.1")
    assert len(seen) == len(set(seen)) == 4
    for wrong in ("$top=0", "$top=301", "$top=x", "$filter=status gt 'x'"):
        assert office.call("GET", f"{RELATIONSHIPS}?{wrong}").status_code == 400


@pytest.mark.parametrize("field", ["UserState", "UserStatus"])
def test_deleted_users_are_listed_by_either_spelling(office, field):
    add_users(office, 2)
    gone = office.get("/users")["items"][-1]["id"]
    assert office.call("DELETE", f"/users/{gone}").status_code == 204
    text = quote(json.dumps({"Field": field, "Value": "Inactive", "Operator": "equals"}))
    (one,) = office.get(f"/users?size=500&filter={text}")["items"]
    assert (one["id"], one["state"], "softDeletionTime" in one) == (gone, "inactive", True)
    assert gone not in [user["id"] for user in office.get("/users")["items"]]


@pytest.mark.parametrize(
    "text",
    [{"Field": "UserState", "Value": "Inactive", "Operator": "starts_with"},
     {"Field": "DisplayName", "Value": "U", "Operator": "equals"},
     {"Field": "UserState", "Value": "Asleep", "Operator": "equals"}, []],
)  # fmt: skip  # one list
def test_other_filters_of_users_are_refused(office, text):
    assert office.refused("GET", f"/users?filter={quote(json.dumps(text))}") == (400, 800002)


GRANT = {"enterpriseApplicationId": "00000003-0000-0000-c000-000000000000", "scope": "Mail.ReadWrite,User.Read"}
CONSENT = {"applicationId": "11111111-aaaa-2222-bbbb-3333cccc4444", "applicationGrants": [GRANT]}


@pytest.mark.parametrize(
    "change",
    [{"applicationId": None}, {"applicationId": "no-guid"}, {"applicationGrants": None}, {"applicationGrants": []},
     {"applicationGrants": [{**GRANT, "scope": ""}]}, {"applicationGrants": [{"scope": "x"}]}],
)  # fmt: skip  # one list
def test_each_field_of_a_consent(office, change):
    assert office.refused("POST", "/applicationconsents", {**CONSENT, **change}) == (400, 800002)


@pytest.mark.parametrize("status", [200, 201])
def test_a_withdrawn_consent_is_200_or_201_and_can_be_given_again(office, status):
    office.switch(consent_removal_status=status)
    assert office.call("POST", "/applicationconsents", CONSENT).json() == CONSENT, "the name is optional"
    removed = office.call("DELETE", f"/applicationconsents/{CONSENT['applicationId'].upper()}")
    assert (removed.status_code, removed.content) == (status, b"")
    assert office.call("POST", "/applicationconsents", CONSENT).status_code == 201
