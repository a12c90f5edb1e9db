"""The partner's own profiles: legal business, billing, organization, support, partner network.

Source: Partner Center docs, pages get-legal-business-profile, get-partner-billing-profile, get-organization-profile,
get-support-profile, get-partner-network-profile and their update pages (Oct 2023). No If-Match is asked for.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner.addresses import checked_address
from cspctl.emulator.partner.customers import partner_of
from cspctl.emulator.wire.etags import next_etag
from cspctl.emulator.wire.requests import invalid, text_of
from cspctl.emulator.wire.shapes import link, query_value, stable_guid

KIND = "profile"
_FIXED = {
    "legalbusiness": ("vettingStatus", "vettingSubStatus"),
    "billing": ("billingCurrency",),
    "organization": ("id", "tenantId", "domain"),
    "support": (),
}  # what a PUT cannot change


def _first(ctx: Context, name: str) -> dict[str, Any]:
    """The profile as the partner starts with, made from its seed entry."""
    partner = partner_of(ctx)
    company, domain = partner.get("displayName", ""), partner.get("domain", "")
    street = {"addressLine1": "1 Main Street", "addressLine2": "", "city": "Springfield", "postalCode": "10115"}
    address = {"country": partner.get("market"), "state": "", **street}
    person = {"firstName": "Gena", "lastName": "Soto", "phoneNumber": "5550100"}
    email = f"admin@{domain}"
    if name == "legalbusiness":
        return {
            "companyName": company,
            "address": {**address, **person},
            "primaryContact": {**person, "email": email},
            "companyApproverAddress": address,
            "companyApproverEmail": email,
            "vettingStatus": "authorized",
            "vettingSubStatus": "none",
        }
    if name == "billing":
        return {
            "companyName": company,
            "address": address,
            "primaryContact": person,
            "purchaseOrderNumber": "",
            "taxId": "",
            "billingCurrency": partner.get("currency"),
            "billingDay": 1,
        }
    if name == "organization":
        return {
            "id": ctx.partner,
            "companyName": company,
            "defaultAddress": {**address, **person},
            "tenantId": ctx.partner,
            "domain": domain,
            "email": email,
            "language": "en",
            "culture": "en-US",
        }
    return {"email": email, "telephone": "5550100", "website": f"www.{domain}"}


_TYPES = {
    "legalbusiness": "LegalBusinessProfile",
    "billing": "BillingProfile",
    "organization": "OrganizationProfile",
    "support": "SupportProfile",
}


# The answer to an update of the support profile names its kind in another way than a read does (samples).
_UPDATED = {"support": {"profileType": "support_profile", "attributes": {"objectType": "PartnerSupportProfile"}}}


def profile_of(ctx: Context, name: str) -> dict[str, Any]:
    """One profile with its type, links and, for billing and organization, an etag in the body."""
    kept = ctx.store.get(KIND, ctx.partner, name) or _first(ctx, name)
    attributes = {"objectType": _TYPES[name]}
    if name in ("billing", "organization"):
        attributes = {"etag": kept.get("_etag") or stable_guid("profile", ctx.partner, name), **attributes}
    return {
        **kept,
        "profileType": _TYPES[name],
        "links": {"self": link(f"/profiles/{name}")},
        "attributes": attributes,
    }


def _reader(name: str) -> Any:
    async def get_profile(request: Request, ctx: Context) -> Answer:
        return Answer(200, profile_of(ctx, name))

    return get_profile


def _writer(name: str) -> Any:
    async def put_profile(request: Request, ctx: Context) -> Answer:
        """The full resource. Raises 400 for what is missing and for fixed properties that differ."""
        before, body = profile_of(ctx, name), body_of(request)
        kept = {key: body.get(key) for key in _first(ctx, name)}
        for fixed in _FIXED[name]:
            if body.get(fixed) is not None and str(body[fixed]).lower() != str(before[fixed]).lower():
                raise invalid(f"{fixed} cannot be changed")
            kept[fixed] = before[fixed]
        _check(name, kept)
        after = {**kept, "billingDay": before["billingDay"]} if name == "billing" else kept
        after["_etag"] = next_etag({**after, "attributes": before["attributes"]})
        ctx.store.put(KIND, ctx.partner, name, after)
        shown = profile_of(ctx, name)
        ctx.audit.record(operation="update_company_info", resource_type="customer", old=before, new=shown)
        return Answer(200, {**shown, **_UPDATED.get(name, {})})

    return put_profile


def _check(name: str, kept: dict[str, Any]) -> None:
    if name == "support":
        for key in ("email", "telephone", "website"):
            text_of(kept, key)
        return
    text_of(kept, "companyName")
    key = "defaultAddress" if name == "organization" else "address"
    checked_address(kept.get(key), key)


async def get_network_profile(request: Request, ctx: Context) -> Answer:
    """The own profile, or the one of any partner id the emulator knows. Raises 404/3000."""
    partner = partner_of(ctx)
    wanted = query_value(request, "mpnId") or str(partner.get("mpnId") or "")
    name = partner.get("displayName") if wanted == str(partner.get("mpnId") or "") else _known(ctx, wanted)
    if not wanted or name is None:
        raise ApiError(404, 3000, f"Partner organization with partner id {wanted} could not be found.")
    body = {
        "mpnId": wanted,
        "partnerName": name,
        "profileType": "MpnProfile",
        "links": {"self": link("/profiles/mpn")},
        "attributes": {"objectType": "MpnProfile"},
    }
    return Answer(200, body)


def _known(ctx: Context, mpn: str) -> str | None:
    reseller = ctx.store.find("reseller", mpn)
    if reseller:
        return str(reseller[1]["displayName"])
    partners = ctx.store.list("partner", "")
    return next((str(one["displayName"]) for one in partners if one.get("mpnId") == mpn), None)


_PATH = "/v1/profiles"
ROUTES: list[RouteSpec] = [
    RouteSpec("GET", f"{_PATH}/mpn", get_network_profile, auth="U", name="Get partner profile"),
    RouteSpec("GET", f"{_PATH}/legalbusiness", _reader("legalbusiness"), name="Get the partner legal business profile"),
    RouteSpec("GET", f"{_PATH}/billing", _reader("billing"), auth="U", name="Get partner billing profile"),
    RouteSpec("GET", f"{_PATH}/organization", _reader("organization"), auth="U", name="Get organization profile"),
    RouteSpec("GET", f"{_PATH}/support", _reader("support"), auth="U", name="Get support profile"),
    RouteSpec(
        "PUT", f"{_PATH}/legalbusiness", _writer("legalbusiness"), auth="U",
        name="Update the partner legal business profile",
    ),
    RouteSpec("PUT", f"{_PATH}/billing", _writer("billing"), auth="U", name="Update the partner billing profile"),
    RouteSpec("PUT", f"{_PATH}/organization", _writer("organization"), auth="U", name="Update an organization profile"),
    RouteSpec("PUT", f"{_PATH}/supportprofile", _writer("support"), auth="U", name="Update support profile"),
]  # fmt: skip  # one route, few lines
