"""Faults on demand: a wrong answer, a delay, a cut connection, half a body, a wrong page: for the nth matching call."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal

When = Literal["before", "after"]
_KEYS = {"method", "path", "nth", "times", "status", "body", "headers"}
_KEYS |= {"delaySeconds", "slowBodySeconds", "drop", "effect", "truncate", "page", "skewSeconds", "probability", "seed"}
PAGES = ("repeated", "shifted")


@dataclass
class Fault:
    """Strikes matching calls number `nth` to `nth + times - 1` (times 0: every one from the nth on).

    `drop` cuts the connection without an answer, "before" the handler or "after" its effect was committed.
    `status` answers instead of the handler ("effect": "after" commits the effect first and then lies about
    it). `truncate` cuts the real answer's body in half. `delay` is in seconds of the wall clock, as is
    `slow_body`, over which the body is spread. `page` counts calls for a following page only: "repeated" answers
    the first page again, "shifted" lacks the page's first row, as if an earlier one went away meanwhile. `skew`
    is by how many seconds the service's clock is ahead when it writes Date and judges a token's age.
    `probability` spares some of the calls it would strike, the same ones for the same `seed` (rule 11).
    """

    method: str = "*"
    path: str = "*"  # a route template, or a pattern with "*" over the requested path
    nth: int = 1
    times: int = 1
    status: int | None = None
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    drop: When | None = None
    effect: When = "before"
    truncate: bool = False
    slow_body: float = 0.0
    page: str | None = None
    skew: int = 0
    probability: float = 1.0  # below 1 it spares some calls, the same ones for the same seed (rule 11)
    seed: int = 0
    seen: int = 0

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)  # noqa: S311 # repeatable faults, not a secret

    def matches(self, method: str, template: str, path: str, *, follows: bool = False) -> bool:
        """`follows`: the call asks for a page after the first one."""
        if self.method not in ("*", method) or (self.page and not follows):
            return False
        return self.path == template or fnmatchcase(path.lower(), self.path.lower())

    def strikes(self) -> bool:
        """Count one matching call; true when it is one to strike."""
        self.seen += 1
        due = self.seen >= self.nth and (self.times == 0 or self.seen < self.nth + self.times)
        return due and (self.probability >= 1 or self._dice.random() < self.probability)


class Faults:
    """The list in force. The first fault that strikes a call wins; all matching ones count it."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, faults: Sequence[Fault]) -> None:
        self._faults += faults

    def clear(self) -> None:
        self._faults.clear()

    def strike(self, method: str, template: str, path: str, *, follows: bool = False) -> Fault | None:
        struck = [f for f in self._faults if f.matches(method, template, path, follows=follows) and f.strikes()]
        return struck[0] if struck else None

    def view(self) -> list[dict[str, Any]]:
        return [{"method": f.method, "path": f.path, "nth": f.nth, "seen": f.seen} for f in self._faults]


def parse(document: dict[str, Any]) -> Fault:
    """One fault from its JSON form. Raises ValueError with what is wrong."""
    unknown = sorted(set(document) - _KEYS)
    if unknown:
        raise ValueError(f"unknown property {unknown[0]!r}; known are {', '.join(sorted(_KEYS))}")
    fault = Fault(
        method=str(document.get("method", "*")).upper(),
        path=str(document.get("path", "*")),
        nth=_whole(document, "nth", 1, 1),
        times=_whole(document, "times", 1, 0),
        status=_whole(document, "status", 0, 0) or None,
        body=document.get("body"),
        headers={str(k): str(v) for k, v in dict(document.get("headers") or {}).items()},
        delay=_seconds(document, "delaySeconds"),
        slow_body=_seconds(document, "slowBodySeconds"),
        page=document.get("page"),
        skew=_skew(document),
        drop=_when(document.get("drop"), "drop"),
        effect=_when(document.get("effect"), "effect") or "before",
        truncate=bool(document.get("truncate", False)),
        probability=float(document.get("probability", 1)),
        seed=_whole(document, "seed", 0, 0),
    )
    if fault.status is not None and not 200 <= fault.status <= 599:
        raise ValueError(f"status must be 200 to 599, not {fault.status}")
    if not 0 <= fault.probability <= 1:
        raise ValueError("probability must be 0 to 1")
    if fault.page is not None and fault.page not in PAGES:
        raise ValueError(f"page must be one of {', '.join(PAGES)}")
    does = (fault.status, fault.delay, fault.slow_body, fault.drop, fault.truncate, fault.page, fault.skew)
    if not any(does):
        raise ValueError(
            "a fault needs one of status, delaySeconds, slowBodySeconds, drop, truncate, page, skewSeconds"
        )
    return fault


def _seconds(document: dict[str, Any], key: str) -> float:
    value = float(document.get(key) or 0)
    if not 0 <= value < float("inf"):
        raise ValueError(f"{key} must be a number that is not negative")
    return value


def _skew(document: dict[str, Any]) -> int:
    value = document.get("skewSeconds", 0)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("skewSeconds must be a whole number; negative for a clock behind")
    return value


def _whole(document: dict[str, Any], key: str, default: int, least: int) -> int:
    value = document.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ValueError(f"{key} must be a whole number of at least {least}")
    return value


def _when(value: Any, key: str) -> When | None:
    if value is None:
        return None
    if value == "before":
        return "before"
    if value == "after":
        return "after"
    raise ValueError(f'{key} must be "before" or "after"')
