"""Fills the ledger of a benchmark project as an apply and a discovery would have left it, but for a few differences."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from cspctl.kinds.registry import KINDS
from cspctl.ledger.database import open_ledger
from cspctl.ledger.ledger import Ledger
from cspctl.manifests.project import find_project
from cspctl.model.binding import Binding
from cspctl.model.live import LiveObject
from cspctl.model.reading import TenantReading
from cspctl.model.realm import Realm
from cspctl.model.resource import Resource
from cspctl.model.trust import Trust
from cspctl.workspace.project import LoadedProject, Place, load_project

DIFFERENT = 20  # as many as in the comparison with octoDNS


def fill_ledger(folder: Path, *, now: datetime) -> int:
    """Binds every document and notes what is live; returns the number of subscriptions."""
    root, file = find_project(folder)
    project = load_project(Place(root, file, Trust()), now=now)
    if not project.complete:
        raise SystemExit(f"the benchmark's own project is not valid: {project.diagnostics[:3]}")
    (folder / ".cspctl").mkdir(exist_ok=True)
    url = f"sqlite:///{folder}/.cspctl/state.db"
    with open_ledger(url, file.project, "live", read_only=False) as ledger, ledger.transaction():
        return _fill(ledger, project, file.project, now)


def _fill(ledger: Ledger, project: LoadedProject, name: str, now: datetime) -> int:
    tenants: dict[tuple[str, str], list[LiveObject]] = {}
    count = 0
    for kind in KINDS:
        for resource in project.resources.of_kind(kind.name).values():
            if kind.remote is None:
                _bind(ledger, resource, f"local:{resource.name}", "", resource.spec, {}, name, "", now)
                continue
            want = kind.desire(resource, project.view)  # type: ignore[attr-defined] # a kind with a remote half
            live = _live(resource, want.scope, want.attributes, different=count < DIFFERENT)
            tenants.setdefault((want.account, want.scope), []).append(live)
            _bind(ledger, resource, live.live_id, want.scope, want.attributes, want.memory, name, want.account, now)
            count += 1
    wall = datetime.now(UTC)
    realms = {account: str(Realm(name, "global", account, "live")) for account, _ in tenants}
    readings = [TenantReading("Subscription", a, s, now, wall, found) for (a, s), found in tenants.items()]
    ledger.put_readings(readings, realms)
    return count


def _bind(
    ledger: Ledger,
    resource: Resource,
    live_id: str,
    scope: str,
    applied: Any,
    memory: Any,
    name: str,
    account: str,
    now: datetime,
) -> None:
    realm = str(Realm(name, "global", account, "live"))
    ledger.put_binding(Binding(resource.address, live_id, scope, applied, now, "benchmark", "bound", memory, realm))


def _live(resource: Resource, scope: str, attributes: Any, *, different: bool) -> LiveObject:
    """What the manifest wants, with what Partner Center adds to it."""
    values = {"friendlyName": resource.name, "resellerMpn": "4391227", **attributes}
    if different:
        values["quantity"] += 3
    end = date(2027, 10, 31)
    start = datetime(2026, 11, 1, tzinfo=UTC)
    facts = {
        "status": "active",
        "commitmentEnd": end.isoformat(),
        "cancelUntil": (start + timedelta(days=7)).isoformat(),
        "refundable": [{"quantity": 5, "until": "2026-12-01T00:00:00+00:00"}],
        "isTrial": False,
        "productType": "OnlineServicesNCE",
        "offerName": "Product",
        "friendlyName": values["friendlyName"],
        "orderId": "order-" + resource.name,
        "createdAt": start.isoformat(),
        "pendingCharge": False,
    }
    return LiveObject(
        "Subscription", f"id-{resource.name}", scope, {k: v for k, v in values.items() if v is not None}, facts
    )
