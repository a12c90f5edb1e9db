"""Events waiting to be delivered. An audit record of a write becomes an event when somebody registered for it.

Source: Partner Center docs, pages partner-center-webhooks, partner-center-webhook-events (Oct 2023).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cspctl.emulator.settings import PARTNER_CENTER, Settings
from cspctl.emulator.store import Store
from cspctl.emulator.terms import stamp

Document = dict[str, Any]
REGISTRATION, EVENT = "webhook_registration", "webhook_event"
TEST = "test-created"
NAMES = (
    "azure-fraud-event-detected", "dap-admin-relationship-approved", "reseller-relationship-accepted-by-customer",
    "dap-admin-relationship-terminated", "dap-admin-relationship-terminated-by-microsoft",
    "granular-admin-access-assignment-activated", "granular-admin-access-assignment-created",
    "granular-admin-access-assignment-deleted", "granular-admin-access-assignment-updated",
    "granular-admin-relationship-activated", "granular-admin-relationship-approved",
    "granular-admin-relationship-expired", "granular-admin-relationship-terminated", "invoice-ready",
    "new-commerce-migration-completed", "new-commerce-migration-created", "new-commerce-migration-failed",
    "new-commerce-migration-schedule-failed", "referral-created", "referral-updated", "related-referral-created",
    "related-referral-updated", "subscription-updated", TEST, "usagerecords-thresholdExceeded",
    "indirect-reseller-relationship-accepted-by-customer",
)  # fmt: skip  # the documented table
SANDBOX_ACTIVE = "subscription-active"  # of sandbox tenants alone; newer pages, its spelling from translated ones
_SUBSCRIPTION = frozenset({"update_subscription", "upgrade_subscription", "convert_trial_subscription"})


def queue(
    store: Store,
    settings: Settings,
    now: datetime,
    partner: str,
    name: str,
    uri: str,
    resource: str,
    *,
    audit_id: str | None = None,
    at: datetime | None = None,
) -> Document | None:
    """Queue one event of a partner; None when its registration does not ask for it.

    `uri` is host-relative (`/webhooks/v1/...`); `at` is when the change happens, if not now.
    """
    registration = store.get(REGISTRATION, "", partner)
    if registration is None or name not in registration["events"]:
        return None
    changed = at or now
    id = f"{store.next_number('webhook'):012d}"
    due = changed + timedelta(seconds=settings.webhook_delay_seconds)
    event: Document = {
        "id": id,
        "partner": partner,
        "due": stamp(due),
        "attempts": 0,
        "payload": {
            "EventName": name,
            "ResourceUri": PARTNER_CENTER + uri,
            "ResourceName": resource,
            "AuditUri": f"{PARTNER_CENTER}/auditactivity/v1/auditrecords/{audit_id}" if audit_id else None,
            "ResourceChangeUtcDate": changed.isoformat(),
        },
    }
    store.put(EVENT, "", id, event)
    return event


def queue_for_audit(store: Store, settings: Settings, now: datetime, record: Document) -> Document | None:
    """The event that belongs to an audit record, if there is one and it is wanted."""
    operation, partner = record["operationType"], record["partnerId"]
    if record["operationStatus"] != "succeeded" or store.get(REGISTRATION, "", partner) is None:
        return None
    found = _of_operation(operation, record)
    if found is None:
        return None
    name, uri, resource = found
    return queue(store, settings, now, partner, name, uri, resource, audit_id=record["id"])


def _of_operation(operation: str, record: Document) -> tuple[str, str, str] | None:
    keys = {one["key"].lower(): one["value"] for one in record["customizedData"]}
    if operation == "create_order":
        path = f"/webhooks/v1/customers/{record['customerId']}/subscriptions/{keys.get('subscriptionid-0')}"
        return (SANDBOX_ACTIVE, path, "subscription") if keys.get("subscriptionid-0") else None
    if operation in _SUBSCRIPTION and keys.get("subscriptionid"):
        path = f"/webhooks/v1/customers/{record['customerId']}/subscriptions/{keys['subscriptionid']}"
        return "subscription-updated", path, "subscription"
    if operation == "ready_invoice":
        return "invoice-ready", f"/v1/invoices/{keys.get('invoiceid', '')}", "invoice"
    if operation == "azure_fraud_event_detected":
        query = f"SubscriptionId={keys.get('subscriptionid', '')}&EventStatus=Active"
        return "azure-fraud-event-detected", f"/v1/fraudEvents?{query}", "azureFraudEvent"
    name = operation.replace("_", "-")
    if name not in NAMES:
        return None
    relationship = keys.get("relationshipid") or keys.get("granularadminrelationshipid") or ""
    path = f"/granularAdminRelationships/{relationship}"
    if name.startswith("granular-admin-access"):
        return name, f"{path}/accessAssignments/{keys.get('accessassignmentid', '')}", "accessAssignment"
    if name.startswith("granular-admin"):
        return name, path, "granularAdminRelationship"
    return name, f"/v1/customers/{record['customerId']}", "customer"
