"""Writes in a customer's directory and on its devices; delegated admin relationships."""

from __future__ import annotations

from typing import Any

from writes import CUSTOMER, C, Call, elsewhere, writes

GRAPH = "graph.microsoft.com"
ROLE, OTHER_ROLE = "f2ef992c-3afb-46b9-b7cf-a126ee74c451", "fe930be7-5e62-47db-91af-98c3a49a38b1"
G = "/v1.0/tenantRelationships/delegatedAdminRelationships"
ONE = f"{G}/{{relationship_id}}"
ASSIGNMENTS = f"{ONE}/accessAssignments"
PASSWORD = {"passwordProfile": {"password": "Renew456*", "forceChangePassword": True}}


def user(shop: Any) -> dict[str, Any]:
    return dict(shop.post("/users", _user()))


def _user() -> dict[str, Any]:
    names = {"userPrincipalName": "f@birkenau.onmicrosoft.com", "displayName": "F", "usageLocation": "DE"}
    return {**names, **PASSWORD}


@writes("POST", f"{C}/users", "create_customer_user")
def create_user(shop: Any) -> Call:
    return lambda: shop.call("POST", "/users", _user())


@writes("PATCH", f"{C}/users", "update_customer_user")
def update_user_by_list(shop: Any) -> Call:
    id = user(shop)["id"]
    return lambda: shop.call("PATCH", "/users", {"id": id, "displayName": "G"})


@writes("PATCH", f"{C}/users/{{user_id}}", "update_customer_user")
def update_user(shop: Any) -> Call:
    id = user(shop)["id"]
    return lambda: shop.call("PATCH", f"/users/{id}", {"displayName": "G"})


@writes("DELETE", f"{C}/users/{{user_id}}", "delete_customer_user")
def delete_user(shop: Any) -> Call:
    id = user(shop)["id"]
    return lambda: shop.call("DELETE", f"/users/{id}")


@writes("PATCH", f"{C}/users/{{user_id}}/resetpassword", "reset_customer_user_password")
def reset_password(shop: Any) -> Call:
    id = user(shop)["id"]
    return lambda: shop.call("PATCH", f"/users/{id}/resetpassword", PASSWORD)


@writes("POST", f"{C}/users/{{user_id}}/licenseupdates", "update_customer_user_licenses")
def licences(shop: Any) -> Call:
    shop.buy()
    id, sku = user(shop)["id"], shop.get("/subscribedskus")["items"][0]["productSku"]["id"]
    return lambda: shop.call("POST", f"/users/{id}/licenseupdates", {"licensesToAssign": [{"skuId": sku}]})


@writes("POST", f"{C}/directoryroles/{{role_id}}/usermembers", "add_user_member")
def role(shop: Any) -> Call:
    id = user(shop)["id"]
    return lambda: shop.call("POST", f"/directoryroles/{ROLE}/usermembers", {"id": id})


@writes("DELETE", f"{C}/directoryroles/{{role_id}}/usermembers/{{user_id}}", "remove_user_member")
def no_role(shop: Any) -> Call:
    id = user(shop)["id"]
    shop.post(f"/directoryroles/{ROLE}/usermembers", {"id": id}, status=201)
    return lambda: shop.call("DELETE", f"/directoryroles/{ROLE}/usermembers/{id}")


POLICY = {"name": "Demo", "category": "o_o_b_e", "description": "d", "policySettings": ["skip_express_settings"]}


@writes("POST", f"{C}/policies", "policy_created")
def policy(shop: Any) -> Call:
    return lambda: shop.call("POST", "/policies", POLICY)


@writes("PUT", f"{C}/policies/{{policy_id}}", "policy_updated")
def policy_change(shop: Any) -> Call:
    made = shop.post("/policies", POLICY)
    return lambda: shop.call("PUT", f"/policies/{made['id']}", {**made, "name": "Other"})


@writes("DELETE", f"{C}/policies/{{policy_id}}", "policy_deleted")
def policy_end(shop: Any) -> Call:
    made = shop.post("/policies", POLICY)
    return lambda: shop.call("DELETE", f"/policies/{made['id']}")


def _devices(serial: str) -> list[dict[str, str]]:
    return [{"SerialNumber": serial, "ProductKey": "00329-00000-0003-AA606", "HardwareHash": "DummyHash123"}]


def _device(shop: Any) -> str:
    assert shop.call("POST", "/deviceBatches", {"BatchId": "b", "Devices": _devices("1")}).status_code == 202
    return str(shop.get("/deviceBatches/b/devices")["items"][0]["id"])


@writes("POST", f"{C}/deviceBatches", "devices_upload_to_new_batch_attempted")
def batch(shop: Any) -> Call:
    return lambda: shop.call("POST", "/deviceBatches", {"BatchId": "b", "Devices": _devices("1")})


@writes("POST", f"{C}/deviceBatches/{{batch_id}}/devices", "devices_upload_to_existing_batch_attempted")
def more_devices(shop: Any) -> Call:
    _device(shop)
    return lambda: shop.call("POST", "/deviceBatches/b/devices", _devices("2"))


@writes("DELETE", f"{C}/deviceBatches/{{batch_id}}/devices/{{device_id}}", "device_deleted")
def no_device(shop: Any) -> Call:
    id = _device(shop)
    return lambda: shop.call("DELETE", f"/deviceBatches/b/devices/{id}")


@writes("PATCH", f"{C}/DevicePolicyUpdates", "devices_update_attempted")
def device_policies(shop: Any) -> Call:
    id, made = _device(shop), shop.post("/policies", POLICY)
    update = {"Devices": [{"Id": id, "Policies": [{"Key": "o_o_b_e", "Value": made["id"]}]}]}
    return lambda: shop.call("PATCH", "/DevicePolicyUpdates", update)


def graph(shop: Any, method: str, path: str, body: Any = None, **headers: str) -> Any:
    return elsewhere(shop, GRAPH, method, path, body, **headers)


def relationship(shop: Any, *, active: bool = False) -> Any:
    roles = {"accessDetails": {"unifiedRoles": [{"roleDefinitionId": one} for one in (ROLE, OTHER_ROLE)]}}
    body = {"displayName": "Access", "duration": "P30D", "customer": {"tenantId": CUSTOMER}, **roles}
    made = graph(shop, "POST", G, body).json()
    if not active:
        return made
    assert graph(shop, "POST", f"{G}/{made['id']}/requests", {"action": "lockForApproval"}).status_code == 201
    action = {"action": "approve-gdap", "relationship": made["id"]}
    assert shop.control("POST", "actions", action).status_code == 200
    return graph(shop, "GET", f"{G}/{made['id']}").json()


NOT_NAMED = "the documented operation types begin with the customer's approval"


@writes("POST", G, reason=NOT_NAMED)
def gdap(shop: Any) -> Call:
    made = relationship(shop)
    body = {key: made[key] for key in ("duration", "accessDetails")}
    return lambda: graph(shop, "POST", G, {**body, "displayName": "Second"})


@writes("PATCH", ONE, reason=NOT_NAMED)
def gdap_change(shop: Any) -> Call:
    made = relationship(shop)
    return lambda: graph(shop, "PATCH", f"{G}/{made['id']}", {"duration": "P31D"}, **{"If-Match": made["@odata.etag"]})


@writes("DELETE", ONE, reason=NOT_NAMED)
def gdap_delete(shop: Any) -> Call:
    made = relationship(shop)
    return lambda: graph(shop, "DELETE", f"{G}/{made['id']}", **{"If-Match": made["@odata.etag"]})


@writes("POST", f"{ONE}/requests", "granular_admin_relationship_termination_requested")
def gdap_end(shop: Any) -> Call:
    made = relationship(shop, active=True)
    return lambda: graph(shop, "POST", f"{G}/{made['id']}/requests", {"action": "terminate"})


def _assign(shop: Any, made: Any) -> Any:
    group = {"accessContainerId": "869713c9-0b28-4d08-8949-ae07ae1bf528", "accessContainerType": "securityGroup"}
    body = {"accessContainer": group, "accessDetails": {"unifiedRoles": [{"roleDefinitionId": ROLE}]}}
    return graph(shop, "POST", f"{G}/{made['id']}/accessAssignments", body)


@writes("POST", ASSIGNMENTS, "granular_admin_access_assignment_created")
def assign(shop: Any) -> Call:
    made = relationship(shop, active=True)
    return lambda: _assign(shop, made)


@writes("PATCH", f"{ASSIGNMENTS}/{{assignment_id}}", "granular_admin_access_assignment_updated")
def assign_change(shop: Any) -> Call:
    path, tag = _assigned(shop)
    roles = {"accessDetails": {"unifiedRoles": [{"roleDefinitionId": OTHER_ROLE}]}}
    return lambda: graph(shop, "PATCH", path, roles, **tag)


@writes("DELETE", f"{ASSIGNMENTS}/{{assignment_id}}", "granular_admin_access_assignment_deleted")
def assign_end(shop: Any) -> Call:
    path, tag = _assigned(shop)
    return lambda: graph(shop, "DELETE", path, **tag)


def _assigned(shop: Any) -> tuple[str, dict[str, str]]:
    made = relationship(shop, active=True)
    path = f"{G}/{made['id']}/accessAssignments/{_assign(shop, made).json()['id']}"
    return path, {"If-Match": graph(shop, "GET", path).json()["@odata.etag"]}
