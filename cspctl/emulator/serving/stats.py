"""Counters of one emulator process, for tests and benchmarks that ask what a client did."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Stats:
    """`writes` are successful changes that took effect, so a replayed answer is none of them."""

    requests: Counter[str] = field(default_factory=Counter)  # "GET /v1/customers/{customer_id}" → n
    total: int = 0
    writes: int = 0
    created: int = 0
    replayed: int = 0
    throttled: int = 0
    faulted: int = 0
    purchases: int = 0  # orders created

    def view(self) -> dict[str, Any]:
        return {
            "requests": dict(sorted(self.requests.items())),
            "total": self.total,
            "writes": self.writes,
            "created": self.created,
            "replayed": self.replayed,
            "throttled": self.throttled,
            "faulted": self.faulted,
            "purchases": self.purchases,
        }

    def clear(self) -> None:
        self.__init__()  # type: ignore[misc] # a dataclass resets to its defaults by its own initialiser
