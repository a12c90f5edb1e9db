"""What all Graph operations share: error form, OData wrapping, filters, paging, etags.

Source: Microsoft Graph v1.0 docs, the delegatedAdmin pages (2023, 2024).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner.gdap_state import etag_of

ROOT = "/v1.0/tenantRelationships"
_METADATA = "https://graph.microsoft.com/v1.0/tenantRelationships/$metadata#"
_CODES = {400: "invalidRequest", 404: "itemNotFound", 409: "conflict", 412: "preconditionFailed"}
_CLAUSE = re.compile(r"^\s*([\w/]+)\s+(eq|ne)\s+'([^']*)'\s*$")


def graph_error(status: int, text: str) -> ApiError:
    """An error in the form of Graph."""
    return ApiError(status, _CODES[status], text, shape="graph")


def entity(document: Mapping[str, Any], kind: str, collection: str | None, *, etag: bool = True) -> dict[str, Any]:
    """One resource; without `collection` as an item of a list, which has no context of its own."""
    head: dict[str, Any] = {"@odata.type": f"#microsoft.graph.{kind}"}
    if collection is not None:
        head["@odata.context"] = f"{_METADATA}{collection}"
    if etag:
        head["@odata.etag"] = etag_of(dict(document))
    return {**head, **{key: value for key, value in document.items() if not key.startswith("_")}}


def listing(request: Request, documents: Sequence[dict[str, Any]], kind: str, context: str, largest: int) -> Any:
    """A filtered page with @odata.nextLink. Raises 400 for a filter or $top that Graph does not take."""
    query = {key.lower(): value for key, value in request.query_params.items()}
    wanted = [one for one in documents if _matches(one, query.get("$filter"))]
    size, start = _number(query.get("$top"), largest, "$top"), _number(query.get("$skiptoken"), 0, "$skipToken")
    if not 1 <= size <= largest:
        raise graph_error(400, f"$top must be 1 to {largest}.")
    body: dict[str, Any] = {"@odata.context": f"{_METADATA}{context}"}
    if query.get("$count", "").lower() == "true":
        body["@odata.count"] = len(wanted)
    if start + size < len(wanted):
        names = {key: value for key, value in request.query_params.items() if key.lower() != "$skiptoken"}
        body["@odata.nextLink"] = f"{base_of(request)}{request.url.path}?" + urlencode(
            {**names, "$skipToken": str(start + size)}
        )
    items = [entity(one, kind, None) for one in wanted[start : start + size]]
    chosen = [name.strip() for name in query.get("$select", "").split(",") if name.strip()]
    if chosen:
        items = [{k: v for k, v in one.items() if k.startswith("@") or k in chosen} for one in items]
    body["value"] = items
    return body


def base_of(request: Request) -> str:
    """Scheme and host the caller used, so that a link stays on the server that answered."""
    return str(request.base_url).rstrip("/")


def check_etag(request: Request, document: dict[str, Any]) -> None:
    """Raises 400 without If-Match, which the pages require, and 412 for a stale one."""
    given = request.headers.get("if-match")
    if given is None:
        raise graph_error(400, "The If-Match header is required.")
    bare = {tag.strip().removeprefix("W/").strip('"') for tag in given.split(",")}
    if "*" not in bare and etag_of(document).removeprefix("W/").strip('"') not in bare:
        raise graph_error(412, "The If-Match value does not match the current version of the resource.")


def _number(text: str | None, default: int, name: str) -> int:
    if text is None:
        return default
    if not text.isdigit():
        raise graph_error(400, f"{name} is not a number.")
    return int(text)


def _matches(document: Mapping[str, Any], text: str | None) -> bool:
    """`status eq 'active' and customer/tenantId eq '…'`; comparison ignores case."""
    if not text:
        return True
    for clause in re.split(r"\s+and\s+", text):
        found = _CLAUSE.match(clause)
        if found is None:
            raise graph_error(400, f"$filter is not supported here: {clause!r}.")
        value: Any = document
        for part in found.group(1).split("/"):
            value = value.get(part) if isinstance(value, Mapping) else None
        if (str(value or "").lower() == found.group(3).lower()) != (found.group(2) == "eq"):
            return False
    return True
