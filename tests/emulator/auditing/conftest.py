"""The shop of the other tests; the modules of write scripts beside this file can be imported."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
_FILE = Path(__file__).parents[1] / "extras" / "conftest.py"
_SPEC = importlib.util.spec_from_file_location("audited_shop", _FILE)
assert _SPEC is not None and _SPEC.loader is not None
_extras = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_extras)

open_shop = _extras.open_shop
