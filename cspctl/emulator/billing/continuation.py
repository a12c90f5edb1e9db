"""Pages of long lists straight from the store: a page costs a page, the token is bound to its query (rule 10)."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlencode

import orjson
from starlette.requests import Request

from cspctl.emulator.errors import ApiError
from cspctl.emulator.signin.tokens import b64, unb64
from cspctl.emulator.wire.paging import CONTINUATION
from cspctl.emulator.wire.shapes import query_value


def start_of(request: Request) -> str | None:
    """The last id of the page before, from the token. Raises 400/800002 for a token of another query, or none."""
    seek = (query_value(request, "seekOperation") or "").lower()
    token = request.headers.get(CONTINUATION)
    if seek not in ("", "first", "next"):
        raise ApiError(400, 800002, f"Invalid request input: seekOperation {seek!r} is not supported here.")
    if seek != "next":
        return None
    if not token:
        raise ApiError(400, 800002, f"Invalid request input: seekOperation=Next needs {CONTINUATION}.")
    try:
        last, bound = orjson.loads(unb64(token))
    except (ValueError, TypeError):
        raise ApiError(400, 800002, "Invalid request input: the continuation token is not valid.") from None
    if bound != _binding(request):
        raise ApiError(400, 800002, "Invalid request input: the continuation token is of another query.")
    return str(last)


def seek_page(request: Request, items: list[dict[str, Any]], last: str | None) -> dict[str, Any]:
    """A collection with self and next link; `last` is the id to continue behind, None on the last page."""
    uri = request.url.path.removeprefix("/v1")
    query = {k: v for k, v in request.query_params.multi_items() if k.lower() != "seekoperation"}
    links: dict[str, Any] = {"self": _link(uri, query, [])}
    body: dict[str, Any] = {}
    if last is not None:
        token = b64(orjson.dumps([last, _binding(request)]))
        links["next"] = _link(uri, {**query, "seekOperation": "Next"}, [{"key": CONTINUATION, "value": token}])
        body["continuationToken"] = token
    attributes = {"objectType": "Collection"}
    return {**body, "totalCount": len(items), "items": items, "links": links, "attributes": attributes}


def _binding(request: Request) -> str:
    query = sorted((k.lower(), v.lower()) for k, v in request.query_params.items() if k.lower() != "seekoperation")
    text = f"{request.state.ctx.partner} {request.url.path.lower()}?{urlencode(query)}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _link(uri: str, query: dict[str, str], headers: list[dict[str, str]]) -> dict[str, Any]:
    text = urlencode(query)
    return {"uri": uri + (f"?{text}" if text else ""), "method": "GET", "headers": headers}
