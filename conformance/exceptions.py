"""Deviations that are accepted, one by one: page, section, what, reason. There are no patterns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

from conformance.outcome import Outcome

WHOLE = "exchange"
REASONS = ("documentation error", "retired", "out of scope")
FILE = Path(__file__).with_name("exceptions.yaml")


@dataclass(frozen=True)
class Accepted:
    """`what` is the path of one property, or `exchange`; `number` tells exchanges of one section apart."""

    page: str
    section: str
    what: str
    reason: str
    number: int | None = None

    def covers(self, outcome: Outcome) -> bool:
        one = outcome.exchange
        same = (one.page, one.section) == (self.page, self.section)
        return same and (self.number is None or self.number == one.number)


def load(file: Path = FILE) -> list[Accepted]:
    """Raises ValueError for an entry without a reason of the three kinds."""
    entries = YAML(typ="safe").load(file.read_text(encoding="utf-8")) or []
    found = [Accepted(**entry) for entry in entries]
    for one in found:
        if not one.reason.startswith(REASONS):
            raise ValueError(f"{one.page}, {one.what}: the reason must begin with one of {', '.join(REASONS)}")
    return found


def is_whole(accepted: list[Accepted], outcome: Outcome) -> bool:
    return any(one.what == WHOLE and one.covers(outcome) for one in accepted)


def remaining(accepted: list[Accepted], outcome: Outcome) -> list[str]:
    """The problems that no exception names."""
    names = {one.what for one in accepted if one.covers(outcome)}
    return [problem for problem in outcome.problems if problem.split(": ")[0] not in names]
