"""The outcomes per page, as text for the terminal and as a table for the documentation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from conformance.exceptions import Accepted, is_whole, remaining, stale
from conformance.outcome import Outcome
from conformance.samples import Unreadable

START, END = "<!-- conformance -->", "<!-- /conformance -->"
REQUIRED = 0.98


@dataclass
class Tally:
    """Exchanges: documented without the excepted ones, answered, excepted; and what is open or was read otherwise.

    What could not be read counts as documented and not answered: one of a page, or one for a whole file.
    """

    pages: int = 0
    documented: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    excepted: Counter[str] = field(default_factory=Counter)
    open: list[tuple[Outcome, list[str]]] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    readings: list[tuple[Outcome, str]] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    properties: int = 0
    unsent: int = 0
    silent: int = 0  # documented requests without a documented answer

    @property
    def share(self) -> float:
        total = self.documented.total()
        return self.answered.total() / total if total else 0.0

    @property
    def passed(self) -> bool:
        return self.share >= REQUIRED and not self.unreadable and not self.stale

    @property
    def total(self) -> str:
        line = f"{self.answered.total()} of {self.documented.total()} documented exchanges answered"
        kept = f"{self.excepted.total()} exchanges and {self.properties} properties excepted one by one"
        return f"{line} ({self.share:.1%}); {kept}"

    @property
    def account(self) -> str:
        """Where every exchange of the folder went."""
        read = self.documented.total() - len(self.unreadable)
        every = read + self.excepted.total()
        parts = [
            f"{every} exchanges in {self.pages} pages: {every - self.unsent} sent and compared",
            f"{self.unsent} not sent (the page names no operation, or it could not be prepared)",
            f"{read} of all count ({self.silent} of them print no answer and must succeed)",
            f"{self.excepted.total()} excepted",
            f"{len(self.unreadable)} files or exchanges unreadable",
        ]
        return "; ".join(parts)


def tally(
    outcomes: list[Outcome],
    accepted: list[Accepted],
    pages: Collection[str] = (),
    unreadable: Collection[Unreadable] = (),
) -> Tally:
    known = set(pages) | {one.exchange.page for one in outcomes}
    found = Tally(pages=len(known), unreadable=list(unreadable), stale=stale(accepted, outcomes, known))
    found.documented.update(one.page for one in unreadable)
    for outcome in outcomes:
        _count(found, outcome, accepted)
    return found


def _count(found: Tally, outcome: Outcome, accepted: list[Accepted]) -> None:
    page = outcome.exchange.page
    found.unsent += outcome.status is None
    if is_whole(accepted, outcome):
        found.excepted[page] += 1
        return
    left = remaining(accepted, outcome)
    found.properties += sum(one.excepts(outcome) for one in accepted)
    found.documented[page] += 1
    found.answered[page] += not left
    found.silent += outcome.exchange.status is None
    found.readings += [(outcome, one) for one in outcome.readings]
    if left:
        found.open.append((outcome, left))


def rows(found: Tally) -> list[tuple[str, int, int, int]]:
    pages = sorted(found.documented.keys() | found.excepted.keys())
    return [(page, found.documented[page], found.answered[page], found.excepted[page]) for page in pages]


def text(found: Tally) -> str:
    lines = [f"{'documented':>10} {'answered':>8} {'excepted':>8}  page"]
    lines += [f"{wanted:>10} {given:>8} {kept:>8}  {page}" for page, wanted, given, kept in rows(found)]
    lines += [f"read: {one.exchange.name}: {how}" for one, how in found.readings]
    for outcome, left in found.open:
        lines.append(f"open: {outcome.exchange.name} ({outcome.exchange.section}); {outcome.subject}")
        lines += [f"      {problem}" for problem in left]
    lines += [f"unreadable: {one.page}: {one.problem}" for one in found.unreadable]
    lines += [f"stale exception: {one}" for one in found.stale]
    return "\n".join([*lines, found.account, found.total])


def table(found: Tally, accepted: list[Accepted]) -> str:
    """Markdown between the two markers, without them."""
    lines = [f"{found.total}.", "", f"{found.account}.", ""]
    lines += ["| Page | Documented | Answered | Excepted |", "|---|---:|---:|---:|"]
    lines += [f"| {page} | {wanted} | {given} | {kept} |" for page, wanted, given, kept in rows(found)]
    bad = [f"- {one.exchange.name}: {'; '.join(_cell(part) for part in left)}" for one, left in found.open]
    bad += [f"- {one.page}: {_cell(one.problem)}" for one in found.unreadable]
    lines += ["", "Open:", "", *bad] if bad else []
    read = [f"| {one.exchange.name} | {_cell(how)} |" for one, how in found.readings]
    lines += ["", "Samples that do not print what was compared:", "", "| Exchange | How it was read |", "|---|---|"]
    lines += read
    lines += ["", "Exceptions:", "", "| Exchange | Section | What | Reason |", "|---|---|---|---|"]
    lines += [_row(one) for one in accepted]
    return "\n".join(lines)


def _row(one: Accepted) -> str:
    return f"| {one.page}#{one.number} | {_cell(one.section)} | {_cell(one.what)} | {_cell(one.reason)} |"


def _cell(value: str) -> str:
    return value.replace("|", "\\|").replace("\n", " ")


def write(file: Path, content: str) -> None:
    """Replaces what stands between the markers; adds them to a file that has none."""
    before = file.read_text(encoding="utf-8") if file.exists() else "# The emulator\n"
    block = f"{START}\n{content}\n{END}"
    if START in before and END in before:
        head, _, rest = before.partition(START)
        after = head + block + rest.partition(END)[2]
    else:
        after = before.rstrip() + "\n\n## Conformance\n\n" + block + "\n"
    if after != before or not file.exists():
        draft = file.with_name(file.name + ".new")
        draft.write_text(after, encoding="utf-8")
        draft.replace(file)
