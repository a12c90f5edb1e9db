"""Rule 46: every successful write leaves its audit record, or is one of the named exceptions; no route is forgotten."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import customer_writes
import directory_writes
import other_writes
import pytest
import trade_writes
from writes import CUSTOMER, WRITES, Write

from cspctl import emulator
from cspctl.emulator.app import documented_routes

assert all((customer_writes, directory_writes, other_writes, trade_writes))  # importing them fills the table
OPERATIONS = frozenset((
    "update_customer_qualification", "update_subscription", "upgrade_subscription", "convert_trial_subscription",
    "add_customer", "update_customer_billing_profile", "update_customer_partner_contract_company_name",
    "update_customer_spending_budget", "delete_customer", "remove_partner_customer_relationship", "create_order",
    "update_order", "create_customer_user", "delete_customer_user", "update_customer_user",
    "update_customer_user_licenses", "reset_customer_user_password", "update_customer_user_principal_name",
    "restore_customer_user", "create_mpn_association", "update_mpn_association", "update_sfb_customer_user_licenses",
    "update_transfer", "create_partner_relationship", "register_application", "unregister_application",
    "add_application_credential", "remove_application_credential", "create_partner_user", "update_partner_user",
    "remove_partner_user", "create_self_serve_policy", "update_self_serve_policy", "delete_self_serve_policy",
    "remove_partner_relationship", "delete_tip_customer", "create_related_referral", "update_related_referral",
    "create_referral", "update_referral", "get_software_key", "get_software_download_link", "increase_spending_limit",
    "ready_invoice", "create_agreement", "extend_relationship", "create_transfer", "dap_admin_relationship_approved",
    "dap_admin_relationship_terminated", "add_user_member", "remove_user_member",
    "granular_admin_relationship_approved", "granular_admin_relationship_activated",
    "granular_admin_relationship_termination_requested", "granular_admin_relationship_terminated",
    "granular_admin_relationship_expired", "granular_admin_access_assignment_created",
    "granular_admin_access_assignment_updated", "granular_admin_access_assignment_deleted", "create_credit",
    "update_credit", "cancel_credit", "granular_admin_access_assignment_activated", "software_attestation",
    "granular_admin_relationship_cleaned_up", "update_company_info", "policy_created", "policy_updated",
    "policy_deleted", "device_updated", "devices_update_attempted", "device_deleted",
    "devices_upload_to_new_batch_attempted", "devices_upload_to_existing_batch_attempted", "manage_overage",
    "dap_admin_relationship_terminated_by_microsoft", "azure_fraud_event_detected",
))  # fmt: skip  # page auditing-resources (Oct 2023)
RESOURCES = frozenset((
    "customer", "customer_user", "order", "subscription", "license", "third_party_add_on", "mpn_association",
    "transfer", "application", "application_credential", "partner_user", "partner_relationship",
    "partner_customer_dap", "customer_directory_role", "referral", "software_key", "software_download_link",
    "spending_limit", "invoice", "agreement", "partner_customer_relationship", "self_serve_policy",
    "granular_admin_relationship", "granular_admin_access_assignment", "credit", "software_page", "device", "policy",
))  # fmt: skip  # same page
_PASCAL = re.compile(r"[A-Z][A-Za-z0-9]*")


def test_every_write_route_has_a_script_and_every_script_a_route():
    routes = {(one.method, one.path) for one in documented_routes() if one.method not in ("GET", "HEAD")}
    assert sorted(routes - set(WRITES)) == []
    assert sorted(set(WRITES) - routes) == []


@pytest.mark.parametrize("key", sorted(WRITES), ids=" ".join)
def test_rule_46_a_successful_write_leaves_its_record(open_shop, key):
    write = WRITES[key]
    shop = open_shop(partner=write.partner, **write.settings)
    perform = write.script(shop)
    calls, before = _calls(shop, write), {one["id"] for one in _records(shop)}
    answer = perform()
    assert 200 <= answer.status_code < 300, answer.text
    assert _calls(shop, write) == calls + 1, "another operation answered"
    fresh = [one for one in _records(shop) if one["id"] not in before]
    if write.reason:
        assert fresh == []
        return
    assert write.operation in [one["operationType"] for one in fresh]
    for record in fresh:
        _check(record, write, shop)


def _calls(shop: Any, write: Write) -> int:
    return int(shop.control("GET", "stats").json()["requests"].get(f"{write.method} {write.path}", 0))


def _records(shop: Any) -> list[dict[str, Any]]:
    partners = [one["accountId"] for one in shop.store.list("partner", "")]
    return [record for partner in partners for record in shop.store.list("audit", partner)]


def _check(record: dict[str, Any], write: Write, shop: Any) -> None:
    assert record["operationType"] in OPERATIONS
    assert record["resourceType"] in RESOURCES
    assert (record["operationStatus"], record["operationDate"][:10]) == ("succeeded", "2026-03-10")
    if record["operationType"] == write.operation:  # what follows from it at once is the service's own
        assert (record["userPrincipalName"], record["applicationId"]) == ("ops@acme.example", "app")
    assert record["attributes"] == {"objectType": "AuditRecord"}
    if "{customer_id}" in write.path:
        assert record["customerId"] == shop.customer
    values = [record[name] for name in ("resourceOldValue", "resourceNewValue") if record[name] is not None]
    assert values, "either the old or the new value is told"
    for text in values:
        assert isinstance(text, str)
        wrong = [name for name in _names(json.loads(text)) if not _PASCAL.fullmatch(name)]
        assert wrong == [], f"not in Pascal case: {wrong}"
        assert "password" not in text.lower() or "Renew456*" not in text
    for pair in record["customizedData"]:
        assert set(pair) == {"key", "value"}
        assert pair["value"] is None or isinstance(pair["value"], str)


def _names(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [name for key, inner in value.items() for name in (key, *_names(inner))]
    return [name for inner in value for name in _names(inner)] if isinstance(value, list) else []


def test_rule_46_only_documented_names_stand_in_the_sources():
    """What no write of the walk reaches, such as the acts of customers and of the vendor, has documented names too."""
    texts = [path.read_text(encoding="utf-8") for path in Path(emulator.__path__[0]).rglob("*.py")]
    operations = {name for text in texts for name in re.findall(r'operation="([a-z_]+)"', text)}
    resources = {name for text in texts for name in re.findall(r'resource_type="([a-z_]+)"', text)}
    assert len(operations) > 20 and operations <= OPERATIONS
    assert len(resources) > 10 and resources <= RESOURCES


def test_rule_46_locking_a_relationship_for_approval_leaves_none(open_shop):
    """The request that leaves a record is the one that ends a relationship."""
    shop = open_shop()
    made = directory_writes.relationship(shop)
    path = f"{directory_writes.G}/{made['id']}/requests"
    assert directory_writes.graph(shop, "POST", path, {"action": "lockForApproval"}).status_code == 201
    assert _records(shop) == []


def test_rule_46_refused_writes_leave_none(open_shop):
    shop = open_shop()
    refused = [
        shop.call("POST", "/orders", {"lineItems": []}),
        shop.call("PATCH", "", {"relationshipToPartner": "none"}),
        shop.call("POST", "/qualifications", {"qualification": "Nonprofit"}),
        shop.call("DELETE", "/users/x"),
    ]
    assert [one.status_code // 100 for one in refused] == [4] * 4
    assert _records(shop) == []
    assert shop.store.get("customer", shop.partner, CUSTOMER)["relationshipToPartner"] == "reseller"
