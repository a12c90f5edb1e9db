"""Who called with and without MFA: kept in memory from real requests, the newest 10,000 of them in full.

Source: Partner Center docs, pages get-api-request-details, get-api-request-summary and
get-portal-requests-without-mfa (Oct 2023). Only app+user calls are counted; app-only ones are outside MFA. Calls
that were refused for the missing claim count too (impl.).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec
from cspctl.emulator.signin.tokens import Grant, object_id
from cspctl.emulator.wire.requests import invalid
from cspctl.emulator.wire.shapes import collection, query_value


def _stamp(moment: datetime) -> str:
    """Without a zone, as in the samples."""
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds")


def _principal(partner: str, upn: str) -> dict[str, Any]:
    return {"objectId": object_id(Grant(partner, "", upn)), "tenantId": partner, "upn": upn}


async def requests(request: Request, ctx: Context) -> Answer:
    """The newest first."""
    kept = [one for one in reversed(ctx.telemetry.calls) if one.partner == ctx.partner]
    items = [
        {
            "requestId": one.request_id,
            "correlationId": one.correlation_id,
            "operationName": f"{one.method.capitalize()} {_versioned(one.template)}",
            "requestDateTime": _stamp(one.at),
            "ipAddress": one.address,
            **_principal(one.partner, one.principal),
            "applicationId": one.application,
            "mfaCompliant": one.mfa,
        }
        for one in kept
    ]
    return Answer(200, collection(items))


def _versioned(template: str) -> str:
    """`/v1/customers` as `/v{version}/customers`."""
    return f"/v{{version}}{template[3:]}" if template.startswith("/v1/") else template


async def without_mfa(request: Request, ctx: Context) -> Answer:
    items = [
        {**_principal(partner, upn), "lastNonMfaCompliantRequestDateTime": _stamp(at)}
        for (partner, upn), at in ctx.telemetry.without.items()
        if partner == ctx.partner
    ]
    return Answer(200, collection(items))


async def adoption(request: Request, ctx: Context) -> Answer:
    """A bare array, one entry per day and application, newest day first."""
    first, last = _day(request, "startDate"), _day(request, "endDate")
    rows = sorted(
        (key for key in ctx.telemetry.days if key[0] == ctx.partner), key=lambda key: (key[1], key[2]), reverse=True
    )
    items = [
        {
            "loginDate": day,
            "mfaCompliantRequestCount": ctx.telemetry.days[partner, day, application][0],
            "totalRequestCount": ctx.telemetry.days[partner, day, application][1],
            "applicationId": application,
            "applicationName": "",
        }
        for partner, day, application in rows
        if (not first or day >= first) and (not last or day <= last)
    ]
    return Answer(200, items)


def _day(request: Request, name: str) -> str:
    text = query_value(request, name)
    if not text:
        return ""
    try:
        return datetime.fromisoformat(text).date().isoformat()
    except ValueError:
        raise invalid(f"{name} {text!r} is not a date") from None


ROUTES: list[RouteSpec] = [
    RouteSpec("GET", "/v1/partnerRequests", requests, auth="U", name="Get a list of all partner user requests"),
    RouteSpec(
        "GET", "/v1/nonMfaCompliantPartnerPrincipals", without_mfa, auth="U", name="Get portal requests without MFA"
    ),
    RouteSpec("GET", "/v1/applicationmfaadoptionstatus", adoption, auth="U", name="Get the MFA adoption status"),
]  # fmt: skip  # one route, one line
