"""The artifact of a bought reservation: the link an entitlement shows, and what stands behind it.

Source: Partner Center docs, page get-a-collection-of-entitlements (2018 to 2023): callers follow the link as it is
given. The ids of group and line in it are made up.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner.customers import customer_of
from cspctl.emulator.wire.shapes import link, stable_guid

Document = dict[str, Any]
_TYPES = {"reservedinstance": "reservedinstance", "virtualmachinereservedinstance": "virtual_machine_reserved_instance"}


def reservation_artifact(order: Document, line: Document) -> Document:
    """{link, resourceId, artifactType} of one order line."""
    group, resource = stable_guid("artifacts", order["id"]).replace("-", ""), line["subscriptionId"]
    below = f"groups/{group}/lineitems/{stable_guid('artifact', resource)}/resource/{resource}"
    path = f"/customers/{order['referenceCustomerId']}/artifacts/reservedinstance/{below}"
    return {"link": link(path), "resourceId": resource, "artifactType": "reservedinstance"}


async def get_artifact(request: Request, ctx: Context) -> Answer:
    """Raises 404/20003 (impl. code) for a link that no entitlement shows."""
    customer = customer_of(ctx, request.path_params["customer_id"])
    resource, kind = request.path_params["resource"].lower(), _TYPES.get(request.path_params["kind"].lower())
    found = ctx.store.get("subscription", ctx.partner, resource) or {}
    order = ctx.store.get("order", ctx.partner, str(found.get("orderId"))) or {}
    line = next((one for one in order.get("lineItems", ()) if one.get("subscriptionId") == resource), None)
    if line is None or kind is None or found["_customer"] != customer["id"] or not _is_linked(request, order, line):
        raise ApiError(404, 20003, f"Not found: artifact {resource}.")
    context = {key.lower(): str(value) for key, value in (line.get("provisioningContext") or {}).items()}
    reservation = {
        "reservationId": stable_guid("reservation", resource),
        "scopeType": context.get("scope", "shared").capitalize(),
        "quantity": found["quantity"],
        "expiryDateTime": str(found["commitmentEndDate"]).removesuffix("Z"),
        "effectiveDateTime": found["effectiveStartDate"],
        "provisioningState": "Created" if found["status"] == "active" else "Cancelled",
    }
    return Answer(200, {"type": kind, "virtualMachineReservations": [reservation]})


def _is_linked(request: Request, order: Document, line: Document) -> bool:
    """Whether group and line of the path are those of the link."""
    shown = reservation_artifact(order, line)["link"]["uri"].split("/")
    return bool(shown[6] == request.path_params["group"] and shown[8] == request.path_params["line"])


_ONE = "/v1/customers/{customer_id}/artifacts/{kind}/groups/{group}/lineitems/{line}/resource/{resource}"
ROUTES: list[RouteSpec] = [
    RouteSpec("GET", _ONE, get_artifact, auth="U", name="Get the reservation behind an entitlement"),
]
