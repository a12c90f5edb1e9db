"""Purchase orders attached to an order that waits for one.

Source: Partner Center docs, pages attaching-purchase-order-and-completing-po-details, pending-po-upload,
po-upload-complete-status (2022).
"""

from __future__ import annotations

import email.parser
import email.policy
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

import orjson
from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner.customers import customer_of
from cspctl.emulator.trade.orders import order_of
from cspctl.emulator.wire.bodies import camel
from cspctl.emulator.wire.requests import invalid
from cspctl.emulator.wire.shapes import collection, new_guid

_KINDS = {"pofiles": "POAttachment", "tenderfiles": "TenderAttachment"}
WAITING = ("pending_po_upload", "po_upload_complete", "po_review_rejected")


@dataclass(frozen=True)
class Part:
    name: str
    file_name: str
    content: bytes


async def attach(request: Request, ctx: Context) -> Answer:
    """Raises 400/900252 without a file, 900253 for a tender without papers, 900254 for bad metadata, 900141."""
    customer = customer_of(ctx, request.path_params["customer_id"])
    order = order_of(ctx, customer, request.path_params["order_id"])
    if order["status"] not in WAITING:
        raise ApiError(400, 900141, f"This operation isn't supported: order {order['id']} needs no purchase order.")
    parts = parts_of(request)
    metadata = _metadata(parts)
    files = [part for part in parts if part.name in _KINDS]
    if not any(part.name == "pofiles" for part in files):
        raise ApiError(400, 900252, "Purchase order document is required.")
    tender = metadata.get("isPartofTender") is True
    if tender and not metadata.get("tenderLink") and not any(part.name == "tenderfiles" for part in files):
        raise ApiError(400, 900253, "When part of tender, either tender link or tender document is required.")
    items = [_item(ctx, part) for part in files]
    changed = {**order, "status": "po_upload_complete", "_attachments": items, "_purchaseOrder": metadata}
    ctx.store.put("order", ctx.partner, order["id"], changed)
    ctx.audit.record(
        operation="update_order",
        resource_type="order",
        customer_id=customer["id"],
        old={"id": order["id"], "status": order["status"]},
        new={"id": order["id"], "status": changed["status"]},
        customized=[{"key": "OrderId", "value": order["id"]}],
    )
    return Answer(201, collection(items))


def parts_of(request: Request) -> list[Part]:
    """The parts of a multipart body. Raises 400/800002 when it is none."""
    kind = request.headers.get("content-type", "")
    if not kind.lower().startswith("multipart/form-data"):
        raise invalid("the body must be multipart/form-data")
    head = b"Content-Type: " + kind.encode("latin-1", "replace") + b"\r\n\r\n"
    message = email.parser.BytesParser(EmailMessage, policy=email.policy.HTTP).parsebytes(head + request.state.body)
    if not message.is_multipart():
        raise invalid("the body holds no parts")
    return [_part(one) for one in message.iter_parts()]


def _part(message: Any) -> Part:
    name = message.get_param("name", "", header="content-disposition")
    content = message.get_payload(decode=True)
    return Part(str(name).lower(), message.get_filename() or "", content if isinstance(content, bytes) else b"")


def _metadata(parts: list[Part]) -> dict[str, Any]:
    found = next((part.content for part in parts if part.name == "metadata"), b"")
    try:
        metadata = camel(orjson.loads(found))
    except orjson.JSONDecodeError:
        metadata = None
    if not isinstance(metadata, dict) or not metadata.get("customerPrice") or not metadata.get("currency"):
        raise ApiError(400, 900254, "Invalid metadata: customerPrice and currency are required.")
    return metadata


def _item(ctx: Context, part: Part) -> dict[str, Any]:
    return {
        "attachmentId": new_guid(ctx.store, "attachment").replace("-", "")[:14],
        "fileName": part.file_name or "document",
        "sizeInKB": max(1, round(len(part.content) / 1024)),
        "attachmentType": _KINDS[part.name],
    }


ROUTES: list[RouteSpec] = [
    RouteSpec(
        "POST", "/v1/customers/{customer_id}/orders/{order_id}/attachment", attach,
        name="attach a purchase order", throttle="orders",
    )
]  # fmt: skip  # one route
