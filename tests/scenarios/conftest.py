"""A small world for whole stories: a project of manifests, the emulator over real HTTP, and somebody in the portal.

Nothing is faked. `World.apply` and `World.plan` go through the workspace in this process, `World.run` through the
command line in this process, `World.start` through the command line in another one, which can be killed.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from cspctl.cli.main import run as command_line
from cspctl.emulator.launch import Handle, attach_or_embed
from cspctl.errors import CspctlError
from cspctl.ledger.database import open_ledger
from cspctl.model.binding import Binding
from cspctl.model.change import Change
from cspctl.model.plan import Plan
from cspctl.model.ports import Intent
from cspctl.model.result import ChangeStatus, RunReport
from cspctl.secret import Secret
from cspctl.workspace import Workspace, WorkspaceSettings
from cspctl.workspace.control import Control

START = "2026-11-02T09:00:00Z"
ACCOUNT = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
PORTAL_USER = "mallory@portal.example"
CHECKOUT = "/v1/customers/{customer_id}/carts/{cart_id}/checkout"
PRODUCTS = {"e3": ("CFQ7TTC0LFLX", "0001"), "e5": ("CFQ7TTC0LF8S", "0002"), "audio": ("CFQ7TTC0LHXM", "0003")}
OFFERS = {
    "e3": (("P1M", "monthly", "40"), ("P1Y", "monthly", "400"), ("P1Y", "annual", "390"), ("P3Y", "annual", "1100")),
    "e5": (("P1Y", "monthly", "600"),),
    "audio": (("P1M", "monthly", "3"), ("P1Y", "monthly", "30")),
}
HEADER = (
    "ProductTitle,ProductId,SkuId,SkuTitle,Publisher,SkuDescription,UnitOfMeasure,TermDuration,BillingPlan,Market,"
    "Currency,UnitPrice,PricingTierRangeMin,PricingTierRangeMax,EffectiveStartDate,EffectiveEndDate,Tags,ERP Price,"
    "Segment"
)
# Plain HTTP on loopback: loading the system's certificates for it would cost more than the request.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
QUIET = ("CI", "GITHUB_ACTIONS", "GITLAB_CI")


def tenant_id(number: int) -> str:
    return f"0d2a6f5e-1f43-4f0b-b7a3-{number:012d}"


def document(kind: str, name: str, spec: dict[str, Any], **more: Any) -> dict[str, Any]:
    meta = {"name": name, **more.pop("metadata", {})}
    return {"apiVersion": "cspctl/v1", "kind": kind, "metadata": meta, **more, "spec": spec}


class Project:
    """Manifests on disk: JSON, which is YAML, one file per subscription."""

    def __init__(self, root: Path, tenants: Sequence[str], **settings: Any) -> None:
        self.root = root
        self.tenants = {name: tenant_id(number) for number, name in enumerate(tenants, 1)}
        (root / "subscriptions").mkdir(parents=True)
        self.settings(**settings)
        (root / "prices.csv").write_text("\n".join([HEADER, *self._prices()]) + "\n", "utf-8")
        base = [self._reseller(), self._sheet(), self._plan(), *map(self.mapping, self.tenants)]
        self.save("base.yaml", *base)

    def settings(self, **more: Any) -> None:
        (self.root / "cspctl.yaml").write_text(json.dumps({"project": "scenario", **more}), "utf-8")

    def save(self, file: str, *documents: dict[str, Any]) -> Path:
        path = self.root / file
        path.write_text("\n---\n".join(json.dumps(d, indent=1) for d in documents) + "\n", "utf-8")
        return path

    def sub(self, name: str, tenant: str = "alpha", item: str = "e3", **more: Any) -> Path:
        """Write (or replace) one subscription; `lifecycle` and `metadata` go where they belong, the rest is spec."""
        outer = {k: more.pop(k) for k in ("lifecycle", "metadata") if k in more}
        spec = {"tenant": tenant, "plan": "m365", "item": item, "term": "P1Y", "billing": "monthly", "quantity": 10}
        wanted = {k: v for k, v in (spec | more).items() if v is not None}
        return self.save(f"subscriptions/{name}.yaml", document("Subscription", name, wanted, **outer))

    def drop(self, name: str) -> None:
        (self.root / f"subscriptions/{name}.yaml").unlink()

    def mapping(self, name: str) -> dict[str, Any]:
        spec = {"tenantId": self.tenants[name], "domain": f"{name}.onmicrosoft.com", "reseller": "acme", "market": "DE"}
        return document("TenantMapping", name, spec)

    def _reseller(self) -> dict[str, Any]:
        spec = {
            "displayName": "Acme", "tier": "direct", "domain": "acme.onmicrosoft.com", "accountId": ACCOUNT,
            "market": "DE", "currency": "EUR", "mpnId": "4391200",
            "application": {"id": "1b6a0c52-58b7-4b52-9a30-5c8b1f1f7e11", "secretRef": "env:CSPCTL_ACME_SECRET"},
        }  # fmt: skip  # one block of facts
        return document("Reseller", "acme", spec)

    def _sheet(self) -> dict[str, Any]:
        return document(
            "PriceSheet", "de", {"priceBook": "nce", "file": "prices.csv", "market": "DE", "period": "2026-11"}
        )

    def _plan(self) -> dict[str, Any]:
        items = [
            {"name": n, "product": p, "sku": s, "offers": [{"term": t, "billing": b} for t, b, _ in OFFERS[n]]}
            for n, (p, s) in PRODUCTS.items()
        ]
        pricing = {"method": "markup", "percent": 25}
        end = {"action": "renew"}
        spec = {"displayName": "M365", "priceBook": "nce", "pricing": pricing, "endOfTerm": end, "items": items}
        return document("Plan", "m365", spec)

    def _prices(self) -> Iterator[str]:
        for name, (product, sku) in PRODUCTS.items():
            for term, billing, price in OFFERS[name]:
                dates = "1/1/2020 12:00:00 AM,12/31/9999 12:00:00 AM"
                yield (
                    f"{name},{product},{sku},{name},Microsoft,,,{term},{billing.title()},DE,EUR,{price},,,{dates},"
                    f"License,{price},Commercial"
                )


class Emulator:
    """The control API of one running emulator."""

    def __init__(self, handle: Handle) -> None:
        self.handle = handle

    def control(self, method: str, name: str, body: Any = None) -> Any:
        return Control(self.handle.base_url, Secret(self.handle.control_token))(method, name, body)

    def freeze(self, now: str = START) -> None:
        self.control("POST", "clock", {"mode": "frozen", "now": now})

    def advance(self, duration: str) -> str:
        return str(self.control("POST", "clock", {"advance": duration})["now"])

    @property
    def today(self) -> str:
        return str(self.control("GET", "clock")["now"])[:10]

    def fault(self, method: str, path: str, **more: Any) -> None:
        self.control("POST", "faults", {"method": method, "path": path, **more})

    def heal(self) -> None:
        self.control("DELETE", "faults")

    def switch(self, **values: Any) -> None:
        self.control("POST", "settings", values)

    def stats(self) -> dict[str, Any]:
        return dict(self.control("GET", "stats"))

    @property
    def purchases(self) -> int:
        return int(self.stats()["purchases"])

    def seen(self, method: str, template: str) -> int:
        """Requests of one operation so far."""
        return int(self.stats()["requests"].get(f"{method} {template}", 0))

    def wait_for(self, condition: Callable[[], bool], what: str, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"{what} did not happen within {seconds} s"
            time.sleep(0.005)


class Portal:
    """Another person of the same partner, who works by hand: own consent, own token, plain REST."""

    def __init__(self, emulator: Emulator, project: Project) -> None:
        self._emulator, self._project = emulator, project

    def call(self, method: str, path: str, body: Any = None) -> Any:
        consent = {"tenant": ACCOUNT, "application": "portal", "user": PORTAL_USER}
        refresh = self._emulator.control("POST", "consent", consent)["refresh_token"]
        form = {"grant_type": "refresh_token", "client_id": "portal", "refresh_token": refresh}
        form["resource"] = "https://api.partnercenter.microsoft.com"
        url = self._emulator.handle.base_url
        with httpx.Client(base_url=url, trust_env=False, timeout=30, verify=NO_TLS) as client:
            token = client.post(f"/{ACCOUNT}/oauth2/token", data=form).json()["access_token"]
            headers = {"Authorization": f"Bearer {token}"}
            answer = client.request(method, f"/v1{path}", headers=headers, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def subscriptions(self, tenant: str) -> list[dict[str, Any]]:
        """As the service lists them, oldest first."""
        items = self.call("GET", f"/customers/{self._project.tenants[tenant]}/subscriptions")["items"]
        return sorted(items, key=lambda s: (s["creationDate"], s["id"]))

    def only(self, tenant: str) -> dict[str, Any]:
        (found,) = self.subscriptions(tenant)
        return found

    def patch(self, tenant: str, subscription: str, **changes: Any) -> dict[str, Any]:
        path = f"/customers/{self._project.tenants[tenant]}/subscriptions/{subscription}"
        return dict(self.call("PATCH", path, {**self.call("GET", path), **changes}))

    def buy(self, tenant: str, item: str = "e3", quantity: int = 10, **more: Any) -> str:
        """Cart and checkout by hand; the id of the new subscription."""
        product, sku = PRODUCTS[item]
        base = f"/customers/{self._project.tenants[tenant]}"
        offered = self.call("GET", f"{base}/products/{product}/skus/{sku}/availabilities")["items"]
        line = {"id": 0, "catalogItemId": offered[0]["catalogItemId"], "quantity": quantity}
        line |= {"termDuration": "P1Y", "billingCycle": "monthly", **more}
        cart = self.call("POST", f"{base}/carts", {"partnerOnRecordAttestationAccepted": True, "lineItems": [line]})
        orders = self.call("POST", f"{base}/carts/{cart['id']}/checkout")["orders"]
        return str(orders[0]["lineItems"][0]["subscriptionId"])


@dataclass
class Applied:
    """How an apply ended, whether it came to a report or was refused."""

    code: int
    plan: Plan | None = None
    report: RunReport | None = None
    error: CspctlError | None = None

    def statuses(self) -> dict[str, str]:
        """Name to status of the subscriptions; of several rows of one name the worst."""
        assert self.report is not None, self.error
        order = list(ChangeStatus)
        found: dict[str, ChangeStatus] = {}
        for result in self.report.results:
            kind, _, name = result.address.partition("/")
            if kind == "Subscription":
                found[name] = max(found.get(name, ChangeStatus.DONE), result.status, key=order.index)
        return {name: status.value for name, status in found.items()}


@dataclass
class Ran:
    code: int
    out: str
    err: str


@dataclass
class World:
    root: Path
    project: Project
    emulator: Emulator
    portal: Portal
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def workspace(self, **more: Any) -> Workspace:
        environ = {k: v for k, v in os.environ.items() if k not in QUIET and not k.startswith("CSPCTL_")}
        return Workspace(WorkspaceSettings(config=self.root, emulator=True, environ=environ, **more))

    def seed(self) -> None:
        """What the first command would do, for stories in which the portal comes first."""
        self.emulator.control("POST", "seed", self.workspace().seed_document(()))

    def plan(self, *paths: Path, **more: Any) -> Plan:
        return self.workspace().plan(paths, **more)

    def rows(self, *paths: Path, **more: Any) -> dict[str, list[Change]]:
        """Rows of a fresh plan about subscriptions, by name."""
        found: dict[str, list[Change]] = {}
        for change in self.plan(*paths, **more).changes:
            if change.addr.kind == "Subscription":
                found.setdefault(change.addr.name, []).append(change)
        return found

    def row(self, name: str, **more: Any) -> Change:
        (found,) = self.rows(**more)[name]
        return found

    def save_plan(self, **more: Any) -> Path:
        path = self.root / "the.plan"
        self.workspace().write_plan(self.plan(**more), path)
        return path

    def apply(self, *paths: Path, **more: Any) -> Applied:
        try:
            plan, report = self.workspace().apply(paths, **more)
        except CspctlError as error:
            return Applied(error.exit_code, error=error)
        return Applied(report.exit_code, plan, report)

    def applied(self, **more: Any) -> Applied:
        """An apply that must succeed."""
        done = self.apply(**more)
        assert done.code == 0, done.error or done.report
        return done

    def assert_converged(self) -> None:
        """A second apply is empty and sends no write."""
        before = self.emulator.stats()["writes"]
        again = self.applied()
        assert again.plan is not None
        assert again.plan.changes == ()
        assert self.emulator.stats()["writes"] == before

    def run(self, *arguments: str) -> Ran:
        """The command line in this process."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = command_line(["--emulator", "--config", str(self.root), *arguments])
        return Ran(code, out.getvalue(), err.getvalue())

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """The command line in another process; it attaches to this emulator."""
        environ = {k: v for k, v in os.environ.items() if k not in QUIET and not k.startswith("CSPCTL_")}
        process = subprocess.Popen(
            [sys.executable, "-m", "cspctl", "--emulator", "--config", str(self.root), *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, env=environ,
        )  # fmt: skip  # one call
        self.started.append(process)
        return process

    def bindings(self) -> dict[str, Binding]:
        """Of subscriptions, by name; released ones too."""
        url = f"sqlite:///{self.root / '.cspctl/emulator-state.db'}"
        with open_ledger(url, "scenario", "emulator", read_only=True) as ledger:
            return {a.name: b for a, b in ledger.bindings().items() if a.kind == "Subscription"}

    def intents(self) -> list[Intent]:
        url = f"sqlite:///{self.root / '.cspctl/emulator-state.db'}"
        with open_ledger(url, "scenario", "emulator", read_only=True) as ledger:
            return list(ledger.intents())


class Worlds:
    """Makes worlds, and ends what they started."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: list[World] = []

    def __call__(self, *tenants: str, **settings: Any) -> World:
        """A project of these tenants, nothing bought, the clock frozen at START."""
        root = self._folder / f"project{len(self._made)}"
        project = Project(root, tenants or ("alpha",), **settings)
        (root / ".cspctl").mkdir()
        world = self.reopen(root, project)
        world.emulator.freeze()
        return world

    def reopen(self, root: Path, project: Project) -> World:
        """The world whose files are in `root`, as it was left; nobody else may have it open."""
        emulator = Emulator(attach_or_embed(root / ".cspctl/emulator.db"))
        self._made.append(World(root, project, emulator, Portal(emulator, project)))
        return self._made[-1]

    def close(self) -> None:
        for world in self._made:
            for process in world.started:
                process.kill()
                process.communicate()
            # Nobody waits for the servers to notice: the next story has an emulator of its own.
            threading.Thread(target=world.emulator.handle.close).start()


@pytest.fixture
def make_world(tmp_path: Path) -> Iterator[Worlds]:
    """`make_world("alpha", "beta")` makes a world with these tenants."""
    worlds = Worlds(tmp_path)
    yield worlds
    worlds.close()


@pytest.fixture
def world(make_world: Worlds) -> World:
    """One tenant, alpha."""
    return make_world("alpha")


@pytest.fixture
def bought(world: World) -> World:
    """One tenant with one subscription of ten seats, `alpha-e3`, bought through an apply."""
    world.project.sub("alpha-e3")
    world.applied()
    assert world.emulator.purchases == 1
    return world
