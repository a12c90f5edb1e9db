"""Drift as JSON."""

from __future__ import annotations

from collections.abc import Sequence

from cspctl.model.plan import DriftRow, GapRow
from cspctl.views import canonical


def render(drift: Sequence[DriftRow], gaps: Sequence[GapRow] = ()) -> str:
    """`{"driftVersion", "drift": [...], "gaps": [...]}`; rows as in a plan."""
    return canonical.dumps(canonical.Ordered(driftVersion="1.0", drift=list(drift), gaps=list(gaps)))
