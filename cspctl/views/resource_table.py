"""Live objects as a table, for `cspctl get`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cspctl.model.live import LiveObject
from cspctl.views.table import Table

# What a reader looks for first; everything else is in the JSON form.
_FIRST: Mapping[str, tuple[str, ...]] = {
    "Subscription": ("friendlyName", "product", "sku", "quantity", "term", "billing", "state"),
    "Customer": ("companyName", "domain", "market"),
}
_FACTS: Mapping[str, tuple[str, ...]] = {"Subscription": ("status", "commitmentEnd"), "Customer": ()}


def live_table(objects: Sequence[LiveObject], labels: Mapping[str, str] | None = None) -> Table:
    """One row per object, sorted by kind, scope and id. `labels` name scopes (a tenant's domain)."""
    labels = labels or {}
    ordered = sorted(objects, key=lambda o: (o.kind, o.scope, o.live_id))
    kinds = sorted({o.kind for o in ordered})
    attributes = _columns(ordered, kinds, _FIRST)
    facts = [f for kind in kinds for f in _FACTS.get(kind, ()) if any(f in o.facts for o in ordered)]
    keys = ["id", "scope", *attributes, *facts]
    rows = [
        [
            o.live_id,
            labels.get(o.scope, o.scope),
            *map(o.attributes.get, attributes),
            *map(o.facts.get, facts),
        ]
        for o in ordered
    ]
    columns = tuple((key, "tenant" if key == "scope" else key) for key in keys)
    return Table(columns, rows, "Nothing found.")


def _columns(
    objects: Sequence[LiveObject], kinds: Sequence[str], preferred: Mapping[str, tuple[str, ...]]
) -> list[str]:
    """The known columns of known kinds; of others every attribute that is not nested, by name."""
    columns: list[str] = []
    for kind in kinds:
        mine = [o for o in objects if o.kind == kind]
        plain = {k for o in mine for k, v in o.attributes.items() if not isinstance(v, Mapping | list | tuple)}
        columns += [k for k in preferred.get(kind, tuple(sorted(plain))) if k in plain and k not in columns]
    return columns
