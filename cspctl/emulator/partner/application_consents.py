"""Consent of a customer to an application of a control panel vendor, given by the partner (rule 54).

Source: Partner Center docs, page control-panel-vendor-apis (Oct 2023): 50 requests a second per application for each of
the two. The answer's form is the request's (impl.), and so are the codes of a second consent and of an unknown one.
"""

from __future__ import annotations

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner.users import opened
from cspctl.emulator.serving.throttle import CONSENT, CONSENT_REMOVAL
from cspctl.emulator.wire.requests import invalid, objects, text_of
from cspctl.emulator.wire.shapes import is_guid

KIND = "consent"
_ANY_ROLE: tuple[str, ...] = ()


async def create(request: Request, ctx: Context) -> Answer:
    customer = opened(request, ctx, _ANY_ROLE)
    body = body_of(request)
    application = text_of(body, "applicationId").lower()
    grants = objects(body.get("applicationGrants"), "applicationGrants")
    if not is_guid(application) or not all(is_guid(str(one.get("enterpriseApplicationId") or "")) for one in grants):
        raise invalid("applicationId and enterpriseApplicationId must be GUIDs")
    for one in grants:
        text_of(one, "scope")
    key = f"{customer['id']}:{application}"
    if ctx.store.get(KIND, ctx.partner, key) is not None:
        raise ApiError(409, 409, f"Permission entry already exists for the application {application}.")
    kept = {
        "applicationId": body["applicationId"],
        "displayName": body.get("displayName"),
        "applicationGrants": [
            {"enterpriseApplicationId": one["enterpriseApplicationId"], "scope": one["scope"]} for one in grants
        ],
    }
    ctx.store.put(KIND, ctx.partner, key, kept, parent=customer["id"])
    ctx.audit.record(
        operation="register_application", resource_type="application", customer_id=customer["id"], new=kept
    )  # fmt: skip  # one record
    return Answer(201, kept)


async def delete(request: Request, ctx: Context) -> Answer:
    customer = opened(request, ctx, _ANY_ROLE)
    key = f"{customer['id']}:{request.path_params['application_id'].lower()}"
    kept = ctx.store.get(KIND, ctx.partner, key)
    if kept is None:
        raise ApiError(404, 1000, f"Not found: consent to the application {request.path_params['application_id']}.")
    ctx.store.delete(KIND, ctx.partner, key)
    ctx.audit.record(
        operation="unregister_application", resource_type="application", customer_id=customer["id"], old=kept
    )  # fmt: skip  # one record
    return Answer(ctx.settings.consent_removal_status)


_MANY = "/v1/customers/{customer_id}/applicationconsents"
ROUTES: list[RouteSpec] = [
    RouteSpec(
        "POST", _MANY, create, auth="U", name="Consent to an application in a customer tenant", throttle=CONSENT
    ),
    RouteSpec(
        "DELETE", f"{_MANY}/{{application_id}}", delete, auth="U",
        name="Withdraw consent in a customer tenant", throttle=CONSENT_REMOVAL,
    ),
]  # fmt: skip  # one route, few lines
