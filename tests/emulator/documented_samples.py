"""The documented exchanges, where they are at hand."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def sample() -> Callable[..., Any]:
    """The response body of a documented exchange: page name and number of the exchange."""
    default = Path(__file__).parents[3] / "shared" / "partner-center" / "samples"
    folder = Path(os.environ.get("CSPCTL_SAMPLES", default))

    def read(page: str, index: int = 0) -> Any:
        path = folder / f"{page}.json"
        if not path.exists():
            pytest.skip(f"the documented samples are not here ({path.name}); set CSPCTL_SAMPLES")
        return json.loads(path.read_text())["exchanges"][index]["response_body"]

    return read
