"""Live subscriptions as manifests: written once, and brought up to date where nobody edited them since."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from cspctl.commerce.terms import BILLING_MONTHS, TERM_MONTHS
from cspctl.kinds.contract import Merged, ProjectView
from cspctl.kinds.scalars import PRODUCT, SKU
from cspctl.kinds.subscription import attributes as shape
from cspctl.model.change import Finding
from cspctl.model.diagnostic import DocPath
from cspctl.model.document import UNSET, Edit
from cspctl.model.live import Attributes, LiveObject
from cspctl.model.resource import Resource

TRIAL_SEATS = 25  # Source: Partner Center docs, create-a-new-subscription (2023).
IMPORTED_STATES = ("active", "suspended")
IGNORE_NEXT = {"ignore": ["endOfTerm.next"]}
_PRODUCT, _SKU = re.compile(PRODUCT), re.compile(SKU)
_ORDER = (
    "tenant", "plan", "item", "term", "billing", "quantity", "trial", "friendlyName", "state", "endOfTerm",
)  # fmt: skip  # one line of words


class Offer(NamedTuple):
    product: str
    sku: str
    term: str
    billing: str


@dataclass(frozen=True, slots=True)
class Names:
    """`items`: product and SKU to the item of the plan, with every term and billing that it is sold with."""

    tenant: str
    plan: str
    items: Mapping[tuple[str, str], str]
    offered: frozenset[Offer] = frozenset()


class SubscriptionImports:
    """Satisfies cspctl.kinds.contract.Imports."""

    def refusal(self, live: LiveObject) -> Finding | None:
        problem = _refusal(live)
        if problem is None:
            return None
        return Finding(
            code="W-IMPORT-ODD",
            severity="warning",
            message=f"{_title(live)}: {problem}; left unmanaged",
            hint="look at it in Partner Center; it is imported once it can be described",
        )

    def offers(self, live: LiveObject) -> Iterator[Offer]:
        """What the plan must offer for it: what runs, and what follows."""
        yield _offer(live.attributes)
        following = _following(live)
        if following is not None:
            yield _offer(following)

    def names(self, tenant: str, plan: str, items: Mapping[tuple[str, str], str], offered: frozenset[Offer]) -> Names:
        return Names(tenant, plan, items, offered)

    def remarks(self, live: LiveObject) -> Iterator[Finding]:
        """What a person must decide or know about it."""
        end, title = live.facts.get("commitmentEnd"), _title(live)
        if live.attributes.get("state") == "suspended":
            message = f"{title}: suspended, and billed all the same until {end}"
            yield Finding(code="I-SUSPENDED", severity="info", message=message)
        elif not live.attributes.get("autoRenew") and not live.facts.get("isTrial"):
            # Source: product contract, section 1.3: since 2026 auto-renew off leads into a paid extension.
            message = f"{title}: auto-renew is off, so after {end} it goes on as a paid extended term"
            hint = "decide: endOfTerm.action is written as extend; renew and cancel are the other choices"
            yield Finding(code="W-DECIDE-EXTENDED", severity="warning", message=message, hint=hint)
        if live.facts.get("isTrial"):
            yield Finding(code="I-TRIAL", severity="info", message=f"{title}: a trial until {end}")
        if _hides_next(live):
            message = f"{title}: its scheduled change cannot be described; lifecycle.ignore leaves it alone"
            yield Finding(code="W-IMPORT-NEXT", severity="warning", message=message)

    def to_spec(self, live: LiveObject, names: Names) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        have = live.attributes
        spec: dict[str, Any] = {
            "tenant": names.tenant,
            "plan": names.plan,
            "item": names.items[(have["product"], have["sku"])],
            "term": have["term"],
            "billing": have["billing"],
            "quantity": have["quantity"],
        }
        if live.facts.get("isTrial"):
            spec["trial"] = _trial(live, names)
        if (name := _friendly_name(live)) is not None:
            spec["friendlyName"] = name
        if have["state"] != "active":
            spec["state"] = have["state"]
        spec["endOfTerm"] = _end_of_term(live, names)
        spec["subscriptionId"] = live.live_id
        return spec, IGNORE_NEXT if _hides_next(live) else {}

    def remembered(self, live: LiveObject) -> Attributes:
        have = live.attributes
        keys = ("product", "sku", "term", "billing", "quantity", "state")
        return {k: have.get(k) for k in keys} | {
            "friendlyName": _friendly_name(live),
            "action": _action(live),
            "next": _dated(_next(live), live.facts.get("commitmentEnd")),
        }

    def merge(
        self, resource: Resource, remembered: Attributes, live: LiveObject, names: Names, project: ProjectView
    ) -> Merged:
        return _Merge(resource, dict(remembered), live, names, project).result()


@dataclass(slots=True)
class _Merge:
    """Three ways: what was imported, what the manifest says, what is live."""

    resource: Resource
    remembered: dict[str, Any]
    live: LiveObject
    names: Names
    project: ProjectView

    def result(self) -> Merged:
        now = SubscriptionImports().remembered(self.live)
        mine = self._mine()
        left = shape.ignored(self.resource.lifecycle.ignore)
        edits: list[Edit] = []
        kept: list[str] = []
        for key, path in _PATHS.items():
            old, new = self.remembered.get(key), now.get(key)
            if old == new or left & _BEHIND[key]:
                continue
            if key == "action" and self.live.attributes.get("state") != "active":
                continue  # suspending switches auto-renew off; what was decided for the end of the term stays
            if mine.get(key) != new:
                if mine.get(key) != old or not self._can(key, now):
                    kept.append(path)
                    continue
                edits += self._edits(key, now)
            self.remembered[key] = new
        return Merged(tuple(edits), tuple(dict.fromkeys(kept)), self.remembered)

    def _mine(self) -> dict[str, Any]:
        """What the manifest says in the shape of `remembered`."""
        effective = self.resource.effective
        said = shape.declared_attributes(
            self.resource._replace(effective={**effective, "state": "active"}), self.project
        )
        end = effective.get("endOfTerm") or {}
        keys = ("product", "sku", "term", "billing", "quantity", "friendlyName")
        return {k: said.get(k) for k in keys} | {
            "state": str(effective.get("state") or "active"),
            "action": end.get("action"),
            "next": _dated(said.get("next"), shape.date_text(end.get("on"))),
        }

    def _can(self, key: str, now: Mapping[str, Any]) -> bool:
        """Whether the plan sells what it would have to name."""
        if key in ("product", "sku", "term", "billing"):
            return _offer(now) in self.names.offered
        if key == "next" and now["next"] is not None:
            return _offer(now["next"]) in self.names.offered
        return True

    def _edits(self, key: str, now: Mapping[str, Any]) -> Iterator[Edit]:
        if key in ("product", "sku"):
            yield self._set(("spec", "item"), self.names.items[(now["product"], now["sku"])])
        elif key == "action":
            yield self._set(("spec", "endOfTerm", "action"), now["action"])
        elif key == "next":
            yield from self._next_edits(now)
        elif key == "state" and now["state"] == "active":
            yield self._set(("spec", "state"), UNSET)
        else:
            yield self._set(("spec", key), UNSET if now[key] is None else now[key])

    def _next_edits(self, now: Mapping[str, Any]) -> Iterator[Edit]:
        where: DocPath = ("spec", "endOfTerm", "next")
        said = (self.resource.spec.get("endOfTerm") or {}).get("next")
        following = now["next"]
        if following is None:
            yield self._set(where, UNSET)
            yield self._set(("spec", "endOfTerm", "on"), UNSET)
            return
        wanted = next_spec(following, now, self.names.items)
        yield self._set(("spec", "endOfTerm", "on"), following["on"])
        if not said:
            yield self._set(where, wanted)
            return
        for key in dict.fromkeys((*said, *wanted)):
            if said.get(key) != wanted.get(key):
                yield self._set((*where, key), wanted.get(key, UNSET))

    def _set(self, path: DocPath, value: Any) -> Edit:
        """A key that is not there yet goes where an import would have written it."""
        if len(path) == 2:
            return Edit(path, value, after=_ORDER[: _ORDER.index(str(path[1]))])
        return Edit(path, value, after=("action", "on") if path[2] == "next" else ("action",))


# Attribute to the path that a person would look for.
_PATHS = {
    "product": "item", "sku": "item", "term": "term", "billing": "billing", "quantity": "quantity",
    "friendlyName": "friendlyName", "state": "state", "action": "endOfTerm.action", "next": "endOfTerm.next",
}  # fmt: skip  # one line of words
_BEHIND = {k: frozenset({"autoRenew" if k == "action" else k}) for k in _PATHS}


def next_spec(following: Mapping[str, Any], now: Mapping[str, Any], items: Mapping[Any, str]) -> dict[str, Any]:
    """`endOfTerm.next`: the seats, and whatever else differs from what runs."""
    wanted: dict[str, Any] = {"quantity": following["quantity"]}
    if (following["product"], following["sku"]) != (now["product"], now["sku"]):
        wanted["item"] = items[(following["product"], following["sku"])]
    wanted |= {k: following[k] for k in ("term", "billing") if following[k] != now[k]}
    if following.get("endDate"):
        wanted["endDate"] = following["endDate"]
    return wanted


def _refusal(live: LiveObject) -> str | None:
    have, trial = live.attributes, bool(live.facts.get("isTrial"))
    if have.get("state") not in IMPORTED_STATES:
        return f"its status is {live.facts.get('status')}"
    if not _PRODUCT.match(str(have.get("product"))) or not _SKU.match(str(have.get("sku"))):
        return f"{have.get('product')}:{have.get('sku')} is not a product and SKU of the new commerce catalogue"
    if not _fits(have, trial=trial):
        return f"term {have.get('term') or 'none'} billed {have.get('billing') or 'nobody knows how'} is not sold"
    if not isinstance(have.get("quantity"), int) or have["quantity"] < 1:
        return f"it has {have.get('quantity', 'an unknown number of')} seats"
    if trial and (have["quantity"] != TRIAL_SEATS or have["state"] != "active"):
        return f"a trial with {have['quantity']} seats that is {have['state']}"
    return None


def _fits(offer: Mapping[str, Any], *, trial: bool = False) -> bool:
    term, billing = offer.get("term"), offer.get("billing")
    if trial:
        return (term, billing) == ("P1M", "none")
    return BILLING_MONTHS.get(str(billing), 99) <= TERM_MONTHS.get(str(term), 0)


def _next(live: LiveObject) -> dict[str, Any] | None:
    """The standing instructions where a manifest can state them as endOfTerm.next."""
    if live.facts.get("isTrial") or live.attributes.get("state") != "active":
        return None
    return _following(live) if live.attributes.get("autoRenew") and live.facts.get("commitmentEnd") else None


def _following(live: LiveObject) -> dict[str, Any] | None:
    """The standing instructions, where they can be described at all."""
    said = live.attributes.get("next")
    if not said or not isinstance(said.get("quantity"), int) or said["quantity"] < 1 or not _fits(said):
        return None
    known = _PRODUCT.match(str(said.get("product"))) and _SKU.match(str(said.get("sku")))
    return dict(said) if known else None


def _hides_next(live: LiveObject) -> bool:
    standing = bool(live.attributes.get("next")) and live.attributes.get("state") == "active"
    return standing and not live.facts.get("isTrial") and _next(live) is None


def _dated(following: Mapping[str, Any] | None, on: Any) -> dict[str, Any] | None:
    return {**following, "on": on} if following else None


def _action(live: LiveObject) -> str:
    return "renew" if live.attributes.get("autoRenew") else "extend"


def _end_of_term(live: LiveObject, names: Names) -> dict[str, Any]:
    end: dict[str, Any] = {"action": _action(live)}
    following = _next(live)
    if following is not None:
        end |= {"on": live.facts["commitmentEnd"], "next": next_spec(following, live.attributes, names.items)}
    return end


def _trial(live: LiveObject, names: Names) -> dict[str, Any]:
    following = _following(live)
    if following is None:
        return {}
    item = names.items[(following["product"], following["sku"])]
    return {"convertTo": {"item": item, **{k: following[k] for k in ("term", "billing", "quantity")}}}


def _friendly_name(live: LiveObject) -> str | None:
    """None where it only repeats the offer's name, which is what the service gives everything."""
    name = live.attributes.get("friendlyName")
    if not name or name == live.facts.get("offerName"):
        return None
    try:
        name.encode()
    except UnicodeEncodeError:  # half a character; no file can hold it
        return None
    return str(name)


def _offer(values: Mapping[str, Any]) -> Offer:
    return Offer(str(values["product"]), str(values["sku"]), str(values["term"]), str(values["billing"]))


def _title(live: LiveObject) -> str:
    return str(live.facts.get("offerName") or live.live_id)


IMPORTS = SubscriptionImports()
