"""Delegated admin relationships on Graph (rules 54 and 55)."""

from __future__ import annotations

import json

import pytest

from cspctl.emulator.partner.entra_roles import (
    GLOBAL_ADMINISTRATOR,
    GLOBAL_READER,
    HELPDESK_ADMINISTRATOR,
    LICENSE_ADMINISTRATOR,
    USER_ADMINISTRATOR,
)

RELATIONSHIPS = "/v1.0/tenantRelationships/delegatedAdminRelationships"
CUSTOMERS = "/v1.0/tenantRelationships/delegatedAdminCustomers"
GATED = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b12"
CUSTOMER = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b11"
ROLES = (GLOBAL_READER, USER_ADMINISTRATOR, GLOBAL_ADMINISTRATOR)
GROUP = "869713c9-0b28-4d08-8949-ae07ae1bf528"


def details(*roles):
    return {"accessDetails": {"unifiedRoles": [{"roleDefinitionId": role} for role in roles]}}


def body_for(name="Gated access", duration="P730D", **more):
    return {"displayName": name, "duration": duration, "customer": {"tenantId": GATED}, **details(*ROLES), **more}


def create(office, **more):
    answer = office.call("POST", RELATIONSHIPS, body_for(**more))
    assert answer.status_code == 201, answer.text
    return answer.json()


def show(office, one):
    return office.get(f"{RELATIONSHIPS}/{one['id']}")


def ask(office, one, action):
    return office.call("POST", f"{RELATIONSHIPS}/{one['id']}/requests", {"action": action})


def active(office, **more):
    one = create(office, **more)
    assert ask(office, one, "lockForApproval").status_code == 201
    office.act("approve-gdap", relationship=one["id"])
    return show(office, one)


def failed(answer):
    return answer.status_code, answer.json()["error"]["code"]


def test_a_relationship_has_every_documented_property(office):
    answer = office.call("POST", RELATIONSHIPS, body_for())
    one = answer.json()
    assert answer.headers["Location"] == f"http://127.0.0.1{RELATIONSHIPS}/{one['id']}"
    assert one["@odata.type"] == "#microsoft.graph.delegatedAdminRelationship"
    assert one["@odata.context"].endswith("$metadata#delegatedAdminRelationships/$entity")
    assert one["@odata.etag"].startswith('W/"')
    assert one["id"].endswith(f"-{GATED}") and len(one["id"]) == 73
    assert (one["status"], one["autoExtendDuration"], one["duration"]) == ("created", "PT0S", "P730D")
    assert one["customer"] == {"tenantId": GATED, "displayName": "Gated"}
    assert {"createdDateTime", "lastModifiedDateTime", "accessDetails", "displayName"} <= set(one)
    assert show(office, one) == one


@pytest.mark.parametrize(
    "change",
    [
        {"displayName": ""},
        {"displayName": "x" * 51},
        {"duration": "P732D"},
        {"duration": "PT5H"},
        {"duration": "P3Y"},
        {"autoExtendDuration": "P90D"},
        {"accessDetails": {"unifiedRoles": []}},
        {"accessDetails": {"unifiedRoles": [{"roleDefinitionId": "reader"}]}},
        {"customer": {"tenantId": "gated"}},
    ],
)
def test_relationships_that_cannot_be(office, change):
    assert failed(office.call("POST", RELATIONSHIPS, {**body_for(), **change})) == (400, "invalidRequest")


def test_rule_55_a_name_is_used_once(office):
    create(office)
    assert failed(office.call("POST", RELATIONSHIPS, body_for())) == (409, "conflict")
    create(office, name="Another")


def test_rule_55_states_in_their_order(office):
    office.switch(gdap_activation_seconds=60, gdap_settle_seconds=60)
    one = create(office, duration="P10D")
    assert ask(office, one, "terminate").status_code == 409
    asked = ask(office, one, "lockForApproval")
    assert (asked.status_code, asked.json()["status"]) == (201, "created")
    request = asked.headers["Location"].removeprefix("http://127.0.0.1")
    assert office.get(request)["status"] == "succeeded"
    assert show(office, one)["status"] == "approvalPending"
    assert ask(office, one, "lockForApproval").status_code == 409
    assert office.act("approve-gdap", relationship=one["id"])["status"] == "approved"
    office.advance("PT30S")
    assert show(office, one)["status"] == "activating"
    office.advance("PT30S")
    found = show(office, one)
    assert found["status"] == "active"
    assert found["activatedDateTime"] == "2026-03-10T09:16:00Z"
    assert found["endDateTime"] == "2026-03-20T09:16:00Z"
    office.advance("P10D")
    assert show(office, one)["status"] == "expiring"
    office.advance("PT60S")
    assert show(office, one)["status"] == "expired"
    assert office.audited() == [
        "granular_admin_relationship_approved",
        "granular_admin_relationship_activated",
        "granular_admin_relationship_expired",
    ]


def test_rule_55_termination_from_active_only(office):
    office.switch(gdap_settle_seconds=60)
    one = active(office)
    assert ask(office, one, "terminate").status_code == 201
    assert show(office, one)["status"] == "terminationRequested"
    office.advance("PT30S")
    assert show(office, one)["status"] == "terminating"
    office.advance("PT30S")
    assert show(office, one)["status"] == "terminated"
    assert ask(office, one, "terminate").status_code == 409
    assert office.audited()[-2:] == [
        "granular_admin_relationship_termination_requested",
        "granular_admin_relationship_terminated",
    ]


def test_rule_55_a_relationship_that_extends_itself(office):
    one = active(office, duration="P10D", autoExtendDuration="P180D")
    office.advance("P10D")
    found = show(office, one)
    assert (found["status"], found["endDateTime"]) == ("active", "2026-09-16T09:15:00Z")


def test_rule_55_changes_and_deletion_belong_to_created(office):
    one = create(office)
    path = f"{RELATIONSHIPS}/{one['id']}"
    assert failed(office.call("PATCH", path, {"displayName": "New"})) == (400, "invalidRequest")
    assert failed(office.call("PATCH", path, {"displayName": "New"}, If_Match='W/"x"')) == (412, "preconditionFailed")
    changed = office.call("PATCH", path, {"displayName": "New", "duration": "P31D"}, If_Match=one["@odata.etag"])
    assert (changed.status_code, changed.json()["displayName"], changed.json()["duration"]) == (200, "New", "P31D")
    assert failed(office.call("DELETE", path, If_Match=one["@odata.etag"])) == (412, "preconditionFailed")
    assert office.call("DELETE", path, If_Match=changed.json()["@odata.etag"]).status_code == 204
    assert failed(office.call("GET", path)) == (404, "itemNotFound")
    one = active(office)
    path, etag = f"{RELATIONSHIPS}/{one['id']}", one["@odata.etag"]
    assert failed(office.call("DELETE", path, If_Match=etag)) == (409, "conflict")
    assert failed(office.call("PATCH", path, {"duration": "P31D"}, If_Match=etag)) == (409, "conflict")


def test_rule_55_an_active_relationship_takes_two_changes(office):
    one = active(office)
    path = f"{RELATIONSHIPS}/{one['id']}"
    longer = office.call("PATCH", path, {"autoExtendDuration": "P180D"}, If_Match=one["@odata.etag"])
    assert (longer.status_code, longer.json()["autoExtendDuration"]) == (200, "P180D")
    etag = longer.json()["@odata.etag"]
    assert failed(office.call("PATCH", path, details(GLOBAL_READER), If_Match=etag)) == (409, "conflict")
    office.switch(gdap_settle_seconds=60)
    fewer = office.call("PATCH", path, details(GLOBAL_READER, USER_ADMINISTRATOR), If_Match=etag)
    assert (fewer.status_code, fewer.json()) == (202, {})
    operation = fewer.headers["Location"].removeprefix("http://127.0.0.1")
    assert office.get(operation)["status"] == "running"
    office.advance("PT60S")
    assert office.get(operation)["status"] == "succeeded"
    roles = {role["roleDefinitionId"] for role in show(office, one)["accessDetails"]["unifiedRoles"]}
    assert roles == {GLOBAL_READER, USER_ADMINISTRATOR}


def assign(office, one, *roles, group=GROUP):
    container = {"accessContainer": {"accessContainerId": group, "accessContainerType": "securityGroup"}}
    return office.call("POST", f"{RELATIONSHIPS}/{one['id']}/accessAssignments", {**container, **details(*roles)})


def test_access_assignments_live_on_an_active_relationship(office):
    assert assign(office, create(office), GLOBAL_READER).status_code == 409
    one = active(office, name="Active")
    assert failed(assign(office, one, HELPDESK_ADMINISTRATOR)) == (400, "invalidRequest")
    made = assign(office, one, GLOBAL_READER)
    assert (made.status_code, made.json()["status"]) == (201, "pending")
    path = made.headers["Location"].removeprefix("http://127.0.0.1")
    found = office.get(path)
    assert (found["status"], found["accessContainer"]["accessContainerType"]) == ("active", "securityGroup")
    assert assign(office, one, GLOBAL_READER).status_code == 409
    assert failed(assign(office, one)) == (400, "invalidRequest"), "without roles it is no second assignment"
    same = office.call("PATCH", path, details(GLOBAL_READER), If_Match=found["@odata.etag"])
    assert (same.status_code, same.json()["id"]) == (200, found["id"])
    other = office.call("PATCH", path, details(USER_ADMINISTRATOR), If_Match=found["@odata.etag"])
    assert other.status_code == 202
    (operation,) = office.get(f"{RELATIONSHIPS}/{one['id']}/operations")["value"]
    assert operation["operationType"] == "delegatedAdminAccessAssignmentUpdate"
    assert json.loads(operation["data"])["id"] == found["id"]
    assert office.call("DELETE", path, If_Match=found["@odata.etag"]).status_code == 412
    assert office.call("DELETE", path, If_Match=office.get(path)["@odata.etag"]).status_code == 204
    assert office.get(f"{RELATIONSHIPS}/{one['id']}/accessAssignments")["value"] == []
    assert [name for name in office.audited() if "access_assignment" in name] == [
        f"granular_admin_access_assignment_{what}" for what in ("created", "activated", "updated", "deleted")
    ]


def test_lists_are_paged_filtered_and_counted(office):
    for number in range(3):
        create(office, name=f"Number {number}")
    page = office.get(f"{RELATIONSHIPS}?$top=3&$count=true")
    assert page["@odata.count"] == 4  # and the one the first customer came with
    assert len(page["value"]) == 3
    rest = office.get(page["@odata.nextLink"].removeprefix("http://127.0.0.1"))
    assert len(rest["value"]) == 1 and "@odata.nextLink" not in rest
    found = office.get(f"{RELATIONSHIPS}?$filter=status eq 'created' and customer/tenantId eq '{GATED}'")
    assert len(found["value"]) == 3
    assert office.call("GET", f"{RELATIONSHIPS}?$top=301").status_code == 400
    chosen = office.get(f"{RELATIONSHIPS}?$select=displayName&$top=1")["value"][0]
    assert {name for name in chosen if not name.startswith("@")} == {"displayName"}


def test_customers_of_active_relationships_and_their_portals(office):
    assert [one["tenantId"] for one in office.get(CUSTOMERS)["value"]] == [CUSTOMER]
    active(office)
    assert {one["displayName"] for one in office.get(CUSTOMERS)["value"]} == {"Birkenau Demo", "Gated"}
    details = office.get(f"{CUSTOMERS}/{GATED}/serviceManagementDetails")["value"]
    assert all({"id", "serviceName", "serviceManagementUrl"} <= set(one) for one in details)
    assert office.call("GET", f"{CUSTOMERS}/{GATED}x").status_code == 404


def test_an_indefinite_invitation_gets_its_customer_by_approval(office):
    body = body_for()
    del body["customer"]
    one = office.call("POST", RELATIONSHIPS, body).json()
    assert "customer" not in one
    ask(office, one, "lockForApproval")
    office.act("approve-gdap", relationship=one["id"], customer=GATED)
    assert show(office, one)["customer"]["tenantId"] == GATED


@pytest.mark.parametrize("path", ["users", "subscribedskus", "directoryroles", "servicerequests", "organization"])
def test_rule_54_no_admin_call_without_an_active_relationship(office, path):
    gated = f"/v1/customers/{GATED}"
    assert office.refused("GET", f"{gated}/{path}") == (403, 900308)
    assert office.get(f"{gated}/subscriptions")["items"] == []  # commerce needs none
    one = active(office)
    assert office.call("GET", f"{gated}/{path}").status_code == 200
    ask(office, one, "terminate")
    assert office.refused("GET", f"{gated}/{path}")[0] == 403
    office.switch(gdap_gate="off")
    assert office.call("GET", f"{gated}/{path}").status_code == 200


def test_rule_54_provisioning_status_is_an_admin_call(office):
    (subscription, _) = office.get("/subscriptions")["items"]
    path = f"/subscriptions/{subscription['id']}/provisioningstatus"
    assert office.call("GET", path).status_code == 200
    came = office.get(f"{RELATIONSHIPS}?$filter=customer/tenantId eq '{CUSTOMER}'")["value"][0]
    assert ask(office, came, "terminate").status_code == 201
    assert office.refused("GET", path)[0] == 403


def test_rule_54_roles_can_be_asked_for(office):
    office.switch(gdap_gate="roles")
    one = active(office)
    gated = f"/v1/customers/{GATED}"
    assert office.refused("GET", f"{gated}/users")[0] == 403  # nothing is assigned yet
    assert assign(office, one, GLOBAL_READER).status_code == 201
    assert office.call("GET", f"{gated}/users").status_code == 200
    assert office.refused("POST", f"{gated}/users", {})[0] == 403
    assert LICENSE_ADMINISTRATOR not in ROLES
    assert office.call("GET", "/users").status_code == 200  # the relationship a customer came with has all roles


def test_graph_writes_its_own_errors(office):
    wrong = office._send("GET", RELATIONSHIPS, headers={"Authorization": f"Bearer {office.bearer()}"})
    assert wrong.status_code == 401
    assert set(wrong.json()) == {"error"}


def test_rule_55_an_expiry_is_recorded_when_the_clock_passes_it(office):
    active(office, duration="P10D")
    office.advance("P11D")
    (last,) = [one for one in office.get("/v1/auditrecords")["items"] if one["operationType"].endswith("_expired")]
    assert last["operationDate"] == "2026-03-20T09:15:00Z"
    assert "userPrincipalName" not in last
