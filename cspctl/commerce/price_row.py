"""One row of a price sheet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class PriceRow:
    """`unit_price` (partner cost) and `erp_price` are per unit for the WHOLE term, on every billing plan.

    Source: Partner Center "pricing and offers". `term` is P1M/P1Y/P3Y, `billing` monthly/annual/triennial/none,
    `segment` commercial/education/charity/government. The row holds from `start` (inclusive) until `end`
    (inclusive), both aware UTC. `sheet` is the sha256 of the file and `row` its 1-based row number.
    """

    product: str
    sku: str
    term: str
    billing: str
    market: str
    currency: str
    segment: str
    unit_price: Decimal
    erp_price: Decimal | None
    start: datetime
    end: datetime
    title: str = ""
    tags: tuple[str, ...] = ()
    sheet: str = ""
    row: int = 0
