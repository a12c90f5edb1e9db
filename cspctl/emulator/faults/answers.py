"""What a fault makes of a call: planned answers, pages out of step, and tokens judged by a clock that is off."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

import orjson
from starlette.types import Scope

from cspctl.emulator.errors import ApiError
from cspctl.emulator.faults.fault import Fault
from cspctl.emulator.serving.hosts import error_on, headers_on
from cspctl.emulator.serving.protocol import standard_headers
from cspctl.emulator.serving.replay import Kept
from cspctl.emulator.signin.tokens import TokenError, Tokens
from cspctl.emulator.wire.bodies import wire

_CONTINUATION = "ms-continuationtoken"
_FOLLOWING = frozenset({"seekoperation", "$skiptoken", "continuationtoken"})  # query names of a page after the first
_STARTS = frozenset({"offset", "skip", "$skip"})  # the same, where the number is not 0
_ROWS = ("items", "value", "Value")
_JSON = "application/json; charset=utf-8"
_WORDS = "Injected fault"


def planned(fault: Fault, audience: str, given: Mapping[str, str]) -> Kept:
    """The answer a fault gives instead of the handler's; without a body it is the error form of its host.

    `audience` is that of the operation, "" for sign-in; `given` are the headers of the request.
    """
    status, headers = fault.status or 500, dict(fault.headers)
    names = {name.lower() for name in headers}
    if fault.body is not None:
        kind, body = ("text/html", fault.body.encode()) if isinstance(fault.body, str) else (_JSON, wire(fault.body))
        return Kept(status, body, headers if "content-type" in names else {"Content-Type": kind, **headers})
    wait = next((value for name, value in headers.items() if name.lower() == "retry-after"), "1")
    if status == 429 and "retry-after" not in names:
        headers["Retry-After"] = wait
    return Kept(
        status, wire(_error_body(status, wait, audience)), {"Content-Type": _JSON, **_ids(audience, given, headers)}
    )


def _error_body(status: int, wait: str, audience: str) -> dict[str, Any]:
    if not audience:  # OAuth
        return {"error": "temporarily_unavailable" if status >= 500 else "invalid_request", "error_description": _WORDS}
    if status == 429:
        text = f"Rate limit is exceeded. Try again in {wait} seconds."
        return ApiError(status, status, text, shape="throttle").body()
    return error_on(ApiError(status, 0, _WORDS), audience).body()


def _ids(audience: str, given: Mapping[str, str], headers: dict[str, str]) -> dict[str, str]:
    """Rule 4: every API answer carries the ids; what the fault names itself wins."""
    return {**standard_headers(given), **headers_on(audience, given), **headers} if audience else headers


def follows_a_page(scope: Scope, headers: Mapping[str, str]) -> bool:
    """Whether the call asks for a page after the first one."""
    if _CONTINUATION in headers:
        return True
    query: bytes = scope.get("query_string", b"")
    return bool(query) and any(_leads_on(name.lower(), value) for name, value in _pairs(query))


def from_the_start(scope: Scope, headers: dict[str, str]) -> tuple[Scope, dict[str, str]]:
    """The same call without what leads past the first page."""
    pairs = _pairs(scope["query_string"])
    kept = [(name, value) for name, value in pairs if not _leads_on(name.lower(), value)]
    raw = [(name, value) for name, value in scope["headers"] if name.decode("latin-1").lower() != _CONTINUATION]
    bare = {name: value for name, value in headers.items() if name != _CONTINUATION}
    return {**scope, "headers": raw, "query_string": urlencode(kept).encode()}, bare


def shifted(answer: Kept) -> Kept:
    """A page without its first row: the rows moved up by one while the caller read the page before."""
    try:
        body: Any = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return answer
    rows = next((body[name] for name in _ROWS if name in body), None) if isinstance(body, dict) else body
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


def _leads_on(name: str, value: str) -> bool:
    return name in _FOLLOWING or (name in _STARTS and value.strip("0") != "")


def _pairs(query: bytes) -> list[tuple[str, str]]:
    return parse_qsl(query.decode("latin-1"), keep_blank_values=True)
