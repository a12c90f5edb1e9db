"""Services a partner manages in a customer's tenant, with links into their portals.

Source: Partner Center docs, page get-the-managed-services-for-a-customer-by-id (Oct 2023).
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec
from cspctl.emulator.partner.customers import customer_of
from cspctl.emulator.wire.shapes import link

_SESSION = "https://portal.office.com/Partner/BeginClientSession.aspx"
_SERVICES = {"Exchange": "Exchange", "MicrosoftCommunicationsOnline": "SkypeforBusiness", "SharePoint": "SharePoint"}


async def list_services(request: Request, ctx: Context) -> Answer:
    customer = customer_of(ctx, request.path_params["customer_id"])
    items = [_service(customer, id, name) for id, name in _SERVICES.items()]
    return Answer(200, {"totalCount": len(items), "items": items, "attributes": {"objectType": "Collection"}})


def _service(customer: dict[str, Any], id: str, name: str) -> dict[str, Any]:
    base, domain = f"{_SESSION}?CTID={customer['id']}&CSDEST=", customer["companyProfile"]["domain"]
    return {
        "id": id,
        "name": name,
        "groupName": "Office",
        "links": {
            "adminService": link(f"{base}{id}&InitialDomain={domain}&PrimaryDomain={domain}"),
            "serviceHealth": link(f"{base}ServiceStatus"),
            "serviceTicket": link(f"{base}Support"),
        },
        "attributes": {"objectType": "ManagedService"},
    }


ROUTES: list[RouteSpec] = [
    RouteSpec(
        "GET", "/v1/customers/{customer_id}/managedservices", list_services, auth="U",
        name="Get the managed services for a customer by ID",
    ),
]  # fmt: skip  # one route
