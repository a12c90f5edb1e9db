"""What a stage decides about a request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from conformance.seeds import OURS
from conformance.world import World

UNCHANGED: Any = object()
APP = "11111111-1111-1111-1111-111111111111"


@dataclass
class Plan:
    """What a stage decides about the request beyond its preparation. Values are by the segment in front of them."""

    values: dict[str, str] = field(default_factory=dict)
    query: str | None = None
    body: Any = UNCHANGED
    partner: str = OURS
    headers: dict[str, str] = field(default_factory=dict)
    mfa: bool = True
    needs: tuple[str, ...] = ()  # properties a documented body must have for this stage to speak for it
    files: Any = None
    data: Any = None


Stage = Callable[[World], Plan]
