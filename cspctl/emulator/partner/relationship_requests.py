"""The invitation a partner sends a customer, and what its acceptance makes (rule 20).

Source: Partner Center docs, page request-reseller-relationship (Oct 2023). Acceptance happens in the customer's
portal; the emulator's control action stands for it.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec
from cspctl.emulator.seeding.documents import customer_document
from cspctl.emulator.store import Store
from cspctl.emulator.wire.shapes import query_value

_ADMIN = "https://admin.microsoft.com/Adminportal/Home"


async def get_url(request: Request, ctx: Context) -> Answer:
    """The link carries the reseller when an indirect provider asks for one of its resellers' customers."""
    reseller = query_value(request, "indirectResellerId")
    more = f"&indirectCSPId={reseller}" if reseller else ""
    url = (
        f"{_ADMIN}?invType=ResellerRelationship&partnerId={ctx.partner}&msppId=0&DAP=false{more}"
        "#/BillingAccounts/partner-invitation"
    )
    return Answer(200, {"url": url, "attributes": {"objectType": "RelationshipRequest"}})


def accept(store: Store, partner: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    """A tenant becomes a customer of `partner`: no agreement yet, no admin relationship. Raises ValueError.

    `entry` is a customer entry of a seed document; a tenant that another partner has already, or that this partner
    had once, keeps its profiles.
    """
    reseller = None
    if entry.get("reseller"):
        reseller = store.get("reseller", partner["accountId"], str(entry["reseller"]))
        if reseller is None:
            raise ValueError(f"reseller {entry['reseller']} is not a reseller of this partner")
    known = store.find("customer", str(entry.get("id") or "").lower())
    if known is not None:
        profile = known[1]["companyProfile"]
        entry = {
            **entry,
            "domain": profile["domain"],
            "companyName": profile["companyName"],
            "market": known[1]["_market"],
        }
    made = customer_document(entry, partner, reseller)
    if known is not None:
        made |= {key: known[1][key] for key in ("companyProfile", "billingProfile", "commerceId", "customDomains")}
    made["_gdapSince"] = None
    store.put("customer", partner["accountId"], made["id"], made)
    return made


ROUTES: list[RouteSpec] = [
    RouteSpec(
        "GET", "/v1/customers/relationshiprequests", get_url, auth="U", name="Retrieve a relationship request URL"
    ),
]  # fmt: skip  # one route
