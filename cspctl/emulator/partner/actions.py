"""What customers and the vendor do outside the API, as actions of the control API.

Each takes the stage and a document; the texts below are what `GET /_emulator/actions` shows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cspctl.emulator.audit.log import AuditLog
from cspctl.emulator.clock import VirtualClock, format_instant
from cspctl.emulator.fulfilment import order_status
from cspctl.emulator.partner import account_status, fraud_events, gdap_state, qualifications, service_requests
from cspctl.emulator.partner.relationship_requests import accept
from cspctl.emulator.referrals import engagements
from cspctl.emulator.settings import Settings
from cspctl.emulator.store import Store
from cspctl.emulator.subscription.windows import is_blocked, is_renewing
from cspctl.emulator.webhooks.events import queue

Document = dict[str, Any]


@dataclass(frozen=True)
class Stage:
    """Where an action takes place."""

    store: Store
    settings: Settings
    clock: VirtualClock

    def audit(self, partner: str) -> AuditLog:
        """Records without a user and an application: nobody called."""
        return AuditLog(self.store, self.clock, partner, None, "", settings=self.settings)

    def partner(self, document: Document) -> Document:
        """The partner named by `partner` (account id or domain), or the only one there is. Raises ValueError."""
        every = self.store.list("partner", "")
        wanted = str(document.get("partner") or "").lower()
        found = [one for one in every if not wanted or wanted in (one["accountId"], one["domain"])]
        if len(found) != 1:
            raise ValueError("partner names no seeded partner, or there is more than one")
        return found[0]

    def customer(self, partner: Document, document: Document) -> Document:
        """The customer named by `customer` (tenant id). Raises ValueError."""
        found = self.store.get("customer", partner["accountId"], str(document.get("customer") or "").lower())
        if found is None:
            raise ValueError("customer names no customer of this partner")
        return found


def accept_relationship(stage: Stage, document: Document) -> Document:
    """{"partner"?, "customer": {"id"?, "domain", "companyName"?, "market"?, "reseller"?}}: accept the invitation."""
    partner, entry = stage.partner(document), document["customer"]
    if not isinstance(entry, dict):
        raise ValueError("customer must be an object")
    made = accept(stage.store, partner, entry)
    record = stage.audit(partner["accountId"]).record(
        operation="extend_relationship", resource_type="partner_customer_relationship", customer_id=made["id"],
        new={"relationshipToPartner": "reseller"},
    )  # fmt: skip  # one record
    names = ["reseller-relationship-accepted-by-customer"]
    names += ["indirect-reseller-relationship-accepted-by-customer"] if made["associatedPartnerId"] else []
    for name in names:
        queue(
            stage.store, stage.settings, stage.clock.now(), partner["accountId"], name, f"/v1/customers/{made['id']}",
            "customer", audit_id=record["id"],
        )  # fmt: skip  # one event
    return {"customerId": made["id"]}


def approve_gdap(stage: Stage, document: Document) -> Document:
    """{"relationship": id, "customer"?: tenant id}: the customer approves a relationship that waits for approval."""
    id = str(document["relationship"]).lower()
    found = stage.store.find(gdap_state.KIND, id)
    if found is None or found[1]["status"] != "approvalPending":
        raise ValueError("no such relationship waits for approval")
    partner, relationship = found
    now = stage.clock.now()
    tenant = (relationship.get("customer") or {}).get("tenantId") or str(document.get("customer") or "").lower()
    if not tenant:
        raise ValueError("the relationship names no customer, so the action must")
    known = stage.store.find("customer", tenant)
    name = known[1]["companyProfile"]["companyName"] if known else None
    approved = gdap_state.touched(
        relationship, now, status="approved", _approvedAt=format_instant(now),
        customer={"tenantId": tenant, "displayName": name},
    )  # fmt: skip  # one change
    gdap_state.keep(stage.store, partner, approved)
    gdap_state.record(stage.audit(partner), "granular_admin_relationship_approved", approved)
    current = gdap_state.current(stage.store, partner, approved, stage.settings, now)
    return {"relationshipId": id, "status": current["status"]}


def end_gdap(stage: Stage, document: Document) -> Document:
    """{"relationship": id}: the customer ends an active relationship."""
    id = str(document["relationship"]).lower()
    found = stage.store.find(gdap_state.KIND, id)
    if found is None or found[1]["status"] not in gdap_state.OPEN:
        raise ValueError("no such relationship is active")
    partner, relationship = found
    now = stage.clock.now()
    asked = gdap_state.touched(relationship, now, status="terminating", _terminationAt=format_instant(now))
    gdap_state.keep(stage.store, partner, asked)
    current = gdap_state.current(stage.store, partner, asked, stage.settings, now)
    return {"relationshipId": id, "status": current["status"]}


def sign_agreement(stage: Stage, document: Document) -> Document:
    """{"partner"?, "customer": tenant id, "signed"?: true}: the customer signs the agreement itself."""
    partner = stage.partner(document)
    customer = stage.customer(partner, document)
    changed = {**customer, "_directSigned": bool(document.get("signed", True))}
    stage.store.put("customer", partner["accountId"], customer["id"], changed)
    return {"isSigned": changed["_directSigned"]}


def set_account_status(stage: Stage, document: Document) -> Document:
    """{"partner"?, "customer": tenant id, "status": name or null}: the vendor's validation of the account."""
    partner = stage.partner(document)
    customer, status = stage.customer(partner, document), document["status"]
    if status is None:
        stage.store.delete(account_status.KIND, partner["accountId"], customer["id"])
        return {"status": None}
    if status not in account_status.STATUSES:
        raise ValueError(f"status is one of {', '.join(account_status.STATUSES)}")
    stamp = f"{stage.clock.now():%Y-%m-%dT%H:%M:%S}"
    kept = {"type": "account", "status": status, "lastUpdateDateTime": stamp}
    stage.store.put(account_status.KIND, partner["accountId"], customer["id"], kept, parent=customer["id"])
    return kept


def decide_qualification(stage: Stage, document: Document) -> Document:
    """{"partner"?, "customer": tenant id, "qualification": name, "outcome": "Approved"|"Denied", "reason"?}."""
    partner = stage.partner(document)
    customer = stage.customer(partner, document)
    key = f"{customer['id']}:{document['qualification']}"
    kept = stage.store.get(qualifications.KIND, partner["accountId"], key)
    if kept is None or document["outcome"] not in ("Approved", "Denied"):
        raise ValueError("no such qualification, or the outcome is not Approved or Denied")
    changed = {**kept, "_decision": document["outcome"], "_reason": document.get("reason") or kept["_reason"]}
    stage.store.put(qualifications.KIND, partner["accountId"], key, changed)
    return {"qualification": kept["qualification"], "vettingStatus": document["outcome"]}


def raise_fraud_event(stage: Stage, document: Document) -> Document:
    """{"partner"?, "customer": tenant id, "subscriptionId"?, "eventType"?, "additionalDetails"?}: fraud is detected."""
    partner = stage.partner(document)
    customer = stage.customer(partner, document)
    made = fraud_events.raise_event(stage.store, partner, customer, document, stage.clock.now())
    stage.audit(partner["accountId"]).record(
        operation="azure_fraud_event_detected", resource_type="subscription", customer_id=customer["id"], new=made,
        customized=[{"key": "SubscriptionId", "value": made["subscriptionId"]}],
    )  # fmt: skip  # one record
    return {"eventId": made["eventId"], "subscriptionId": made["subscriptionId"]}


def open_service_request(stage: Stage, document: Document) -> Document:
    """{"partner"?, "customer": tenant id, "title"?, "severity"?, "description"?}: a service request is opened."""
    partner = stage.partner(document)
    customer = stage.customer(partner, document)
    made = service_requests.open_request(stage.store, partner, customer, document, stage.clock.now())
    return {"id": made["id"]}


def cancel_at_term_end(stage: Stage, document: Document) -> Document:
    """{"subscription": id}: choose that the subscription ends with its term, without extended service after it."""
    found = stage.store.find("subscription", str(document["subscription"]).lower())
    if found is None or found[1]["status"] != "active":
        raise ValueError("subscription names no active subscription")
    partner, current = found
    if is_renewing(current, stage.clock.now()) or is_blocked(current, stage.settings):
        raise ValueError("the subscription is being renewed, changed or transferred")
    after = {**current, "autoRenewEnabled": False, "scheduledNextTermInstructions": None, "_cancelAtEnd": True}
    after["_updates"] = current["_updates"] + 1
    stage.store.put("subscription", partner, current["id"], after)
    stage.audit(partner).record(
        operation="update_subscription", resource_type="subscription", customer_id=current["_customer"],
        old={"autoRenewEnabled": current["autoRenewEnabled"]}, new={"autoRenewEnabled": False},
        customized=[{"key": "SubscriptionId", "value": current["id"]}],
    )  # fmt: skip  # one record
    return {"subscriptionId": current["id"], "commitmentEndDate": current["commitmentEndDate"]}


def send_referral(stage: Stage, document: Document) -> Document:
    """{"partner"?, "referral": {"customerProfile": {"name"}, ...}}: a customer or the vendor sends a lead."""
    partner, given = stage.partner(document), document["referral"]
    if not isinstance(given, dict):
        raise ValueError("referral must be an object")
    made = engagements.make(stage.store, stage.settings, partner, given, stage.clock.now(), direction="Incoming")
    return {"referralId": made["id"], "engagementId": made["engagementId"]}


def set_order_status(stage: Stage, document: Document) -> Document:
    """{"order": id, "status": a documented status}: an order is reviewed, rejected, or fails in whole or in part."""
    partner, before, after = order_status.set_status(stage.store, str(document["order"]), str(document["status"]))
    stage.audit(partner).record(
        operation="update_order", resource_type="order", customer_id=before["referenceCustomerId"],
        old={"id": before["id"], "status": before["status"]}, new={"id": after["id"], "status": after["status"]},
        customized=[{"key": "OrderId", "value": after["id"]}],
    )  # fmt: skip  # one record
    return {"orderId": after["id"], "status": after["status"]}


ACTIONS: dict[str, Callable[[Stage, Document], Document]] = {
    "accept-relationship": accept_relationship,
    "approve-gdap": approve_gdap,
    "end-gdap": end_gdap,
    "sign-agreement": sign_agreement,
    "set-account-status": set_account_status,
    "decide-qualification": decide_qualification,
    "raise-fraud-event": raise_fraud_event,
    "open-service-request": open_service_request,
    "set-order-status": set_order_status,
    "send-referral": send_referral,
    "cancel-at-term-end": cancel_at_term_end,
}
