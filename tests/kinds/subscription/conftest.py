"""A world without I/O: manifests as resources, subscriptions as Partner Center sends them, bindings, and the planner.

Everything that a case does not say has the value written here: one tenant, a plan with three items, and a P1Y monthly
subscription of 30 seats that began on 1 April 2026, long past its windows on 21 November 2026.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from cspctl.commerce.price_book import PriceBooks
from cspctl.engine.guards import GuardLimits
from cspctl.engine.narrowing import Narrowing
from cspctl.engine.planner import Planning, plan
from cspctl.engine.situation import Situation
from cspctl.kinds.contract import Desired, ProjectView
from cspctl.kinds.subscription.kind import SubscriptionKind
from cspctl.kinds.subscription.remote import live_object
from cspctl.model.address import Address
from cspctl.model.binding import Binding
from cspctl.model.live import Gap, LiveObject, LiveState
from cspctl.model.positions import Origin, SourcePos
from cspctl.model.resource import Lifecycle, Resource, ResourceIndex

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
ACCOUNT = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
TENANTS = {
    "fabrikam": "0d2a6f5e-1f43-4f0b-b7a3-000000000001",
    "contoso": "0d2a6f5e-1f43-4f0b-b7a3-000000000002",
}
PRODUCTS = {
    "e3": ("CFQ7TTC0LFLX", "0001"),
    "e5": ("CFQ7TTC0LF8S", "0002"),
    "audio": ("CFQ7TTC0LHXM", "0003"),
    "trial": ("CFQ7TTC0LFTR", "0001"),
}
OFFERS = [
    {"term": term, "billing": billing}
    for term, billing in [
        ("P1M", "monthly"),
        ("P1Y", "monthly"),
        ("P1Y", "annual"),
        ("P3Y", "monthly"),
        ("P3Y", "annual"),
        ("P3Y", "triennial"),
        ("P1M", "none"),
    ]
]
SPEC: dict[str, Any] = {
    "tenant": "fabrikam",
    "plan": "m365",
    "item": "e3",
    "term": "P1Y",
    "billing": "monthly",
    "quantity": 30,
    "endOfTerm": {"action": "renew"},
}
BODY: dict[str, Any] = {
    "offerName": "Microsoft 365 E3",
    "friendlyName": "e3",
    "quantity": 30,
    "unitType": "Licenses",
    "hasPurchasableAddons": False,
    "creationDate": "2026-04-01T08:00:00.1234567Z",
    "effectiveStartDate": "2026-04-01T00:00:00Z",
    "commitmentEndDate": "2027-03-31T00:00:00Z",
    "status": "active",
    "autoRenewEnabled": True,
    "cancellationAllowedUntilDate": "2026-04-08T08:00:00Z",
    "billingCycle": "monthly",
    "termDuration": "P1Y",
    "renewalTermDuration": "P1Y",
    "isMicrosoftProduct": True,
    "partnerId": "",
    "isTrial": False,
    "productType": {"id": "OnlineServicesNCE", "displayName": "OnlineServicesNCE"},
    "refundableQuantity": None,
    "orderId": "1eb5d8f0c2a4",
    "attributes": {"objectType": "Subscription"},
}
KIND = SubscriptionKind()


def guid(name: str) -> str:
    """`a` stands for a whole id; anything longer is taken as it is."""
    return f"{name * 8}-0000-4000-8000-000000000000" if len(name) == 1 else name


def text(value: Any) -> Any:
    """YAML reads days as dates; Partner Center and manifests say them as text."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(k): text(v) for k, v in value.items()}
    return [text(v) for v in value] if isinstance(value, list) else value


def instant(value: str) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC)


def wire(said: Mapping[str, Any]) -> dict[str, Any]:
    """The body of one subscription; `item` is short for an offerId, `next` for scheduled instructions."""
    body = {**BODY, **text(said)}
    body["id"] = guid(str(body["id"])).upper()
    product, sku = PRODUCTS[body.pop("item", "e3")]
    body.setdefault("offerId", f"{product}:{sku}:CFQ7TTC0AAAA")
    body.pop("tenant", None)
    if following := body.pop("next", None):
        product, sku = PRODUCTS[following.get("item", "e3")]
        body["scheduledNextTermInstructions"] = {
            "product": {
                "productId": product,
                "skuId": sku,
                "availabilityId": "CFQ7TTC0BBBB",
                "billingCycle": following.get("billing", "monthly"),
                "termDuration": following.get("term", "P1Y"),
            },
            "quantity": following["quantity"],
        }
    return body


def live(said: Mapping[str, Any], now: datetime = NOW) -> LiveObject:
    return live_object(wire(said), TENANTS[str(said.get("tenant", "fabrikam"))], now)


@dataclass
class World:
    """Fill it, then ask `plan`. Subscriptions are specs laid over SPEC; `lifecycle` and `previousNames` beside them."""

    now: datetime = NOW
    subscriptions: dict[str, dict[str, Any]] = field(default_factory=dict)
    objects: list[LiveObject] = field(default_factory=list)
    bindings: dict[Address, Binding] = field(default_factory=dict)
    gaps: tuple[Gap, ...] = ()
    unsettled: dict[Address, str] = field(default_factory=dict)
    narrowing: Narrowing = field(default_factory=Narrowing)
    limits: GuardLimits = field(default_factory=GuardLimits)
    allow: frozenset[str] = frozenset()
    complete: bool = True

    def declare(self, name: str, said: Mapping[str, Any]) -> None:
        self.subscriptions[name] = text(dict(said))

    def put(self, said: Mapping[str, Any]) -> LiveObject:
        found = live(said, self.now)
        self.objects.append(found)
        return found

    def bind(self, name: str, said: Mapping[str, Any]) -> Binding:
        """`live` is the id; `applied` and `memory` are laid over what live and manifest say now."""
        address = Address("Subscription", name)
        live_id = guid(str(said["live"]))
        seen = next((o for o in self.objects if o.live_id == live_id), None)
        memory: dict[str, Any] = {"protect": False, "generation": 1}
        applied = dict(seen.attributes) if seen else {}
        if name in self.subscriptions:
            want = self.desire(name)
            memory = {**want.memory, "protect": False, "generation": 1}
            applied = {k: applied.get(k) for k in want.attributes}
        binding = Binding(
            address=address,
            live_id=live_id,
            scope=TENANTS[str(said.get("tenant", "fabrikam"))],
            applied={**applied, **text(said.get("applied") or {})},
            applied_at=datetime(2026, 4, 1, 8, tzinfo=UTC),
            run_id="run-1",
            state=str(said.get("state", "bound")),
            memory={**memory, **text(said.get("memory") or {})},
            realm=realm("global", ACCOUNT),
        )
        self.bindings[address] = binding
        return binding

    def desire(self, name: str) -> Desired:
        view = self.view()
        resource = view.resources.get("Subscription", name)
        assert resource is not None
        return KIND.desire(resource, view)

    def view(self) -> ProjectView:
        return ProjectView(ResourceIndex(dict(self._resources())), PriceBooks({}), self.now)

    def _resources(self) -> Iterable[tuple[Address, Resource]]:
        items = [{"name": n, "product": p, "sku": s, "offers": OFFERS} for n, (p, s) in PRODUCTS.items()]
        base = {
            Address("Reseller", "acme"): {"displayName": "Acme", "tier": "direct", "accountId": ACCOUNT},
            Address("Reseller", "nordsoft"): {
                "displayName": "Nordsoft",
                "tier": "indirect-reseller",
                "mpnId": "4391227",
            },
            Address("Plan", "m365"): {"displayName": "M365", "priceBook": "nce", "items": items},
        }
        for name, tenant in TENANTS.items():
            base[Address("TenantMapping", name)] = {"tenantId": tenant, "reseller": "acme", "market": "DE"}
        base[Address("TenantMapping", "resold")] = {
            "tenantId": TENANTS["fabrikam"],
            "reseller": "acme",
            "market": "DE",
            "indirectReseller": "nordsoft",
        }
        for address, spec in base.items():
            yield address, Resource(address, spec, spec, Origin("base.yaml", 0))
        for name, said in self.subscriptions.items():
            yield Address("Subscription", name), self._subscription(name, said)

    def _subscription(self, name: str, said: Mapping[str, Any]) -> Resource:
        care = said.get("lifecycle") or {}
        meta = ("lifecycle", "previousNames", "labels")
        own = {k: v for k, v in said.items() if k not in meta}
        spec = {k: v for k, v in {**SPEC, **own}.items() if v is not None}
        KIND.spec.model_validate(spec)
        return Resource(
            Address("Subscription", name),
            spec,
            spec,
            Origin(f"subscriptions/{name}.yaml", 0),
            labels=said.get("labels") or {},
            previous_names=tuple(said.get("previousNames") or ()),
            lifecycle=Lifecycle(
                protect=bool(care.get("protect")),
                ignore=tuple(care.get("ignore") or ()),
                allow_twin=bool(care.get("allowTwin")),
            ),
        )

    def situation(self) -> Situation:
        unread = {g.scope for g in self.gaps}
        return Situation(
            project="test",
            view=self.view(),
            kinds=(KIND,),
            bindings=dict(self.bindings),
            live=LiveState(
                {("Subscription", o.live_id): o for o in self.objects if o.scope not in unread},
                self.gaps,
                frozenset(TENANTS.values()) - unread,
            ),
            now=self.now,
            labels={v: k for k, v in TENANTS.items()},
            realm_of=realm,
            locate=lambda origin, path: SourcePos(origin.file, 1 + len(path), 1),
            desired_digest="sha256:desired",
            limits=self.limits,
            allow=self.allow,
            narrowing=self.narrowing,
            complete=self.complete,
            unsettled=self.unsettled,
        )

    def plan(self) -> Planning:
        return plan(self.situation())

    def later(self, now: datetime) -> World:
        return replace(self, now=now)


def realm(cloud: str, account: str) -> str:
    return f"test|{cloud}|{account}|live"


def from_case(case: Mapping[str, Any]) -> World:
    """Keys: now, desired, live, bindings, gaps, unsettled, narrowing, limits, allow, complete."""
    world = World(now=instant(case["now"]) if "now" in case else NOW)
    for name, said in (case.get("desired") or {}).items():
        world.declare(name, said or {})
    for said in case.get("live") or ():
        world.put(said)
    for name, said in (case.get("bindings") or {}).items():
        world.bind(name, said)
    world.gaps = tuple(Gap(TENANTS[tenant], reason) for tenant, reason in (case.get("gaps") or {}).items())
    world.unsettled = {Address("Subscription", n): why for n, why in (case.get("unsettled") or {}).items()}
    world.narrowing = Narrowing(**{k: tuple(v) for k, v in (case.get("narrowing") or {}).items()})
    world.limits = GuardLimits(**(case.get("limits") or {}))
    world.allow = frozenset(case.get("allow") or ())
    world.complete = case.get("complete", True)
    return world


@pytest.fixture(scope="session")
def make_world() -> type[World]:
    return World


@pytest.fixture(scope="session")
def world_from() -> Callable[[Mapping[str, Any]], World]:
    return from_case


@pytest.fixture
def world() -> World:
    return World()
