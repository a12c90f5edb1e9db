"""The outcomes per page, as text for the terminal and as a table for the documentation."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from conformance.exceptions import Accepted, is_whole, remaining
from conformance.outcome import Outcome

START, END = "<!-- conformance -->", "<!-- /conformance -->"
REQUIRED = 0.98


@dataclass
class Tally:
    """Exchanges: documented without the excepted ones, answered, excepted; and what is open."""

    documented: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    excepted: Counter[str] = field(default_factory=Counter)
    open: list[tuple[Outcome, list[str]]] = field(default_factory=list)
    properties: int = 0

    @property
    def share(self) -> float:
        total = self.documented.total()
        return self.answered.total() / total if total else 0.0

    @property
    def passed(self) -> bool:
        return self.share >= REQUIRED

    @property
    def total(self) -> str:
        line = f"{self.answered.total()} of {self.documented.total()} documented exchanges answered"
        kept = f"{self.excepted.total()} exchanges and {self.properties} properties excepted one by one"
        return f"{line} ({self.share:.1%}); {kept}"


def tally(outcomes: list[Outcome], accepted: list[Accepted]) -> Tally:
    found = Tally()
    found.properties = sum(one.what != "exchange" for one in accepted)
    for outcome in outcomes:
        page = outcome.exchange.page
        if is_whole(accepted, outcome):
            found.excepted[page] += 1
            continue
        left = remaining(accepted, outcome)
        found.documented[page] += 1
        found.answered[page] += not left
        if left:
            found.open.append((outcome, left))
    return found


def rows(found: Tally) -> list[tuple[str, int, int, int]]:
    pages = sorted(found.documented.keys() | found.excepted.keys())
    return [(page, found.documented[page], found.answered[page], found.excepted[page]) for page in pages]


def text(found: Tally) -> str:
    lines = [f"{'documented':>10} {'answered':>8} {'excepted':>8}  page"]
    lines += [f"{wanted:>10} {given:>8} {kept:>8}  {page}" for page, wanted, given, kept in rows(found)]
    for outcome, left in found.open:
        lines.append(f"open: {outcome.exchange.name} ({outcome.exchange.section})")
        lines += [f"      {problem}" for problem in left]
    return "\n".join([*lines, found.total])


def table(found: Tally, accepted: list[Accepted]) -> str:
    """Markdown between the two markers, without them."""
    lines = [found.total + ".", "", "| Page | Documented | Answered | Excepted |", "|---|---:|---:|---:|"]
    lines += [f"| {page} | {wanted} | {given} | {kept} |" for page, wanted, given, kept in rows(found)]
    if found.open:
        lines += ["", "Open:", ""]
        lines += [f"- {one.exchange.name}: {'; '.join(_cell(part) for part in left)}" for one, left in found.open]
    lines += ["", "Exceptions:", "", "| Page | Section | What | Reason |", "|---|---|---|---|"]
    lines += [f"| {one.page} | {_cell(one.section)} | {_cell(one.what)} | {_cell(one.reason)} |" for one in accepted]
    return "\n".join(lines)


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
