"""Deviations that are accepted, one by one: page, number, section, what, reason. There are no patterns.

An entry that excepts nothing any more is an error: one whose exchange is gone, or whose deviation is.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from conformance.outcome import Outcome

WHOLE = "exchange"
REASONS = ("documentation error", "retired")
FILE = Path(__file__).with_name("exceptions.yaml")


@dataclass(frozen=True)
class Accepted:
    """`what` is the path of one property, or `exchange`; `number` is the place of the exchange in its page."""

    page: str
    number: int
    section: str
    what: str
    reason: str

    @property
    def name(self) -> str:
        return f"{self.page}#{self.number}, {self.what}"

    def covers(self, outcome: Outcome) -> bool:
        one = outcome.exchange
        return (one.page, one.section, one.number) == (self.page, self.section, self.number)

    def excepts(self, outcome: Outcome) -> bool:
        """Whether the deviation is there."""
        whole = self.what == WHOLE and bool(outcome.problems)
        return self.covers(outcome) and (whole or any(place(one) == self.what for one in outcome.problems))


def load(file: Path = FILE) -> list[Accepted]:
    """Raises ValueError for an entry that is not complete, is there twice, or has no reason of the kinds."""
    found = [_accepted(entry) for entry in YAML(typ="safe").load(file.read_text(encoding="utf-8")) or []]
    for index, one in enumerate(found):
        if one.name in {other.name for other in found[:index]}:
            raise ValueError(f"{one.name}: it is excepted twice")
    return found


def _accepted(entry: Any) -> Accepted:
    names = {one.name for one in fields(Accepted)}
    if not isinstance(entry, dict) or entry.keys() != names:
        raise ValueError(f"an exception must have {', '.join(sorted(names))} and nothing else: {entry}")
    one = Accepted(**entry)
    if not isinstance(one.number, int) or "*" in one.what or not one.what:
        raise ValueError(f"{one.name}: it must name one exchange and one property")
    if not one.reason.startswith(REASONS):
        raise ValueError(f"{one.name}: the reason must begin with one of {', '.join(REASONS)}")
    return one


def place(problem: str) -> str:
    """The property a problem is about."""
    return problem.split(": ")[0]


def is_whole(accepted: list[Accepted], outcome: Outcome) -> bool:
    return any(one.what == WHOLE and one.covers(outcome) for one in accepted)


def remaining(accepted: list[Accepted], outcome: Outcome) -> list[str]:
    """The problems that no exception names."""
    names = {one.what for one in accepted if one.covers(outcome)}
    return [problem for problem in outcome.problems if place(problem) not in names]


def stale(accepted: list[Accepted], outcomes: list[Outcome], pages: Collection[str]) -> list[str]:
    """Entries that except nothing, where the folder holds most pages of the list.

    A folder of other pages has a right to lack them, and to hold one of them in another state.
    """
    here = [one for one in accepted if one.page in pages]
    if 2 * len({one.page for one in here}) <= len({one.page for one in accepted}):
        return []
    found = [f"{one.name}: there is no page of this name" for one in accepted if one not in here]
    for one in here:
        covered = [outcome for outcome in outcomes if one.covers(outcome)]
        if not covered:
            found.append(f"{one.name}: the page has no exchange of this number in section {one.section!r}")
        elif not one.excepts(covered[0]):
            found.append(f"{one.name}: the exchange does not deviate there any more")
    return found
