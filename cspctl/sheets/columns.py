"""The columns of a price sheet, found by name wherever they stand.

Source: Partner Center docs, get-a-price-sheet (2022). `Segment` and a leading `ChangeIndicator` came later.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

REQUIRED = ("ProductId", "SkuId", "TermDuration", "BillingPlan", "Market", "Currency", "UnitPrice")
OPTIONAL = (
    "ProductTitle",
    "SkuTitle",
    "ERP Price",
    "Segment",
    "EffectiveStartDate",
    "EffectiveEndDate",
    "PricingTierRangeMin",
    "PricingTierRangeMax",
    "Tags",
)
_KNOWN = {"".join(name.lower().split()): name for name in (*REQUIRED, *OPTIONAL)}
# A header stands at the top, below a few lines of title at most.
HEADER_WITHIN = 20


def header(cells: Sequence[Any]) -> dict[str, int] | None:
    """Column name to index when this row is the header, else None. Case, spaces and quotes do not matter."""
    found: dict[str, int] = {}
    for index, cell in enumerate(cells):
        if isinstance(cell, str):
            name = _KNOWN.get("".join(cell.strip('"“”\ufeff ').lower().replace("_", " ").split()))
            if name is not None:
                found.setdefault(name, index)
    return found if "ProductId" in found and "SkuId" in found else None


def missing(found: dict[str, int]) -> list[str]:
    return [name for name in REQUIRED if name not in found]
