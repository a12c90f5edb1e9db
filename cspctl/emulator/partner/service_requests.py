"""Service requests of customers: list, read, add a note, close (rule 54). Creating one is not documented.

Source: Partner Center docs, pages get-all-service-requests-for-a-customer, get-service-request-details-by-id,
update-a-service-request and service-request-resources (Oct 2023). The list's sample writes severity and status as
numbers, the details' sample as names.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from starlette.requests import Request

from cspctl.emulator.clock import format_instant
from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner import entra_roles
from cspctl.emulator.partner.admin_access import require_admin
from cspctl.emulator.partner.customers import customer_of
from cspctl.emulator.partner.users import opened
from cspctl.emulator.store import Store
from cspctl.emulator.wire.requests import invalid, text_of
from cspctl.emulator.wire.shapes import collection

KIND = "service_request"
SEVERITIES = ("unknown", "critical", "moderate", "minimal")
STATUSES = ("none", "open", "closed", "attention_needed")
_NEVER = "0001-01-01T00:00:00"
_LISTED = ("title", "id", "primaryContact", "createdDate", "lastModifiedDate", "lastClosedDate")


def open_request(
    store: Store, partner: dict[str, Any], customer: dict[str, Any], entry: dict[str, Any], now: datetime
) -> dict[str, Any]:
    """A new service request of a customer. Raises ValueError for an unknown severity."""
    severity = str(entry.get("severity") or "moderate")
    if severity not in SEVERITIES:
        raise ValueError(f"severity {severity!r} is none of {', '.join(SEVERITIES)}")
    stamp, number = format_instant(now), store.next_number("service-request")
    profile = customer["billingProfile"]
    made = {
        "id": f"{now:%y%m%d}{number:09d}",
        "title": str(entry.get("title") or "Service request"),
        "description": str(entry.get("description") or ""),
        "severity": severity,
        "supportTopicId": str(entry.get("supportTopicId") or "32444671"),
        "supportTopicName": str(entry.get("supportTopicName") or "Cannot manage my profile"),
        "status": "open",
        "organization": {"id": partner["accountId"], "name": partner.get("displayName")},
        "primaryContact": {"lastName": profile.get("lastName"), "firstName": profile.get("firstName")},
        "productId": str(entry.get("productId") or "15960"),
        "createdDate": stamp,
        "lastModifiedDate": stamp,
        "lastClosedDate": _NEVER,
        "notes": [],
        "fileLinks": [],
        "attributes": {"objectType": "ServiceRequest"},
        "_customer": customer["id"],
    }
    store.put(KIND, partner["accountId"], made["id"], made, parent=customer["id"])
    return made


async def list_requests(request: Request, ctx: Context) -> Answer:
    customer = opened(request, ctx, entra_roles.SERVICE_REQUESTS)
    found = ctx.store.list(KIND, ctx.partner, parent=customer["id"])
    return Answer(200, collection([_brief(one) for one in found]))


def _brief(one: dict[str, Any]) -> dict[str, Any]:
    numbers = {"severity": SEVERITIES.index(one["severity"]), "status": STATUSES.index(one["status"])}
    return {**{key: one[key] for key in _LISTED}, **numbers, "attributes": one["attributes"]}


def _found(request: Request, ctx: Context) -> dict[str, Any]:
    wanted = request.path_params["request_id"]
    found = ctx.store.get(KIND, ctx.partner, wanted)
    if found is None:
        raise ApiError(404, 1000, f"Not found: service request {wanted}.")
    require_admin(ctx, customer_of(ctx, found["_customer"]), entra_roles.SERVICE_REQUESTS)
    return found


async def get_request(request: Request, ctx: Context) -> Answer:
    return Answer(200, _found(request, ctx))


async def update_request(request: Request, ctx: Context) -> Answer:
    """`newNote` adds a note, `status` may become closed or open again. No audit operation is documented for this."""
    found, body = _found(request, ctx), body_of(request)
    note, status = body.get("newNote"), str(body.get("status") or "none").lower()
    status = found["status"] if status == "none" else status  # what a library sends for a status it does not set
    if note is None and status == found["status"]:
        raise invalid("newNote or another status is required")
    if status not in ("open", "closed", found["status"]):
        raise invalid("status becomes open or closed")
    now = format_instant(ctx.clock.now())
    notes = list(found["notes"])
    if note is not None:
        text = text_of(note if isinstance(note, dict) else {}, "text")
        notes.append({"createdByName": ctx.principal, "createdDate": now, "text": text})
    closed = now if status == "closed" and found["status"] != "closed" else found["lastClosedDate"]
    changed = {**found, "status": status, "notes": notes, "lastModifiedDate": now, "lastClosedDate": closed}
    ctx.store.put(KIND, ctx.partner, found["id"], changed)
    return Answer(200, changed)


_ONE = "/v1/servicerequests/{request_id}"
ROUTES: list[RouteSpec] = [
    RouteSpec(
        "GET", "/v1/customers/{customer_id}/servicerequests", list_requests, auth="U",
        name="Get all service requests for a customer",
    ),
    RouteSpec("GET", _ONE, get_request, auth="U", name="Get service request details by ID"),
    RouteSpec("PATCH", _ONE, update_request, auth="U", name="Update a service request"),
]  # fmt: skip  # one route, few lines
