"""One documented exchange: prepared, sent, compared; the best of its stages and subjects counts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx

from conformance import seeds
from conformance.bodies import Mapper, overlaid
from conformance.comparison import aligned, differences, text_differences
from conformance.samples import Exchange
from conformance.service import Service
from conformance.stages import UNCHANGED, Plan, stages_of
from conformance.subjects import UnresolvedError, kinds_of, value
from conformance.world import World

_UNSENT = frozenset({"authorization", "host", "content-length", "expect", "ms-requestid", "ms-correlationid",
                     "if-match", "accept-encoding", "connection", "content-type"})  # fmt: skip  # made anew
_PARAMETER = re.compile(r"^\\?[{<].*[}>]$|^\{.*|^[0-9a-f]{8}-[0-9a-f-]{27}$", re.I)


@dataclass
class Outcome:
    """What came of an exchange; `problems` is empty where the answer has everything that is documented."""

    exchange: Exchange
    problems: list[str] = field(default_factory=list)
    status: int | None = None


def judge(service: Service, exchange: Exchange) -> Outcome:
    """The first stage and subject that fit, else the one with the fewest problems."""
    best: Outcome | None = None
    for outcome in _attempts(service, exchange):
        if not outcome.problems:
            return outcome
        if best is None or _weight(outcome) < _weight(best):
            best = outcome
    return best or Outcome(exchange, ["the page names no operation"])


def _weight(outcome: Outcome) -> tuple[bool, int]:
    return outcome.status != outcome.exchange.status, len(outcome.problems)


def _attempts(service: Service, exchange: Exchange) -> Iterator[Outcome]:
    if not exchange.method or not exchange.template:
        return
    for stage in stages_of(_operation(exchange), exchange.path):
        for kind in kinds_of(exchange.template):
            world, plan = World(service), Plan()
            try:
                plan = stage(world)
                if set(plan.needs) - {str(key).lower() for key in exchange.request_body or ()}:
                    break
                world.partner = plan.partner if plan.partner == seeds.SANDBOX else world.partner
                answer = _send(world, exchange, plan, kind)
            except (UnresolvedError, RuntimeError, LookupError, ValueError, StopIteration, httpx.HTTPError) as error:
                yield Outcome(exchange, [f"not prepared: {error!r}"])
            else:
                yield Outcome(exchange, _problems(exchange, answer), answer.status_code)
            if plan.values.keys() & {"subscriptions", "orders"}:  # the stage chose the subject itself
                break


def _operation(exchange: Exchange) -> str:
    path = exchange.template.split("?")[0].rstrip("/")
    segments = ["*" if _PARAMETER.match(one) else one for one in path.split("/")]
    return f"{exchange.method} {'/'.join(segments)}"


def _send(world: World, exchange: Exchange, plan: Plan, kind: str) -> httpx.Response:
    path, values = _path(world, exchange, plan, kind)
    body = exchange.request_body if plan.body is UNCHANGED else plan.body
    headers = {
        name: text for name, text in exchange.headers.items() if name.lower() not in _UNSENT and "<" not in str(text)
    }
    headers |= plan.headers
    host = exchange.host or _host(exchange.template)
    more: dict[str, Any] = {"data": plan.data, "files": plan.files} if plan.files else {}
    if host.startswith("login."):
        form = dict(parse_qsl(str(body)))
        form |= {"client_id": "conformance", "client_secret": "demo"}
        return world.service.call(exchange.method, path, partner=world.partner, data=form, host=host)
    if plan.body is UNCHANGED and body is not None:
        body = Mapper(world, values).map(body) if isinstance(body, dict | list) else None
    if exchange.method in ("PUT", "PATCH"):
        body = _fresh(world, path, body, headers, plan)
    if "seekoperation" in path.lower():
        path, token = _continuation(world, path, plan.partner)
        headers |= token
    return world.call(exchange.method, path, body, headers=headers, host=host, partner=plan.partner, **more)


def _continuation(world: World, path: str, partner: str) -> tuple[str, dict[str, str]]:
    """The next page is asked for as the first one was, with its token."""
    base, _, query = path.partition("?")
    pairs = [(name, text) for name, text in parse_qsl(query) if name.lower() not in ("seekoperation", "size")]
    first = f"{base}?{urlencode([*pairs, ('size', '1')])}"
    body = world.get(first, partner=partner)
    found = body.get("links", {}).get("next", {}).get("headers") or []
    return f"{first}&seekOperation=Next", {str(one["key"]): str(one["value"]) for one in found}


def _fresh(world: World, path: str, body: Any, headers: dict[str, str], plan: Plan) -> Any:
    """Updates of whole resources begin with a GET, whose ETag goes into If-Match."""
    answer = world.call("GET", path.split("?")[0], partner=plan.partner)
    if answer.is_error or not isinstance(body, dict):
        return body
    fresh = answer.json()
    if not isinstance(fresh, dict):
        return body
    etag = fresh.get("attributes", {}).get("etag") or answer.headers.get("etag")
    if etag:
        headers["If-Match"] = f'"{str(etag).strip(chr(34))}"'
    return overlaid(body, fresh) if plan.body is UNCHANGED else body


def _host(template: str) -> str:
    return "api.partner.microsoft.com" if template.startswith("/v1.0/sales") else "api.partnercenter.microsoft.com"


def _path(world: World, exchange: Exchange, plan: Plan, kind: str) -> tuple[str, dict[str, str]]:
    """The path with its parameters resolved from left to right. Raises UnresolvedError."""
    template, _, names = exchange.template.partition("?")
    if exchange.path.partition("?")[0].count("/") > template.count("/"):
        template = exchange.path.partition("?")[0]  # the page prints two addresses; the one with the id is sent
    values: dict[str, str] = {}
    sample = exchange.path.partition("?")[0].split("/")
    segments, before = [], ""
    for index, segment in enumerate(template.split("/")):
        if _PARAMETER.match(segment):
            chosen = plan.values.get(before.lower())
            chosen = chosen or value(world, before, kind, values)
            values[before.lower()] = chosen
            segments.append(chosen)
        elif "{" in segment and len(sample) == len(template.split("/")):
            segments.append(_month_known(sample[index]))
        else:
            segments.append(segment)
        before = segment if not _PARAMETER.match(segment) else ""
    query = plan.query if plan.query is not None else _query(world, exchange, names, values)
    return "/".join(segments) + (f"?{query}" if query else ""), values


def _month_known(segment: str) -> str:
    """Offer matrices and rates are asked for a month of the virtual past."""
    return re.sub(r"Month='\d{6}'", "Month='202603'", segment).replace("Market='ad'", "Market='US'")


def _query(world: World, exchange: Exchange, names: str, values: dict[str, str]) -> str:
    printed = exchange.path.partition("?")[2] or ("" if "{" in names else names)
    pairs = parse_qsl(printed, keep_blank_values=True)
    known = {
        "country": "US",
        "mpn_id": seeds.MPN,
        "mpnid": seeds.MPN,
        "customertenantid": world.customer,
        "month": "202603",
    }
    mapped = []
    for name, given in pairs:
        text = known.get(name.lower(), given)
        if name.lower() == "order_id":
            text = str(world.bought("legacy azure")["id"])
        if name.lower() == "filter" and "tenantid" in given.lower():
            text = f"customerTenantId eq '{world.customer}'"
        mapped.append((name, text))
    if exchange.body and "links" in exchange.body and "next" in (exchange.body["links"] or {}):
        mapped = [pair for pair in mapped if pair[0] != "size"] + [("size", "1")]  # so that there is a next page
    wanted = {one.split("=")[0] for one in names.split("&") if "=" in one}
    if not printed and "country" in wanted:
        mapped.append(("country", "US"))
    return urlencode(mapped)


def _problems(exchange: Exchange, answer: httpx.Response) -> list[str]:
    if exchange.status is None:
        return [] if answer.status_code < 400 else [f"status {answer.status_code}: {answer.text[:160]}"]
    near = exchange.assumed and answer.status_code // 100 == exchange.status // 100
    if answer.status_code != exchange.status and not near:
        return [f"status {answer.status_code} instead of {exchange.status}: {answer.text[:160]}"]
    if exchange.body is None:
        return []
    if isinstance(exchange.body, str):
        return text_differences(exchange.body, answer.text)
    try:
        given = answer.json()
    except json.JSONDecodeError:
        return ["body: not JSON"]
    return _codes(exchange.body, given) + differences(exchange.body, aligned(exchange.body, given))


def _codes(documented: Any, given: Any) -> list[str]:
    """An error must be the documented one, and a documented state the documented state."""
    if not isinstance(documented, dict) or not isinstance(given, dict) or "description" not in documented:
        return []
    wanted, found = documented.get("code"), given.get("code")
    return [] if wanted is None or wanted == found else [f"code: {found} instead of {wanted}"]
