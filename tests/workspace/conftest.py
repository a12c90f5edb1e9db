"""A partner with many customers on the embedded emulator, over real HTTP, and a project that names the partner."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from cspctl.cli.main import run as command_line
from cspctl.emulator.launch import Handle, attach_or_embed
from cspctl.emulator.settings import Settings
from cspctl.engine.refresh import renewing
from cspctl.ledger.database import open_ledger
from cspctl.ledger.ledger import Ledger
from cspctl.partnercenter.endpoints import customers
from cspctl.secret import Secret
from cspctl.workspace import Workspace, WorkspaceSettings
from cspctl.workspace.control import Control

ACCOUNT = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
SECOND = "9e2d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a11"
LIST = "GET /v1/customers"
SUBSCRIPTIONS = "GET /v1/customers/{customer_id}/subscriptions"
AUDIT = "GET /v1/auditrecords"


PRICES = (
    "ProductTitle,ProductId,SkuId,SkuTitle,Publisher,SkuDescription,UnitOfMeasure,TermDuration,BillingPlan,Market,"
    "Currency,UnitPrice,PricingTierRangeMin,PricingTierRangeMax,EffectiveStartDate,EffectiveEndDate,Tags,ERP Price,"
    "Segment\nE3,CFQ7TTC0LFLX,0001,E3,Microsoft,,,P1Y,Monthly,DE,EUR,400,,,1/1/2020 12:00:00 AM,"
    "12/31/9999 12:00:00 AM,License,480,Commercial\n"
)


def document(kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": "cspctl/v1", "kind": kind, "metadata": {"name": name}, "spec": spec}


SHEET = document("PriceSheet", "de", {"priceBook": "nce", "file": "prices.csv", "market": "DE", "period": "2026-11"})
PLAN = document(
    "Plan",
    "m365",
    {
        "displayName": "M365", "priceBook": "nce", "pricing": {"method": "markup", "percent": 25},
        "endOfTerm": {"action": "renew"},
        "items": [{"name": "e3", "product": "CFQ7TTC0LFLX", "sku": "0001",
                   "offers": [{"term": "P1Y", "billing": "monthly"}]}],
    },
)  # fmt: skip  # one block of facts


def reseller(name: str, account: str) -> dict[str, Any]:
    spec = {
        "displayName": name, "tier": "direct", "domain": f"{name}.onmicrosoft.com", "accountId": account,
        "market": "DE", "currency": "EUR", "mpnId": "4391200",
        "application": {"id": "1b6a0c52-58b7-4b52-9a30-5c8b1f1f7e11", "secretRef": "env:CSPCTL_ACME_SECRET"},
    }  # fmt: skip  # one block of facts
    return document("Reseller", name, spec)


def mapping(name: str, tenant: str) -> dict[str, Any]:
    return document("TenantMapping", name, {"tenantId": tenant, "reseller": "acme", "market": "DE"})


@dataclass
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Partner:
    """One project and its emulator; `customers` are tenant ids in the order of the list."""

    root: Path
    handle: Handle
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def control(self, method: str, name: str, body: Any = None) -> Any:
        return Control(self.handle.base_url, Secret(self.handle.control_token))(method, name, body)

    def fault(self, **fault: Any) -> None:
        self.control("POST", "faults", fault)

    def heal(self) -> None:
        self.control("DELETE", "faults")

    def requests(self) -> dict[str, int]:
        return dict(self.control("GET", "stats")["requests"])

    def requests_of(self, work: Callable[[], Any]) -> dict[str, int]:
        """What the work sent, by operation, sign-in left out."""
        before = self.requests()
        work()
        after = self.requests()
        sent = {k: n - before.get(k, 0) for k, n in after.items() if n != before.get(k, 0)}
        return {k: n for k, n in sent.items() if "/v1/" in k}

    def save(self, file: str, *documents: dict[str, Any]) -> None:
        (self.root / file).write_text("\n---\n".join(json.dumps(d) for d in documents) + "\n", "utf-8")

    def workspace(self, **more: Any) -> Workspace:
        return Workspace(WorkspaceSettings(config=self.root, emulator=True, environ={}, **more))

    def ledger(self) -> Ledger:
        return open_ledger(f"sqlite:///{self.root / '.cspctl/emulator-state.db'}", "many", "emulator", read_only=True)

    def run(self, *arguments: str) -> Ran:
        """The command line in this process."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = command_line(["--emulator", "--config", str(self.root), *arguments])
        return Ran(code, out.getvalue(), err.getvalue())

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """The command line in a process of its own; it attaches to this emulator."""
        environ = {k: v for k, v in os.environ.items() if not k.startswith("CSPCTL_") and k != "CI"}
        process = subprocess.Popen(
            [sys.executable, "-m", "cspctl", "--emulator", "--config", str(self.root), *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, env=environ,
        )  # fmt: skip  # one call
        self.started.append(process)
        return process

    def tenants(self) -> list[str]:
        """Discovered customers, by id, whose subscriptions are all active and none of whose terms ends about now."""
        with self.ledger() as ledger:
            known = [c.customer for c in ledger.discoveries.customers([ACCOUNT])]
            live = {scope: ledger.snapshots("Subscription", scope) for scope in known}
        today = datetime.now(UTC).date()
        calm = [scope for scope in known if {o.facts["status"] for o in live[scope]} == {"active"}]
        return [scope for scope in calm if not renewing(live[scope], today)]

    def map(self, *tenants: str) -> None:
        """One TenantMapping each, named t0, t1, …"""
        self.save("tenants.yaml", *(mapping(f"t{n}", tenant) for n, tenant in enumerate(tenants)))

    def sell(self) -> None:
        """A price sheet and a plan with one item, known to the emulator too."""
        (self.root / "prices.csv").write_text(PRICES, "utf-8")
        self.save("offers.yaml", SHEET, PLAN)
        self.control("POST", "seed", self.workspace().seed_document(()))

    def subscription(self, name: str, tenant: str, quantity: int = 5) -> None:
        spec = {"tenant": tenant, "plan": "m365", "item": "e3", "quantity": quantity}
        self.save(f"{name}.yaml", document("Subscription", name, spec))

    def portal_rename(self, tenant: str) -> None:
        """Somebody renames a subscription by hand: a write of another application, on the service's record."""
        with self.ledger() as ledger:
            subscription = ledger.snapshots("Subscription", tenant)[0].live_id
        consent = {"tenant": ACCOUNT, "application": "portal", "user": "mallory@portal.example"}
        refresh = self.control("POST", "consent", consent)["refresh_token"]
        form = {"grant_type": "refresh_token", "client_id": "portal", "refresh_token": refresh}
        form["resource"] = "https://api.partnercenter.microsoft.com"
        path = f"/v1/customers/{tenant}/subscriptions/{subscription}"
        with httpx.Client(base_url=self.handle.base_url, trust_env=False, timeout=30) as client:
            token = client.post(f"/{ACCOUNT}/oauth2/token", data=form).json()["access_token"]
            headers = {"Authorization": f"Bearer {token}"}
            body = client.get(path, headers=headers).json()
            answer = client.patch(path, headers=headers, json={**body, "friendlyName": "renamed by hand"})
        assert answer.is_success, answer.text

    def wait_for(self, condition: Callable[[], bool], what: str, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"{what} did not happen within {seconds} s"
            time.sleep(0.005)


@pytest.fixture
def make_partner(tmp_path: Path) -> Iterator[Callable[..., Partner]]:
    """`make_partner(60, latency_ms=20)`: that many customers with two subscriptions each."""
    made: list[Partner] = []

    def make(count: int = 0, *, latency_ms: int = 0, accounts: tuple[str, ...] = (ACCOUNT,)) -> Partner:
        root = tmp_path / f"project{len(made)}"
        (root / ".cspctl").mkdir(parents=True)
        (root / "cspctl.yaml").write_text("project: many\n", "utf-8")
        settings = Settings(rate_limit_per_minute=0, latency_ms=latency_ms)
        partner = Partner(root, attach_or_embed(root / ".cspctl/emulator.db", settings=settings))
        made.append(partner)
        names = dict(zip(accounts, ("acme", "bravo"), strict=False))
        partner.save("resellers.yaml", *(reseller(names[a], a) for a in accounts))
        partner.control("POST", "seed", partner.workspace().seed_document(()))
        for account in accounts:
            fleet = {"customers": count, "subscriptionsPerCustomer": 2, "partner": account}
            partner.control("POST", "seed", {"fleet": fleet})
        return partner

    yield make
    for partner in made:
        for process in partner.started:
            process.kill()
            process.communicate()
        partner.handle.close()


@pytest.fixture
def one_per_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client asks for pages of one customer."""
    monkeypatch.setitem(customers.listed.__kwdefaults__, "size", 1)
