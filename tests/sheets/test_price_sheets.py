"""The price books of a project: pins, missing files, markets, and the cache of parsed sheets."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from cspctl.commerce.price_row import PriceRow
from cspctl.model.address import Address
from cspctl.model.positions import Origin
from cspctl.model.resource import Resource, ResourceIndex
from cspctl.sheets.price_sheet import parse_sheet
from cspctl.sheets.price_sheets import load_price_books
from cspctl.sheets.sheet_cache import SheetCache, cache_directory

HEADER = (
    "ProductId,SkuId,TermDuration,BillingPlan,Market,Currency,UnitPrice,EffectiveStartDate,EffectiveEndDate,ERP Price"
)


def sheet_text(price: str, market: str = "DE", start: str = "1/1/2026", currency: str = "EUR") -> str:
    return f"{HEADER}\nCFQ7TTC0LFLX,0001,P1Y,Monthly,{market},{currency},{price},{start},12/31/9999,432\n"


def price_sheet(name: str, file: str, period: str = "2026-11", **more: Any) -> Resource:
    spec = {"priceBook": "nce", "file": file, "market": "DE", "period": period, **more}
    return Resource(Address("PriceSheet", name), spec, spec, Origin("prices/sheets.yaml", 0))


def index(*resources: Resource) -> ResourceIndex:
    return ResourceIndex({r.address: r for r in resources})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "project" / "prices").mkdir(parents=True)
    return tmp_path / "project"


@pytest.fixture
def cache(tmp_path: Path) -> SheetCache:
    return SheetCache(tmp_path / "cache")


def find(prices: Any, **more: Any) -> PriceRow | None:
    key = {
        "market": "DE",
        "currency": "EUR",
        "segment": "commercial",
        "product": "CFQ7TTC0LFLX",
        "sku": "0001",
        "term": "P1Y",
        "billing": "monthly",
        "on": date(2026, 11, 21),
    }
    row: PriceRow | None = prices.find("nce", **(key | more))
    return row


def test_a_file_is_found_beside_its_manifest(root: Path, cache: SheetCache) -> None:
    (root / "prices" / "de.csv").write_text(sheet_text("345.60"))
    prices, found = load_price_books(index(price_sheet("de", "de.csv")), root, cache=cache)
    row = find(prices)
    assert found == []
    assert row is not None
    assert str(row.unit_price) == "345.60"
    assert row.row == 2
    assert prices.currencies("nce", "DE") == {"EUR"}


def test_a_later_month_replaces_the_same_row(root: Path, cache: SheetCache) -> None:
    (root / "prices" / "oct.csv").write_text(sheet_text("100"))
    (root / "prices" / "nov.csv").write_text(sheet_text("110"))
    sheets = index(price_sheet("a", "nov.csv", "2026-11"), price_sheet("b", "oct.csv", "2026-10"))
    prices, _ = load_price_books(sheets, root, cache=cache)
    row = find(prices)
    assert row is not None
    assert str(row.unit_price) == "110"


def test_the_pin_holds(root: Path, cache: SheetCache) -> None:
    content = sheet_text("345.60").encode()
    (root / "prices" / "de.csv").write_bytes(content)
    good = price_sheet("de", "de.csv", sha256=sha256(content).hexdigest())
    assert load_price_books(index(good), root, cache=cache)[1] == []
    bad = price_sheet("de", "de.csv", sha256="0" * 64)
    (finding,) = load_price_books(index(bad), root, cache=cache)[1]
    assert (finding.code, finding.path) == ("E-SHEET-HASH", ("spec", "sha256"))
    assert sha256(content).hexdigest() in finding.message


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("absent.csv", "E-SHEET-MISSING"),
        ("../../secret.csv", "E-SHEET-OUTSIDE"),
        ("link.csv", "E-SHEET-OUTSIDE"),
        ("a\0b.csv", "E-SHEET-UNREADABLE"),
        ("empty.csv", "E-SHEET-EMPTY"),
        ("fr.csv", "E-SHEET-MARKET"),
        ("broken.csv", "E-SHEET-PRICE"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_at_its_manifest(root: Path, cache: SheetCache, file: str, code: str) -> None:
    (root.parent / "secret.csv").write_text(sheet_text("1"))
    (root / "prices" / "link.csv").symlink_to(root.parent / "secret.csv")
    (root / "prices" / "empty.csv").write_text(HEADER)
    (root / "prices" / "fr.csv").write_text(sheet_text("1", market="FR"))
    (root / "prices" / "broken.csv").write_text(sheet_text("one"))
    prices, found = load_price_books(index(price_sheet("de", file)), root, cache=cache)
    assert [d.code for d in found] == [code]
    assert found[0].address == Address("PriceSheet", "de")
    assert find(prices) is None


def test_a_missing_file_does_not_hide_the_others(root: Path, cache: SheetCache) -> None:
    (root / "prices" / "de.csv").write_text(sheet_text("345.60"))
    sheets = index(price_sheet("a", "absent.csv", "2026-10"), price_sheet("b", "de.csv"))
    prices, found = load_price_books(sheets, root, cache=cache)
    assert [d.code for d in found] == ["E-SHEET-MISSING"]
    assert find(prices) is not None


def test_the_cache_gives_back_what_was_read(tmp_path: Path) -> None:
    data = parse_sheet(sheet_text("345.60").encode() + b"CFQ7TTC0LFLX,1,P1Y,Annual,DE,EUR,x,,,\n")
    cache = SheetCache(tmp_path / "cache")
    cache.put(data)
    assert cache.get(data.sha256) == data
    assert cache.get("0" * 64) is None


def test_a_damaged_cache_entry_is_a_miss(tmp_path: Path, root: Path) -> None:
    cache = SheetCache(tmp_path / "cache")
    (root / "prices" / "de.csv").write_text(sheet_text("345.60"))
    load_price_books(index(price_sheet("de", "de.csv")), root, cache=cache)
    (entry,) = (tmp_path / "cache").iterdir()
    for damage in (b"", b"{}", b'{"rows": [[1]], "findings": []}'):
        entry.write_bytes(damage)
        prices, found = load_price_books(index(price_sheet("de", "de.csv")), root, cache=cache)
        assert found == []
        assert find(prices) is not None


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path, root: Path) -> None:
    (tmp_path / "occupied").write_text("a file, not a folder")
    (root / "prices" / "de.csv").write_text(sheet_text("345.60"))
    sheets = index(price_sheet("de", "de.csv"))
    prices, found = load_price_books(sheets, root, cache=SheetCache(tmp_path / "occupied"))
    assert found == []
    assert find(prices) is not None


def test_the_cache_folder_follows_the_environment() -> None:
    assert cache_directory({"CSPCTL_CACHE_DIR": "/a"}) == Path("/a/sheets")
    assert cache_directory({"XDG_CACHE_HOME": "/b"}) == Path("/b/cspctl/sheets")
    assert cache_directory({}).parts[-3:] == (".cache", "cspctl", "sheets")
