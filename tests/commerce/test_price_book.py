"""Which row of a price book prices a purchase. Rules: Partner Center docs, pricing-and-offers (2023)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from cspctl.commerce.price_book import PriceBooks, row_in_force
from cspctl.commerce.price_row import PriceRow

OPEN_END = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
ROW = PriceRow(
    product="CFQ7TTC0LFLX",
    sku="0001",
    term="P1Y",
    billing="monthly",
    market="DE",
    currency="EUR",
    segment="commercial",
    unit_price=Decimal("3393.96"),
    erp_price=Decimal("4242.45"),
    start=datetime(1753, 1, 1, tzinfo=UTC),
    end=OPEN_END,
)


def dated(price: str, start: datetime, end: datetime = OPEN_END) -> PriceRow:
    return replace(ROW, unit_price=Decimal(price), start=start, end=end)


def at(year: int, month: int, day: int, *clock: int) -> datetime:
    hour, minute, second = clock or (0, 0, 0)
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def price(rows: list[PriceRow], on: date) -> str | None:
    row = row_in_force(rows, on)
    return str(row.unit_price) if row else None


def test_the_documented_overlap_belongs_to_the_earlier_row_until_it_ends() -> None:
    older = dated("100", at(2026, 10, 1), at(2026, 11, 3, 23, 59, 59))
    newer = dated("110", at(2026, 11, 1))
    for rows in ([older, newer], [newer, older]):
        assert price(rows, date(2026, 10, 31)) == "100"
        assert price(rows, date(2026, 11, 1)) == "100"
        assert price(rows, date(2026, 11, 3)) == "100"
        assert price(rows, date(2026, 11, 4)) == "110"


def test_of_duplicates_the_newest_start_counts() -> None:
    rows = [dated("100", at(2026, 1, 1)), dated("120", at(2026, 10, 1)), dated("110", at(2026, 5, 1))]
    assert price(rows, date(2026, 4, 30)) == "100"
    assert price(rows, date(2026, 5, 1)) == "110"
    assert price(rows, date(2026, 11, 21)) == "120"


def test_a_row_of_the_same_start_is_replaced_by_the_later_sheet() -> None:
    october = dated("100", at(2026, 1, 1))
    november = [dated("100", at(2026, 1, 1), at(2026, 11, 14)), dated("130", at(2026, 11, 15))]
    rows = [october, *november]
    assert price(rows, date(2026, 11, 14)) == "100"
    assert price(rows, date(2026, 11, 15)) == "130"


def test_three_overlapping_rows_follow_one_another_oldest_first() -> None:
    rows = [
        dated("1", at(2026, 1, 1), at(2026, 6, 10)),
        dated("2", at(2026, 6, 1), at(2026, 6, 20)),
        dated("3", at(2026, 6, 5)),
    ]
    assert [price(rows, date(2026, 6, day)) for day in (10, 11, 20, 21)] == ["1", "2", "2", "3"]


def test_placeholder_years_are_open_ends() -> None:
    assert price([ROW], date(1999, 1, 1)) == "3393.96"
    assert price([ROW], date(2100, 1, 1)) == "3393.96"


def test_outside_of_every_range_there_is_no_price() -> None:
    rows = [dated("100", at(2026, 2, 1), at(2026, 2, 28))]
    assert price(rows, date(2026, 1, 31)) is None
    assert price(rows, date(2026, 3, 1)) is None
    assert row_in_force([], date(2026, 1, 1)) is None


def test_one_billing_plan_is_never_derived_from_another() -> None:
    annual = replace(ROW, billing="annual", unit_price=Decimal("3393.90"))
    books = PriceBooks({"nce": [ROW, annual]})
    key = {"market": "DE", "currency": "EUR", "segment": "commercial", "product": ROW.product, "sku": "0001"}
    monthly = books.find("nce", **key, term="P1Y", billing="monthly", on=date(2026, 11, 21))
    yearly = books.find("nce", **key, term="P1Y", billing="annual", on=date(2026, 11, 21))
    assert monthly is ROW
    assert yearly is annual
    assert books.find("nce", **key, term="P3Y", billing="annual", on=date(2026, 11, 21)) is None
    assert books.find("other", **key, term="P1Y", billing="annual", on=date(2026, 11, 21)) is None


def test_books_know_their_markets_and_currencies() -> None:
    books = PriceBooks({"nce": [ROW, replace(ROW, currency="CHF"), replace(ROW, market="GB", currency="GBP")]})
    assert books.currencies("nce", "DE") == {"EUR", "CHF"}
    assert books.currencies("nce", "GB") == {"GBP"}
    assert books.currencies("nce", "FR") == frozenset()
    assert books.has_book("nce")
    assert not books.has_book("est")
