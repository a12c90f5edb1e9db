"""Collections and continuation tokens (rule 10): opaque, bound to the query they were issued for.

Source: Partner Center docs, page get-a-list-of-customers and the line item pages (Oct 2023): the next link
carries a header, the repeated call carries it back together with seekOperation=Next.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import orjson
from starlette.requests import Request

from cspctl.emulator.errors import ApiError
from cspctl.emulator.signin.tokens import b64, unb64

CONTINUATION = "MS-ContinuationToken"


def page(
    items: Sequence[dict[str, Any]],
    size: int,
    token: str | None,
    query: Mapping[str, str],
    *,
    path: str = "",
) -> dict[str, Any]:
    """One page of `items` as a collection. `path` is host-relative without /v1, for the links.

    `totalCount` is the number of items in this page, as in the samples. Raises ApiError 400 for a token
    that was issued for another query or is no token.
    """
    start = _start(items, token, query, path)
    part = list(items[start : start + size])
    links: dict[str, Any] = {"self": _link(path, query, [])}
    end = start + len(part)
    if end < len(items) and part:
        value = _token(end, str(part[-1].get("id", "")), query, path)
        following = {**_bare(query), "seekOperation": "Next"}
        links["next"] = _link(path, following, [{"key": CONTINUATION, "value": value}])
    return collection(part, links)


def page_of(
    request: Request,
    items: Sequence[dict[str, Any]],
    *,
    default: int,
    largest: int,
    path: str,
) -> dict[str, Any]:
    """`page` with size, seekOperation and token taken from the request. size=0 means the default size.

    The token comes in its header, or in the parameter `seek` that the audit service's own description has (2021).
    """
    query = dict(request.query_params)
    seek = seek_of(_value(query, "seekOperation"))
    token = request.headers.get(CONTINUATION) or _value(query, "seek")
    if seek == "next" and not token:
        raise ApiError(400, 800002, f"Invalid request input: seekOperation=Next needs {CONTINUATION}.")
    return page(
        items,
        size_of(_value(query, "size"), default, largest),
        None if seek == "first" else token,
        query,
        path=path,
    )


def collection(items: list[dict[str, Any]], links: dict[str, Any] | None = None) -> dict[str, Any]:
    body: dict[str, Any] = {"totalCount": len(items), "items": items}
    if links:
        body["links"] = links
    body["attributes"] = {"objectType": "Collection"}
    return body


def seek_of(text: str) -> str:
    """ "first", "next" or "" of a seekOperation, a name in any case or its number. Raises ApiError 400 for the others.

    Previous, Last and PageIndex are values of the documented enumeration whose parameters no page describes.
    """
    found = {"": "", "first": "first", "0": "first", "next": "next", "2": "next"}.get(text.lower())
    if found is None:
        raise ApiError(400, 800002, f"Invalid request input: seekOperation {text!r} is not supported here.")
    return found


def size_of(text: str, default: int, largest: int) -> int:
    """The page size asked for. Raises ApiError 400 unless it is a whole number up to `largest`."""
    if text in ("", "0"):
        return default
    if not text.isascii() or not text.isdigit() or int(text) > largest:
        raise ApiError(400, 800002, f"Invalid request input: size must be 0 to {largest}, not {text!r}.")
    return int(text)


def _start(items: Sequence[dict[str, Any]], token: str | None, query: Mapping[str, str], path: str) -> int:
    if not token:
        return 0
    try:
        document = orjson.loads(unb64(token))
        offset, last, bound = int(document["o"]), str(document["l"]), document["q"]
    except (ValueError, KeyError, TypeError):
        raise ApiError(400, 800002, "Invalid request input: the continuation token is not valid.") from None
    if bound != _binding(query, path):
        raise ApiError(400, 800002, "Invalid request input: the continuation token is of another query.")
    # Rows may have come or gone since: continue behind the last row seen, not at a number.
    if last and not (0 < offset <= len(items) and str(items[offset - 1].get("id", "")) == last):
        for index, item in enumerate(items):
            if str(item.get("id", "")) == last:
                return index + 1
    return offset


def _token(offset: int, last: str, query: Mapping[str, str], path: str) -> str:
    return b64(orjson.dumps({"o": offset, "l": last, "q": _binding(query, path)}))


def _binding(query: Mapping[str, str], path: str) -> str:
    text = path + "?" + urlencode(sorted((key.lower(), value) for key, value in _bare(query).items()))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _bare(query: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in query.items() if key.lower() not in ("seekoperation", "seek")}


def _value(query: Mapping[str, str], name: str) -> str:
    return next((value for key, value in query.items() if key.lower() == name.lower()), "")


def _link(path: str, query: Mapping[str, str], headers: list[dict[str, str]]) -> dict[str, Any]:
    text = urlencode(query)
    return {"uri": path + ("?" + text if text else ""), "method": "GET", "headers": headers}
