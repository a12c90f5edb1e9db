"""Customers: list with paging and filter, one by id, and the checks every customer-scoped call shares (rule 7).

Source: Partner Center docs, pages get-a-list-of-customers, get-a-list-of-customers-filtered-by-a-search-field,
get-a-customer-by-id (Oct 2023). Creating and changing customers is not here.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import Any
from urllib.parse import quote

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec
from cspctl.emulator.errors import ApiError
from cspctl.emulator.paging import size_of
from cspctl.emulator.shapes import is_guid, link, query_value

_LISTED = ("id", "companyProfile", "relationshipToPartner", "attributes")
_FILTERS = ("companyname", "domain", "indirectreseller")


def customer_of(ctx: Context, customer_id: str) -> dict[str, Any]:
    """The calling partner's customer.

    Raises 400/900118 (no GUID), 403/20002 (customer of another partner, or relationship ended), 404/60003 (unknown).
    """
    if not is_guid(customer_id):
        raise ApiError(400, 900118, f"Invalid Customer ID: {customer_id}.")
    key = customer_id.lower()
    customer = ctx.store.get("customer", ctx.partner, key)
    if customer is not None and customer["relationshipToPartner"] != "none":
        return qualified(ctx, customer) if customer.get("_vetted") else customer
    if customer is None and ctx.store.find("customer", key) is None:
        raise ApiError(404, 60003, f"Tenant not found: {customer_id}.")
    raise ApiError(
        403, 20002, f"The partner ID {ctx.partner} has no commerce relationship with the customer ID {customer_id}."
    )


def qualified(ctx: Context, customer: dict[str, Any]) -> dict[str, Any]:
    """The customer with the segments that its approved qualifications open (rule 18)."""
    from cspctl.emulator.partner.qualifications import open_segments  # qualifications build on this module

    more = [segment for segment in open_segments(ctx, customer) if segment not in customer["_segments"]]
    return {**customer, "_segments": [*customer["_segments"], *more]} if more else customer


def partner_of(ctx: Context) -> dict[str, Any]:
    """The calling partner's own document; {} when the store holds none (never the case behind a sign-in)."""
    return ctx.store.get("partner", "", ctx.partner) or {}


def has_agreement(ctx: Context, customer: dict[str, Any]) -> bool:
    """Whether a confirmation of an agreement that counts today exists for this customer (rule 19)."""
    return any(_counts(ctx, one) for one in ctx.store.list("agreement", ctx.partner, parent=customer["id"]))


def _counts(ctx: Context, agreement: dict[str, Any]) -> bool:
    """An acceptance from before April 2023 stopped counting in October 2025 (distributors' pages, 2025)."""
    if f"{ctx.clock.now():%Y-%m-%d}" < ctx.settings.old_agreement_until:
        return True
    return str(agreement.get("dateAgreed") or "9999") >= ctx.settings.old_agreement_before


def require_counting_agreement(ctx: Context, customer_id: str) -> None:
    """Raises 403/13605 for a change of seats whose customer has agreements, but none that still counts."""
    held = ctx.store.list("agreement", ctx.partner, parent=customer_id)
    if held and not any(_counts(ctx, one) for one in held):
        raise _no_agreement()


def require_agreement(ctx: Context, customer: dict[str, Any]) -> None:
    """Raises 403/13605 for a purchase without an agreement."""
    if ctx.settings.require_agreement and not has_agreement(ctx, customer):
        raise _no_agreement()


def _no_agreement() -> ApiError:
    return ApiError(
        403,
        13605,
        "Either a partner confirmation of the customer acceptance of the Microsoft Customer Agreement must be "
        "provided or the customer must accept the Microsoft Customer Agreement in the Admin Center.",
    )


async def get_customer(request: Request, ctx: Context) -> Answer:
    """Address, e-mail and custom domains only for who has admin privileges in the tenant."""
    from cspctl.emulator.partner.customer_profiles import shown_company  # profiles build on this module

    customer = customer_of(ctx, request.path_params["customer_id"])
    company = shown_company(ctx, customer)
    if company is not customer["companyProfile"]:
        customer = {**customer, "companyProfile": company, "customDomains": None}
    return Answer(200, customer)


async def list_customers(request: Request, ctx: Context) -> Answer:
    filter_text = query_value(request, "filter")
    wanted = _filter(filter_text)
    if wanted and wanted[0] == "indirectreseller" and ctx.app_only:
        raise ApiError(403, 900329, "The filter by indirect reseller does not support application-only authentication.")
    size = size_of(query_value(request, "size") or "", ctx.settings.customer_page_size, ctx.settings.page_size_maximum)
    signature = hashlib.sha256(json.dumps([ctx.partner, wanted, size]).encode()).hexdigest()[:16]
    after = None
    if (query_value(request, "seekOperation") or "").lower() == "next":
        after = _open_token(request.headers.get("ms-continuationtoken"), signature)
    found = _page(ctx, wanted, after, size + 1)
    page, more = found[:size], len(found) > size
    listed = (*_LISTED, "links") if wanted else _LISTED  # page get-a-customer-by-name shows the links
    items = [{key: _brief(value, bool(wanted)) for key, value in one.items() if key in listed} for one in page]
    uri = "/customers" + (f"?{request.url.query}" if request.url.query else "")
    links: dict[str, Any] = {"self": link(f"/v1{uri}")}
    if more:
        links["next"] = _next(size, filter_text, signature, page[-1]["id"])
    body = {
        "totalCount": len(items), "items": items, "links": links, "attributes": {"objectType": "Collection"},
    }  # fmt: skip  # one shape, one line
    return Answer(200, body)


def _page(ctx: Context, wanted: list[str] | None, after: str | None, limit: int) -> list[dict[str, Any]]:
    """Customers of the partner in order of insertion, read in slices so that a page costs a page."""
    found: list[dict[str, Any]] = []
    while len(found) < limit:
        try:
            slice_ = ctx.store.list("customer", ctx.partner, after=after, limit=max(limit, 200))
        except KeyError:
            raise ApiError(400, 800002, "Invalid request input: the continuation token is not valid.") from None
        found += [one for one in slice_ if one["relationshipToPartner"] != "none" and _matches(ctx, one, wanted)]
        if len(slice_) < max(limit, 200):
            break
        after = slice_[-1]["id"]
    return found[:limit]


def _matches(ctx: Context, customer: dict[str, Any], wanted: list[str] | None) -> bool:
    if wanted is None:
        return True
    field, value = wanted
    if field == "indirectreseller":
        mpn = customer.get("_reseller")
        reseller = ctx.store.get("reseller", ctx.partner, mpn) if mpn else None
        return reseller is not None and reseller["accountId"].lower() == value
    key = "companyName" if field == "companyname" else "domain"
    return str(customer["companyProfile"][key]).lower().startswith(value)


def _filter(text: str | None) -> list[str] | None:
    """[field, value] in lower case. Only starts_with is accepted (page get-a-list-of-customers-filtered-…)."""
    if not text:
        return None
    try:
        parsed = {key.lower(): value for key, value in json.loads(text).items()}
        field, value, operator = str(parsed["field"]), str(parsed["value"]), str(parsed["operator"])
    except (ValueError, KeyError, AttributeError):
        raise ApiError(400, 800002, "Invalid request input: filter needs Field, Value and Operator as JSON.") from None
    if field.lower() not in _FILTERS or operator.lower() != "starts_with":
        raise ApiError(400, 800002, f"Invalid request input: filter {operator} on {field} is not supported.")
    return [field.lower(), value.lower()]


def _next(size: int, filter_text: str | None, signature: str, last: str) -> dict[str, Any]:
    more = f"&filter={quote(filter_text, safe='')}" if filter_text else ""
    token = base64.urlsafe_b64encode(json.dumps([signature, last]).encode()).decode()
    return {
        "uri": f"/customers?size={size}{more}&seekOperation=Next",
        "method": "GET",
        "headers": [{"key": "MS-ContinuationToken", "value": token}],
    }


def _open_token(token: str | None, signature: str) -> str:
    """The last id of the previous page; the token is bound to its query (rule 10)."""
    try:
        bound, last = json.loads(base64.urlsafe_b64decode(token or ""))
    except (ValueError, binascii.Error, TypeError):
        bound, last = None, ""
    if bound != signature:
        raise ApiError(400, 800002, "Invalid request input: the continuation token is not valid for this query.")
    return str(last)


def _brief(value: Any, linked: bool) -> Any:
    """The list shows of companyProfile only tenantId, domain, companyName and attributes."""
    if not isinstance(value, dict) or "tenantId" not in value:
        return value
    names = ("tenantId", "domain", "companyName", "attributes", *(("links",) if linked else ()))
    return {key: value[key] for key in names}


ROUTES: list[RouteSpec] = [
    RouteSpec("GET", "/v1/customers", list_customers, name="get a list of customers", throttle="customers"),
    RouteSpec("GET", "/v1/customers/{customer_id}", get_customer, name="get a customer by id", throttle="customers"),
]
