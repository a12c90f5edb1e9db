"""Work per tenant does not grow with the number of tenants: operations are counted, not seconds."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cspctl.model.live import Gap, LiveObject, LiveState
from cspctl.workspace import Workspace, WorkspaceSettings

ACCOUNT = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"


class Walked(dict):
    """A mapping that counts how often all of it is gone through."""

    walks = 0

    def _walk(self):
        self.walks += 1
        return self

    def items(self):
        return dict.items(self._walk())

    def values(self):
        return dict.values(self._walk())

    def __iter__(self):
        return dict.__iter__(self._walk())


def test_asking_for_each_tenant_goes_through_the_objects_once():
    objects = Walked(
        {("Subscription", f"s{n}"): LiveObject("Subscription", f"s{n}", f"t{n % 50}", {}) for n in range(200)}
    )
    state = LiveState(objects, (Gap("t7", "403"),))
    found = [state.in_scope("Subscription", f"t{n}") for n in range(50)]
    assert [len(f) for f in found] == [4] * 50
    assert [o.live_id for o in found[3]] == ["s103", "s153", "s3", "s53"]
    assert state.in_scope("Subscription", "elsewhere") == []
    assert objects.walks == 1


def test_gaps_are_found_by_tenant_and_by_what_they_affect():
    first, second = Gap("a", "one", ("x",)), Gap("b", "two", ("x", "a"))
    state = LiveState({}, (first, second))
    assert [state.gap_for(s) for s in ("a", "x", "b", "c")] == [first, first, second, None]


def write_project(root: Path, tenants: int) -> None:
    root.mkdir()
    (root / "cspctl.yaml").write_text("project: scale\n")
    (root / "prices.csv").write_text(
        "ProductTitle,ProductId,SkuId,SkuTitle,Publisher,SkuDescription,UnitOfMeasure,TermDuration,BillingPlan,Market,"
        "Currency,UnitPrice,PricingTierRangeMin,PricingTierRangeMax,EffectiveStartDate,EffectiveEndDate,Tags,ERP Price,"
        "Segment\nE3,CFQ7TTC0LFLX,0001,E3,Microsoft,,,P1Y,Monthly,DE,EUR,400,,,1/1/2020,12/31/9999,License,480,"
        "Commercial\n"
    )
    head = f"""\
apiVersion: cspctl/v1
kind: Reseller
metadata: {{name: acme}}
spec:
  {{displayName: Acme, tier: direct, domain: acme.onmicrosoft.com, accountId: {ACCOUNT}, market: DE, currency: EUR,
    mpnId: "4391200", application: {{id: 1b6a0c52-58b7-4b52-9a30-5c8b1f1f7e11, secretRef: "env:CSPCTL_NONE"}}}}
---
apiVersion: cspctl/v1
kind: PriceSheet
metadata: {{name: de}}
spec: {{priceBook: nce, file: prices.csv, market: DE, period: "2026-11"}}
---
apiVersion: cspctl/v1
kind: Plan
metadata: {{name: m365}}
spec:
  displayName: M365
  priceBook: nce
  pricing: {{method: markup, percent: 25}}
  endOfTerm: {{action: renew}}
  items: [{{name: e3, product: CFQ7TTC0LFLX, sku: "0001", offers: [{{term: P1Y, billing: monthly}}]}}]
"""
    parts = [head]
    for n in range(tenants):
        parts.append(
            f"apiVersion: cspctl/v1\nkind: TenantMapping\nmetadata: {{name: t{n}}}\n"
            f"spec: {{tenantId: 0d2a6f5e-1f43-4f0b-b7a3-{n:012d}, reseller: acme, market: DE}}\n"
        )
        parts.append(
            f"apiVersion: cspctl/v1\nkind: Subscription\nmetadata: {{name: s{n}}}\n"
            f"spec: {{tenant: t{n}, plan: m365, item: e3, quantity: 5}}\n"
        )
    (root / "all.yaml").write_text("---\n".join(parts))


def calls_of(root: Path, environ: dict[str, str]) -> int:
    """Function calls within the package during one plan without reading; every tenant is a gap, every row located."""
    workspace = Workspace(WorkspaceSettings(config=root, environ=environ))
    workspace.plan(refresh="none")  # fills the manifest cache
    count = 0

    def seen(frame, event, _argument):
        nonlocal count
        count += event == "call" and "cspctl" in frame.f_code.co_filename

    sys.setprofile(seen)
    try:
        plan = workspace.plan(refresh="none")
    finally:
        sys.setprofile(None)
    assert plan.counts()["blocked"] == len(plan.gaps)
    return count


def test_twice_the_tenants_are_twice_the_work(tmp_path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CSPCTL_CACHE_DIR", str(tmp_path / "cache"))
    counts = []
    for tenants in (40, 80, 160):
        root = tmp_path / f"project{tenants}"
        write_project(root, tenants)
        counts.append(calls_of(root, {}))
    first, second = counts[1] - counts[0], counts[2] - counts[1]
    assert second < 2.1 * first, counts
