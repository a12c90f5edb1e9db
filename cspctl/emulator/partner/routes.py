"""All operations of this package."""

from __future__ import annotations

from cspctl.emulator.context import RouteSpec
from cspctl.emulator.partner import (
    account_status,
    addresses,
    agreements,
    application_consents,
    countries,
    customer_changes,
    customer_creation,
    customer_profiles,
    dap_statistics,
    devices,
    directory_roles,
    domains,
    fraud_events,
    gdap,
    gdap_assignments,
    gdap_customers,
    gdap_requests,
    licences,
    managed_services,
    partner_tokens,
    policies,
    profiles,
    qualification_words,
    qualifications,
    relationship_requests,
    resellers,
    sandbox_resellers,
    self_serve_policies,
    service_requests,
    telemetry,
    users,
)

_MODULES = (
    customer_creation, customer_changes, customer_profiles, domains, addresses, countries, qualifications,
    qualification_words,
    account_status, relationship_requests, managed_services, resellers, sandbox_resellers, profiles, agreements,
    gdap, gdap_requests, gdap_assignments, gdap_customers, users, licences, directory_roles, service_requests,
    application_consents, self_serve_policies, telemetry, fraud_events, policies, devices,
    dap_statistics,
    partner_tokens,
)  # fmt: skip  # one list
ROUTES: list[RouteSpec] = [spec for module in _MODULES for spec in module.ROUTES]
