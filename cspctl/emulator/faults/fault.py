"""Faults on demand: a wrong answer, a delay, a cut connection, half a body, a wrong page: for the nth matching call."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal

When = Literal["before", "after"]


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
    seen: int = 0  # matching calls so far
    struck: int = 0  # those of them it changed

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

    def view(self) -> dict[str, Any]:
        """What it was told, in the form of the control API, with its counts."""
        told = {name: getattr(self, attribute) for name, attribute in NAMES.items()}
        usual = {name: getattr(_USUAL, attribute) for name, attribute in NAMES.items()}
        changed = {name: value for name, value in told.items() if value != usual[name]}
        always = {"method": self.method, "path": self.path, "nth": self.nth, "times": self.times}
        return {**always, **changed, "seen": self.seen, "struck": self.struck}


NAMES = {
    "method": "method", "path": "path", "nth": "nth", "times": "times", "status": "status", "body": "body",
    "headers": "headers", "delaySeconds": "delay", "slowBodySeconds": "slow_body", "drop": "drop", "effect": "effect",
    "truncate": "truncate", "page": "page", "skewSeconds": "skew", "probability": "probability", "seed": "seed",
}  # fmt: skip  # property of the control API: attribute of Fault
_USUAL = Fault()


class Faults:
    """The list in force. The first fault that strikes a call wins; all matching ones count it."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, faults: Sequence[Fault]) -> None:
        self._faults += faults

    def clear(self) -> None:
        self._faults.clear()

    def strike(self, method: str, template: str, path: str, *, follows: bool = False) -> Fault | None:
        due = [f for f in self._faults if f.matches(method, template, path, follows=follows) and f.strikes()]
        if not due:
            return None
        due[0].struck += 1
        return due[0]

    def view(self) -> list[dict[str, Any]]:
        return [fault.view() for fault in self._faults]
