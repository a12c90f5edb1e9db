"""Rules on warm runs: not asked again where nothing that they look at is different, and never less than that."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cspctl.commerce.price_book import PriceBooks
from cspctl.commerce.price_row import PriceRow
from cspctl.kinds.contract import Kind, ProjectView
from cspctl.kinds.registry import KINDS
from cspctl.manifests.loader import LoadResult
from cspctl.manifests.verdicts import AskedPrices, check_rules
from cspctl.model.diagnostic import Diagnostic
from cspctl.model.ports import PriceSource
from cspctl.model.resource import Resource

Load = Callable[..., LoadResult]
MORNING = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
EVENING = MORNING.replace(hour=23)
AFTER_THE_SHEET = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
RESOURCES = 7


def row(product: str, sku: str, term: str, billing: str, *, end: date = date(2026, 11, 30)) -> PriceRow:
    start = datetime(2026, 11, 1, tzinfo=UTC)
    last = datetime(end.year, end.month, end.day, 23, 59, tzinfo=UTC)
    cost = Decimal(100)
    return PriceRow(product, sku, term, billing, "DE", "EUR", "commercial", cost, cost + 25, start, last)


def prices(*, end: date = date(2026, 11, 30)) -> PriceSource:
    """The sheet of November, with everything that the project offers."""
    offers = [(t, b) for t in ("P1M", "P1Y", "P3Y") for b in ("monthly", "annual", "triennial")]
    skus = [("CFQ7TTC0LFLX", "0001"), ("CFQ7TTC0LHXM", "0002")]
    return PriceBooks({"nce": [row(*sku, *offer, end=end) for sku in skus for offer in offers]})


class Counted:
    """A kind that counts how often its rules are asked."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self.name = kind.name
        self.spec, self.references = kind.spec, kind.references
        self.mutability, self.remote = kind.mutability, kind.remote
        self.asked: list[str] = []

    def check(self, resource: Resource, project: ProjectView) -> Iterable[Diagnostic]:
        self.asked.append(str(resource.address))
        return self._kind.check(resource, project)


class Run:
    """What one validation asked and found."""

    def __init__(self, loaded: LoadResult, source: PriceSource, now: datetime) -> None:
        kinds: list[Any] = [Counted(kind) for kind in KINDS]
        found = check_rules(loaded, kinds, ProjectView(loaded.resources, source, now))
        self.found = sorted(f"{d.address} {d.code}" for d in found)
        self.asked = sorted(address for kind in kinds for address in kind.asked)


@pytest.fixture
def validated(base_project: Path, load_project: Load) -> Callable[..., Run]:
    def run(source: PriceSource | None = None, *, now: datetime = MORNING, cache: bool = True) -> Run:
        return Run(load_project(base_project, cache=cache), source or prices(), now)

    return run


def test_the_same_prices_on_the_same_day_ask_no_rule(validated: Callable[..., Run]) -> None:
    first = validated()
    assert (first.found, len(first.asked)) == ([], RESOURCES)
    for again in (validated(), validated(now=EVENING)):
        assert (again.found, again.asked) == ([], [])


def test_without_a_cache_every_rule_is_asked_each_time(validated: Callable[..., Run]) -> None:
    assert [len(validated(cache=False).asked) for _ in range(2)] == [RESOURCES, RESOURCES]


def test_prices_are_asked_again_each_time(validated: Callable[..., Run]) -> None:
    validated()
    gone = validated(PriceBooks({"nce": [row("CFQ7TTC0LHXM", "0002", "P1M", "monthly")]}))
    assert len(gone.asked) == RESOURCES
    assert "Subscription/fabrikam-e3 E-PRICE-ROW" in gone.found
    dearer = PriceBooks({"nce": [row("CFQ7TTC0LFLX", "0001", "P1Y", "monthly", end=date(2027, 1, 1))]})
    assert len(validated(dearer).asked) == RESOURCES


def test_another_day_asks_every_rule_again(validated: Callable[..., Run]) -> None:
    validated()
    later = validated(now=AFTER_THE_SHEET)
    assert len(later.asked) == RESOURCES
    assert later.found == ["Subscription/fabrikam-e3 E-PRICE-ROW"]
    assert validated().found == []


def test_another_manifest_asks_every_rule_again(base_project: Path, validated: Callable[..., Run]) -> None:
    validated()
    file = base_project / "m" / "base.yaml"
    file.write_text(file.read_text().replace("quantity: 30", "quantity: 31"))
    assert len(validated().asked) == RESOURCES


def test_other_defaults_of_the_project_ask_every_rule_again(base_project: Path, validated: Callable[..., Run]) -> None:
    validated()
    text = "project: case\nmanifests: m\ndefaults: {Subscription: {whenCancelNotAllowed: no-renew}}\n"
    (base_project / "cspctl.yaml").write_text(text)
    assert len(validated().asked) == RESOURCES


def test_what_had_findings_is_asked_each_time(base_project: Path, validated: Callable[..., Run]) -> None:
    file = base_project / "m" / "base.yaml"
    file.write_text(file.read_text().replace("quantity: 30", "quantity: 30, endDate: {alignTo: fabrikam-e3}"))
    first = validated()
    assert first.found == ["Subscription/fabrikam-e3 E-ALIGN-TO"]
    again = validated()
    assert again.found == first.found
    assert again.asked == ["Subscription/fabrikam-e3"]


def test_a_broken_verdict_counts_for_nothing(own_cache: Path, validated: Callable[..., Run]) -> None:
    validated()
    for path in [p for p in own_cache.rglob("*") if p.is_file()]:
        path.write_bytes(path.read_bytes().replace(b"suspects", b"innocent"))
    assert len(validated().asked) == RESOURCES


def test_who_looks_at_all_prices_gets_no_verdict() -> None:
    asked = AskedPrices(prices(), MORNING.date())
    assert asked.has_book("nce") and asked.is_complete
    assert len(list(asked.rows())) == 18
    assert not asked.is_complete
    assert [question for *question, _ in asked.answers()] == [["has_book", "nce"]]
