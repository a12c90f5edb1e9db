"""The harness is a tool at the root of the repository and not an installed package."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))


@pytest.fixture(scope="module")
def service():
    from conformance.service import Service

    with Service() as running:
        yield running


@pytest.fixture(scope="session")
def folder():
    found = ROOT / (os.environ.get("CSPCTL_SAMPLES") or "../shared/partner-center/samples")
    if not found.is_dir():
        pytest.skip("the documented samples are not here; set CSPCTL_SAMPLES")
    return found
