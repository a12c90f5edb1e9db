"""Users, licences, directory roles and service requests of a customer (rules 51 and 54)."""

from __future__ import annotations

import pytest

from cspctl.emulator.partner.entra_roles import GLOBAL_READER


def body_for(name="ferdinand", **more):
    return {
        "usageLocation": "DE",
        "userPrincipalName": f"{name}@birkenau.onmicrosoft.com",
        "firstName": "Ferdinand",
        "lastName": "Filibuster",
        "displayName": "Ferdinand",
        "passwordProfile": {"password": "Renew456*", "forceChangePassword": True},
        **more,
    }


def create(office, name="ferdinand", **more):
    answer = office.call("POST", "/users", body_for(name, **more))
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_users_have_every_documented_property(office, sample, missing):
    made = create(office)
    assert made["passwordProfile"] == {"password": "Renew456*", "forceChangePassword": True}
    found = office.get(f"/users/{made['id']}")
    assert missing(sample("get-a-user-account-by-id"), found) == []
    assert "passwordProfile" not in found
    assert missing(sample("get-a-list-of-all-user-accounts-for-a-customer"), office.get("/users")) == []
    assert [one["userPrincipalName"] for one in office.get("/users")["items"]] == [
        "admin@birkenau.onmicrosoft.com",
        "ferdinand@birkenau.onmicrosoft.com",
    ]
    assert office.audited() == ["create_customer_user"]


@pytest.mark.parametrize(
    "change",
    [
        {"userPrincipalName": "x@elsewhere.example"},
        {"userPrincipalName": "ADMIN@birkenau.onmicrosoft.com"},
        {"displayName": ""},
        {"passwordProfile": None},
    ],
)
def test_users_that_cannot_be(office, change):
    assert office.refused("POST", "/users", {**body_for(), **change})[0] == 400


def test_users_are_app_plus_user_only(office):
    assert office.refused("GET", "/users", app_only=True) == (403, 900329)


def test_a_user_is_changed_renamed_and_gets_a_new_password(office, sample, missing):
    one = create(office)
    path = f"/users/{one['id']}"
    changed = office.call("PATCH", path, {"usageLocation": "AT", "attributes": {"objectType": "CustomerUser"}})
    assert missing(sample("update-user-accounts-for-a-customer"), changed.json()) == []
    assert changed.json()["usageLocation"] == "AT"
    office.call("PATCH", path, {"userPrincipalName": "ferdl@birkenau.onmicrosoft.com"})
    by_list = office.call("PATCH", "/users", {"id": one["id"], "displayName": "Ferdl"})  # the page's own address
    assert by_list.json()["displayName"] == "Ferdl"
    body = {"passwordProfile": {"password": "Renew789*", "forceChangePassword": True}}
    reset = office.call("PATCH", f"{path}/resetpassword", body)
    assert missing(sample("reset-user-password-for-a-customer"), reset.json()) == []
    assert office.audited()[1:] == [
        "update_customer_user",
        "update_customer_user_principal_name",
        "update_customer_user",
        "reset_customer_user_password",
    ]
    assert "Renew" not in str(office.store.list("audit", office.partner))


def test_a_deleted_user_can_be_restored_for_thirty_days(office, sample, missing):
    one = create(office)
    path = f"/users/{one['id']}"
    assert office.call("DELETE", path).status_code == 204
    assert office.refused("GET", path) == (404, 60002)
    gone = '?filter={"Field":"UserStatus","Value":"Inactive","Operator":"equals"}'
    (listed,) = office.get(f"/users{gone}")["items"]
    assert (listed["state"], listed["softDeletionTime"]) == ("inactive", "2026-03-10T09:15:00Z")
    office.advance("P29D")
    restored = office.call("PATCH", path, {"State": "active", "Attributes": {"ObjectType": "CustomerUser"}})
    assert missing(sample("restore-a-user-for-a-customer"), restored.json()) == []
    assert office.call("DELETE", path).status_code == 204
    office.advance("P30D")
    assert office.refused("PATCH", path, {"State": "active"}) == (404, 60002)
    assert office.get(f"/users{gone}")["items"] == []


def skus(office, group=""):
    return office.get(f"/subscribedskus{group}")["items"]


def assign(office, user, sku, headers=None, **more):
    body = {"LicensesToAssign": [{"ExcludedPlans": None, "SkuId": sku}], "LicensesToRemove": None, **more}
    return office.call("POST", f"/users/{user['id']}/licenseupdates", body, **(headers or {}))


def test_licences_follow_subscriptions(office, sample, missing):
    (basic,) = skus(office)
    documented = sample("get-a-list-of-available-licenses")
    assert missing(documented, office.get("/subscribedskus")) == []
    units = {name: basic[name] for name in basic if name.endswith("Units")}
    assert units == {
        "availableUnits": 2, "activeUnits": 2, "consumedUnits": 0, "suspendedUnits": 0, "totalUnits": 2,
        "warningUnits": 0,
    }  # fmt: skip  # the six numbers
    (mine,) = skus(office, "?licenseGroupIds=Group2")
    assert mine["productSku"]["skuPartNumber"] == "CFQ7TTAB12CD/0002"
    assert len(skus(office, "?licenseGroupIds=Group1&licenseGroupIds=Group2")) == 2
    first = office.get("/subscriptions")["items"][0]
    office.call("PATCH", f"/subscriptions/{first['id']}", {**first, "status": "suspended"})
    assert (skus(office)[0]["suspendedUnits"], skus(office)[0]["totalUnits"]) == (2, 0)


def test_licences_of_a_user(office, sample, missing):
    user, sku = create(office), skus(office)[0]["productSku"]["id"]
    made = assign(office, user, sku)
    assert made.status_code == 201, made.text
    assert missing(sample("assign-licenses-to-a-user"), made.json()) == []
    found = office.get(f"/users/{user['id']}/licenses")
    assert missing(sample("check-which-licenses-are-assigned-to-a-user"), found) == []
    assert found["items"][0]["servicePlans"][0]["capabilityStatus"] == "Assigned"
    assert office.get(f"/users/{user['id']}/licenses?licenseGroupIds=Group2") == sample(
        "get-licenses-assigned-to-a-user-by-license-group", 1
    )
    assert (skus(office)[0]["consumedUnits"], skus(office)[0]["availableUnits"]) == (1, 1)
    removed = assign(office, user, sku, LicensesToAssign=None, LicensesToRemove=[sku])
    assert removed.status_code == 201
    assert skus(office)[0]["consumedUnits"] == 0
    records = office.get("/v1/auditrecords")["items"]
    keys = {(one["key"], one["value"]) for one in records[1]["customizedData"]}
    assert keys == {("CustomerUserId", user["id"]), ("AddedLicenseSkuId", sku)}
    assert records[1]["operationType"] == "update_customer_user_licenses"


def test_rule_51_no_licence_without_free_units(office, sample, missing):
    sku = skus(office)[0]["productSku"]["id"]
    for name in ("one", "two"):
        assert assign(office, create(office, name), sku).status_code == 201
    refused = assign(office, create(office, "three"), sku)
    assert (refused.status_code, refused.json()["code"]) == (400, 60012)
    assert missing(sample("assign-licenses-to-a-user", 1), refused.json()) == []
    assert refused.json()["data"][0].startswith("LicenseQuotaExceededException")
    assert assign(office, create(office, "four", usageLocation=None), sku).status_code == 400


def test_licences_of_a_purchase_may_come_late(office):
    office.switch(licence_lag_seconds=600)
    assert skus(office) == []
    office.advance("PT10M")
    assert [one["availableUnits"] for one in skus(office)] == [2]


def test_fewer_seats_than_assigned_leave_nothing_to_assign(office):
    """Partner Center does not refuse the decrease; the licences stay where they are."""
    sku, first = skus(office)[0]["productSku"]["id"], office.get("/subscriptions")["items"][0]
    for name in ("one", "two"):
        assign(office, create(office, name), sku)
    changed = office.call("PATCH", f"/subscriptions/{first['id']}", {**first, "quantity": 1})
    assert changed.status_code == 200, changed.text
    after = skus(office)[0]
    assert (after["totalUnits"], after["consumedUnits"], after["availableUnits"]) == (1, 2, -1)
    assert assign(office, create(office, "three"), sku).json()["code"] == 60012


def test_tokens_of_generatetoken_do_not_manage_licences(office, sample, missing):
    user, sku = create(office), skus(office)[0]["productSku"]["id"]
    given = {"Authorization": f"Bearer {office.bearer()}"}
    made = office._send("POST", "/v3/generatetoken", headers=given, data={"grant_type": "jwt_token"})
    partner_token = {"Authorization": f"Bearer {made.json()['access_token']}"}
    refused = assign(office, user, sku, headers=partner_token)
    assert (refused.status_code, refused.json()["code"]) == (400, 900316)
    assert missing(sample("assign-licenses-to-a-user", 2), refused.json()) == []
    assert office.call("GET", f"/users/{user['id']}", **partner_token).status_code == 200, "other calls take it"


def test_a_deleted_user_gives_its_licence_back(office):
    user, sku = create(office), skus(office)[0]["productSku"]["id"]
    assign(office, user, sku)
    office.call("DELETE", f"/users/{user['id']}")
    assert skus(office)[0]["consumedUnits"] == 0


def test_rule_46_a_licence_update_is_recorded_as_in_the_sample(office, sample):
    (_, documented) = sample("get-a-record-of-partner-center-activity-by-user")["items"]
    user, sku = create(office)["id"], skus(office)[0]["productSku"]["id"]
    assert (
        office.call("POST", f"/users/{user}/licenseupdates", {"licensesToAssign": [{"skuId": sku}]}).status_code == 201
    )
    record = office.get("/v1/auditrecords")["items"][-1]
    value = documented["resourceNewValue"].replace("efccb6f7-5641-4e0e-bd10-b4976e1bf68e", sku)
    assert record["resourceNewValue"] == value, "names, order and nulls"
    assert record["customizedData"] == [
        {"key": "CustomerUserId", "value": user},
        {"key": "AddedLicenseSkuId", "value": sku},
    ]
    assert (record["resourceType"], record["operationType"]) == (
        documented["resourceType"],
        documented["operationType"],
    )
    assert "resourceOldValue" not in record
    assert {name for name in documented if name not in record} == set()


def test_licence_updates_can_be_blocked_by_conditional_access(office, sample, missing):
    user, sku = create(office), skus(office)[0]["productSku"]["id"]
    office.switch(conditional_access_block=True)
    answer = assign(office, user, sku)
    assert (answer.status_code, answer.json()["code"]) == (403, 900309)
    assert missing(sample("assign-licenses-to-a-user", 3), answer.json()) == []


def test_one_update_takes_one_licence_group(office):
    both = [one["productSku"]["id"] for one in skus(office, "?licenseGroupIds=group1&licenseGroupIds=group2")]
    body = {"licensesToAssign": [{"skuId": id} for id in both]}
    assert office.refused("POST", f"/users/{create(office)['id']}/licenseupdates", body)[0] == 400


def test_directory_roles_and_their_members(office, sample, missing):
    user = create(office)
    roles = {one["id"]: one["name"] for one in office.get("/directoryroles")["items"]}
    assert roles[GLOBAL_READER] == "Global Reader"
    members = f"/directoryroles/{GLOBAL_READER}/usermembers"
    made = office.call("POST", members, {"id": user["id"], "attributes": {"objectType": "UserMember"}})
    assert (made.status_code, made.json()["roleId"]) == (201, GLOBAL_READER)
    assert [one["id"] for one in office.get(members)["items"]] == [user["id"]]
    assert missing(sample("get-user-roles-for-a-customer"), office.get(f"/users/{user['id']}/directoryroles")) == []
    assert office.call("DELETE", f"{members}/{user['id']}").status_code == 204
    assert office.get(members)["items"] == []
    assert office.refused("DELETE", f"{members}/{user['id']}") == (404, 60002)
    assert office.audited()[1:] == ["add_user_member", "remove_user_member"]


def test_service_requests(office, sample, missing):
    id = office.act("open-service-request", customer=office.customer[-36:], title="Slow", severity="critical")["id"]
    assert missing(sample("get-all-service-requests-for-a-customer"), office.get("/servicerequests")) == []
    path = f"/v1/servicerequests/{id}"
    noted = office.call("PATCH", path, {"newNote": {"text": "Sample Note"}})
    assert (noted.status_code, noted.json()["notes"][0]["text"]) == (200, "Sample Note")
    assert missing(sample("get-service-request-details-by-id"), office.get(path)) == []
    closed = office.call("PATCH", path, {"status": "closed"}).json()
    again = office.call("PATCH", path, {"status": "none", "newNote": {"text": "As a library sends it"}}).json()
    assert (again["status"], len(again["notes"])) == ("closed", 2)
    assert (closed["status"], closed["lastClosedDate"]) == ("closed", "2026-03-10T09:15:00Z")
    assert office.refused("GET", "/v1/servicerequests/1")[0] == 404


def test_rule_54_service_requests_by_id_need_an_admin_relationship_too(office):
    gated = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b12"
    path = f"/v1/servicerequests/{office.act('open-service-request', customer=gated)['id']}"
    assert office.refused("GET", path) == (403, 900308)
    assert office.refused("PATCH", path, {"newNote": {"text": "x"}}) == (403, 900308)
    office.switch(gdap_gate="off")
    assert office.call("GET", path).status_code == 200


def test_consent_to_an_application_of_a_vendor(office):
    grant = {"enterpriseApplicationId": "00000003-0000-0000-c000-000000000000", "scope": "Directory.Read.All"}
    application = "11111111-aaaa-2222-bbbb-3333cccc4444"
    body = {"applicationId": application, "displayName": "CPV", "applicationGrants": [grant]}
    made = office.call("POST", "/applicationconsents", body)
    assert (made.status_code, made.json()) == (201, body)
    assert office.refused("POST", "/applicationconsents", body)[0] == 409
    assert office.call("DELETE", f"/applicationconsents/{application}").status_code == 200  # no 204 on the page
    assert office.refused("DELETE", f"/applicationconsents/{application}")[0] == 404
    gated = "/v1/customers/0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b12/applicationconsents"
    assert office.refused("POST", gated, body)[0] == 403
    assert office.audited() == ["register_application", "unregister_application"]
