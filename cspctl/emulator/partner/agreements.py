"""Agreements: their metadata and documents, confirmations by the partner, direct signing by the customer (rule 19).

Source: Partner Center docs, pages get-customer-agreement-metadata, get-agreement-metadata,
get-confirmation-of-customer-agreement, confirm-customer-consent-customer-agreement,
get-direct-sign-status-of-customer-agreement and get-agreement-template-document (Oct 2023).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.requests import Request

from cspctl.emulator.clock import format_instant, parse_instant
from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner.agreement_documents import links
from cspctl.emulator.partner.countries import is_culture, is_market
from cspctl.emulator.partner.customers import customer_of
from cspctl.emulator.partner.graph import base_of
from cspctl.emulator.seeding.documents import AGREEMENT_TYPE
from cspctl.emulator.signin.tokens import Grant, object_id
from cspctl.emulator.wire.requests import invalid, text_of
from cspctl.emulator.wire.shapes import collection, new_guid, query_value, stable_guid

KIND = "agreement"
CLOUD_TYPE = "MicrosoftCloudAgreement"
_LINKS = {
    CLOUD_TYPE: "https://learn.microsoft.com/partner-center/agreements",
    AGREEMENT_TYPE: "https://aka.ms/customeragreement",
}
_CONTACT = ("firstName", "lastName", "email")


def template_id(type_name: str) -> str:
    """The same in every store, as seeded confirmations carry it."""
    return stable_guid("template", type_name)


def _types(request: Request) -> tuple[str, ...]:
    """Left out means the old Cloud Agreement only; `*` means all."""
    wanted = query_value(request, "agreementType")
    if wanted is None or wanted == "":
        return (CLOUD_TYPE,)
    if wanted == "*":
        return tuple(_LINKS)
    return tuple(name for name in _LINKS if name.lower() == wanted.lower())


async def get_metadata(request: Request, ctx: Context) -> Answer:
    items = [
        {"templateId": template_id(name), "agreementType": name, "agreementLink": _LINKS[name], "versionRank": 0}
        for name in _types(request)
    ]
    return Answer(200, collection(items, "/agreements"))


async def get_confirmations(request: Request, ctx: Context) -> Answer:
    customer = customer_of(ctx, request.path_params["customer_id"])
    wanted = _types(request)
    found = [one for one in ctx.store.list(KIND, ctx.partner, parent=customer["id"]) if one["type"] in wanted]
    return Answer(200, {"totalCount": len(found), "items": found})


async def confirm(request: Request, ctx: Context) -> Answer:
    """201 with the object id of the token's user. Raises 400/600061 when the same contact is confirmed already."""
    customer = customer_of(ctx, request.path_params["customer_id"])
    body = body_of(request)
    contact = _contact(body.get("primaryContact"))
    name = next((one for one in _LINKS if one.lower() == str(body.get("type") or "").lower()), None)
    if name is None or str(body.get("templateId") or "").lower() != template_id(name):
        raise invalid("type and templateId must be those of the agreement metadata")
    agreed = _agreed(body)
    for one in ctx.store.list(KIND, ctx.partner, parent=customer["id"]):
        if one["type"] == name and _same(one["primaryContact"], contact):
            raise ApiError(
                400, 600061, "The partner confirmed agreement already exists for the customer with this contact.",
                shape="modern", name="PartnerConfirmedAgreementAlreadyExists",
            )  # fmt: skip  # one error
    kept = {
        "primaryContact": contact,
        "templateId": template_id(name),
        "dateAgreed": f"{agreed[:10]}T00:00:00",
        "type": name,
        "agreementLink": _LINKS[name],
    }
    ctx.store.put(KIND, ctx.partner, new_guid(ctx.store, "agreement"), kept, parent=customer["id"])
    answer = {
        "userId": object_id(Grant(ctx.partner, ctx.application, ctx.principal)),
        "primaryContact": contact,
        "templateId": body["templateId"],
        "dateAgreed": body["dateAgreed"],
        "type": name,
    }
    ctx.audit.record(
        operation="create_agreement", resource_type="agreement", customer_id=customer["id"], new=answer
    )  # fmt: skip  # one record
    return Answer(201, answer)


def _contact(given: object) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise invalid("primaryContact is required")
    for name in _CONTACT:
        text_of(given, name)
    return {name: given[name] for name in (*_CONTACT, "phoneNumber") if given.get(name)}


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    keys = (*_CONTACT, "phoneNumber")
    return all(str(one.get(key) or "").lower() == str(other.get(key) or "").lower() for key in keys)


def _agreed(body: dict[str, Any]) -> str:
    try:
        return format_instant(parse_instant(text_of(body, "dateAgreed")))
    except ValueError:
        raise invalid(f"dateAgreed {body['dateAgreed']!r} is not a date") from None


async def direct_status(request: Request, ctx: Context) -> Answer:
    customer = customer_of(ctx, request.path_params["customer_id"])
    return Answer(200, {"isSigned": bool(customer.get("_directSigned"))})


async def get_document(request: Request, ctx: Context) -> Answer:
    """A new pair of links per call. Template id and country are compared with case; an unknown language is en-US."""
    wanted = request.path_params["template_id"]
    if wanted != template_id(AGREEMENT_TYPE):
        raise ApiError(404, 1000, f"Not found: agreement template {wanted}.")
    country = query_value(request, "country") or "US"
    if not is_market(country):
        raise invalid(f"country {country!r}")
    language = query_value(request, "language") or "en-US"
    language = language if is_culture(language) else "en-US"
    until = ctx.clock.now() + timedelta(minutes=ctx.settings.agreement_link_minutes)
    addresses = links(ctx.store, base_of(request), (wanted, language, country), until)
    return Answer(200, {**addresses, "language": language, "country": country})


_CUSTOMER = "/v1/customers/{customer_id}"
ROUTES: list[RouteSpec] = [
    RouteSpec("GET", "/v1/agreements", get_metadata, auth="U", name="Get agreement metadata"),
    RouteSpec(
        "GET", f"{_CUSTOMER}/agreements", get_confirmations, auth="U",
        name="Get confirmations of agreement acceptance",
    ),
    RouteSpec("POST", f"{_CUSTOMER}/agreements", confirm, auth="U", name="Confirm agreement acceptance"),
    RouteSpec(
        "GET", f"{_CUSTOMER}/directSignedMicrosoftCustomerAgreementStatus", direct_status, auth="U",
        name="Get direct signing status",
    ),
    RouteSpec(
        "GET", "/v1/agreementtemplates/{template_id}/document", get_document, auth="U",
        name="Get an agreement template document",
    ),
]  # fmt: skip  # one route, few lines
