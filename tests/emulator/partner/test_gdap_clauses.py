"""Delegated admin relationships clause by clause: each state against each call, fields, extensions, roles (54, 55)."""

from __future__ import annotations

import pytest

from cspctl.emulator.partner.entra_roles import (
    DIRECTORY_READERS,
    DIRECTORY_WRITERS,
    DOMAIN_ADMINISTRATOR,
    GLOBAL_ADMINISTRATOR,
    GLOBAL_READER,
    HELPDESK_ADMINISTRATOR,
    LICENSE_ADMINISTRATOR,
    PRIVILEGED_ROLE_ADMINISTRATOR,
    SERVICE_SUPPORT_ADMINISTRATOR,
    USER_ADMINISTRATOR,
)

RELATIONSHIPS = "/v1.0/tenantRelationships/delegatedAdminRelationships"
GATED = "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b12"
GROUP = "869713c9-0b28-4d08-8949-ae07ae1bf528"
STATES = ("created", "approvalPending", "approved", "activating", "active", "expiring", "expired",
          "terminationRequested", "terminating", "terminated")  # fmt: skip  # one machine


def body_for(*roles, **more):
    unified = [{"roleDefinitionId": role} for role in roles or (GLOBAL_READER,)]
    given = {"displayName": "Access", "duration": "P10D", "customer": {"tenantId": GATED}}
    return {**given, "accessDetails": {"unifiedRoles": unified}, **more}


def ask(office, one, action):
    return office.call("POST", f"{RELATIONSHIPS}/{one['id']}/requests", {"action": action})


def show(office, one):
    return office.get(f"{RELATIONSHIPS}/{one['id']}")


def bring_to(office, state, *roles, **more):
    """A relationship in one state of the machine, by what brings it there."""
    office.switch(gdap_activation_seconds=60, gdap_settle_seconds=60)
    one = office.call("POST", RELATIONSHIPS, body_for(*roles, **more)).json()
    if state == "created":
        return show(office, one)
    assert ask(office, one, "lockForApproval").status_code == 201
    if state != "approvalPending":
        office.act("approve-gdap", relationship=one["id"])
        office.advance({"approved": "PT0S", "activating": "PT30S"}.get(state, "PT60S"))
    if state in ("expiring", "expired"):
        office.advance("P10D" if state == "expiring" else "P10DT60S")
    if state in ("terminationRequested", "terminating", "terminated"):
        assert ask(office, one, "terminate").status_code == 201
        office.advance({"terminationRequested": "PT0S", "terminating": "PT30S"}.get(state, "PT60S"))
    found = show(office, one)
    assert found["status"] == state
    return found


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("status", [409, 400])
def test_rule_55_what_each_state_allows(office, state, status):
    office.switch(gdap_state_status=status)
    one = bring_to(office, state)
    path, tag = f"{RELATIONSHIPS}/{one['id']}", {"If_Match": one["@odata.etag"]}
    group = {"accessContainerId": GROUP, "accessContainerType": "securityGroup"}
    assignment = {"accessContainer": group, "accessDetails": one["accessDetails"]}
    calls = {
        "rename": office.call("PATCH", path, {"displayName": "Other"}, **tag).status_code,
        "terminate": status if state == "active" else ask(office, one, "terminate").status_code,
        "assign": office.call("POST", f"{path}/accessAssignments", assignment).status_code,
        "approve": ask(office, one, "approve").status_code,
    }
    now = show(office, one)
    calls["delete"] = office.call("DELETE", path, If_Match=now["@odata.etag"]).status_code
    calls["lock"] = 0 if state == "created" else ask(office, one, "lockForApproval").status_code
    no = status
    expected = {"rename": no, "terminate": no, "assign": no, "approve": no, "delete": no, "lock": no}
    expected |= {"created": {"rename": 200, "delete": 204, "lock": 0}, "active": {"assign": 201}}.get(state, {})
    assert calls == expected


@pytest.mark.parametrize("action", ["", "extend", None])
def test_rule_55_requests_know_two_actions(office, action):
    one = office.call("POST", RELATIONSHIPS, body_for()).json()
    assert ask(office, one, action).status_code == 400


@pytest.mark.parametrize("name", ["displayName", "duration", "accessDetails"])
def test_each_required_property(office, name):
    body = body_for()
    del body[name]
    assert office.call("POST", RELATIONSHIPS, body).status_code == 400


@pytest.mark.parametrize("duration", ["P1D", "P2Y", "P730D", "P24M", "P1Y6M"])
def test_durations_from_one_day_to_two_years(office, duration):
    made = office.call("POST", RELATIONSHIPS, body_for(duration=duration))
    assert (made.status_code, made.json()["duration"]) == (201, duration)


@pytest.mark.parametrize(("extension", "end"), [("P0D", ""), ("PT0S", ""), ("P180D", "2026-09-16T09:16:00Z")])
def test_the_three_extensions(office, extension, end):
    one = bring_to(office, "active", autoExtendDuration=extension)
    assert one["endDateTime"] == "2026-03-20T09:16:00Z", "activation and duration"
    office.advance("P10D")
    found = show(office, one)
    assert (found["status"], found["endDateTime"]) == (("active", end) if end else ("expiring", one["endDateTime"]))


def test_rule_55_fifty_characters_make_a_name(office):
    assert office.call("POST", RELATIONSHIPS, body_for(displayName="x" * 50)).status_code == 201
    assert office.call("POST", RELATIONSHIPS, body_for(displayName="x" * 51)).status_code == 400
    assert office.call("POST", RELATIONSHIPS, body_for(displayName=5)).status_code == 400


def test_rule_55_a_change_must_not_take_the_name_of_another(office):
    office.call("POST", RELATIONSHIPS, body_for(displayName="First"))
    one = office.call("POST", RELATIONSHIPS, body_for(displayName="Second")).json()
    path, tag = f"{RELATIONSHIPS}/{one['id']}", {"If_Match": one["@odata.etag"]}
    assert office.call("PATCH", path, {"displayName": "First"}, **tag).status_code == 409
    assert office.call("PATCH", path, {"displayName": "Second", "duration": "P20D"}, **tag).status_code == 200


@pytest.mark.parametrize("change", [{"duration": "P3Y"}, {"displayName": ""}, {"autoExtendDuration": "P1D"},
                                    {"accessDetails": {"unifiedRoles": []}}])  # fmt: skip  # one list
def test_a_change_is_checked_like_a_creation(office, change):
    one = office.call("POST", RELATIONSHIPS, body_for()).json()
    refused = office.call("PATCH", f"{RELATIONSHIPS}/{one['id']}", change, If_Match=one["@odata.etag"])
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "invalidRequest")
    assert show(office, one) == one


def test_all_settable_properties_of_a_created_one(office):
    one = office.call("POST", RELATIONSHIPS, body_for()).json()
    change = body_for(GLOBAL_READER, USER_ADMINISTRATOR, displayName="New", duration="P20D", autoExtendDuration="P180D")
    changed = office.call("PATCH", f"{RELATIONSHIPS}/{one['id']}", change, If_Match=one["@odata.etag"]).json()
    assert {name: changed[name] for name in ("displayName", "duration", "autoExtendDuration", "accessDetails")} == {
        name: change[name] for name in ("displayName", "duration", "autoExtendDuration", "accessDetails")
    }
    assert changed["@odata.etag"] != one["@odata.etag"]


def test_assignments_settle_and_are_a_subset(office):
    one = bring_to(office, "active", GLOBAL_READER, USER_ADMINISTRATOR)
    path = f"{RELATIONSHIPS}/{one['id']}/accessAssignments"
    group = {"accessContainerId": GROUP, "accessContainerType": "securityGroup"}
    wrong = {"accessContainer": group, "accessDetails": body_for(HELPDESK_ADMINISTRATOR)["accessDetails"]}
    assert office.call("POST", path, wrong).status_code == 400
    for container in ({**group, "accessContainerType": "user"}, {"accessContainerType": "securityGroup"}, None):
        assert office.call("POST", path, {**wrong, "accessContainer": container}).status_code == 400
    right = {"accessContainer": group, "accessDetails": body_for(GLOBAL_READER)["accessDetails"]}
    made = office.call("POST", path, right).json()
    assert office.get(f"{path}/{made['id']}")["status"] == "pending"
    office.advance("PT60S")
    kept = office.get(f"{path}/{made['id']}")
    assert kept["status"] == "active"
    for tag, status in (("", 400), ('W/"x"', 412)):
        assert office.call("DELETE", f"{path}/{made['id']}", If_Match=tag).status_code == status
        assert office.call("PATCH", f"{path}/{made['id']}", right, If_Match=tag).status_code == status
    assert office.call("DELETE", f"{path}/{made['id']}", If_Match=kept["@odata.etag"]).status_code == 204
    assert office.get(f"{path}/{made['id']}")["status"] == "deleting"
    office.advance("PT60S")
    assert office.call("GET", f"{path}/{made['id']}").status_code == 404


ORGANIZATION, DOMAINS = (DIRECTORY_WRITERS, GLOBAL_READER), (DIRECTORY_WRITERS, GLOBAL_READER, DOMAIN_ADMINISTRATOR)
READ, WRITE = (DIRECTORY_READERS, GLOBAL_READER, USER_ADMINISTRATOR), (USER_ADMINISTRATOR, DIRECTORY_WRITERS)
OPENED = [
    ("GET", "/organization", ORGANIZATION),
    ("GET", "/customDomains", DOMAINS),
    ("GET", "/users", READ),
    ("GET", "/users/x", READ),
    ("POST", "/users", WRITE),
    ("DELETE", "/users/x", (USER_ADMINISTRATOR,)),
    ("POST", "/users/x/licenseupdates", (LICENSE_ADMINISTRATOR, USER_ADMINISTRATOR, DIRECTORY_WRITERS)),
    ("POST", "/directoryroles/x/usermembers", (PRIVILEGED_ROLE_ADMINISTRATOR,)),
    ("GET", "/servicerequests", (SERVICE_SUPPORT_ADMINISTRATOR,)),
]
CASES = [(method, path, role) for method, path, roles in OPENED for role in roles]


@pytest.mark.parametrize(("method", "path", "role"), CASES)
def test_rule_54_each_documented_role_opens_its_calls(office, method, path, role):
    office.switch(gdap_gate="roles", gdap_activation_seconds=0, gdap_settle_seconds=0)
    call = (method, f"/v1/customers/{GATED}{path}", {} if method == "POST" else None)
    assert office.refused(*call) == (403, 900308)
    granted(office, role)
    assert office.call(*call).status_code != 403


@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path, _ in OPENED])
def test_rule_54_another_role_opens_nothing(office, method, path):
    office.switch(gdap_gate="roles", gdap_activation_seconds=0, gdap_settle_seconds=0)
    granted(office, HELPDESK_ADMINISTRATOR)
    body = {} if method == "POST" else None
    assert office.refused(method, f"/v1/customers/{GATED}{path}", body) == (403, 900308)


def granted(office, role):
    one = office.call("POST", RELATIONSHIPS, body_for(role)).json()
    ask(office, one, "lockForApproval")
    office.act("approve-gdap", relationship=one["id"])
    group = {"accessContainerId": GROUP, "accessContainerType": "securityGroup"}
    body = {"accessContainer": group, "accessDetails": body_for(role)["accessDetails"]}
    assert office.call("POST", f"{RELATIONSHIPS}/{one['id']}/accessAssignments", body).status_code == 201


def test_rule_54_the_global_administrator_is_of_2023_only_for_two_calls(office):
    office.switch(gdap_gate="roles", gdap_activation_seconds=0, gdap_settle_seconds=0)
    granted(office, GLOBAL_ADMINISTRATOR)
    for path in ("/organization", "/customDomains"):
        assert office.call("GET", f"/v1/customers/{GATED}{path}").status_code == 200
    assert office.refused("GET", f"/v1/customers/{GATED}/users") == (403, 900308)


def test_rule_54_commerce_needs_no_admin_relationship(office):
    for path in ("", "/orders", "/subscriptions", "/profiles/billing", "/agreements", "/qualifications"):
        assert office.call("GET", f"/v1/customers/{GATED}{path}").status_code == 200


@pytest.mark.parametrize("state", ["created", "approvalPending", "approved", "activating", "expired", "terminating",
                                   "terminated"])  # fmt: skip  # every state without access
def test_rule_54_only_an_active_relationship_opens(office, state):
    bring_to(office, state)
    assert office.refused("GET", f"/v1/customers/{GATED}/users") == (403, 900308)
