"""The merge of defaults: subscription > plan item > plan > tenant > reseller > project file.

Maps merge by key, lists replace, `null` unsets. `item`, `term` and `billing` default where the plan, or the
item, offers only one. Source: product contract, section 1.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from cspctl.model.address import Address

KIND = "Subscription"
LAYERS = ("Plan", "TenantMapping", "Reseller")
# What a plan and its items state in their own spec for the subscriptions below them.
INHERITED = ("endOfTerm",)
_ABSENT: Final = object()

Spec = Mapping[str, Any]


class Layer(NamedTuple):
    """One place that gives values. `owner` is None for the project file; `path` is where in its document.

    `sole` marks values that nobody wrote: the only item, term or billing on offer.
    """

    label: str
    owner: Address | None
    path: tuple[str | int, ...]
    values: Spec
    sole: bool = False


class _Table(NamedTuple):
    """What lies below all plans for some tenants, and what was merged for them: values, and the maps in these."""

    below: list[Layer]
    kept: dict[tuple[Any, ...], tuple[dict[str, Any], tuple[tuple[str, frozenset[str]], ...]]]


class Defaults:
    """Specs by kind and name, and the project file's `defaults`. Merged layers are kept per combination."""

    def __init__(self, specs: Mapping[str, Mapping[str, Spec]], project: Mapping[str, Any]) -> None:
        self._plans = specs.get("Plan", {})
        self._tenants = specs.get("TenantMapping", {})
        self._resellers = specs.get("Reseller", {})
        self._project = _mapping(project.get(KIND))
        self._tables: dict[Any, _Table] = {}  # by tenant; most tenants share one
        self._shared: dict[tuple[str, str], _Table] = {}

    def effective(self, spec: Spec, *, holds_null: bool) -> Spec:
        """The merged mapping of one subscription; parts of it are shared and must not be changed."""
        get = spec.get
        tenant: Any = get("tenant")
        table = self._tables.get(tenant) or self._table(spec)
        key = (get("plan"), get("item", _ABSENT), get("term", _ABSENT), get("billing", _ABSENT))
        kept = table.kept.get(key)
        if kept is None:
            base: dict[str, Any] = {}
            for layer in reversed(self._layers(spec, table.below)[1:]):
                base = merge(layer.values, base)
            kept = table.kept[key] = (base, _shining(base))
        base, maps = kept
        if holds_null:
            return merge(spec, base)
        for name, low in maps:
            high = get(name)
            if high is not None and (type(high) is not dict or not low <= high.keys()):
                return merge(spec, base)
        return {**base, **spec} if base else spec

    def _table(self, subscription: Spec) -> _Table:
        """Shared by tenants for which the same tenant and reseller, or none, declare defaults."""
        tenant: Any = subscription.get("tenant")
        spec = self._tenants.get(tenant, {})
        reseller = spec.get("reseller")
        kept = self._resellers.get(reseller, {}) if isinstance(reseller, str) else {}
        names = (str(tenant) if "defaults" in spec else "", str(reseller) if "defaults" in kept else "")
        table = self._shared.get(names)
        if table is None:
            table = self._shared[names] = _Table(self._below(subscription), {})
        self._tables[tenant] = table
        return table

    def layers(self, spec: Spec) -> list[Layer]:
        """Nearest first; the first is the subscription itself."""
        return self._layers(spec, self._below(spec))

    def _layers(self, spec: Spec, below: list[Layer]) -> list[Layer]:
        plan_name = spec.get("plan")
        plan = _mapping(self._plans.get(plan_name) if isinstance(plan_name, str) else None)
        address = Address("Plan", str(plan_name))
        items = [i for i in plan.get("items") or () if isinstance(i, dict)]
        item = spec.get("item", _ABSENT)
        sole_item: dict[str, Any] = {}
        if item is _ABSENT and len(items) == 1:
            item = items[0].get("name")
            sole_item = {"item": item}
        elif item is _ABSENT:
            item = _first(below, "item")
        chosen = next(((n, i) for n, i in enumerate(items) if i.get("name") == item), None)
        layers = [Layer("subscription", None, ("spec",), spec)]
        if chosen is not None:
            place, found = chosen
            layers += [Layer("plan item", address, ("spec", "items", place), _inherited(found))]
            layers += _sole_offer(found, address, ("spec", "items", place, "offers"), spec, below)
        layers.append(Layer("plan", address, ("spec",), _inherited(plan)))
        if sole_item:
            layers.append(Layer("plan", address, ("spec", "items", 0, "name"), sole_item, sole=True))
        return [layer for layer in [*layers, *below] if layer.values]

    def _below(self, spec: Spec) -> list[Layer]:
        tenant_name = spec.get("tenant")
        tenant = _mapping(self._tenants.get(tenant_name) if isinstance(tenant_name, str) else None)
        reseller_name = tenant.get("reseller")
        reseller = _mapping(self._resellers.get(reseller_name) if isinstance(reseller_name, str) else None)
        where = ("spec", "defaults", KIND)
        return [
            Layer("tenant", Address("TenantMapping", str(tenant_name)), where, _declared(tenant)),
            Layer("reseller", Address("Reseller", str(reseller_name)), where, _declared(reseller)),
            Layer("project", None, ("defaults", KIND), self._project),
        ]


def merge(high: Spec, low: Spec) -> dict[str, Any]:
    """`high` over `low`; a null in `high` removes the key."""
    merged = dict(low)
    for key, value in high.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict):
            under = merged.get(key)
            merged[key] = merge(value, under if isinstance(under, dict) else {})
        else:
            merged[key] = value
    return merged


def _shining(base: dict[str, Any]) -> tuple[tuple[str, frozenset[str]], ...]:
    """Maps of `base`, with the keys that must all be stated above for nothing of it to shine through."""
    never = frozenset({""})  # a map of maps is always merged
    return tuple(
        (name, never if any(isinstance(v, dict) for v in low.values()) else frozenset(low))
        for name, low in base.items()
        if isinstance(low, dict)
    )


def _sole_offer(item: Spec, plan: Address, path: tuple[str | int, ...], spec: Spec, below: list[Layer]) -> list[Layer]:
    """`term` and `billing` where the item offers only one that fits what else is stated."""
    offers = [o for o in item.get("offers") or () if isinstance(o, dict)]
    values: dict[str, Any] = {}
    term, billing = spec.get("term", _ABSENT), spec.get("billing", _ABSENT)
    if term is _ABSENT:
        terms = {o.get("term") for o in offers if billing in (_ABSENT, None) or o.get("billing") == billing}
        if len(terms) == 1:
            term = values["term"] = next(iter(terms))
        else:
            term = _first(below, "term")
    if billing is _ABSENT:
        billings = {o.get("billing") for o in offers if term in (_ABSENT, None) or o.get("term") == term}
        if len(billings) == 1:
            values["billing"] = next(iter(billings))
    return [Layer("plan item", plan, path, values, sole=True)] if values else []


def _first(layers: list[Layer], key: str) -> Any:
    """The nearest value, None where it is unset on purpose, _ABSENT where nobody speaks of it."""
    for layer in layers:
        if key in layer.values:
            return layer.values[key]
    return _ABSENT


def _declared(spec: Spec) -> Spec:
    return _mapping(_mapping(spec.get("defaults")).get(KIND))


def _inherited(spec: Spec) -> Spec:
    own = {key: spec[key] for key in INHERITED if key in spec}
    return merge(own, _declared(spec)) if spec.get("defaults") else own


def _mapping(value: Any) -> Spec:
    return value if isinstance(value, dict) else {}
