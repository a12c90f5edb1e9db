"""The pure half of the Subscription kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from pydantic import BaseModel

from cspctl.kinds.contract import Desired, Mutability, ProjectView, Proposal, Reference
from cspctl.kinds.subscription import attributes as shape
from cspctl.kinds.subscription import convergence, creation, landing, rules
from cspctl.kinds.subscription.homes import HOMES
from cspctl.kinds.subscription.spec import MUTABILITY, REFERENCES, SubscriptionSpec
from cspctl.kinds.subscription.steps import STEP_TYPES
from cspctl.model.binding import Binding
from cspctl.model.change import Finding, Step
from cspctl.model.diagnostic import Diagnostic
from cspctl.model.live import LiveObject
from cspctl.model.resource import Resource

MANAGED_PRODUCT_TYPE = "OnlineServicesNCE"


class SubscriptionKind:
    """One document, one live subscription."""

    name: ClassVar[str] = shape.KIND
    spec: ClassVar[type[BaseModel]] = SubscriptionSpec
    references: ClassVar[tuple[Reference, ...]] = REFERENCES
    mutability: ClassVar[Mapping[str, Mutability]] = MUTABILITY
    remote: ClassVar[str | None] = "cspctl.kinds.subscription.remote"

    def check(self, resource: Resource, project: ProjectView) -> Iterable[Diagnostic]:
        return rules.check(resource, project)

    def desire(self, resource: Resource, project: ProjectView) -> Desired:
        effective = resource.effective
        home = HOMES.of(project)[effective["tenant"]]  # references resolve before anything is desired
        declared = shape.declared_attributes(resource, project)
        left = shape.ignored(resource.lifecycle.ignore)
        requires = effective.get("requires")
        return Desired(
            resource=resource,
            attributes={k: v for k, v in declared.items() if k not in left} if left else declared,
            scope=home.scope,
            scope_label=home.label,
            account=home.account,
            cloud=home.cloud,
            twin_key=(declared["product"], declared["sku"]),
            adopt_id=_lower(effective.get("subscriptionId")),
            generation=int(effective.get("generation") or 1),
            requires=_required(requires),
            memory=self._memory(resource, project),
            declared=declared,
        )

    def _memory(self, resource: Resource, project: ProjectView) -> dict[str, Any]:
        """What the binding keeps, because a later run must know it after the manifest is gone."""
        effective = resource.effective
        plan = project.resources.get("Plan", effective["plan"])
        assert plan is not None, "references resolve before anything is desired"
        end = effective.get("endOfTerm") or {}
        return {
            "protect": resource.lifecycle.protect,
            "generation": int(effective.get("generation") or 1),
            "endOfTerm": end.get("action", "renew"),
            "on": shape.date_text(end.get("on")),
            "segment": shape.segment_of(plan.effective),
            "whenCancelNotAllowed": effective.get("whenCancelNotAllowed") or "fail",
            "whenDecreaseNotRefundable": effective.get("whenDecreaseNotRefundable") or "fail",
            "alignTo": shape.date_text((effective.get("endDate") or {}).get("alignTo"))
            if _is_day((effective.get("endDate") or {}).get("alignTo"))
            else (effective.get("endDate") or {}).get("alignTo"),
            "ignore": list(resource.lifecycle.ignore),
            "promotion": (effective.get("promotion") or {}).get("id"),
        }

    def twin_key(self, live: LiveObject) -> tuple[str, ...]:
        return (str(live.attributes.get("product")), str(live.attributes.get("sku")))

    def matches(self, desired: Desired, live: LiveObject) -> bool:
        """Product, SKU, term and billing are the same, and the end date where the manifest states one."""
        want, have = desired.bought, live.attributes
        same = all(want.get(k) == have.get(k) for k in ("product", "sku", "term", "billing"))
        aligned = desired.memory.get("alignTo")
        end = desired.memory.get("on") or (aligned if _is_day(aligned) else None)
        return same and (not end or end == live.facts.get("commitmentEnd"))

    def bears_name(self, desired: Desired, live: LiveObject) -> bool:
        """The friendly name is the marker that an order carries over to its subscription."""
        return live.attributes.get("friendlyName") == creation.marker(desired)

    def is_living(self, live: LiveObject) -> bool:
        return live.facts.get("status") not in shape.ENDED

    def is_managed(self, live: LiveObject) -> bool:
        return live.facts.get("productType") == MANAGED_PRODUCT_TYPE

    def propose_create(self, desired: Desired, *, now: datetime) -> Proposal | None:
        return creation.propose(desired, now)

    def propose_update(
        self, desired: Desired, live: LiveObject, binding: Binding | None, *, now: datetime
    ) -> list[Proposal]:
        return convergence.propose(desired, live, now)

    def remarks(self, desired: Desired, live: LiveObject, *, now: datetime) -> Sequence[Finding]:
        if not desired.attributes.get("next") or not landing.has_landed(desired.resource, live, now):
            return ()
        return (landing.remark(desired.resource),)

    def release_note(self, binding: Binding, live: LiveObject | None) -> str:
        if live is None:
            return "nothing is sent; the subscription could not be seen at Partner Center"
        end = live.facts.get("commitmentEnd") or "an unknown date"
        seats = live.attributes.get("quantity")
        if not self.is_living(live):
            return f"nothing is sent; the subscription already ended ({live.facts.get('status')})"
        after = (
            "then renews by itself" if live.attributes.get("autoRenew") else "then is not renewed as a standard term"
        )
        return f"nothing is sent; {seats} seats keep billing until {end}, {after}"

    def title(self, live: LiveObject) -> str:
        return str(live.facts.get("offerName") or ":".join(self.twin_key(live)))

    def fingerprint(self, live: LiveObject) -> Mapping[str, Any]:
        facts = {
            k: live.facts.get(k) for k in ("status", "commitmentEnd", "cancelUntil", "refundable", "pendingCharge")
        }
        return {"attributes": dict(live.attributes), **facts}

    def step_types(self) -> tuple[type[Step], ...]:
        return STEP_TYPES

    def seats(self, desired: Desired, live: LiveObject | None) -> int:
        want = int(desired.bought.get("quantity") or 0)
        return want - int(live.attributes.get("quantity") or 0) if live else want

    def expected(self, binding: Binding, live: LiveObject, *, now: datetime) -> Mapping[str, Any]:
        """A scheduled change of ours that landed, and the end of a term that was not to be renewed, are no drift."""
        end = shape.commitment_end(live)
        if not self.is_living(live) and binding.applied.get("autoRenew") is False and end and end < now.date():
            return {"state": live.attributes.get("state")}
        following = binding.applied.get("next")
        if following and shape.scheduled_landed(binding.memory.get("on"), live, now):
            return {k: following[k] for k in ("product", "sku", "term", "billing", "quantity")} | {"next": None}
        return {}

    def revertible(
        self, path: str, old: Any, new: Any, live: LiveObject, *, now: datetime
    ) -> tuple[bool | None, datetime | None]:
        """Seats added by someone can be given back while their refund tranche is open; seats taken can be bought."""
        if path == "quantity" and isinstance(old, int) and isinstance(new, int):
            allowed, closes = shape.refundable_now(live, now)
            return (True, None) if new < old else (new - old <= allowed, closes if new - old <= allowed else None)
        if path in ("friendlyName", "autoRenew", "next", "state"):
            return True, None
        return (False, None) if path in ("product", "sku", "term", "billing") else (None, None)


def _lower(text: Any) -> str | None:
    return str(text).lower() if text else None


def _required(value: Any) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) else list(value or ())
    return tuple(f"{shape.KIND}/{name}" for name in names)


def _is_day(value: Any) -> bool:
    text = str(value or "")
    return len(text) >= 10 and text[4:5] == "-" and text[7:8] == "-"
