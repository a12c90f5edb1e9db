"""A messy partner account, a project that declares it, and somebody who works in the portal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from ruamel.yaml import YAML

ACCOUNT = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
NOW = "2026-11-21T10:00:00Z"
E3, E5, EDU, TRIAL, AZURE = "CFQ7TTC0LFLX", "CFQ7TTC0LF8S", "CFQ7TTC0EDU1", "CFQ7TTC0TRY1", "DZH318Z0BPS6"
HEADER = (
    "ProductTitle,ProductId,SkuId,SkuTitle,Publisher,SkuDescription,UnitOfMeasure,TermDuration,BillingPlan,Market,"
    "Currency,UnitPrice,PricingTierRangeMin,PricingTierRangeMax,EffectiveStartDate,EffectiveEndDate,Tags,ERP Price,"
    "Segment"
)


def tenant_id(number: int) -> str:
    return f"0d2a6f5e-1f43-4f0b-b7a3-{number:012d}"


def price(title: str, product: str, term: str, billing: str, segment: str = "Commercial") -> str:
    dates = "1/1/2020 12:00:00 AM,12/31/9999 12:00:00 AM"
    return f"{title},{product},0001,{title},Microsoft,,,{term},{billing},DE,EUR,400,,,{dates},License,480,{segment}"


def customer(number: int, domain: str, **more: Any) -> dict[str, Any]:
    return {"id": tenant_id(number), "domain": domain, "partner": ACCOUNT, **more}


def subscription(number: int, product: str, **more: Any) -> dict[str, Any]:
    spec = {"customer": tenant_id(number), "productId": product, "skuId": "0001", "term": "P1Y", "billing": "monthly"}
    return {"partner": ACCOUNT, **spec, "quantity": 10, "startedAt": "2026-05-01T08:00:00Z", **more}


SEED = {
    "partners": [
        {"accountId": ACCOUNT, "domain": "acme.onmicrosoft.com", "displayName": "Acme", "market": "DE",
         "currency": "EUR", "mpnId": "4391200", "tier": "indirect-provider"},
    ],
    "resellers": [
        {"partner": ACCOUNT, "mpnId": "4391227", "displayName": "Nordsoft"},
        {"partner": ACCOUNT, "mpnId": "4391999", "displayName": "Nobody knows"},
    ],
    "catalogue": [
        {"productId": E3, "title": "Microsoft 365 E3", "skus": [{"id": "0001"}]},
        {"productId": E5, "title": "Never priced", "skus": [{"id": "0001"}]},
        {"productId": EDU, "title": "School", "skus": [{"id": "0001", "segments": ["education"]}]},
        {"productId": TRIAL, "title": "Try me", "skus": [
            {"id": "0001", "isTrial": True, "convertsTo": f"{E3}:0001", "terms": [
                {"duration": "P1M", "billingCycle": "none"}]}]},
        {"productId": AZURE, "title": "Azure plan", "productType": "Azure", "skus": [{"id": "0001"}]},
    ],
    "customers": [
        customer(1, "contoso.onmicrosoft.com", companyName='Müller & "Contoso": #1'),
        customer(2, "contoso.example", companyName="Another Contoso"),
        customer(3, "tier2.onmicrosoft.com", companyName="Tier 2", reseller="4391227"),
        customer(4, "nobody.onmicrosoft.com", companyName="=cmd|calc", reseller="4391999"),
        customer(5, "plans.onmicrosoft.com", companyName="Plans Inc."),
        customer(6, "empty.onmicrosoft.com", companyName="No subscription", market="FR"),
        customer(7, "mixed.onmicrosoft.com", companyName="Mixed"),
    ],
    "subscriptions": [
        subscription(1, E3, friendlyName="twin one"),
        subscription(1, E3, friendlyName="twin two", quantity=12),
        subscription(1, E3, term="P1M", startedAt="2026-11-01T08:00:00Z"),
        subscription(1, E3, friendlyName="{{placeholder}}: - #", startedAt="2026-03-10T08:00:00Z", autoRenew=False),
        subscription(1, E3, status="suspended", quantity=3),
        subscription(1, E3, term="P1M", autoRenew=False, startedAt="2026-09-01T08:00:00Z", friendlyName="ran out"),
        subscription(2, E5, friendlyName="no price"),
        subscription(2, EDU, segment="education", friendlyName="true"),
        subscription(2, TRIAL, term="P1M", billing="none", quantity=25, startedAt="2026-11-10T08:00:00Z"),
        subscription(2, AZURE, term="P1Y"),
        subscription(3, E3, reseller="4391227"),
        subscription(4, E3, reseller="4391999"),
        subscription(5, E3, quantity=1),
        subscription(7, E3, reseller="4391227"),
        subscription(7, E3, billing="annual"),
    ],
}  # fmt: skip  # one world


def document(kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": "cspctl/v1", "kind": kind, "metadata": {"name": name}, "spec": spec}


def read(path: Path) -> list[dict[str, Any]]:
    """By another YAML reader than ours."""
    return list(YAML(typ="safe", pure=True).load_all(path.read_text("utf-8")))


@dataclass
class Messy:
    """`partner` is the account with its project; customers are told by number."""

    partner: Any

    @property
    def root(self) -> Path:
        return Path(self.partner.root)

    def run(self, *arguments: str) -> Any:
        return self.partner.run(*arguments)

    def imported(self, *more: str) -> Any:
        out = str(self.root / "tenants")
        ran = self.run("import", "--reseller", "acme", "--out", out, "--format", "json", *more)
        assert ran.out, ran.err
        return ran

    def again(self) -> dict[str, Any]:
        """A later import that reads everything."""
        return dict(self.imported("--refresh", "full").json)

    def documents(self, kind: str) -> dict[str, dict[str, Any]]:
        """Imported specs by name."""
        files = sorted((self.root / "tenants").rglob("*.yaml"))
        return {d["metadata"]["name"]: d["spec"] for f in files for d in read(f) if d["kind"] == kind}

    def contents(self) -> dict[str, tuple[bytes, int]]:
        """Every manifest's bytes and when they were written."""
        files = sorted(self.root.rglob("*.yaml"))
        return {str(f.relative_to(self.root)): (f.read_bytes(), f.stat().st_mtime_ns) for f in files}

    def only_of(self, tenant: str = "tier2") -> tuple[Path, str]:
        """(file, live id) of a tenant's only subscription."""
        file = self.root / f"tenants/{tenant}/subscriptions.yaml"
        (one,) = read(file)
        return file, str(one["spec"]["subscriptionId"])

    def plan_code(self) -> int:
        return int(self.run("plan", "--refresh", "full", "--detailed-exitcode").code)

    def seed(self, **document: Any) -> None:
        self.partner.control("POST", "seed", document)

    def wait(self, **clock: str) -> None:
        self.partner.control("POST", "clock", clock or {"advance": "PT5M"})

    def portal(self, number: int, live_id: str, **changes: Any) -> None:
        """Somebody changes a subscription by hand, and it has taken effect."""
        with httpx.Client(base_url=self.partner.handle.base_url, trust_env=False, timeout=30) as client:
            headers = {"Authorization": f"Bearer {self._token(client)}"}
            path = f"/v1/customers/{tenant_id(number)}/subscriptions/{live_id}"
            body = client.get(path, headers=headers).json()
            answer = client.patch(path, headers=headers, json={**body, **changes})
        assert answer.is_success, answer.text
        self.wait()

    def schedule(self, number: int, live_id: str, quantity: int) -> None:
        """Other seats for the next term, set by hand."""
        with httpx.Client(base_url=self.partner.handle.base_url, trust_env=False, timeout=30) as client:
            headers = {"Authorization": f"Bearer {self._token(client)}"}
            path = f"/v1/customers/{tenant_id(number)}/products/{E3}/skus/0001/availabilities"
            (offered,) = client.get(path, headers=headers).json()["items"]
        product = {"productId": E3, "skuId": "0001", "billingCycle": "monthly", "termDuration": "P1Y"}
        following = {"product": {**product, "availabilityId": offered["id"]}, "quantity": quantity}
        self.portal(number, live_id, autoRenewEnabled=True, scheduledNextTermInstructions=following)

    def _token(self, client: httpx.Client) -> str:
        consent = {"tenant": ACCOUNT, "application": "portal", "user": "mallory@portal.example"}
        refresh = self.partner.control("POST", "consent", consent)["refresh_token"]
        form = {"grant_type": "refresh_token", "client_id": "portal", "refresh_token": refresh}
        form["resource"] = "https://api.partnercenter.microsoft.com"
        return str(client.post(f"/{ACCOUNT}/oauth2/token", data=form).json()["access_token"])


@pytest.fixture
def messy(make_partner: Callable[..., Any]) -> Messy:
    """The account, and a project that declares the provider, one of its resellers and a price sheet."""
    partner = make_partner(0)
    partner.control("POST", "clock", {"mode": "frozen", "now": NOW})
    rows = [price("Microsoft 365 E3", E3, t, b) for t, b in (("P1Y", "Monthly"), ("P1Y", "Annual"), ("P1M", "Monthly"))]
    rows += [price("School", EDU, "P1Y", "Monthly", "Education")]
    (partner.root / "prices.csv").write_text("\n".join([HEADER, *rows]) + "\n", "utf-8")
    sheet = {"priceBook": "nce", "file": "prices.csv", "market": "DE", "period": "2026-11"}
    acme = {
        "displayName": "Acme", "tier": "indirect-provider", "domain": "acme.onmicrosoft.com", "accountId": ACCOUNT,
        "market": "DE", "currency": "EUR", "mpnId": "4391200",
        "application": {"id": "1b6a0c52-58b7-4b52-9a30-5c8b1f1f7e11", "secretRef": "env:CSPCTL_ACME_SECRET"},
    }  # fmt: skip  # one block of facts
    nordsoft = {"displayName": "Nordsoft", "tier": "indirect-reseller", "provider": "acme", "mpnId": "4391227"}
    partner.save(
        "resellers.yaml",
        document("Reseller", "acme", acme),
        document("Reseller", "nordsoft", nordsoft),
        document("PriceSheet", "de", sheet),
    )
    partner.control("POST", "seed", SEED)
    return Messy(partner)
