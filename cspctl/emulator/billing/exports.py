"""Reconciliation v2 on Graph: ask, poll the operation, read the manifest, fetch the blobs (rule 52).

Source: Microsoft Graph v1.0 docs, partners-billing pages (2024), and for the 410 of old links Partner Center docs,
page get-invoice-billed-unbilled-consumption (2023). What is exported is what was charged when it was asked for.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request

from cspctl.emulator.billing.blobs import ROOT as BLOBS
from cspctl.emulator.billing.blobs import Export, sas_token
from cspctl.emulator.billing.issuing import invoice_of_period, period_of
from cspctl.emulator.clock import format_instant, parse_instant
from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner.graph import base_of
from cspctl.emulator.wire.shapes import new_guid

Document = dict[str, Any]
KIND = "export"
_ROOT = "/v1.0/reports/partners/billing"
_CONTEXT = "https://graph.microsoft.com/v1.0/$metadata#reports/partners/billing"
_ATTRIBUTES = ("full", "basic")


async def export_billed(request: Request, ctx: Context) -> Answer:
    """202 + Location. Raises 400 for a body without invoiceId or with an unknown attributeSet."""
    body = body_of(request)
    wanted = str(body.get("invoiceId") or "")
    if not wanted:
        raise _refused("invoiceId is required")
    invoice = ctx.store.get("invoice", ctx.partner, wanted.upper())
    if invoice is None or not invoice.get("_period") or invoice["_commerce"]:
        return _asked(request, ctx, body, None)  # legacy invoices stay with the v1 API
    what = {"period": invoice["_period"], "currency": invoice["currencyCode"], "invoice": invoice["id"]}
    return _asked(request, ctx, body, what)


async def export_unbilled(request: Request, ctx: Context) -> Answer:
    """202 + Location. Raises 400 without currencyCode or for a billingPeriod other than current and last."""
    body = body_of(request)
    currency = str(body.get("currencyCode") or "").upper()
    period = period_of(ctx.clock.now(), str(body.get("billingPeriod") or "").lower())
    if len(currency) != 3:
        raise _refused("currencyCode is required")
    if period is None:
        raise _refused("billingPeriod must be current or last")
    billed = invoice_of_period(ctx.store, ctx.partner, period, currency)
    return _asked(request, ctx, body, None if billed else {"period": period, "currency": currency, "invoice": ""})


def _asked(request: Request, ctx: Context, body: Document, what: Document | None) -> Answer:
    attributes = str(body.get("attributeSet") or "full").lower()
    if attributes not in _ATTRIBUTES:
        raise _refused("attributeSet must be full or basic")
    now, id = ctx.clock.now(), new_guid(ctx.store, "export")
    operation = {
        "id": id,
        "created": format_instant(now),
        "ready": format_instant(now + timedelta(seconds=ctx.settings.export_seconds)),
        "usage": "/usage/" in request.url.path.lower(),
        "basic": attributes == "basic",
        "what": what,
        "blobLines": ctx.settings.export_blob_lines,
        "mixed": ctx.settings.line_order == "mixed",
    }
    ctx.store.put(KIND, ctx.partner, id, operation)
    location = f"{base_of(request)}{_ROOT}/operations/{id}"
    return Answer(202, None, {"Location": location, "Retry-After": str(ctx.settings.export_seconds)})


def _refused(text: str) -> ApiError:
    return ApiError(400, "badRequest", f"{text}.", shape="graph")


async def get_operation(request: Request, ctx: Context) -> Answer:
    """200 in every state; the running one says when to ask again."""
    operation = _kept(request, ctx, "operation_id")
    now, created = ctx.clock.now(), parse_instant(operation["created"])
    ready = parse_instant(operation["ready"])
    body = {
        "@odata.context": f"{_CONTEXT}/operations/$entity",
        "id": operation["id"],
        "createdDateTime": operation["created"],
        "lastActionDateTime": format_instant(min(now, ready)),
    }
    if now < ready:
        status = "notStarted" if now <= created else "running"
        body |= {"@odata.type": _type("runningOperation"), "status": status}
        return Answer(200, body, {"Retry-After": str(max(1, int((ready - now).total_seconds())))})
    if _is_empty(ctx, operation):
        error = {"message": "No data available", "code": "5000"}
        return Answer(200, body | {"@odata.type": _type("failedOperation"), "status": "failed", "error": error})
    where = f"{base_of(request)}{_ROOT}/manifests/{operation['id']}"
    done = {"@odata.type": _type("exportSuccessOperation"), "status": "succeeded"}
    return Answer(200, body | done | {"resourceLocation@odata.navigationLink": where})


def _type(name: str) -> str:
    return f"#microsoft.graph.partners.billing.{name}"


async def get_manifest(request: Request, ctx: Context) -> Answer:
    """What to download. Raises 404 before the operation has succeeded, 410 after the links' life."""
    operation = _kept(request, ctx, "manifest_id")
    ready = parse_instant(operation["ready"])
    if ctx.clock.now() < ready or _is_empty(ctx, operation):
        raise ApiError(404, "itemNotFound", "There is no such manifest.", shape="graph")
    marks, tag = Export(ctx.store, ctx.partner, operation).scan()
    names = [f"part-{number:05d}.json.gz" for number in range(len(marks))]
    return Answer(
        200,
        {
            "@odata.context": f"{_CONTEXT}/manifests/$entity",
            "id": operation["id"],
            "schemaVersion": "2",
            "dataFormat": "compressedJSONLines",
            "createdDateTime": operation["ready"],
            "eTag": tag,
            "partnerTenantId": ctx.partner,
            "rootDirectory": f"{base_of(request)}{BLOBS}/{ctx.partner}/{operation['id']}",
            "sasToken": sas_token(ctx.store, operation["id"], _expiry(ctx, ready)),
            "partitionType": "default",
            "blobCount": len(names),
            "blobs": [{"name": name, "partitionValue": "default"} for name in names],
        },
    )


def _is_empty(ctx: Context, operation: Document) -> bool:
    return operation["what"] is None or not Export(ctx.store, ctx.partner, operation).marks()


def _expiry(ctx: Context, ready: datetime) -> datetime:
    return ready + timedelta(minutes=ctx.settings.export_link_minutes)


def _kept(request: Request, ctx: Context, name: str) -> Document:
    """Raises 404 for an id nobody was given, 410 when its links have expired."""
    found = ctx.store.get(KIND, ctx.partner, request.path_params[name].lower())
    if found is None:
        raise ApiError(404, "itemNotFound", "There is no such operation.", shape="graph")
    if ctx.clock.now() > _expiry(ctx, parse_instant(found["ready"])):
        raise ApiError(410, "gone", "The link has expired; ask for the export again.", shape="graph")
    return found


def _route(method: str, path: str, handler: Any, name: str) -> RouteSpec:
    return RouteSpec(method, f"{_ROOT}/{path}", handler, name=name, audience="graph")


ROUTES: list[RouteSpec] = [
    _route("POST", "reconciliation/billed/export", export_billed, "export billed invoice reconciliation"),
    _route("POST", "reconciliation/unbilled/export", export_unbilled, "export unbilled invoice reconciliation"),
    _route("POST", "usage/billed/export", export_billed, "export billed daily rated usage"),
    _route("POST", "usage/unbilled/export", export_unbilled, "export unbilled daily rated usage"),
    _route("GET", "operations/{operation_id}", get_operation, "get a billing operation"),
    _route("GET", "manifests/{manifest_id}", get_manifest, "get a billing manifest"),
]
