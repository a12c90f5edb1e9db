"""The small market, for those who load this file by its path."""

from __future__ import annotations

from documented_samples import sample
from small_market import market, open_market

__all__ = ["market", "open_market", "sample"]
