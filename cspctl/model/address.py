"""The name of a resource: kind and metadata.name."""

from __future__ import annotations

from typing import NamedTuple


class Address(NamedTuple):
    """`Subscription/contoso-e3`. Sorts by kind, then name."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read `Kind/name`; raises ValueError on any other shape."""
        kind, slash, name = text.partition("/")
        if not slash or not kind or not name:
            raise ValueError(f"an address is Kind/name, not {text!r}")
        return cls(kind, name)
