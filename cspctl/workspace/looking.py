"""`get`: what is live, as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from cspctl.errors import InputError
from cspctl.kinds.subscription import attributes as shape
from cspctl.model.live import LiveObject
from cspctl.views.resource_table import live_table
from cspctl.views.table import Table
from cspctl.workspace.project import LoadedProject
from cspctl.workspace.run import Run

LIVE = ("customers", "subscriptions", "orders", "bindings")
# Resource to its kind and the columns of a reader's first question.
DECLARED: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "tenants": ("TenantMapping", ("tenantId", "domain", "reseller", "indirectReseller", "market")),
    "resellers": ("Reseller", ("displayName", "tier", "accountId", "provider", "mpnId", "market", "currency")),
    "plans": ("Plan", ("displayName", "priceBook", "segment")),
    "alerts": ("AlertRule", ("displayName", "event", "owner", "enabled")),
    "channels": ("NotificationChannel", ("type",)),
}
RESOURCES = (*LIVE, *DECLARED, "prices")


def declared(project: LoadedProject, resource: str, name: str | None) -> Table | None:
    """Resources that manifests alone tell; None for those that are live."""
    if resource == "prices":
        return _prices(project, name)
    if resource not in DECLARED:
        return None
    kind, keys = DECLARED[resource]
    found = [r for r in project.resources.of_kind(kind).values() if name is None or name == r.name]
    shown = [k for k in keys if any(r.effective.get(k) is not None for r in found)]
    rows = [(r.name, *(r.effective.get(k) for k in shown), r.origin.file) for r in found]
    columns = (("name", "name"), *((k, k) for k in shown), ("file", "file"))
    return Table(columns, rows, f"No {kind} is declared.")


def _prices(project: LoadedProject, product: str | None) -> Table:
    """Rows in force now, per unit and whole term, before tax."""
    now = project.view.now
    rows = sorted(
        (r.product, r.sku, r.title, r.market, r.currency, r.segment, r.term, r.billing, r.unit_price, r.erp_price)
        for r in project.view.prices.rows()
        if r.start <= now <= r.end and (product is None or product in (r.product, f"{r.product}:{r.sku}"))
    )
    keys = ("product", "sku", "title", "market", "currency", "segment", "term", "billing", "unitPrice", "erpPrice")
    return Table(tuple((k, k) for k in keys), rows, "No price row is in force.")


def known(resource: str) -> None:
    """Raises InputError for a resource that cannot be asked for."""
    if resource not in RESOURCES:
        near = get_close_matches(resource, RESOURCES, n=1)
        hint = f"did you mean {near[0]}?" if near else f"one of {', '.join(RESOURCES)}"
        raise InputError(f"there is no resource {resource!r} to get", code="E-RESOURCE", hint=hint)


async def get(run: Run, resource: str, name: str | None, customer: str | None) -> Table:
    """One of LIVE. Raises InputError for a customer that is not known, RemoteError for what cannot be read."""
    if resource == "bindings":
        return _bindings(run, name)
    if resource == "customers":
        return await _customers(run, name)
    scopes = _scopes(run, customer)
    found = await (_subscriptions(run, scopes) if resource == "subscriptions" else _orders(run, scopes))
    return _named(found, name, run)


def _scopes(run: Run, customer: str | None) -> list[tuple[str, str, str]]:
    """(tenant, label, account) of the mapped tenants meant: all, or the one named by mapping, id or domain."""
    tenants = [(t.scope, t.label, t.account) for t in run.tenants()]
    if customer is None:
        return tenants
    domains = {
        str(r.effective.get("domain") or "").lower(): r.name
        for r in run.project.resources.of_kind("TenantMapping").values()
    }
    wanted = domains.get(customer.lower(), customer)
    found = [t for t in tenants if wanted in (t[1], t[0]) or customer.lower() == t[0]]
    if not found:
        raise InputError(f"no TenantMapping is {customer!r}", code="E-CUSTOMER", hint="see `cspctl get customers`")
    return found


async def _customers(run: Run, name: str | None) -> Table:
    labels = {t.scope: t.label for t in run.tenants()}
    rows = []
    for reseller in sorted(run.connections.clients):
        for body in await run.connections.clients[reseller].customers():
            profile = body.get("companyProfile") or {}
            key = str(body.get("id", "")).lower()
            row = (key, labels.get(key, ""), profile.get("companyName"), profile.get("domain"), reseller)
            if name is None or name in row:
                rows.append(row)
    columns = (("id", "id"), ("mapping", "mapping"), ("companyName", "company"), ("domain", "domain"))
    return Table((*columns, ("account", "account")), sorted(rows), "No customers.")


async def _subscriptions(run: Run, scopes: Sequence[tuple[str, str, str]]) -> list[LiveObject]:
    from cspctl.kinds.subscription.remote import live_object

    now = run.clock.now()
    found: list[LiveObject] = []
    for scope, _, account in scopes:
        bodies = await run.connections.clients[account].subscriptions(scope)
        found += [live_object(body, scope, now) for body in bodies]
    return found


async def _orders(run: Run, scopes: Sequence[tuple[str, str, str]]) -> list[LiveObject]:
    found: list[LiveObject] = []
    for scope, _, account in scopes:
        for body in await run.connections.clients[account].orders(scope):
            found.append(
                LiveObject(kind="Order", live_id=str(body["id"]), scope=scope, attributes=_order(body), facts={})
            )
    return found


def _order(body: Mapping[str, Any]) -> dict[str, Any]:
    lines = body.get("lineItems") or ()
    return {
        "status": body.get("status"),
        "created": str(shape.parse_instant(body.get("creationDate")) or ""),
        "billing": str(body.get("billingCycle") or "").lower(),
        "lines": "; ".join(f"{i.get('quantity')} x {i.get('friendlyName') or i.get('offerId')}" for i in lines),
    }


def _named(objects: Sequence[LiveObject], name: str | None, run: Run) -> Table:
    labels = {t.scope: t.label for t in run.tenants()}
    if name is not None:
        bound = {b.live_id for a, b in run.ledger.bindings().items() if a.name == name}
        objects = [o for o in objects if name in (o.live_id, o.attributes.get("friendlyName")) or o.live_id in bound]
    return live_table(objects, labels)


def _bindings(run: Run, name: str | None) -> Table:
    labels = {t.scope: t.label for t in run.tenants()}
    rows = [
        (str(a), b.state, labels.get(b.scope, b.scope), b.live_id, b.applied_at.isoformat(timespec="seconds"))
        for a, b in sorted(run.ledger.bindings().items())
        if name is None or name in (a.name, str(a), b.live_id)
    ]
    columns = (("address", "address"), ("state", "state"), ("tenant", "tenant"), ("liveId", "live id"))
    return Table((*columns, ("appliedAt", "applied at")), rows, "Nothing is bound yet.")
