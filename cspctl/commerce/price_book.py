"""Looking up the price row in force.

A price book is a named series of sheets: several markets, several months. Its rows come in the order in which
the sheets were published, oldest first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from cspctl.commerce.price_row import PriceRow


class PriceKey(NamedTuple):
    """Everything but the date that chooses a row; no part of it is ever derived from another row."""

    market: str
    currency: str
    segment: str
    product: str
    sku: str
    term: str
    billing: str


class PriceBooks:
    """Rows by price book and key; `find` costs one dictionary lookup and a walk over the few dated rows."""

    def __init__(self, books: Mapping[str, Iterable[PriceRow]]) -> None:
        self._rows: dict[str, dict[PriceKey, list[PriceRow]]] = {}
        self._currencies: dict[str, dict[str, set[str]]] = {}
        for book, rows in books.items():
            self._index(book, rows)

    def _index(self, book: str, rows: Iterable[PriceRow]) -> None:
        by_key = self._rows.setdefault(book, {})
        currencies = self._currencies.setdefault(book, {})
        for row in rows:
            key = PriceKey(row.market, row.currency, row.segment, row.product, row.sku, row.term, row.billing)
            by_key.setdefault(key, []).append(row)
            currencies.setdefault(row.market, set()).add(row.currency)

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
        """The row in force on that UTC day, or None."""
        rows = self._rows.get(book, {}).get(PriceKey(market, currency, segment, product, sku, term, billing))
        return row_in_force(rows, on) if rows else None

    def currencies(self, book: str, market: str) -> frozenset[str]:
        """Currencies that the book's sheets of that market hold; empty where it has none."""
        return frozenset(self._currencies.get(book, {}).get(market, ()))

    def has_book(self, book: str) -> bool:
        return book in self._rows

    def rows(self) -> Iterator[PriceRow]:
        """Every row of every book."""
        for by_key in self._rows.values():
            for rows in by_key.values():
                yield from rows


def row_in_force(rows: Iterable[PriceRow], on: date) -> PriceRow | None:
    """Of rows with one key, oldest sheet first, the one that prices a purchase on that UTC day.

    Days count as a whole, start and end included. Source: Partner Center docs, pricing-and-offers (2023): a
    purchase inside an overlap belongs to the earlier row, until that row ends; of duplicates the newest
    start counts. Read together: a row that runs at least as long as one that starts later would hide it for
    ever, so those two are duplicates; only an older row that ends before the newer one governs. Rows with
    the same start are editions of each other: the one from the later sheet counts.
    """
    editions: dict[date, PriceRow] = {}
    for row in rows:
        editions[row.start.date()] = row
    governing: PriceRow | None = None
    for start in sorted(editions, reverse=True):
        row = editions[start]
        if not start <= on <= row.end.date():
            continue
        if governing is None or row.end < governing.end:
            governing = row
    return governing
