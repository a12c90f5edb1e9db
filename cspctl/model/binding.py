"""Address to live id, with what was last applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cspctl.model.address import Address

# `imported`: what an import last wrote into the manifest, to tell later edits by hand from it.
LASTING = frozenset({"imported"})


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

    @property
    def lasting(self) -> Mapping[str, Any]:
        """The part of the memory that no manifest says and that therefore outlives every change of one."""
        return {key: value for key, value in self.memory.items() if key in LASTING}
