"""Promotions: what runs now, one by id whatever its dates.

Source: Partner Center docs, pages get-promotions, get-promotion-by-id, promotion-resources (Oct 2023).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec
from cspctl.emulator.errors import ApiError
from cspctl.emulator.store import Store
from cspctl.emulator.terms import CYCLE_NAMES, cycle_of, parse_moment
from cspctl.emulator.wire.requests import country_of, invalid
from cspctl.emulator.wire.shapes import collection, query_value

ROLES = frozenset({"adminagent", "globaladmin"})
_FIELDS = ("id", "name", "description", "startDate", "endDate", "properties", "requiredProducts")


async def list_promotions(request: Request, ctx: Context) -> Answer:
    """Those running now in a country. Raises 400/800002 without country or with a segment other than commercial."""
    country = country_of(request)
    segment = (query_value(request, "segment") or "").lower()
    if segment != "commercial":
        raise invalid("segment is required and only commercial is supported")
    now = ctx.clock.now()
    found = [one for one in ctx.store.list("promotion", "") if runs(one, now) and sold_in(one, country)]
    return Answer(200, collection([wire(one) for one in found]))


async def get_promotion(request: Request, ctx: Context) -> Answer:
    country = country_of(request)
    wanted = request.path_params["promotion_id"]
    found = promotion_of(ctx.store, wanted)
    if found is None or not sold_in(found, country):
        raise ApiError(404, 1000, f"Promotion not found: {wanted}.")
    return Answer(200, {**wire(found), "promotionConstraints": found.get("promotionConstraints") or {}})


def promotion_of(store: Store, id: str) -> dict[str, Any] | None:
    """A promotion by its id; the last of its three parts may have changed since and is not compared."""
    found = store.get("promotion", "", id.lower())
    if found is not None:
        return found
    stem = id.lower().split(":")[:2]
    if len(stem) < 2:
        return None
    return next((one for one in store.list("promotion", "") if one["id"].lower().split(":")[:2] == stem), None)


def runs(promotion: dict[str, Any], now: datetime) -> bool:
    return parse_moment(promotion["startDate"]) <= now <= parse_moment(promotion["endDate"])


def sold_in(promotion: dict[str, Any], country: str) -> bool:
    """A promotion that names no countries runs in all of them."""
    countries = promotion.get("countries")
    return not countries or country in [str(one).upper() for one in countries]


def wire(promotion: dict[str, Any]) -> dict[str, Any]:
    body = {name: promotion.get(name) for name in _FIELDS}
    body["name"] = promotion.get("name") or promotion["id"]
    body["description"] = promotion.get("description") or body["name"]
    body["startDate"], body["endDate"] = _offset(promotion["startDate"]), _offset(promotion["endDate"])
    body["properties"] = {"isAutoApplicable": bool((promotion.get("properties") or {}).get("isAutoApplicable"))}
    body["requiredProducts"] = [_required(one) for one in promotion.get("requiredProducts") or []]
    return body


def _required(entry: dict[str, Any]) -> dict[str, Any]:
    term = entry.get("term") or {}
    cycle = cycle_of(str(term.get("billingCycle") or ""))
    policies = [
        {"policyType": one.get("policyType", "PercentDiscount"), "value": str(one["value"])}
        for one in entry.get("pricingPolicies") or []
    ]
    return {
        "productId": entry.get("productId"),
        "skuId": entry.get("skuId"),
        "term": {"duration": term.get("duration"), "billingCycle": CYCLE_NAMES.get(cycle, cycle)},
        "pricingPolicies": policies,
    }


def _offset(text: str) -> str:
    """These dates are written with `+00:00` in every sample, unlike the rest of the API."""
    return parse_moment(text).isoformat(timespec="seconds")


_ALL = "/v1/productpromotions"
ROUTES: list[RouteSpec] = [
    RouteSpec("GET", _ALL, list_promotions, name="get a list of promotions", roles=ROLES),
    RouteSpec("GET", f"{_ALL}/{{promotion_id}}", get_promotion, name="get a promotion by id", roles=ROLES),
]
