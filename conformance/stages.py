"""What must have happened before a documented request, per operation, and where several answers are documented, each.

An operation is a method and a path with `*` for its parameters. Several stages of one operation stand for several
documented outcomes; the first whose answer fits the page is taken. An operation without a stage is sent as it is.
"""

from __future__ import annotations

from conformance import seeds
from conformance.accounts import (
    acted,
    acted_plainly,
    billed,
    blocked,
    budget,
    compliance,
    cost_month,
    eligible_azure,
    estimates,
    fraud,
    fraud_new,
    free_domain,
    hooked,
    inactive_user,
    licensed,
    licensed_school,
    no_licence_left,
    policied,
    policy_change,
    qualified,
    sandbox_reseller,
    sandboxed,
    seen_without_mfa,
    status,
    stocked,
    taken_domain,
    unbilled,
    unsigned,
    used,
    used_plainly,
    users_with_roles,
)
from conformance.plan import UNCHANGED, Plan, Stage
from conformance.purchases import (
    accepted_patch,
    attach,
    broken_transfer,
    complete_order,
    consent,
    consented,
    cycle_change,
    legacy_order,
    legacy_upgrade,
    migrate,
    migration_events,
    migrations,
    new_schedule,
    noted,
    old_invoices,
    order,
    pending_order,
    refused_upgrade,
    renewed,
    requested,
    schedule_change,
    schedule_list,
    signed,
    subscription,
    tagged,
    transfer_by,
    transfer_eligibility,
    transition_target,
    transitioned,
    trial,
    two_lines,
    with_one,
    with_target,
)
from conformance.seeds import SANDBOX, THEIRS

__all__ = ["UNCHANGED", "Plan", "stages_of"]


def stages_of(operation: str, page_query: str) -> list[Stage]:
    """The stages of an operation, at least one."""
    found = _STAGES.get(operation.lower())
    if found is None and operation.startswith("GET") and operation.split("?")[0].lower().endswith(_LISTS):
        found = [stocked]
    return found or [lambda world: Plan()]


_LISTS = ("/subscriptions", "/orders", "/subscribedskus", "/entitlements")


_CUSTOMER = "/v1/customers/*"
_ONE = f"{_CUSTOMER}/subscriptions/*"
_MOVES = f"{_CUSTOMER}/migrations/newcommerce"
_PATCHED = [
    subscription("coterm"),
    subscription("suite"), subscription("legacy"), subscription("software"), subscription("marketplace"),
    subscription("legacy", {"status": "suspended"}), accepted_patch, tagged,
    subscription("legacy azure"),
]  # fmt: skip  # one order of trial
_TABLE: dict[str, list[Stage]] = {
    f"PATCH {_ONE}": _PATCHED,
    f"POST {_ONE}/activate": [sandboxed("marketplace")],
    f"POST {_ONE}/conversions": [trial],
    f"GET {_ONE}/conversions": [subscription("legacy trial")],
    f"GET {_ONE}/addons": [subscription("legacy base")],
    f"GET {_ONE}/upgrades": [refused_upgrade, subscription("legacy base")],
    f"POST {_ONE}/upgrades": [legacy_upgrade],
    f"GET {_ONE}/transitions": [transitioned],
    f"POST {_ONE}/transitions": [transition_target],
    f"GET {_ONE}/transitionEligibilities": [with_target],
    f"POST {_ONE}/azureEntitlements/*/cancel": [subscription("azure")],
    f"POST {_ONE}/azureEntitlements/*/reactivate": [subscription("azure")],
    f"GET {_ONE}/azureEntitlements/*": [subscription("azure")],
    f"POST {_ONE}/registrations": [subscription("azure")],
    f"GET {_ONE}/registrationstatus": [subscription("azure")],
    f"GET {_ONE}/utilizations/azure": [used],
    f"GET {_ONE}/resourceusagerecords": [used_plainly],
    f"GET {_ONE}/usagerecords/resources": [used_plainly],
    f"GET {_CUSTOMER}/subscriptions/usagerecords": [used_plainly],
    f"GET {_CUSTOMER}/subscriptions/customTermEndDates": [stocked],
    f"GET {_CUSTOMER}/usagesummary": [used_plainly],
    f"GET {_CUSTOMER}/usagebudget": [budget],
    "GET /v1/usagesummary": [used_plainly],
    "GET /partner/v1/analytics/usage/azure": [used_plainly],
    "GET /partner/v1/analytics/subscriptions": [stocked, renewed],
    "GET /partner/v1/analytics/commercial/usage/license": [stocked],
    "GET /partner/v1/analytics/commercial/deployment/license": [stocked],
    "GET /v1/analytics/licenses/usage": [stocked],
    "GET /v1/analytics/licenses/deployment": [stocked],
    f"GET {_CUSTOMER}/analytics/licenses/usage": [stocked],
    f"GET {_CUSTOMER}/analytics/licenses/deployment": [stocked],
    f"PATCH {_CUSTOMER}/orders/*": [
        cycle_change, two_lines, legacy_order, order("perpetual"), order("perpetual", partner=SANDBOX),
        order("software", partner=SANDBOX), order("reservation"),
    ],
    f"POST {_CUSTOMER}/orders/*/attachment": [attach],
    f"GET {_CUSTOMER}/orders/*": [lambda world: Plan(), pending_order, complete_order, legacy_order],
    f"GET {_CUSTOMER}/orders/*/lineitems/*/activationlinks": [order("perpetual")],
    f"POST {_CUSTOMER}/transfers/*/accept": [broken_transfer, transfer_by(THEIRS)],
    f"PATCH {_CUSTOMER}/transfers/*": [transfer_by(THEIRS)],
    f"GET {_CUSTOMER}/transferseligibility": [transfer_eligibility],
    "GET /v1/migrations/newcommerce": [migrations],
    "GET /v1/migrations/newcommerce/schedules": [schedule_list],
    f"GET {_MOVES}/events": [migration_events],
    f"POST {_MOVES}": [migrate],
    f"POST {_MOVES}/schedules": [new_schedule],
    f"PUT {_MOVES}/schedules/*": [schedule_change],
    "GET /v1/invoices": [old_invoices, billed],
    "GET /v1/invoices/*": [old_invoices, billed],
    "GET /v1/invoices/*/receipts/*/documents/statement": [old_invoices],
    "GET /v1/invoices/summary": [billed],
    "GET /v1/invoices/summaries": [billed],
    "GET /v1/invoices/estimates/links": [estimates, billed],
    "GET /v1/invoices/unbilled/lineitems": [unbilled],
    f"GET {_CUSTOMER}/servicecosts/*": [cost_month],
    f"GET {_CUSTOMER}/servicecosts/*/lineitems": [cost_month],
    f"PATCH {_CUSTOMER}/users/*": [lambda world: Plan(), inactive_user],
    f"GET {_CUSTOMER}/users/*/licenses": [licensed, licensed_school],
    f"GET {_CUSTOMER}/users/*/directoryroles": [users_with_roles],
    f"POST {_CUSTOMER}/users/*/licenseupdates": [lambda world: Plan(), no_licence_left, blocked],
    f"GET {_CUSTOMER}/validationStatus": [
        *(status(name) for name in ("Allowed", "UnderReview", "NotAllowed", "Unknown", "Not Ready")),
        lambda world: Plan(),
    ],
    f"GET {_CUSTOMER}/qualifications": [
        qualified("Approved"), qualified(""), qualified("Denied"),
        qualified("", body={"qualification": "StateOwnedEntity"}),
    ],
    f"GET {_CUSTOMER}/servicerequests": [requested],
    f"DELETE {_CUSTOMER}": [sandboxed()],
    f"GET {_CUSTOMER}/policies": [with_one("policies")],
    f"GET {_CUSTOMER}/deviceBatches": [with_one("devicebatches")],
    f"POST {_CUSTOMER}/applicationconsents": [consent],
    f"DELETE {_CUSTOMER}/applicationconsents/*": [consented],
    f"GET {_CUSTOMER}/agreements": [signed],
    "GET /v1/servicerequests/*": [noted],
    "POST /v1/sandboxIndirectReseller": [sandboxed()],
    "DELETE /v1/sandboxIndirectReseller/*": [sandbox_reseller],
    "POST /v1/fraudEvents/subscription/*/status": [fraud, fraud_new],
    "GET /v1/nonMfaCompliantPartnerPrincipals": [seen_without_mfa],
    "GET /v1/partnerRequests": [acted],
    "GET /v1/applicationmfaadoptionstatus": [acted_plainly],
    "GET /v1/auditrecords": [acted],
    "GET /v1/SelfServePolicy": [policied],
    "PUT /v1/SelfServePolicy": [policy_change],
    "GET /webhooks/v1/registration": [hooked],
    "PUT /webhooks/v1/registration": [hooked],
    "POST /webhooks/v1/registration/validationEvents": [hooked],
    "HEAD /v1/domains/*": [taken_domain, free_domain],
    "POST /v1/productUpgrades/eligibility": [eligible_azure],
    "GET /v1/compliance/*/agreementstatus": [
        compliance(f"tenantId={seeds.RESELLER}"), compliance(f"mpnId={seeds.MPN}"), compliance("tenantId=abc"),
        compliance("mpnId=abc"), compliance(""), compliance(f"mpnId={seeds.MPN}&tenantId={seeds.RESELLER}"),
        compliance("mpnId=7654399"), compliance("mpnId=1234568"), unsigned("mpn"), compliance("mpnId=1234571"),
        compliance("tenantId=12345678-acbd-1234-abcd-123456789abc"), unsigned("tenant"),
    ],
}  # fmt: skip  # a table of operations
_STAGES = {operation.lower(): stages for operation, stages in _TABLE.items()}
