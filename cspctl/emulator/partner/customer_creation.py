"""Creating a customer: a new tenant and its relationship with the partner (rules 12, 13, 16 and 53).

Source: Partner Center docs, pages create-a-customer, create-a-customer-for-an-indirect-reseller,
customer-resources and error-codes (Oct 2023).
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

from starlette.requests import Request

from cspctl.emulator.clock import format_instant
from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner.addresses import VERIFIED, checked_address, status_of
from cspctl.emulator.partner.countries import REGISTRATION_MARKETS, registration_format
from cspctl.emulator.partner.customers import partner_of
from cspctl.emulator.partner.domains import is_domain, taken
from cspctl.emulator.partner.profile_documents import billing_profile, company_profile, signed_number
from cspctl.emulator.partner.sandbox_account import check_customer_quota
from cspctl.emulator.wire.requests import invalid, text_of
from cspctl.emulator.wire.shapes import link, new_guid

_FIRST_TWELVE = "AM, AZ, BY, HU, IN, KZ, KG, MD, RU, TJ, UZ, UA"  # the texts of the errors name these only


async def create_customer(request: Request, ctx: Context) -> Answer:
    """201 with credentials that no later answer repeats. The relationship is to be read by a later GET."""
    require_ids(request, ctx)
    body = body_of(request)
    reseller = _reseller(ctx, body.get("associatedPartnerId"))
    domain = _domain(ctx, body.get("companyProfile"))
    billing = _billing(body.get("billingProfile"))
    number = _registration(ctx, body["companyProfile"], billing["defaultAddress"])
    if ctx.settings.customer_address_check and status_of(billing["defaultAddress"]) not in VERIFIED:
        raise invalid("billingProfile.defaultAddress is no verified address")
    if (body.get("userCredentials") or {}).get("password"):
        raise invalid("userCredentials.password cannot be set")
    check_customer_quota(ctx)
    customer = _document(ctx, domain, billing, number, reseller, gdap=body.get("enableGDAPByDefault") is True)
    ctx.store.put("customer", ctx.partner, customer["id"], customer)
    ctx.audit.record(
        operation="add_customer", resource_type="customer", customer_id=customer["id"], new=customer,
        customized=[{"key": "CustomerId", "value": customer["id"]}, {"key": "Domain", "value": domain}],
    )  # fmt: skip  # one record
    return Answer(201, _answer(ctx, customer, body.get("enableGDAPByDefault"), reseller))


def require_ids(request: Request, ctx: Context) -> None:
    """This page and that of sandbox resellers state that both ids are required. Raises 400/800002."""
    if not ctx.settings.require_write_ids:
        return
    missing = [name for name in ("MS-RequestId", "MS-CorrelationId") if name.lower() not in request.headers]
    if missing:
        raise invalid(f"the header {' and '.join(missing)} is required")


def _reseller(ctx: Context, given: object) -> dict[str, Any] | None:
    """The indirect reseller a customer is created for. Raises 403/900329 (app-only), 400/800016 (not active)."""
    if not given:
        return None
    if ctx.app_only:
        raise ApiError(403, 900329, "A customer of an indirect reseller is created with app+user authentication.")
    wanted = str(given).lower()
    for one in ctx.store.list("reseller", ctx.partner):
        active = one.get("state", "Active") == "Active" and one.get("enrolled") is not False
        if one["accountId"] == wanted and active:
            return one
    raise ApiError(400, 800016, f"The associated partner {given} isn't an active indirect reseller of this partner.")


def _domain(ctx: Context, profile: object) -> str:
    if not isinstance(profile, dict):
        raise invalid("companyProfile is required")
    domain = text_of(profile, "domain")
    suffix = ".partner.onmschina.cn" if partner_of(ctx).get("cloud") == "china" else ".onmicrosoft.com"
    if not is_domain(domain) or not domain.lower().endswith(suffix):
        raise invalid(f"companyProfile.domain {domain!r} must be a name below {suffix[1:]}")
    if taken(ctx.store, domain):
        raise ApiError(409, ctx.settings.domain_taken_code, f"The domain {domain} is in use by another tenant.")
    return domain


def _billing(given: object) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise invalid("billingProfile is required")
    for name in ("culture", "email", "language", "companyName"):
        text_of(given, name)
    return {**given, "defaultAddress": checked_address(given.get("defaultAddress"), "billingProfile.defaultAddress")}


def _registration(ctx: Context, profile: dict[str, Any], address: dict[str, Any]) -> str | None:
    """Raises 400/600049, 600050, 600051 and 600002."""
    number, country = str(profile.get("organizationRegistrationNumber") or ""), address["country"]
    if country not in REGISTRATION_MARKETS:
        if number:
            text = f"Organization registration ID value isn't supported. Countries/regions affected: {_FIRST_TWELVE}."
            raise ApiError(400, 600002, text)
        return None
    if not number:
        text = f"Organization registration ID information is missing. Countries/regions affected: {_FIRST_TWELVE}."
        raise ApiError(400, 600049, text)
    expected = registration_format(country, ctx.settings)
    if not re.fullmatch(expected, number):
        text = f"Organization registration ID information is invalid and should be of the format {expected}"
        raise ApiError(400, 600050, text)
    if not str(address.get("phoneNumber") or "").strip():
        raise ApiError(400, 600051, f"Customer phone number is missing. Countries/regions affected: {_FIRST_TWELVE}.")
    return number


def _document(
    ctx: Context,
    domain: str,
    billing: dict[str, Any],
    number: str | None,
    reseller: dict[str, Any] | None,
    *,
    gdap: bool,
) -> dict[str, Any]:
    id = new_guid(ctx.store, "customer")
    partner, country = partner_of(ctx), billing["defaultAddress"]["country"]
    path = f"/customers/{id}"
    return {
        "id": id,
        "commerceId": new_guid(ctx.store, "commerce"),
        "companyProfile": company_profile(id, domain, billing, number),
        "billingProfile": billing_profile(id, new_guid(ctx.store, "billing-profile"), billing, signed_number(id)),
        "relationshipToPartner": "reseller",
        "allowDelegatedAccess": False,
        "customDomains": [domain.lower()],
        "associatedPartnerId": reseller["accountId"] if reseller else None,
        "links": {"self": link(path)},
        "attributes": {"objectType": "Customer"},
        "_market": country,
        "_currency": partner.get("currency", "USD"),
        "_reseller": reseller["mpnId"] if reseller else None,
        "_segments": ["commercial"],
        "_gdapSince": format_instant(ctx.clock.now()) if gdap else None,
    }


def _answer(ctx: Context, customer: dict[str, Any], gdap: object, reseller: dict[str, Any] | None) -> dict[str, Any]:
    """A direct customer shows `none`, one of an indirect reseller `reseller` with delegated access (samples)."""
    company = {k: v for k, v in customer["companyProfile"].items() if k not in ("address", "email")}
    billing = {k: v for k, v in customer["billingProfile"].items() if k != "links"}
    secret = hashlib.sha256(f"password:{customer['id']}:{ctx.request_id}".encode()).hexdigest()
    return {
        "id": customer["id"],
        "commerceId": customer["commerceId"],
        "companyProfile": company,
        "billingProfile": billing,
        "relationshipToPartner": "reseller" if reseller else "none",
        "allowDelegatedAccess": True if reseller else None,
        "userCredentials": {"userName": "admin", "password": f"{secret[:6].capitalize()}*{secret[6:9]}K"},
        "associatedPartnerId": customer["associatedPartnerId"],
        "enableGDAPByDefault": gdap,
        "attributes": {"objectType": "Customer"},
    }


ROUTES: list[RouteSpec] = [
    RouteSpec("POST", "/v1/customers", create_customer, name="Create a customer", throttle="customers", creates=True),
]
