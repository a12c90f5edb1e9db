"""Transfers of subscriptions from one partner to another.

Either side creates one: the holder of the subscriptions for a target, or the target asking a source. The target
accepts or rejects, the creator withdraws. Bodies and the list form follow the transfer entity of the samples.
Source: Partner Center docs, pages create-, get-, accept-, reject-a-transfer, transfer-entity-resources (2020).
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.moves.transfer_effects import hand_over
from cspctl.emulator.moves.transfer_lines import eligible, hold, lines_of, reason_of
from cspctl.emulator.partner.customers import customer_of
from cspctl.emulator.terms import stamp
from cspctl.emulator.wire.requests import invalid, objects
from cspctl.emulator.wire.shapes import is_guid, link, new_guid, query_value, stable_guid

Document = dict[str, Any]
KIND = "transfer"
_OPEN = "Active"


async def list_transfers(request: Request, ctx: Context) -> Answer:
    """A bare array of those the caller takes part in."""
    customer_id = _customer_id(request)
    mine = [one for one in ctx.store.list(KIND, "", parent=customer_id) if _takes_part(ctx, one)]
    if not mine:
        customer_of(ctx, customer_id)
    return Answer(200, [_wire(one) for one in mine])


def _takes_part(ctx: Context, kept: Document) -> bool:
    return ctx.partner in (kept["_source"], kept["_target"])


def _customer_id(request: Request) -> str:
    """A target need not have a relationship with the customer yet. Raises 400/900118."""
    id: str = request.path_params["customer_id"]
    if not is_guid(id):
        raise ApiError(400, 900118, f"Invalid Customer ID: {id}.")
    return id.lower()


def _transfer(request: Request, ctx: Context) -> Document:
    """Raises 404/900100 for one the caller has no part in, and what `customer_of` raises for a stranger's customer."""
    customer_id, id = _customer_id(request), request.path_params["transfer_id"].lower()
    kept = ctx.store.get(KIND, "", id)
    if kept is None or not _takes_part(ctx, kept) or kept["customerTenantId"] != customer_id:
        customer_of(ctx, customer_id)
        raise ApiError(404, 900100, f"Transfer request not found: {id}.")
    return kept


def _wire(kept: Document) -> Document:
    uri = f"/customers/{kept['customerTenantId']}/transfers/{kept['id']}"
    return {**kept, "links": {"self": link(uri)}, "attributes": {"objectType": "TransferEntity"}}


async def get_transfer(request: Request, ctx: Context) -> Answer:
    return Answer(200, _wire(_transfer(request, ctx)))


async def create(request: Request, ctx: Context) -> Answer:
    """Raises 400/900148 (same partner), 400/900147 (unknown), 400/800078 (subscription), 409/900101."""
    customer_id, body = _customer_id(request), body_of(request)
    if not body.get("sourcePartnerTenantId"):
        customer_of(ctx, customer_id)  # the caller is the source
    source, target = _sides(ctx, body)
    found = ctx.store.get("customer", source["accountId"], customer_id)
    if found is None or found["relationshipToPartner"] == "none":
        customer_of(ctx, customer_id)  # the documented answer, when the caller is the source
        raise ApiError(400, 900400, "The transfer request can't be created: the source has no such customer.")
    kept_before = ctx.store.list(KIND, "", parent=customer_id)
    busy = {line["subscriptionId"]: one["id"] for one in kept_before if one["status"] == _OPEN
            for line in one["lineItems"]}  # fmt: skip  # one dict
    owned = ctx.store.list("subscription", source["accountId"], parent=customer_id)
    lines = lines_of(ctx.store, owned, _wanted(body), busy, ctx.clock.now())
    now = stamp(ctx.clock.now())
    kept: Document = {
        "id": new_guid(ctx.store, KIND),
        "status": _OPEN,
        "createdTime": now,
        "lastModifiedTime": now,
        "customerTenantId": customer_id,
        "customerName": found["companyProfile"]["companyName"],
        "partnertenantid": target["accountId"],
        "sourcePartnerName": source["displayName"],
        "sourcePartnerTenantId": source["accountId"],
        "targetPartnerName": target["displayName"],
        "targetPartnerTenantId": target["accountId"],
        "lastModifiedUser": _user(ctx),
        "lineItems": lines,
        "_source": source["accountId"],
        "_target": target["accountId"],
        "_creator": ctx.partner,
    }
    ctx.store.put(KIND, "", kept["id"], kept, parent=customer_id)
    hold(ctx.store, kept, kept["id"])
    _audit(ctx, "create_transfer", kept, None)
    return Answer(201, _wire(kept))


def _sides(ctx: Context, body: Document) -> tuple[Document, Document]:
    """(source, target) partner documents; the caller is whichever of them the body does not name.

    Raises 400/900136 (nobody else named), 400/900148 (the caller on both sides), 400/900147 (unknown).
    """
    if not (body.get("sourcePartnerTenantId") or body.get("targetPartnerTenantId")):
        text = "Transfer can't be initiated as source partner email/domain details missing in the request."
        raise ApiError(400, 900136, text)
    ids = [str(body.get(name) or ctx.partner).lower() for name in ("sourcePartnerTenantId", "targetPartnerTenantId")]
    if ids[0] == ids[1]:
        text = "Transfer creation failed due to source partner details matched with requesting partner."
        raise ApiError(400, 900148, text)
    if ctx.partner not in ids:
        raise invalid("the caller must be the source or the target of a transfer")
    found = [ctx.store.get("partner", "", id) for id in ids]
    if found[0] is None or found[1] is None:
        raise ApiError(400, 900147, "Provide a valid domain associated with the current partner.")
    return found[0], found[1]


def _wanted(body: Document) -> list[str] | None:
    """Ids of the named lines; None means everything that may be transferred."""
    if not body.get("lineItems"):
        return None
    return [str(line.get("subscriptionId") or "").lower() for line in objects(body["lineItems"], "lineItems")]


async def accept(request: Request, ctx: Context) -> Answer:
    kept = _open(_transfer(request, ctx))
    if ctx.partner != kept["_target"]:
        raise ApiError(403, 900150, "The supplied role doesn't have the rights to perform the requested operation.")
    orders, errors = hand_over(ctx, kept)
    _finish(ctx, kept, "Completed")
    kind = {"objectType": "TransferSubmitResult"}
    return Answer(200, {"orders": orders, "transferErrors": errors, "attributes": kind})


def _open(kept: Document) -> Document:
    if kept["status"] != _OPEN:
        raise ApiError(400, 900102, f"Can't process the transfer request for {kept['status']} transfer {kept['id']}.")
    return kept


async def reject(request: Request, ctx: Context) -> Answer:
    kept = _open(_transfer(request, ctx))
    status = str(body_of(request).get("status") or "").lower()
    if status not in ("reject", "rejected"):
        raise invalid(f"status {status or 'missing'} is not reject")
    if ctx.partner != kept["_target"]:
        raise ApiError(403, 900150, "The supplied role doesn't have the rights to perform the requested operation.")
    return Answer(200, _wire(_finish(ctx, kept, "Reject")))


async def withdraw(request: Request, ctx: Context) -> Answer:
    kept = _open(_transfer(request, ctx))
    if ctx.partner != kept["_creator"]:
        raise ApiError(403, 900150, "The supplied role doesn't have the rights to perform the requested operation.")
    _finish(ctx, kept, "Withdrawn")  # (impl.) the wire name is not documented
    return Answer(204)


def _finish(ctx: Context, kept: Document, status: str) -> Document:
    more = {"status": status, "lastModifiedTime": stamp(ctx.clock.now()), "lastModifiedUser": _user(ctx)}
    after = {**kept, **more}
    ctx.store.put(KIND, "", kept["id"], after)
    hold(ctx.store, kept, None)
    _audit(ctx, "update_transfer", after, kept)
    return after


def _user(ctx: Context) -> str:
    return stable_guid("user", ctx.principal or ctx.application)


def _audit(ctx: Context, operation: str, after: Document, before: Document | None) -> None:
    ctx.audit.record(
        operation=operation,
        resource_type="transfer",
        customer_id=after["customerTenantId"],
        old=before,
        new=after,
        customized=[{"key": "TransferId", "value": after["id"]}],
    )


async def eligibility(request: Request, ctx: Context) -> Answer:
    """A bare array with every subscription of the customer."""
    customer = customer_of(ctx, request.path_params["customer_id"])
    if not query_value(request, "transferType"):
        raise invalid("transferType is required")
    open_ones = [one for one in ctx.store.list(KIND, "", parent=customer["id"]) if one["status"] == _OPEN]
    busy = {line["subscriptionId"]: one["id"] for one in open_ones for line in one["lineItems"]}
    owned = ctx.store.list("subscription", ctx.partner, parent=customer["id"])
    now, items = ctx.clock.now(), []
    for one in owned:
        reason = reason_of(ctx.store, one, busy, now)
        items.append({"id": one["id"], "isEligible": eligible(reason), "reason": reason or None})
    return Answer(200, items)


_CUSTOMER = "/v1/customers/{customer_id}"
_ALL, _ONE = f"{_CUSTOMER}/transfers", f"{_CUSTOMER}/transfers/{{transfer_id}}"
ROUTES: list[RouteSpec] = [
    RouteSpec("GET", _ALL, list_transfers, name="get transfers of a customer"),
    RouteSpec("POST", _ALL, create, name="create a transfer", creates=True),
    RouteSpec("GET", _ONE, get_transfer, name="get transfer by id"),
    RouteSpec("PATCH", _ONE, reject, name="reject a transfer"),
    RouteSpec("DELETE", _ONE, withdraw, name="withdraw a transfer"),
    RouteSpec("POST", f"{_ONE}/accept", accept, name="accept a transfer of subscriptions"),
    RouteSpec("GET", f"{_CUSTOMER}/transferseligibility", eligibility,
              name="get customer's subscriptions transfer eligibility"),
]  # fmt: skip  # one route, one or two lines
