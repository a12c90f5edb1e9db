"""Pages of a collection, by the next link that each page carries.

The next link's `uri` is repeated with its `headers`, every other query parameter of the first call, and
`seekOperation=Next` where a continuation token is used. `totalCount` is never believed: it is the number
of items of the page in most samples and wrong in some. An empty page with a next link is not the end.
Source: Partner Center docs, samples of get-invoice-unbilled-consumption-lineitems and
get-a-list-of-customers (Oct 2023).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

from cspctl.errors import RemoteError
from cspctl.partnercenter.calls import Call
from cspctl.partnercenter.origin import Origin, same_origin_target
from cspctl.partnercenter.reads import Reads
from cspctl.partnercenter.wire.link import Link

CONTINUATION = "MS-ContinuationToken"
EMPTY_PAGES_LIMIT = 100
# A link must not speak in our name.
_OWN_HEADERS = frozenset(
    {
        "accept",
        "accept-encoding",
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "cookie",
        "host",
        "if-match",
        "ms-correlationid",
        "ms-requestid",
        "proxy-authorization",
        "transfer-encoding",
    }
)
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,64}")
_HEADER_VALUE = re.compile(r"[\x21-\x7e][\x20-\x7e]*")
# Documented next links hold a second question mark: `…&size=2?seekOperation=Next`.
_SECOND_QUERY = re.compile(r"\?(?=[A-Za-z]+=)")
_ROOTS = ("/v1/", "/v1.0/", "/webhooks/", "/auditactivity/")


@dataclass(frozen=True, slots=True)
class Page:
    items: list[dict[str, Any]]
    next: Link | None
    token: str | None


async def pages(reads: Reads, first: Call, *, seek: str | None = None) -> AsyncIterator[list[dict[str, Any]]]:
    """Items page by page. `seek` names a query parameter that also takes the token, where an API has one.

    Raises RemoteError `E-PAGING` when pages repeat or never end, `E-BODY-SHAPE` for what is no collection;
    both mean that the collection could not be read. Else raises what `Reads.read` raises.
    """
    call = first
    watch = _Watch(first)
    while True:
        page = page_of(await reads.read(call), first)
        following = next_call(reads.session.origin, first, page, seek=seek)
        watch.check(page, following)
        yield page.items
        if following is None:
            return
        call = following


async def all_items(reads: Reads, first: Call, *, seek: str | None = None) -> list[dict[str, Any]]:
    """Every item of every page, in order."""
    return [item async for page in pages(reads, first, seek=seek) for item in page]


def page_of(body: Any, call: Call) -> Page:
    """A collection, or one of the bare arrays that some calls answer. `items` may be left out of an empty
    one."""
    if isinstance(body, list):
        return Page(_objects(body, call), None, None)
    if not isinstance(body, Mapping):
        raise _misshaped(call)
    items = _field(body, "items")
    if items is None and _field(body, "totalCount") == 0:
        items = []
    if not isinstance(items, list):
        raise _misshaped(call)
    links = _field(body, "links")
    following = _field(links, "next") if isinstance(links, Mapping) else None
    link = Link.read(following) if isinstance(following, Mapping) else None
    token = _field(body, "continuationToken")
    if isinstance(link, Link):
        token = _link_headers(link).get(CONTINUATION) or token
    return Page(_objects(items, call), link, token if isinstance(token, str) and token else None)


def next_call(origin: Origin, first: Call, page: Page, *, seek: str | None = None) -> Call | None:
    """The call for the page after this one; None at the end. Raises RemoteError `E-ORIGIN`, `E-PAGING`."""
    uri = page.next.uri if page.next else None
    if not uri and not page.token:
        return None
    path, query = first.path, dict(first.query)
    headers = {**first.headers, **(_link_headers(page.next) if page.next else {})}
    if uri:
        target = same_origin_target(origin, uri, status=200, what="next link")
        path, _, tail = target.partition("?")
        path = path if path.startswith(_ROOTS) else f"/v1{path}"
        query = _overlaid(query, dict(parse_qsl(_SECOND_QUERY.sub("&", tail), keep_blank_values=True)))
    if page.token:
        if not _HEADER_VALUE.fullmatch(page.token):
            raise _broken(first, "the continuation token cannot be a header")
        headers[CONTINUATION] = page.token
        query = _overlaid(query, {"seekOperation": "Next"})
        if seek and not uri:
            query = _overlaid(query, {seek: page.token})
    return replace(first, path=path, query=query, headers=headers)


class _Watch:
    """Notices pages that repeat or never end."""

    def __init__(self, first: Call) -> None:
        self._first = first
        self._asked = {_identity(first)}
        self._pages: set[bytes] = set()
        self._empty = 0

    def check(self, page: Page, following: Call | None) -> None:
        if following is None and not self._pages:
            return
        self._empty = 0 if page.items else self._empty + 1
        if self._empty > EMPTY_PAGES_LIMIT:
            raise _broken(self._first, f"more than {EMPTY_PAGES_LIMIT} empty pages in a row")
        if page.items:
            digest = hashlib.blake2b(json.dumps(page.items, default=str).encode("ascii"), digest_size=16).digest()
            if digest in self._pages:
                raise _broken(self._first, "a page was sent twice")
            self._pages.add(digest)
        if following is not None:
            identity = _identity(following)
            if identity in self._asked:
                raise _broken(self._first, "a page links to one that was already read")
            self._asked.add(identity)


def _identity(call: Call) -> tuple[str, str | None]:
    return (call.target, call.headers.get(CONTINUATION))


def _overlaid(query: Mapping[str, str], over: Mapping[str, str]) -> dict[str, str]:
    """Parameter names are compared in any case; the later spelling stays."""
    names = {name.casefold() for name in over}
    return {name: value for name, value in query.items() if name.casefold() not in names} | dict(over)


def _link_headers(link: Link) -> dict[str, str]:
    headers: dict[str, str] = {}
    for header in link.headers or ():
        name, value = header.key or "", header.value or ""
        if name.casefold() == CONTINUATION.casefold():
            name = CONTINUATION
        if name.casefold() in _OWN_HEADERS or not _HEADER_NAME.fullmatch(name):
            continue
        if _HEADER_VALUE.fullmatch(value):
            headers[name] = value
    return headers


def _field(body: Mapping[str, Any], name: str) -> Any:
    if name in body:
        return body[name]
    wanted = name.casefold()
    return next((item for key, item in body.items() if key.casefold() == wanted), None)


def _objects(items: list[Any], call: Call) -> list[dict[str, Any]]:
    if not all(isinstance(item, dict) for item in items):
        raise _misshaped(call)
    return items


def _misshaped(call: Call) -> RemoteError:
    return RemoteError(
        f"Partner Center's answer to {call.method} {call.route} is no collection of objects",
        status=200,
        code="E-BODY-SHAPE",
        hint="What it holds counts as unreadable, not as absent.",
    )


def _broken(call: Call, why: str) -> RemoteError:
    return RemoteError(
        f"the pages of {call.method} {call.route} cannot be followed: {why}",
        status=200,
        code="E-PAGING",
        hint="The collection counts as unreadable, not as absent; run again.",
    )
