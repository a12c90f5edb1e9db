"""A project on disk around each case, and the whole of validate over it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from cspctl.commerce.price_row import PriceRow
from cspctl.kinds.contract import ProjectView
from cspctl.kinds.registry import KINDS
from cspctl.manifests.loader import LoadResult, load
from cspctl.manifests.locate import locate
from cspctl.manifests.project import find_project
from cspctl.model.diagnostic import Diagnostic
from cspctl.model.trust import Trust

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
PRICED = {("CFQ7TTC0LFLX", "0001"), ("CFQ7TTC0LHXM", "0002")}


class SheetRows:
    """A price source that knows two products, in euro."""

    def find(
        self,
        book: str,
        *,
        market: str,
        currency: str,
        segment: str,
        product: str,
        sku: str,
        term: str,
        billing: str,
        on: date,
    ) -> PriceRow | None:
        if book != "nce" or currency != "EUR" or (product, sku) not in PRICED:
            return None
        start, end = datetime(2026, 11, 1, tzinfo=UTC), datetime(2099, 12, 31, tzinfo=UTC)
        cost, erp = Decimal("100.00"), Decimal("125.00")
        return PriceRow(product, sku, term, billing, market, currency, segment, cost, erp, start, end)

    def currencies(self, book: str, market: str) -> frozenset[str]:
        return frozenset({"EUR"}) if book == "nce" else frozenset()

    def has_book(self, book: str) -> bool:
        return book == "nce"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Never the cache of the person who runs the tests."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("CSPCTL_CACHE_DIR", str(folder))
    return folder


@pytest.fixture
def base_project(tmp_path: Path) -> Path:
    """A clean project; its manifests are in `m`."""
    root = tmp_path / "project"
    (root / "m").mkdir(parents=True)
    (root / "cspctl.yaml").write_text("project: case\nmanifests: m\n")
    shutil.copy(HERE / "valid" / "base.yaml", root / "m" / "base.yaml")
    return root


@pytest.fixture
def load_project() -> Callable[..., LoadResult]:
    def run(path: Path, *, trust: Trust = Trust(), cache: bool = False) -> LoadResult:  # noqa: B008 # frozen
        root, project = find_project(path)
        return load(root, KINDS, project=project, trust=trust, cache=cache)

    return run


@pytest.fixture
def validate(load_project: Callable[..., LoadResult]) -> Callable[..., list[Diagnostic]]:
    """Load, rules of trust, rules of the kinds, positions."""

    def run(path: Path, *, trust: Trust = Trust(), cache: bool = False) -> list[Diagnostic]:  # noqa: B008 # frozen
        result = load_project(path, trust=trust, cache=cache)
        view = ProjectView(result.resources, SheetRows(), NOW)
        found = list(result.diagnostics)
        for kind in KINDS:
            for resource in result.of_kind(kind):
                found += kind.check(resource, view)
        return locate(found, find_project(path)[0])

    return run
