"""One documented request as it is sent: address, headers and body with our ids and everything else as printed."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx

from conformance.addresses import address
from conformance.bodies import Mapper, overlaid
from conformance.plan import UNCHANGED, Plan
from conformance.samples import Exchange
from conformance.world import World

_UNSENT = frozenset({"authorization", "host", "content-length", "expect", "ms-requestid", "ms-correlationid",
                     "if-match", "accept-encoding", "connection", "content-type"})  # fmt: skip  # made anew


_CONTINUATION = "ms-continuationtoken"  # the printed one is of another world


def send(world: World, exchange: Exchange, plan: Plan, kind: str) -> httpx.Response:
    path, values = address(world, exchange, plan, kind)
    host = host_of(exchange)
    if host.startswith("login."):
        form = dict(parse_qsl(str(exchange.request_body)))
        form |= {"client_id": "conformance", "client_secret": "demo"}
        return world.service.call(exchange.method, path, partner=world.partner, data=form, host=host)
    headers = _headers(exchange) | plan.headers
    body = _body(world, exchange, plan, path, values, headers)
    printed = headers.pop(_CONTINUATION, "")
    if printed or "seekoperation" in path.lower():
        path, token = _continuation(world, path, plan.partner)
        headers |= token
    more: dict[str, Any] = {"data": plan.data, "files": plan.files} if plan.files else {}
    headers |= {"If-Match": plan.etag} if plan.etag else {}
    call = partial(world.service.call, exchange.method, path, body, host=host, partner=plan.partner, **more)
    if plan.twice:
        call(headers=headers)
    return call(headers=headers)


def _headers(exchange: Exchange) -> dict[str, str]:
    """The printed headers but those that name a caller, a connection or a moment, and placeholders."""
    printed = exchange.headers.items()
    kept = {name: text for name, text in printed if name.lower() not in _UNSENT and "<" not in text}
    return {_CONTINUATION if name.lower() == _CONTINUATION else name: text for name, text in kept.items()}


def _body(
    world: World, exchange: Exchange, plan: Plan, path: str, values: dict[str, str], headers: dict[str, str]
) -> Any:
    """The printed body with our ids. A body printed as text is a form with files, which its stage brings along."""
    given = exchange.request_body
    if exchange.method == "DELETE":
        _fresh(world, exchange, plan, path, headers)
    if not isinstance(given, dict | list) or plan.whole:
        return None if plan.body is UNCHANGED else plan.body
    prepared = {name: id for name, id in plan.values.items() if name not in values}
    mapped = Mapper(world, prepared | values, exchange.method).map(given)
    if exchange.method not in ("PUT", "PATCH"):
        return mapped
    fresh = _fresh(world, exchange, plan, path, headers)
    return overlaid(mapped, fresh) if isinstance(mapped, dict) and fresh else mapped


def _fresh(world: World, exchange: Exchange, plan: Plan, path: str, headers: dict[str, str]) -> dict[str, Any]:
    """Changes begin with a GET, whose ETag goes into If-Match: quoted, but Graph's own form as it comes."""
    where = plan.resource or path.split("?")[0]
    answer = world.service.call("GET", where, partner=plan.partner, host=host_of(exchange))
    fresh = answer.json() if answer.is_success and "json" in answer.headers.get("content-type", "") else None
    if not isinstance(fresh, dict):
        return {}
    etag = (fresh.get("attributes") or {}).get("etag") or answer.headers.get("etag")
    if etag:
        headers["If-Match"] = f'"{str(etag).strip(chr(34))}"'
    elif fresh.get("@odata.etag"):
        headers["If-Match"] = str(fresh["@odata.etag"])
    return fresh


def _continuation(world: World, path: str, partner: str) -> tuple[str, dict[str, str]]:
    """The next page is asked for as the first one was, with its token."""
    base, _, query = path.partition("?")
    pairs = [(name, text) for name, text in parse_qsl(query) if name.lower() not in ("seekoperation", "size")]
    first = f"{base}?{urlencode([*pairs, ('size', '1')])}"
    body = world.get(first, partner=partner)
    following = body.get("links", {}).get("next", {}) if isinstance(body, dict) else {}
    token = {str(one["key"]): str(one["value"]) for one in following.get("headers") or []}
    return (f"{first}&seekOperation=Next", token) if "seekoperation" in query.lower() else (first, token)


def host_of(exchange: Exchange) -> str:
    """The printed host; where none is printed, that of the path."""
    if exchange.host:
        return exchange.host
    path = exchange.template.lower()
    if path.startswith(("/v1.0/sales", "/v1.0/engagements")) or "/payouts/" in path:
        return "api.partner.microsoft.com"
    graph = path.startswith(("/v1.0/tenantrelationships", "/v1.0/reports"))
    return "graph.microsoft.com" if graph else "api.partnercenter.microsoft.com"
