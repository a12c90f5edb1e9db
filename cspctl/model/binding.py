"""Address to live id, with what was last applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cspctl.model.address import Address


@dataclass(frozen=True, slots=True)
class Binding:
    """`state` is `bound` or `released` (a tombstone: the same name re-binds). `applied` are attributes.

    `memory` keeps what a later run must know: protect, generation, commitment end, file and line.
    """

    address: Address
    live_id: str
    scope: str
    applied: Mapping[str, Any]
    applied_at: datetime
    run_id: str
    state: str = "bound"
    memory: Mapping[str, Any] = field(default_factory=dict)
    realm: str = ""
