"""Indirect resellers made for the integration sandbox (rule 53: at most five).

Source: Partner Center docs, pages create-indirect-reseller-in-sandbox and delete-indirect-reseller-in-sandbox
(Oct 2023).
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

from starlette.requests import Request

from cspctl.emulator.clock import format_instant
from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner.addresses import checked_address
from cspctl.emulator.partner.customer_creation import require_ids
from cspctl.emulator.partner.customers import partner_of
from cspctl.emulator.partner.domains import taken
from cspctl.emulator.partner.sandbox_account import is_sandbox
from cspctl.emulator.wire.requests import invalid, text_of
from cspctl.emulator.wire.shapes import new_guid, stable_guid

_PREFIX = re.compile(r"[A-Za-z0-9]{1,27}")


def _provider(ctx: Context, code: int, what: str) -> dict[str, Any]:
    """The calling provider. Raises 401/6002 (no sandbox provider) and 403 with `code` in production."""
    partner = partner_of(ctx)
    if partner.get("tier") != "indirect-provider":
        raise ApiError(401, 6002, "Unauthorized token or Not a Tip Provider Account")
    if not is_sandbox(ctx):
        raise ApiError(403, code, f"{what} isn't allowed")
    return partner


async def create(request: Request, ctx: Context) -> Answer:
    partner = _provider(ctx, 6004, "Create Sandbox Indirect Reseller operation")
    require_ids(request, ctx)
    body = body_of(request)
    mpn, tenant, legal = text_of(body, "mpnId"), body.get("tenant"), body.get("legalBusinessProfile")
    if not isinstance(tenant, dict) or not isinstance(legal, dict):
        raise invalid("tenant and legalBusinessProfile are required")
    prefix = text_of(tenant, "domainPrefix")
    if not _PREFIX.fullmatch(prefix) or not mpn.isdigit():
        raise invalid("tenant.domainPrefix must be letters and digits, mpnId a number")
    checked_address(legal.get("address"), "legalBusinessProfile.address")
    made = [one for one in ctx.store.list("reseller", ctx.partner) if one.get("_sandbox")]
    if len(made) >= ctx.settings.sandbox_resellers:
        raise ApiError(400, 800018, f"The sandbox limit has been met: {ctx.settings.sandbox_resellers} resellers.")
    domain = f"{prefix}.onmicrosoft.com"
    known = any(str(one.get("_domain", "")).lower() == domain.lower() for one in made)
    if known or taken(ctx.store, domain) or ctx.store.get("reseller", ctx.partner, mpn) is not None:
        raise ApiError(409, 1003, "Conflict while creating tenant")
    account = new_guid(ctx.store, "reseller")
    reseller = {
        "mpnId": mpn,
        "accountId": account,
        "displayName": str(tenant.get("displayName") or tenant.get("name") or prefix),
        "market": str(tenant.get("country") or partner["market"]).upper(),
        "_sandbox": True,
        "_domain": domain,
    }
    ctx.store.put("reseller", ctx.partner, mpn, reseller)
    answer = _answer(ctx, partner, reseller, str(tenant.get("adminUserName") or "admin"))
    ctx.audit.record(
        operation="create_partner_relationship", resource_type="partner_relationship",
        new=answer["partnerRelationship"], customized=[{"key": "MpnId", "value": mpn}],
    )  # fmt: skip  # one record
    return Answer(201, answer)


def _answer(ctx: Context, partner: dict[str, Any], reseller: dict[str, Any], admin: str) -> dict[str, Any]:
    account, user = reseller["accountId"], ctx.principal or ctx.application
    secret = hashlib.sha256(f"reseller:{account}:{ctx.request_id}".encode()).hexdigest()
    return {
        "accountId": account,
        "mpnId": reseller["mpnId"],
        "tenant": {
            "id": account,
            "adminUserAccount": f"{admin}@{reseller['_domain']}",
            "password": f"{secret[:6].capitalize()}*{secret[6:9]}K",
        },
        "agreementSignature": {
            "id": stable_guid("signature", account),
            "accountId": account,
            "agreementId": stable_guid("agreement", "ValueAddedReseller"),
            "agreementType": "ValueAddedReseller",
            "dateSigned": format_instant(ctx.clock.now()),
            "signedByFirstName": user,
            "signedByUserPrincipalName": user,
            "signedByUserObjectId": stable_guid("user", user),
            "signedByUserTenantId": ctx.partner,
            "attributes": {"objectType": "AgreementSignatureResponse"},
        },
        "partnerRelationship": {
            "id": ctx.partner,
            "name": partner.get("displayName"),
            "relationshipType": "is_indirect_reseller_of",
            "state": "Active",
            "mpnId": reseller["mpnId"],
            "attributes": {"objectType": "PartnerRelationshipResponse"},
        },
    }


async def delete(request: Request, ctx: Context) -> Answer:
    """204; the reseller's customers must be deleted before."""
    _provider(ctx, 6003, "Delete Sandbox Indirect Reseller")
    require_ids(request, ctx)
    wanted = request.path_params["reseller_id"].lower()
    made = (one for one in ctx.store.list("reseller", ctx.partner) if one.get("_sandbox"))
    found = next((one for one in made if one["accountId"] == wanted), None)
    if found is None:
        raise ApiError(404, 1000, f"Not found: sandbox indirect reseller {wanted}.")
    customers = [one for one in ctx.store.list("customer", ctx.partner) if one.get("_reseller") == found["mpnId"]]
    if any(one["relationshipToPartner"] != "none" for one in customers):
        raise invalid("the reseller still has customers; delete them first")
    ctx.store.delete("reseller", ctx.partner, found["mpnId"])
    ctx.audit.record(
        operation="remove_partner_relationship", resource_type="partner_relationship", old=found,
        customized=[{"key": "MpnId", "value": found["mpnId"]}],
    )  # fmt: skip  # one record
    return Answer(204)


_PATH = "/v1/sandboxIndirectReseller"
ROUTES: list[RouteSpec] = [
    RouteSpec("POST", _PATH, create, auth="U", name="Create Indirect Reseller in Sandbox", creates=True),
    RouteSpec("DELETE", f"{_PATH}/{{reseller_id}}", delete, auth="U", name="Delete Indirect Reseller in Sandbox"),
]
