"""Export requests of earnings and payments: queue one, poll it, delete it.

Source: Partner Center docs, pages create-, get- and delete-earnings-export-request(-by-id), the same three of payments
(2023). The pages name no kind of token; both kinds are taken (impl.).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.requests import Request

from cspctl.emulator.clock import format_instant, parse_instant
from cspctl.emulator.context import Answer, Context, RouteSpec
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner.graph import base_of
from cspctl.emulator.payouts.files import KIND, address_of
from cspctl.emulator.payouts.rows import DELIMITERS, REPORTS, Report, rows_of
from cspctl.emulator.wire.odata import ODataError
from cspctl.emulator.wire.requests import invalid
from cspctl.emulator.wire.shapes import new_guid, query_value

Document = dict[str, Any]
_ROOT = "/v1.0/payouts"


def _report(request: Request) -> Report:
    return REPORTS[request.url.path.lower().removeprefix(_ROOT + "/").split("/")[0]]


async def create(request: Request, ctx: Context) -> Answer:
    """202 with the queued request. Raises 400 for a filter or a file format that is not known."""
    report, now = _report(request), ctx.clock.now()
    text = (query_value(request, "$filter") or "").strip().removeprefix("?$filter=").strip()
    form = (query_value(request, "fileformat") or "csv").lower().lstrip(".")
    if form not in DELIMITERS:
        raise invalid("fileformat is csv or tsv")
    try:
        rows_of(ctx.store, ctx.partner, report, text, now, ctx.settings.payout_years)
    except ODataError as error:
        raise invalid(str(error)) from None
    made = {
        "id": new_guid(ctx.store, "payout-export"),
        "report": report.path,
        "filter": text,
        "form": form,
        "created": format_instant(now),
        "ready": format_instant(now + timedelta(seconds=ctx.settings.export_seconds)),
    }
    ctx.store.put(KIND, ctx.partner, made["id"], made, parent=report.path)
    return Answer(202, _wire(request, ctx, made))


def _wire(request: Request, ctx: Context, kept: Document) -> Document:
    status = _status(ctx, kept)
    shown = {
        "requestId": kept["id"],
        "requestDateTime": kept["created"],
        "requestPath": f"{_ROOT}/{kept['report']}",
        "requestQueryString": kept["filter"],
        "blobLocation": address_of(ctx, base_of(request), kept) if status == "Completed" else "",
        "status": status,
    }
    return {"value": [shown], "nextLink": None, "totalCount": 1}


def _status(ctx: Context, kept: Document) -> str:
    """Queued for the first half of the wait (impl.), Processing until the file is there, then Completed."""
    now, created, ready = ctx.clock.now(), parse_instant(kept["created"]), parse_instant(kept["ready"])
    if now >= ready:
        return "Completed"
    return "Queued" if now - created < (ready - created) / 2 else "Processing"


def _kept(request: Request, ctx: Context) -> Document:
    wanted = request.path_params["request_id"]
    found = ctx.store.get(KIND, ctx.partner, wanted.lower())
    if found is None or found["report"] != _report(request).path:
        raise ApiError(404, 1000, f"Not found: export request {wanted}.")
    return found


async def read(request: Request, ctx: Context) -> Answer:
    return Answer(200, _wire(request, ctx, _kept(request, ctx)))


async def delete(request: Request, ctx: Context) -> Answer:
    """200 without content. Raises 400 while it is being processed (impl. status)."""
    kept = _kept(request, ctx)
    if _status(ctx, kept) == "Processing":
        raise invalid("the export request is being processed and cannot be deleted")
    ctx.store.delete(KIND, ctx.partner, kept["id"])
    return Answer(200)


def _routes(path: str, what: str) -> list[RouteSpec]:
    many, one = f"{_ROOT}/{path}", f"{_ROOT}/{path}/{{request_id}}"
    steps = (
        ("POST", many, create, f"create {what} export request"),
        ("GET", one, read, f"get {what} export request by id"),
        ("DELETE", one, delete, f"delete {what} export request by id"),
    )
    return [RouteSpec(method, place, step, name=name, audience="payouts") for method, place, step, name in steps]


ROUTES: list[RouteSpec] = [*_routes("transactionhistory", "earnings"), *_routes("payments", "payment")]
