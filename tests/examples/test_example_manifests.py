"""The example project: every manifest valid, every subscription priced, the sheets as their script makes them."""

from __future__ import annotations

import importlib.util
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest

from cspctl.kinds.contract import ProjectView
from cspctl.kinds.plan import attributes as plan_attributes
from cspctl.kinds.registry import KINDS, kind
from cspctl.manifests.loader import LoadResult, load
from cspctl.manifests.project import find_project
from cspctl.model.trust import Trust
from cspctl.sheets.price_sheet import parse_sheet, read_sheet
from cspctl.sheets.price_sheets import load_price_books
from cspctl.sheets.sheet_cache import SheetCache

EXAMPLES = Path(__file__).parents[2] / "examples"
MANIFESTS = EXAMPLES / "manifests"
DAYS = [datetime(2026, 11, 21, tzinfo=UTC), datetime(2027, 6, 1, tzinfo=UTC)]


@pytest.fixture(scope="module")
def loaded() -> LoadResult:
    root, project = find_project(MANIFESTS)
    assert root == MANIFESTS
    return load(root, KINDS, project=project, trust=Trust(), cache=False)


@pytest.fixture
def view(loaded: LoadResult, tmp_path: Path) -> ProjectView:
    prices, found = load_price_books(loaded.resources, MANIFESTS, cache=SheetCache(tmp_path))
    assert found == []
    return ProjectView(loaded.resources, prices, DAYS[0])


def test_structure_and_references_are_sound(loaded: LoadResult) -> None:
    assert [f"{d.origin} {d.code} {d.message}" for d in loaded.diagnostics] == []


@pytest.mark.parametrize("now", DAYS)
def test_the_rules_of_every_kind_pass_today_and_later(view: ProjectView, now: datetime) -> None:
    view = ProjectView(view.resources, view.prices, now)
    found = []
    for resource in view.resources:
        subject = kind(resource.kind)
        assert subject is not None
        found += [f"{resource.address} {d.code} {d.message}" for d in subject.check(resource, view)]
    assert found == []


def test_the_project_shows_what_the_product_can_do(loaded: LoadResult) -> None:
    counts = Counter(resource.kind for resource in loaded.resources)
    assert counts["Subscription"] == 20
    assert counts["Plan"] == 5
    assert counts["TenantMapping"] >= 8
    tiers = Counter(r.spec["tier"] for r in loaded.resources.of_kind("Reseller").values())
    assert tiers == {"direct": 1, "indirect-provider": 1, "indirect-reseller": 2}
    assert {r.spec["market"] for r in loaded.resources.of_kind("TenantMapping").values()} == {"DE", "GB"}
    plans = loaded.resources.of_kind("Plan").values()
    assert {p.spec["pricing"]["method"] for p in plans} == {"markup", "margin", "erp-discount", "fixed"}
    subscriptions = loaded.resources.of_kind("Subscription")
    assert {s.effective["term"] for s in subscriptions.values()} == {"P1M", "P1Y", "P3Y"}
    assert subscriptions["fabrikam-e3"].effective["endOfTerm"]["on"] == "2027-10-31"
    assert subscriptions["contoso-e3"].effective["billing"] == "annual"


def test_overrides_reach_the_tenants_they_are_for(loaded: LoadResult) -> None:
    plan = loaded.resources.get("Plan", "modern-work")
    assert plan is not None
    assert plan_attributes.pricing_for(plan, "e3", "nordsoft")["method"] == "margin"
    assert plan_attributes.pricing_for(plan, "e3", "suedcloud")["method"] == "markup"


def test_a_european_sheet_holds_six_currencies() -> None:
    six = {"EUR", "GBP", "CHF", "SEK", "NOK", "DKK"}
    for name in ("nce-de-2026-11.xlsx", "nce-gb-2026-11.csv"):
        data = read_sheet(MANIFESTS / "prices" / name)
        assert data.findings == ()
        assert data.currencies == six


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_sheets", EXAMPLES / "build_sheets.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_sheets_are_what_the_script_makes(script: ModuleType) -> None:
    """Rows, not bytes: another version of the libraries may pack the workbook differently."""
    for name, content in (
        ("nce-de-2026-11.xlsx", script.workbook("DE")),
        ("nce-gb-2026-11.csv", script.csv_sheet("GB")),
    ):
        made, kept = parse_sheet(content), read_sheet(MANIFESTS / "prices" / name)
        assert [(r.product, r.sku, r.term, r.billing, r.currency, r.unit_price, r.erp_price) for r in made.rows] == [
            (r.product, r.sku, r.term, r.billing, r.currency, r.unit_price, r.erp_price) for r in kept.rows
        ]


def test_billing_plans_of_one_term_differ_by_more_than_a_factor(script: ModuleType) -> None:
    """So that looking up the wrong row shows: P1Y monthly is not P1Y annual."""
    rows = {(r["ProductId"], r["TermDuration"], r["BillingPlan"], r["Currency"]): r for r in script.rows("DE")}
    monthly = rows["CFQ7TTC0LFLX", "P1Y", "Monthly", "EUR"]
    annual = rows["CFQ7TTC0LFLX", "P1Y", "Annual", "EUR"]
    assert monthly["UnitPrice"] == "385.08"  # 12 x 80 % of 38.20 x 1.05 = 40.11
    assert annual["UnitPrice"] == "366.72"  # 12 x 80 % of 38.20
