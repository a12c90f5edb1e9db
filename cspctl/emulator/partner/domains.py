"""Domains: whether one is taken, a verified one for a customer, the tenant's organization and custom domains.

Source: Partner Center docs, pages verify-domain-availability, add-a-verified-domain-for-a-customer,
get-customer-custom-domain, get-customer-organization (Oct 2023).
"""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner import entra_roles
from cspctl.emulator.partner.admin_access import require_admin
from cspctl.emulator.partner.customers import customer_of
from cspctl.emulator.store import Store
from cspctl.emulator.wire.requests import invalid, text_of

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+")
_AUTHENTICATION = {"managed": "managed", "federated": "federated"}


def is_domain(name: str) -> bool:
    return _NAME.fullmatch(name.lower()) is not None


def taken(store: Store, domain: str) -> bool:
    """Whether a tenant of any partner, or a partner itself, uses the domain (rule 12)."""
    wanted = domain.lower()
    partners = store.list("partner", "")
    if any(partner["domain"] == wanted for partner in partners):
        return True
    return any(
        wanted == customer["companyProfile"]["domain"].lower()
        or wanted in (str(name).lower() for name in customer.get("customDomains") or [])
        for partner in partners
        for customer in store.list("customer", partner["accountId"])
    )


async def head_domain(request: Request, ctx: Context) -> Answer:
    """200 = taken, 404 = free, both without a body."""
    return Answer(200 if taken(ctx.store, request.path_params["domain"]) else 404)


async def check_prefix(request: Request, ctx: Context) -> Answer:
    """Known from the service's own description only (2021): whether `{prefix}.onmicrosoft.com` is free."""
    free = not taken(ctx.store, f"{request.path_params['prefix']}.onmicrosoft.com")
    return Answer(200, None, {"Content-Type": "application/json; charset=utf-8"}, raw=b"true" if free else b"false")


async def add_verified_domain(request: Request, ctx: Context) -> Answer:
    customer = customer_of(ctx, request.path_params["customer_id"])
    body = body_of(request)
    name = text_of(body, "verifiedDomainName").lower()
    given = body.get("domain")
    if not isinstance(given, dict) or not is_domain(name):
        raise invalid("verifiedDomainName and domain are required")
    missing = [
        key
        for key in ("name", "authenticationType", "capability", "status", "verificationMethod")
        if not given.get(key)
    ]
    if missing:
        raise invalid(f"domain needs {', '.join(missing)}")
    authentication = _AUTHENTICATION.get(str(given["authenticationType"]).lower())
    if authentication is None:
        raise invalid("domain.authenticationType is Managed or Federated")
    if authentication == "federated" and not isinstance(body.get("domainFederationSettings"), dict):
        raise invalid("domainFederationSettings is required for a federated domain")
    if taken(ctx.store, name):
        raise ApiError(409, ctx.settings.domain_taken_code, f"The domain {name} is in use.")
    changed = {**customer, "customDomains": [*(customer.get("customDomains") or []), name]}
    ctx.store.put("customer", ctx.partner, customer["id"], changed)
    answer: dict[str, Any] = {
        "authenticationType": authentication,
        "capability": str(given["capability"]).lower(),
        "isDefault": False,
        "isInitial": False,
        "name": given["name"],
        "rootDomain": given.get("rootDomain"),
        "status": str(given["status"]).lower(),
        "verificationMethod": "dns_record",
    }
    ctx.audit.record(
        operation="update_company_info", resource_type="customer", customer_id=customer["id"], new=answer
    )  # fmt: skip  # the nearest documented operation
    return Answer(201, answer)


async def organization(request: Request, ctx: Context) -> Answer:
    customer = customer_of(ctx, request.path_params["customer_id"])
    require_admin(ctx, customer, entra_roles.ORGANIZATION, dap=False)
    profile = customer["companyProfile"]
    address = profile.get("address") or {}
    item = {
        "street": address.get("addressLine1"),
        "countryLetterCode": address.get("country"),
        "postalCode": address.get("postalCode"),
        "city": address.get("city"),
        "state": address.get("region"),
        "displayName": profile["companyName"],
        "technicalNotificationMails": [profile["email"]] if profile.get("email") else [],
    }
    return Answer(200, [item])


async def custom_domains(request: Request, ctx: Context) -> Answer:
    customer = customer_of(ctx, request.path_params["customer_id"])
    require_admin(ctx, customer, entra_roles.DOMAINS, dap=False)
    return Answer(200, list(customer.get("customDomains") or []))


_CUSTOMER = "/v1/customers/{customer_id}"
ROUTES: list[RouteSpec] = [
    RouteSpec("HEAD", "/v1/domains/{domain}", head_domain, name="Verify domain availability"),
    RouteSpec(
        "GET", "/v1/validations/checkdomainavailability/{prefix}", check_prefix,
        name="Verify domain prefix availability",
    ),
    RouteSpec(
        "POST", f"{_CUSTOMER}/verifieddomain", add_verified_domain, name="Add a verified domain for a customer"
    ),
    RouteSpec("GET", f"{_CUSTOMER}/organization", organization, name="Get the organization of a customer"),
    RouteSpec("GET", f"{_CUSTOMER}/customDomains", custom_domains, name="Get a customer custom domains"),
]  # fmt: skip  # one route, few lines
