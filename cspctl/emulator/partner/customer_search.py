"""The list of customers: pages by continuation token (rule 10) and one search field.

Source: Partner Center docs, pages get-a-list-of-customers, get-a-customer-by-name and
get-a-list-of-customers-of-an-indirect-reseller (Oct 2023): only `starts_with` is accepted, on CompanyName, Domain, the
reseller, and the provider, whose field the page names in words only.
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
from cspctl.emulator.wire.paging import seek_of, size_of
from cspctl.emulator.wire.requests import filter_of
from cspctl.emulator.wire.shapes import link, query_value

_LISTED = ("id", "companyProfile", "relationshipToPartner", "attributes")
_FILTERS = ("companyname", "domain", "indirectreseller")


async def list_customers(request: Request, ctx: Context) -> Answer:
    filter_text = query_value(request, "filter")
    wanted = _filter(ctx, filter_text)
    if wanted and wanted[0] == "indirectreseller" and ctx.app_only:
        raise ApiError(403, 900329, "The filter by indirect reseller does not support application-only authentication.")
    size = size_of(query_value(request, "size") or "", ctx.settings.customer_page_size, ctx.settings.page_size_maximum)
    signature = hashlib.sha256(json.dumps([ctx.partner, wanted, size]).encode()).hexdigest()[:16]
    token, seek = request.headers.get("ms-continuationtoken"), seek_of(query_value(request, "seekOperation") or "")
    after = _open_token(token, signature) if seek == "next" or (token and not seek) else None
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
    if field == "provider":
        return value == ctx.partner  # whoever may call here and has customers of resellers is their provider
    if field == "indirectreseller":
        mpn = customer.get("_reseller")
        reseller = ctx.store.get("reseller", ctx.partner, mpn) if mpn else None
        return reseller is not None and reseller["accountId"].lower() == value
    key = "companyName" if field == "companyname" else "domain"
    return str(customer["companyProfile"][key]).lower().startswith(value)


def _filter(ctx: Context, text: str | None) -> list[str] | None:
    """[field, value] in lower case. Raises 400 for what the pages do not offer."""
    if not text:
        return None
    try:
        parsed = filter_of(text)
        field, value, operator = parsed["field"], parsed["value"], parsed["operator"]
    except KeyError:
        raise ApiError(400, 800002, "Invalid request input: filter needs Field, Value and Operator as JSON.") from None
    provider = field.lower() == ctx.settings.provider_search_field.lower()
    if operator.lower() != "starts_with" or not (provider or field.lower() in _FILTERS):
        raise ApiError(400, 800002, f"Invalid request input: filter {operator} on {field} is not supported.")
    return ["provider" if provider else field.lower(), value.lower()]


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
]
