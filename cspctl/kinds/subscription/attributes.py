"""The comparable shape of a subscription, the same from a manifest and from Partner Center.

Keys: product, sku, term, billing, quantity, state, autoRenew, next, and where declared friendlyName and
resellerMpn. `next` is a mapping of product, sku, term, billing, quantity and endDate, or absent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from cspctl.kinds.contract import ProjectView
from cspctl.kinds.plan import attributes as plan_attributes
from cspctl.kinds.subscription.homes import HOMES
from cspctl.model.live import LiveObject
from cspctl.model.resource import Resource

KIND = "Subscription"
ENDED = frozenset({"deleted", "expired", "disabled"})
STATE_OF_STATUS = {"active": "active", "suspended": "suspended", "deleted": "cancelled"}
_COUNTRY = re.compile(r"[?&]country=([A-Za-z]{2})(?:&|\Z)")
CATALOGUE_SEGMENT = {"charity": "nonprofit"}
# Attributes behind a path of the manifest, where they are not called the same.
BEHIND = {
    "item": ("product", "sku"),
    "endOfTerm": ("autoRenew", "next"),
    "endOfTerm.action": ("autoRenew",),
    "endOfTerm.on": (),
    "endOfTerm.next": ("next",),
}


def parse_instant(text: Any) -> datetime | None:
    """An aware UTC datetime from wire text (fractions of any length, with or without zone), else None."""
    if not isinstance(text, str) or not text:
        return None
    head, dot, tail = text.partition(".")
    if dot:
        digits = len(tail) - len(tail.lstrip("0123456789"))
        text = f"{head}.{tail[:digits][:6].ljust(6, '0')}{tail[digits:]}"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def offer_of(effective: Mapping[str, Any], project: ProjectView) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """(plan spec, item) behind a subscription; references are known to resolve."""
    plan = project.resources.get("Plan", effective["plan"])
    assert plan is not None, "references resolve before attributes are asked for"
    item = plan_attributes.offer_item(plan, effective["item"])
    assert item is not None, "rules refuse an item that the plan does not have"
    return plan.effective, item


def segment_of(plan_spec: Mapping[str, Any]) -> str:
    """The catalogue's name of the plan's segment (sheets say Charity, the catalogue says nonprofit)."""
    segment = str(plan_spec.get("segment") or "commercial")
    return CATALOGUE_SEGMENT.get(segment, segment)


def ignored(paths: Iterable[str]) -> frozenset[str]:
    """Attributes that lifecycle.ignore leaves to others; its paths are those of the spec, or attribute names."""
    found: set[str] = set()
    for path in paths:
        parts = path.removeprefix("spec.").split(".")
        found.update(BEHIND.get(".".join(parts[:2]), BEHIND.get(parts[0], (parts[0],))))
    return frozenset(found)


def declared_attributes(resource: Resource, project: ProjectView) -> dict[str, Any]:
    """What the manifest says, lifecycle.ignore not yet considered."""
    effective = resource.effective
    _, item = offer_of(effective, project)
    state = str(effective.get("state") or "active")
    end = effective.get("endOfTerm") or {}
    values: dict[str, Any] = {
        "product": item["product"],
        "sku": item["sku"],
        "term": effective["term"],
        "billing": effective["billing"],
        "quantity": int(effective["quantity"]),
        "state": state,
        # Suspending switches auto-renew off and deletes scheduled changes, so neither is wanted then.
        "autoRenew": end.get("action", "renew") == "renew" if state == "active" else None,
        "next": _next_term(effective, end, project) if state == "active" else None,
        "friendlyName": effective.get("friendlyName"),
        "resellerMpn": HOMES.of(project)[effective["tenant"]].mpn,
    }
    if state == "cancelled":
        values = {k: values[k] for k in ("product", "sku", "state")}
    managed = {k: v for k, v in values.items() if v is not None}
    if state == "active":
        # Kept even when empty: that nothing is scheduled is part of what endOfTerm declares.
        managed["next"] = values["next"]
    return managed


def _next_term(effective: Mapping[str, Any], end: Mapping[str, Any], project: ProjectView) -> dict[str, Any] | None:
    wanted = end.get("next")
    if not wanted:
        return None
    _, item = offer_of({**effective, "item": wanted.get("item", effective["item"])}, project)
    return {
        "product": item["product"],
        "sku": item["sku"],
        "term": wanted.get("term", effective["term"]),
        "billing": wanted.get("billing", effective["billing"]),
        "quantity": int(wanted.get("quantity", effective["quantity"])),
        "endDate": date_text(wanted.get("endDate")),
    }


def date_text(value: Any) -> str | None:
    """A day as ISO text, whatever the reader made of it."""
    if value is None:
        return None
    if isinstance(value, date):
        return value.isoformat()[:10]
    return str(value)[:10]


def live_attributes(body: Mapping[str, Any]) -> dict[str, Any]:
    """From the JSON of a subscription as Partner Center sends it."""
    product, _, rest = str(body.get("offerId") or "").partition(":")
    status = str(body.get("status") or "none")
    values: dict[str, Any] = {
        "product": product,
        "sku": rest.partition(":")[0],
        "term": body.get("termDuration"),
        "billing": str(body.get("billingCycle") or "").lower() or None,
        "quantity": int(body["quantity"]) if body.get("quantity") is not None else None,
        "state": STATE_OF_STATUS.get(status, status),
        "autoRenew": bool(body.get("autoRenewEnabled", False)),
        "next": _scheduled(body.get("scheduledNextTermInstructions")),
        "friendlyName": body.get("friendlyName"),
        "resellerMpn": str(body.get("partnerId") or "") or None,
    }
    return {k: v for k, v in values.items() if v is not None}


def _scheduled(instructions: Any) -> dict[str, Any] | None:
    if not isinstance(instructions, Mapping) or not instructions.get("product"):
        return None
    product = instructions["product"]
    end = parse_instant(instructions.get("customTermEndDate"))
    return {
        "product": product.get("productId"),
        "sku": product.get("skuId"),
        "term": product.get("termDuration"),
        "billing": str(product.get("billingCycle") or "").lower(),
        "quantity": int(instructions["quantity"]) if instructions.get("quantity") is not None else None,
        "endDate": end.date().isoformat() if end else None,
    }


def live_facts(body: Mapping[str, Any]) -> dict[str, Any]:
    """What rules, fingerprints and reports need besides the managed attributes. Instants are ISO text."""
    refundable = body.get("refundableQuantity") or {}
    tranches = [
        {"quantity": int(t.get("quantity") or 0), "until": _iso(t.get("allowedUntilDateTime"))}
        for t in refundable.get("details") or []
    ]
    return {
        "status": str(body.get("status") or "none"),
        "commitmentEnd": _day(body.get("commitmentEndDate")),
        "cancelUntil": _iso(body.get("cancellationAllowedUntilDate")),
        "refundable": sorted(tranches, key=lambda t: (t["until"] or "", t["quantity"])),
        "isTrial": bool(body.get("isTrial")),
        "productType": (body.get("productType") or {}).get("id"),
        "offerName": body.get("offerName"),
        "friendlyName": body.get("friendlyName"),
        "orderId": body.get("orderId"),
        "createdAt": _iso(body.get("creationDate")),
        "country": _country(body.get("links")),
        "pendingCharge": body.get("nextChargeInstructions") is not None,
    }


def _country(links: Any) -> str | None:
    """The market that its product link names. Source: Partner Center docs, get-a-subscription-by-id (Oct 2023)."""
    product = links.get("product") if isinstance(links, Mapping) else None
    uri = str(product.get("uri") or "") if isinstance(product, Mapping) else ""
    found = _COUNTRY.search(uri)
    return found.group(1).upper() if found else None


def _iso(text: Any) -> str | None:
    moment = parse_instant(text)
    return moment.isoformat() if moment else None


def _day(text: Any) -> str | None:
    moment = parse_instant(text)
    return moment.date().isoformat() if moment else None


def commitment_end(live: LiveObject) -> date | None:
    """The last day (inclusive) of the running commitment."""
    text = live.facts.get("commitmentEnd")
    return date.fromisoformat(text) if text else None


def refundable_now(live: LiveObject, now: datetime) -> tuple[int, datetime | None]:
    """(seats that can be given back at `now`, when the first of those tranches closes)."""
    open_tranches = [
        (int(t["quantity"]), datetime.fromisoformat(t["until"]))
        for t in live.facts.get("refundable") or ()
        if t["until"] and datetime.fromisoformat(t["until"]) > now
    ]
    return sum(q for q, _ in open_tranches), min((u for _, u in open_tranches), default=None)


def scheduled_landed(desired_on: str | None, live: LiveObject, now: datetime) -> bool:
    """Whether the commitment that a `next` was written for is over and the following term runs."""
    end = commitment_end(live)
    if not desired_on or end is None:
        return False
    on = date.fromisoformat(desired_on)
    return now.date() > on and end > on
