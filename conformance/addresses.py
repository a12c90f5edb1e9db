"""Where a documented request is sent: its path with our ids in place of the printed ones, and its query.

A parameter is known by the fixed segment in front of it, whatever a page calls it. Of a query every name is
sent as printed; a value is sent as printed unless it names a resource, a moment or nothing (a placeholder).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from conformance import seeds
from conformance.plan import Plan
from conformance.samples import Exchange
from conformance.subjects import COLLECTIONS, UnresolvedError, migration, value
from conformance.world import World
from cspctl.emulator.operations import documented

_OPERATIONS = frozenset((method.lower(), path.lower()) for method, path, _ in documented())
_PLACEHOLDER = re.compile(r"^\\?[{<\[].*|^\{.*")
_SHORT = ("1", "2")
_GUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f-]{27}$", re.I)
_MOMENT = re.compile(r"^\d{4}-\d\d-\d\d")


def is_parameter(segment: str, before: str) -> bool:
    """A placeholder, a GUID, or a printed id: something with a digit behind the name of a collection."""
    if _PLACEHOLDER.match(segment) or _GUID.match(segment):
        return True
    return before.lower() in COLLECTIONS and any(one.isdigit() for one in segment)


def operation(exchange: Exchange) -> str:
    """Method and path with `*` for the parameters."""
    path = pattern(exchange).split("?")[0].rstrip("/")
    segments, before = [], ""
    for one in path.split("/"):
        segments.append("*" if is_parameter(one, before) else one)
        before = one
    return f"{exchange.method} {'/'.join(segments)}"


def pattern(exchange: Exchange) -> str:
    """The template, or the printed path where that is longer (a page with two addresses), or where it has a word of
    its own in place of a parameter: `/v1/invoices/unbilled/lineitems` is another operation than one with an id."""
    template, _, names = exchange.template.partition("?")
    sample = exchange.path.partition("?")[0]
    if sample.rstrip("/").count("/") > template.rstrip("/").count("/"):
        template = sample
    elif sample.rstrip("/").count("/") == template.rstrip("/").count("/"):
        template = _with_words(exchange.method, template, sample)
    return f"{template}?{names}" if names else template


def _with_words(method: str, template: str, sample: str) -> str:
    """Words of the printed path that make another documented operation of the template."""
    segments, printed = template.rstrip("/").split("/"), sample.rstrip("/").split("/")
    for index, own in enumerate(printed):
        if "{" in segments[index] and own.isalpha():
            chosen = [*segments[:index], own, *segments[index + 1 :]]
            starred = "/".join("*" if "{" in one else one for one in chosen)
            segments = chosen if (method.lower(), starred.lower()) in _OPERATIONS else segments
    return "/".join(segments)


def address(world: World, exchange: Exchange, plan: Plan, kind: str) -> tuple[str, dict[str, str]]:
    """The address, and its parameters by the segment in front of them. Raises UnresolvedError."""
    if plan.printed and exchange.path and not re.search(r"[{<\[]", exchange.path):
        return exchange.path, {}
    template, _, names = pattern(exchange).partition("?")
    sample, _, printed = exchange.path.partition("?")
    values: dict[str, str] = {}
    segments, before = [], ""
    whole = sample.split("/")
    for index, segment in enumerate(template.split("/")):
        if is_parameter(segment, before):
            found = plan.values.get(before.lower()) or value(world, before, kind, values)
            values[before.lower()] = found
            segments.append(found)
        elif "{" in segment:
            aligned = len(whole) == len(template.split("/")) and "{" not in whole[index]
            segments.append(_filled(whole[index] if aligned else segment))
        else:
            segments.append(segment)
        before = segment
    if plan.unknown and (values or not printed):
        _forget(segments, values)
    staged = plan.query if not printed or exchange.guessed or plan.ours else None
    query = staged if staged is not None else _query(world, exchange, printed or names, kind)
    if plan.unknown and not values:
        query = printed  # what it asks for nobody has
    return "/".join(segments) + (f"?{query}" if query else ""), values


def _forget(segments: list[str], values: dict[str, str]) -> None:
    """The last id of the path becomes one that names nothing. Raises UnresolvedError where there is none."""
    if not values:
        raise UnresolvedError("the path has no id that could be unknown")
    last = list(values.values())[-1]
    segments[len(segments) - 1 - segments[::-1].index(last)] = str(UUID(int=404))


def _filled(segment: str) -> str:
    """Keys in brackets: sheets are asked for a month of the virtual past and for the market of the price rows."""
    keys = {"version": "1.0", "market": "US", "view": "updatedlicensebased", "pricesheetview": "updatedlicensebased"}
    segment = re.sub(r"Month='[^']*'", "Month='202603'", segment).replace("Market='ad'", "Market='US'")
    return re.sub(r"\{([^}]*)\}", lambda found: keys.get(found[1].lower(), found[0]), segment)


def _query(world: World, exchange: Exchange, text: str, kind: str) -> str:
    pairs = []
    for name, given in parse_qsl(text, keep_blank_values=True):
        mapped = _text(world, name.lower().replace("_", "").replace("-", ""), given, kind)
        pairs += [(name, mapped)] if mapped is not None else []
    if _has_next(exchange.body) and not any(name.lower() == "size" and given in _SHORT for name, given in pairs):
        # Our world is smaller than a page of the sample: for a next page ask for pages of one.
        pairs = [pair for pair in pairs if pair[0].lower() != "size"] + [("size", "1")]
    return urlencode(pairs)


def _has_next(body: object) -> bool:
    links = body.get("links") if isinstance(body, dict) else None
    return isinstance(links, dict) and bool(links.get("next"))


def _text(world: World, name: str, given: str, kind: str) -> str | None:
    """The value to send; None leaves out a placeholder that nothing is known for."""
    if name in _NAMED:
        return _NAMED[name](world, kind)
    if name in ("filter", "$filter"):
        return None if _PLACEHOLDER.match(given) and '"' not in given else _filter(world, given)
    if name.startswith(("start", "end")) and (_PLACEHOLDER.match(given) or any(one.isdigit() for one in given)):
        return _moment(name, given)
    if not _PLACEHOLDER.match(given):
        return given
    listed = re.findall(r"[\w-]+", given) if "," in given or "|" in given else []
    return listed[0] if listed else _USUAL.get(name)


def _moment(name: str, given: str) -> str:
    """Windows of time end in the virtual present. The form, a day or an instant, is the printed one."""
    day = "2026-03-01" if name.startswith("start") else "2026-03-10"
    return day + given[10:] if _MOMENT.match(given) else day


def _filter(world: World, given: str) -> str:
    """A filter keeps its fields and operators; what it looks for is something our world has."""
    if "tenantid" in given.lower():
        return re.sub(r"(?i)(customertenantid\s+eq\s+)'[^']*'", rf"\g<1>'{world.customer}'", given)
    try:
        wanted = json.loads(given)
    except ValueError:
        return given
    return json.dumps(_looked_for(world, wanted))


def _looked_for(world: World, wanted: object) -> object:
    if not isinstance(wanted, dict):
        return wanted
    known = {"customerid": world.customer, "indirectreseller": seeds.RESELLER, "companyname": "Cont",
             "domain": "contoso"}  # fmt: skip  # one table
    field = str(wanted.get("Field", "")).lower()
    inner = {key: _looked_for(world, one) for key, one in wanted.items()}
    return {**inner, "Value": known[field]} if field in known else inner


_NAMED: dict[str, Callable[[World, str], str]] = {
    "country": lambda world, kind: "US",
    "mpnid": lambda world, kind: seeds.MPN,
    "customertenantid": lambda world, kind: world.customer,
    "entityid": lambda world, kind: world.customer,
    "month": lambda world, kind: "202603",
    "orderid": lambda world, kind: str(world.bought(kind)["id"]),
    "currentsubscriptionid": lambda world, kind: seeds.BASE_SUB,
    "externalreferenceid": lambda world, kind: seeds.REFERENCE,
    "migrationid": lambda world, kind: migration(world),
    "targetcotermsubscriptionid": lambda world, kind: world.subscription("suite"),
    "subscriptionid": lambda world, kind: world.second or world.subscription(kind),
    "tenantid": lambda world, kind: seeds.RESELLER,
}
# What a placeholder stands for where the page prints no value; the names without `_` and `-`.
_USUAL = {
    "targetview": "OnlineServices", "targetsegment": "commercial", "segment": "commercial", "size": "50",
    "offset": "0", "top": "10", "skip": "0", "provider": "onetime", "invoicelineitemtype": "billinglineitems",
    "currencycode": "USD", "currency": "USD", "region": "US", "period": "current", "language": "en-US",
    "agreementtype": "MicrosoftCustomerAgreement", "eligibilitytype": "immediate", "termduration": "P1Y",
    "relationshiptype": "IsIndirectCloudSolutionProviderOf", "type": "account", "granularity": "daily",
    "showdetails": "True", "entitlementtype": "software", "transfertype": "directtoindirect",
    "billingtype": "onetime", "eventstatus": "Active", "aggregationlevel": "week",
}  # fmt: skip  # a table of values
