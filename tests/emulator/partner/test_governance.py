"""MFA and request reports, self-serve policies, fraud events, devices and their policies, control actions."""

from __future__ import annotations

from uuid import uuid4

import pytest


def test_partner_requests_are_the_real_ones(office, sample, missing):
    id = str(uuid4())
    office.call("GET", "/subscriptions", MS_RequestId=id)
    office.call("GET", "/subscriptions", app_only=True)
    found = office.get("/v1/partnerRequests")
    assert missing(sample("get-api-request-details"), found) == []
    assert [one["operationName"] for one in found["items"]] == [
        "Get /v{version}/partnerRequests",
        "Get /v{version}/customers/{customer_id}/subscriptions",
    ]
    last = found["items"][1]
    assert (last["requestId"], last["upn"], last["mfaCompliant"]) == (id, "ops@acme.example", True)
    assert last["requestDateTime"] == "2026-03-10T09:15:00.000"


def test_requests_without_mfa_name_the_principal(office, sample, missing):
    assert office.get("/v1/nonMfaCompliantPartnerPrincipals")["items"] == []
    assert office.refused("GET", "/subscriptions", mfa=False) == (401, 900421)
    found = office.get("/v1/nonMfaCompliantPartnerPrincipals")
    assert missing(sample("get-portal-requests-without-mfa"), found) == []
    assert [one["upn"] for one in found["items"]] == ["ops@acme.example"]


def test_mfa_adoption_counts_per_day_and_application(open_office, sample, missing):
    office = open_office(enforce_mfa=False)
    office.call("GET", "/subscriptions", mfa=False)
    office.call("GET", "/subscriptions")
    office.advance("P1D")
    found = office.get("/v1/applicationmfaadoptionstatus")
    assert missing(sample("get-api-request-summary"), found) == []
    counts = [(one["loginDate"], one["mfaCompliantRequestCount"], one["totalRequestCount"]) for one in found]
    assert counts == [("2026-03-11", 1, 1), ("2026-03-10", 1, 2)]
    only = office.get("/v1/applicationmfaadoptionstatus?startDate=2026-03-10&endDate=2026-03-10")
    assert [one["loginDate"] for one in only] == ["2026-03-10"]


def test_only_the_newest_requests_are_kept_in_full(open_office):
    office = open_office(telemetry_requests=2)
    for _ in range(4):
        office.get("/profiles/billing")
    assert office.get("/v1/partnerRequests")["totalCount"] == 2
    assert office.get("/v1/applicationmfaadoptionstatus")[0]["totalRequestCount"] == 6


def policy_for(office, **more):
    return {
        "selfServeEntity": {"selfServeEntityType": "customer", "tenantID": office.customer[-36:]},
        "grantor": {"grantorType": "billToPartner", "tenantID": office.partner},
        "permissions": [{"resource": "AzureReservedInstances", "action": "Purchase"}],
        **more,
    }


def test_self_serve_policies(office, sample, missing):
    path, entity = "/v1/SelfServePolicy", office.customer[-36:]
    assert office.get(f"{path}?entity_id={entity}")["totalCount"] == 0
    made = office.call("POST", path, policy_for(office))
    assert (made.status_code, made.json()["id"]) == (201, f"{office.partner}_{entity}")
    assert missing(sample("create-a-self-serve-policy"), made.json()) == []
    assert office.refused("POST", path, policy_for(office)) == (409, 600041)
    assert missing(sample("get-a-list-of-self-serve-policies"), office.get(f"{path}?entity_id={entity}")) == []
    one = f"{path}/{made.json()['id']}"
    assert missing(sample("get-a-self-serve-policy-by-id"), office.get(one)) == []
    assert office.refused("PUT", path, policy_for(office, id="other")) == (404, 600040)
    changed = office.call("PUT", path, {**made.json(), "permissions": []})
    assert (changed.status_code, changed.json()["permissions"]) == (200, [])
    assert missing(sample("update-a-self-serve-policy"), changed.json()) == []
    assert office.refused("PUT", path, made.json()) == (400, 2055)
    assert office.call("DELETE", one).status_code == 204
    assert office.refused("GET", one) == (404, 600039)
    assert office.refused("DELETE", one) == (404, 600039)
    assert office.refused("PUT", path, changed.json()) == (404, 600039)
    assert office.audited() == [f"{what}_self_serve_policy" for what in ("create", "update", "delete")]


@pytest.mark.parametrize(
    "change", [{"grantor": {"grantorType": "billToPartner", "tenantID": "x"}}, {"permissions": None}]
)
def test_self_serve_policies_that_cannot_be(office, change):
    assert office.refused("POST", "/v1/SelfServePolicy", {**policy_for(office), **change})[0] == 400
    assert office.refused("GET", "/v1/SelfServePolicy")[0] == 400


def test_fraud_events_are_answered(office, sample, missing):
    raised = office.act("raise-fraud-event", customer=office.customer[-36:])
    subscription = raised["subscriptionId"]
    (event,) = office.get(f"/v1/fraudEvents?EventStatus=Active&SubscriptionId={subscription.upper()}")
    assert "eventType" not in event and "resolvedOn" not in event
    assert office.get("/v1/fraudEvents?EventStatus=Resolved") == []
    path = f"/v1/fraudEvents/subscription/{subscription}/status"
    body = {"EventIds": [raised["eventId"]], "EventStatus": "Resolved", "ResolvedReason": "Fraud"}
    assert office.refused("POST", path, {**body, "ResolvedReason": None})[0] == 400
    assert office.refused("POST", path, {**body, "EventIds": ["other"]})[0] == 404
    resolved = office.call("POST", path, body)
    assert resolved.status_code == 200
    assert missing(sample("update-fraud-events-status"), resolved.json()) == []
    (new_form,) = office.get("/v1/fraudEvents", X_NewEventsModel="true")
    assert missing(sample("update-fraud-events-status", 1), [new_form]) == []
    assert office.audited() == ["azure_fraud_event_detected"]


def test_every_kind_of_fraud_event_has_its_own_details(office):
    customer = office.customer[-36:]
    kinds = (
        "ServiceHealthSecurityAdvisory", "UsageAnomalyDetection", "MultiRegionVirtualMachineScaleSetDeploymentAnomaly",
        "NetworkConnectionsToCryptoMiningPools", "VirtualMachineDeploymentAnomaly",
        "MultiRegionMachineLearningUsageAnomaly",
    )  # fmt: skip  # page get-fraud-events
    for kind in kinds:
        office.act("raise-fraud-event", customer=customer, eventType=kind.lower())
    events = {one["eventType"]: one for one in office.get("/v1/fraudEvents", X_NewEventsModel="true")}
    assert set(events) == set(kinds)
    mining = events["NetworkConnectionsToCryptoMiningPools"]["additionalDetails"]
    assert {"vM_IP", "miningPool_IP", "connectionCount", "cryptoCurrencyMiningPoolDomainName"} <= set(mining)
    advisory = events["ServiceHealthSecurityAdvisory"]
    assert set(advisory["additionalDetails"]) == {"resourceid", "resourcetype"}
    assert advisory["affectedResources"][0]["type"] == "subscriptions"
    unknown = {"action": "raise-fraud-event", "partner": office.partner, "customer": customer, "eventType": "magic"}
    assert office.control("POST", "actions", unknown).status_code == 400
    told = office.act("raise-fraud-event", customer=customer, additionalDetails={"connectionCount": "31"})
    newest = office.get("/v1/fraudEvents", X_NewEventsModel="true")[-1]
    assert newest["eventId"] == told["eventId"]
    assert newest["additionalDetails"]["connectionCount"] == "31"


def device(serial="2R9-ZNP67", **more):
    return {"SerialNumber": serial, "ProductKey": "00329-00000-0003-AA606", "HardwareHash": "DummyHash123", **more}


def location(answer):
    assert (answer.status_code, answer.content) == (202, b"")
    return "/v1" + answer.headers["Location"]


def test_devices_are_uploaded_listed_and_deleted(office, sample, missing):
    body = {"BatchId": "Test batch", "Devices": [device("1", ModelName="T7500", OemManufacturerName="Dell Inc.")]}
    status = office.get(location(office.call("POST", "/deviceBatches", body)))
    documented = sample("get-the-status-of-a-device-batch-upload")
    assert missing(documented, status) == [".devicesStatus[].errorCode", ".devicesStatus[].errorDescription"]
    assert status["status"] == "finished"
    assert office.refused("POST", "/deviceBatches", body)[0] == 409
    bad = [device("2"), {"SerialNumber": "3"}]
    status = office.get(location(office.call("POST", "/deviceBatches/Test batch/devices", bad)))
    assert missing(documented, {**status, "devicesStatus": status["devicesStatus"][1:]}) == [
        ".devicesStatus[].productKey"  # it had none
    ]
    found = office.get("/deviceBatches")
    assert missing(sample("get-the-list-of-device-batches-for-the-specified-customer"), found) == []
    assert found["items"][0]["devicesCount"] == 2
    devices = office.get("/deviceBatches/Test batch/devices")
    documented = sample("get-a-list-of-devices-for-the-specified-batch-and-customer")
    assert missing(documented, devices) == [".items[]. attributes"]  # the sample's key has a blank in front
    first = devices["items"][0]["id"]
    assert office.call("DELETE", f"/deviceBatches/Test batch/devices/{first}").status_code == 204
    assert office.get("/deviceBatches/Test batch/devices")["totalCount"] == 1
    assert office.audited() == [
        "devices_upload_to_new_batch_attempted",
        "devices_upload_to_existing_batch_attempted",
        "device_deleted",
    ]


def test_configuration_policies_and_their_devices(office, sample, missing):
    body = {"name": "Demo", "category": "o_o_b_e", "description": "d", "policySettings": ["skip_express_settings"]}
    made = office.call("POST", "/policies", body)
    assert made.status_code == 200
    documented = sample("create-a-new-configuration-policy-for-the-specified-customer")
    assert missing(documented, made.json()) == []
    policy = made.json()["id"]
    office.call("POST", "/deviceBatches", {"BatchId": "b", "Devices": [device()]})
    id = office.get("/deviceBatches/b/devices")["items"][0]["id"]
    update = {"Devices": [{"Id": id, "Policies": [{"Key": "o_o_b_e", "Value": policy}]}]}
    assert office.get(location(office.call("PATCH", "/DevicePolicyUpdates", update)))["status"] == "finished"
    assert office.get(f"/policies/{policy}")["devicesAssigned"] == 1
    assert missing(sample("retrieve-a-customer-s-configuration-policy"), office.get(f"/policies/{policy}")) == []
    assert missing(sample("get-a-list-of-a-customer-s-policies"), office.get("/policies")) == []
    changed = office.call("PUT", f"/policies/{policy}", {**made.json(), "name": "Other"})
    assert (changed.status_code, changed.json()["name"]) == (200, "Other")
    documented = sample("update-a-configuration-policy-for-the-specified-customer")
    assert missing(documented, changed.json()) == []
    assert office.refused("PUT", f"/policies/{policy}", {**body, "policySettings": ["magic"]})[0] == 400
    assert office.call("DELETE", f"/policies/{policy}").status_code == 204
    assert office.refused("GET", f"/policies/{policy}")[0] == 404
    policies = [name for name in office.audited() if name.startswith("policy")]
    assert policies == ["policy_created", "policy_updated", "policy_deleted"]


def test_actions_explain_themselves(office):
    actions = office.control("GET", "actions").json()["actions"]
    assert "accept-relationship" in actions and "approve-gdap" in actions
    assert all(actions.values())
    assert office.control("POST", "actions", {"action": "magic"}).status_code == 400
    refused = office.control("POST", "actions", {"action": "approve-gdap"})
    assert (refused.status_code, "relationship" in refused.json()["description"]) == (400, True)


def test_rule_20_acceptance_and_approval_are_told_to_listeners(office):
    wanted = ["reseller-relationship-accepted-by-customer", "granular-admin-relationship-activated"]
    hook = {"WebhookUrl": "http://127.0.0.1:9/hook", "WebhookEvents": wanted}
    office.switch(webhook_delay_seconds=3600)  # nobody listens there
    assert office.call("POST", "/webhooks/v1/registration", hook).status_code == 200
    id = office.act("accept-relationship", customer={"domain": "guest.onmicrosoft.com"})["customerId"]
    path = "/v1.0/tenantRelationships/delegatedAdminRelationships"
    role = {"roleDefinitionId": "f2ef992c-3afb-46b9-b7cf-a126ee74c451"}
    body = {"displayName": "Guest", "duration": "P30D", "customer": {"tenantId": id}}
    one = office.call("POST", path, {**body, "accessDetails": {"unifiedRoles": [role]}}).json()["id"]
    office.call("POST", f"{path}/{one}/requests", {"action": "lockForApproval"})
    office.act("approve-gdap", relationship=one)
    payloads = [event["payload"] for event in office.store.list("webhook_event", "")]
    assert [payload["EventName"] for payload in payloads] == wanted
    assert payloads[0]["ResourceUri"].endswith(f"/customers/{id}")
    assert payloads[1]["ResourceUri"].endswith(one)
