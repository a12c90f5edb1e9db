"""A secret that cannot be printed, formatted, compared in a log, or pickled."""

from __future__ import annotations

import hmac
from typing import Any, NoReturn


class Secret:
    """Holds text that must never be shown. Only `reveal()` gives it back."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret text, for the one call that needs it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    def __str__(self) -> str:
        return "***"

    def __format__(self, spec: str) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(
            self._value.encode("utf-8"), other._value.encode("utf-8")
        )

    __hash__ = None  # type: ignore[assignment] # a secret must not become a dictionary key

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("a secret cannot be pickled")

    def __bool__(self) -> bool:
        return bool(self._value)
