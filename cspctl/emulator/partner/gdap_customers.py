"""Customers of active delegated admin relationships, and the portals to manage them.

Source: Microsoft Graph v1.0 docs, pages tenantrelationship-list-delegatedadmincustomers,
delegatedadmincustomer-get and -list-servicemanagementdetails (2022, 2023).
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec
from cspctl.emulator.partner.gdap import every_relationship
from cspctl.emulator.partner.gdap_state import OPEN
from cspctl.emulator.partner.graph import ROOT, entity, graph_error, listing
from cspctl.emulator.wire.shapes import stable_guid

PATH = f"{ROOT}/delegatedAdminCustomers"
_TYPE, _COLLECTION = "delegatedAdminCustomer", "delegatedAdminCustomers"


def _customers(ctx: Context) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for one in every_relationship(ctx):
        customer = one.get("customer")
        if one["status"] in OPEN and customer:
            tenant = customer["tenantId"]
            name = customer.get("displayName")
            found.setdefault(tenant, {"id": tenant, "tenantId": tenant, "displayName": name})
    return list(found.values())


def _customer(ctx: Context, request: Request) -> dict[str, Any]:
    wanted = request.path_params["customer_id"].lower()
    found = next((one for one in _customers(ctx) if one["id"] == wanted), None)
    if found is None:
        raise graph_error(404, f"The delegated admin customer {wanted} was not found.")
    return found


async def list_all(request: Request, ctx: Context) -> Answer:
    return Answer(200, listing(request, _customers(ctx), _TYPE, _COLLECTION, ctx.settings.gdap_page_size))


async def get(request: Request, ctx: Context) -> Answer:
    return Answer(200, entity(_customer(ctx, request), _TYPE, f"{_COLLECTION}/$entity"))


async def service_details(request: Request, ctx: Context) -> Answer:
    customer = _customer(ctx, request)
    held = ctx.store.get("customer", ctx.partner, customer["id"])
    domain = held["companyProfile"]["domain"] if held else customer["id"]
    addresses = {
        "Azure Active Directory": f"https://aad.portal.azure.com/{domain}",
        "Microsoft 365 Lighthouse": "https://lighthouse.microsoft.com",
        "Dynamics 365 Business Central": f"https://businesscentral.dynamics.com/{customer['id']}/admin",
        "Teams": f"https://admin.teams.microsoft.com/?delegatedOrg={domain}",
    }
    kind = "delegatedAdminServiceManagementDetail"
    items = [
        entity(
            {"id": stable_guid("service", name), "serviceManagementUrl": address, "serviceName": name},
            kind, None, etag=False,
        )
        for name, address in addresses.items()
    ]  # fmt: skip  # one item, few lines
    context = f"https://graph.microsoft.com{ROOT}/$metadata#{_COLLECTION}/{customer['id']}/serviceManagementDetails"
    return Answer(200, {"@odata.context": context, "value": items})


_ONE = f"{PATH}/{{customer_id}}"
ROUTES: list[RouteSpec] = [
    RouteSpec("GET", PATH, list_all, name="List delegated admin customers", audience="graph"),
    RouteSpec("GET", _ONE, get, name="Get a delegated admin customer", audience="graph"),
    RouteSpec(
        "GET", f"{_ONE}/serviceManagementDetails", service_details,
        name="List delegated admin service management details", audience="graph",
    ),
]  # fmt: skip  # one route, few lines
