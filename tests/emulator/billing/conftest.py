"""The small market of the trade tests, and what tests of time say over and over."""

from __future__ import annotations

import importlib.util
from pathlib import Path

_FILE = Path(__file__).parents[1] / "trade" / "conftest.py"
_SPEC = importlib.util.spec_from_file_location("trade_market", _FILE)
assert _SPEC is not None and _SPEC.loader is not None
_trade = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_trade)

open_market, market, sample = _trade.open_market, _trade.market, _trade.sample
