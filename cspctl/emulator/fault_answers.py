"""What a fault makes of a call: planned answers, pages out of step, and tokens judged by a clock that is off."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

import orjson
from starlette.types import Scope

from cspctl.emulator.bodies import wire
from cspctl.emulator.errors import ApiError
from cspctl.emulator.faults import Fault
from cspctl.emulator.replay import Kept
from cspctl.emulator.tokens import TokenError, Tokens

_CONTINUATION = "ms-continuationtoken"
_FOLLOWING = frozenset({"seekoperation", "$skiptoken"})  # query names that ask for a page after the first


def planned(fault: Fault) -> Kept:
    """The answer a fault gives instead of the handler's; without a body it is the documented error form."""
    status = fault.status or 500
    wait = fault.headers.get("Retry-After", "1")
    if fault.body is None:
        text = f"Rate limit is exceeded. Try again in {wait} seconds." if status == 429 else "Injected fault"
        error = ApiError(status, 0, text, shape="throttle" if status == 429 else "classic")
        headers = {"Retry-After": wait} if status == 429 else {}
        return Kept(status, wire(error.body()), {"Content-Type": "application/json", **headers, **fault.headers})
    if isinstance(fault.body, str):
        return Kept(status, fault.body.encode(), {"Content-Type": "text/html", **fault.headers})
    return Kept(status, wire(fault.body), {"Content-Type": "application/json", **fault.headers})


def follows_a_page(scope: Scope, headers: Mapping[str, str]) -> bool:
    """Whether the call asks for a page after the first one."""
    if _CONTINUATION in headers:
        return True
    query: bytes = scope.get("query_string", b"")
    return bool(query) and any(name.lower() in _FOLLOWING for name, _ in _pairs(query))


def from_the_start(scope: Scope, headers: dict[str, str]) -> tuple[Scope, dict[str, str]]:
    """The same call without what leads past the first page."""
    kept = [(name, value) for name, value in _pairs(scope["query_string"]) if name.lower() not in _FOLLOWING]
    raw = [(name, value) for name, value in scope["headers"] if name.decode("latin-1").lower() != _CONTINUATION]
    bare = {name: value for name, value in headers.items() if name != _CONTINUATION}
    return {**scope, "headers": raw, "query_string": urlencode(kept).encode()}, bare


def shifted(answer: Kept) -> Kept:
    """A page without its first row: the rows moved up by one while the caller read the page before."""
    try:
        body: Any = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return answer
    rows = body.get("items", body.get("value")) if isinstance(body, dict) else body
    if not isinstance(rows, list) or not rows:
        return answer
    del rows[0]
    if isinstance(body, dict) and "totalCount" in body:
        body["totalCount"] = len(rows)
    return Kept(answer.status, orjson.dumps(body), answer.headers)


def too_old(tokens: Tokens, headers: Mapping[str, str], skew: int) -> bool:
    """Whether a good token has expired by a clock that is `skew` seconds ahead."""
    _, _, token = headers.get("authorization", "").partition(" ")
    try:
        return tokens.life_left(token.strip()) <= timedelta(seconds=skew)
    except TokenError:
        return False  # the protocol says what is wrong with it


def _pairs(query: bytes) -> list[tuple[str, str]]:
    return parse_qsl(query.decode("latin-1"), keep_blank_values=True)
