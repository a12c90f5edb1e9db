"""Indirect resellers: relationships of the partner and of a customer, and the agreement status (rules 16 and 24).

Source: Partner Center docs, pages retrieve-a-list-of-indirect-resellers, get-indirect-resellers-of-a-customer and
verify-indirect-reseller-mpa-status (Oct 2023). The codes of the last page go from 2200 to 2206 without 2202, which no
page explains: nothing here answers it.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner.customers import customer_of, partner_of
from cspctl.emulator.wire.requests import invalid
from cspctl.emulator.wire.shapes import collection, is_guid, query_value

_FAQ = ["https://learn.microsoft.com/partner-center/mpa-indirect-provider-faq"]
_MIGRATE = ["https://partner.microsoft.com/resources/detail/migrate-pmc-pc-mpa-guide-pptx"]
# markets of the European Union and the European Free Trade Association are one region of the programme (impl.)
_EUROPE = frozenset(
    {"AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IS", "IT",
     "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"}
)  # fmt: skip  # one list


def relationship(reseller: dict[str, Any]) -> dict[str, Any]:
    """The relationship item as an indirect provider sees it."""
    return {
        "id": reseller["accountId"],
        "name": reseller["displayName"],
        "relationshipType": "is_indirect_cloud_solution_provider_of",
        "state": reseller.get("state", "Active"),
        "mpnId": reseller["mpnId"],
        "location": reseller.get("market"),
        "attributes": {"objectType": "PartnerRelationship"},
    }


async def list_relationships(request: Request, ctx: Context) -> Answer:
    """A provider lists its resellers; nobody who may call here is a reseller, so the other side is empty."""
    wanted = (query_value(request, "relationship_type") or "").replace("_", "").lower()
    if wanted not in ("isindirectcloudsolutionproviderof", "isindirectresellerof"):
        raise invalid("relationship_type is IsIndirectCloudSolutionProviderOf or IsIndirectResellerOf")
    provider = partner_of(ctx).get("tier") == "indirect-provider" and wanted == "isindirectcloudsolutionproviderof"
    found = ctx.store.list("reseller", ctx.partner) if provider else []
    return Answer(200, collection([relationship(one) for one in found]))


async def list_of_customer(request: Request, ctx: Context) -> Answer:
    """The sample lacks state and location."""
    customer = customer_of(ctx, request.path_params["customer_id"])
    mpn = customer.get("_reseller")
    reseller = ctx.store.get("reseller", ctx.partner, mpn) if mpn else None
    items = [relationship(reseller)] if reseller else []
    return Answer(200, collection([{k: v for k, v in one.items() if k not in ("state", "location")} for one in items]))


async def agreement_status(request: Request, ctx: Context) -> Answer:
    """Whether a reseller has signed the partner agreement: exactly one of mpnId and tenantId."""
    mpn, tenant = query_value(request, "mpnId"), query_value(request, "tenantId")
    if mpn and tenant:
        raise _refusal(2000, "Both MPN Id and Tenant Id should not be passed.", source="ComplianceController")
    if tenant:
        _check_tenant(ctx, tenant)
    elif mpn:
        _check_mpn(ctx, mpn)
    else:
        raise _refusal(2001, "Both MPN Id and Tenant Id cannot be empty.", source="ComplianceController")
    return Answer(200, {"isAgreementSigned": True})


def _check_mpn(ctx: Context, mpn: str) -> None:
    if not (mpn.isascii() and mpn.isdigit()):
        raise _refusal(2000, "MPN Id must be numeric.", source="PartnerApiServiceControllers")
    found = ctx.store.get("reseller", ctx.partner, mpn)
    if found is None:
        elsewhere = ctx.store.find("reseller", mpn)
        found = elsewhere[1] if elsewhere else None
    if found is None and not any(one.get("mpnId") == mpn for one in ctx.store.list("partner", "")):
        text = f"Requested MPN Id {mpn} is either invalid or does not exist in Partner Center."
        raise _refusal(2200, text, _MIGRATE)
    if found is None or found.get("enrolled") is False:  # a partner of another kind, or a reseller outside CSP
        text = f"Requested MPN Id {mpn} is not associated with any CSP Indirect Reseller account in Partner Center."
        raise _refusal(2204, text, _FAQ)
    own = partner_of(ctx)
    if _region(found.get("market")) != _region(own.get("market")):
        text = (
            f"The CSP region of the requested PartnerID {mpn} is {found.get('market')} and doesn't match the CSP "
            f"region {own.get('market')} of Indirect Provider with Tenant id {ctx.partner}."
        )
        raise _refusal(2201, text, _FAQ)
    if found.get("agreementSigned") is False:
        text = f"MPN Id {mpn} has not signed Microsoft Partner Agreement (MPA) for the CSP region of the order."
        raise _refusal(2203, text, _FAQ)


def _check_tenant(ctx: Context, tenant: str) -> None:
    if not is_guid(tenant):
        raise _refusal(2000, "Tenant Id must be a GUID.", source="PartnerApiServiceControllers")
    wanted = tenant.lower()
    partners = [ctx.partner, *(one["accountId"] for one in ctx.store.list("partner", ""))]
    every = (one for partner in partners for one in ctx.store.list("reseller", partner))
    found = next((one for one in every if one["accountId"] == wanted), None)
    if found is None and ctx.store.get("partner", "", wanted) is None:
        raise _refusal(2205, f"Could not find account with id '{tenant}'.")
    if found is not None and found.get("agreementSigned") is False:
        text = f"Partner Center Account associated to Tenant Id {tenant} hasn't signed the agreement"
        raise _refusal(2206, text, _FAQ)


def _region(market: object) -> str:
    return "Europe" if str(market) in _EUROPE else str(market)


def _refusal(code: int, text: str, data: list[str] | None = None, *, source: str = "PartnerFD") -> ApiError:
    return ApiError(400, code, text, data=data, source=source)


ROUTES: list[RouteSpec] = [
    RouteSpec(
        "GET", "/v1/relationships", list_relationships, auth="U", name="Get indirect resellers of an indirect provider"
    ),
    RouteSpec(
        "GET", "/v1/customers/{customer_id}/relationships", list_of_customer, auth="U",
        name="Get indirect resellers of a customer",
    ),
    RouteSpec(
        "GET", "/v1/compliance/{program}/agreementstatus", agreement_status, auth="U",
        name="Verify an indirect reseller's Microsoft Partner Agreement signing status",
    ),
]  # fmt: skip  # one route, few lines
