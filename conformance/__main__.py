"""`python -m conformance [PAGE…]`: exit 1 below 98 %, 2 where nothing can be compared.

The table of docs/emulator.md is about the default folder: it is written when all of its pages are sent, and left
alone for any other folder. `--table FILE` writes one anywhere, `--no-table` only prints.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from conformance import exceptions, report
from conformance.outcome import Outcome, judge
from conformance.samples import Exchange, Samples, Unreadable, read
from conformance.service import Service

_ROOT = Path(__file__).parents[1]
TABLE = _ROOT / "docs" / "emulator.md"
_DEFAULT = "../shared/partner-center/samples"


def folder() -> Path:
    """The sample folder: CSPCTL_SAMPLES, relative to the repository."""
    return (_ROOT / (os.environ.get("CSPCTL_SAMPLES") or _DEFAULT)).resolve()


def table_of(wanted: argparse.Namespace) -> Path | None:
    """The file the table goes into; None where none is to be written."""
    if wanted.pages or wanted.no_table:
        return None
    named: Path | None = wanted.table
    return named or (TABLE if folder() == (_ROOT / _DEFAULT).resolve() else None)


def run(exchanges: list[Exchange]) -> list[Outcome]:
    with Service() as service:
        return [judge(service, one) for one in exchanges]


def main(arguments: list[str]) -> int:
    wanted = _arguments(arguments)
    samples, problem = _samples(wanted.pages)
    if problem:
        print(problem, file=sys.stderr)  # noqa: T201 - a command line tool
        return 2
    accepted = exceptions.load()
    outcomes = run(samples.exchanges)
    found = report.tally(outcomes, accepted, samples.pages, samples.unreadable)
    print(report.text(found))  # noqa: T201 - a command line tool
    if wanted.why:
        print("\n".join(f"{one.exchange.name}: {one.subject}" for one in outcomes))  # noqa: T201 - a command line tool
    target = table_of(wanted)
    if target:
        report.write(target, report.table(found, [one for one in accepted if one.page in samples.pages]))
    elif not wanted.pages and not wanted.no_table:
        print(f"No table is written: that of {TABLE.name} is about the default folder (--table FILE writes one)")  # noqa: T201 - a command line tool
    return 0 if found.passed else 1


def _arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m conformance", description=__doc__)
    parser.add_argument("pages", nargs="*", metavar="PAGE", help="these pages only; no table is written")
    parser.add_argument(
        "--table", type=Path, help="the file for the table (default: docs/emulator.md, for the default folder)"
    )
    parser.add_argument("--no-table", action="store_true", help="print only")
    parser.add_argument("--why", action="store_true", help="which stage and subject each exchange was answered with")
    return parser.parse_args(arguments)


def _samples(pages: list[str]) -> tuple[Samples, str]:
    """The samples, and why nothing can be compared."""
    place = folder()
    if not place.is_dir():
        return Samples(), f"The sample folder {place} is not there; set CSPCTL_SAMPLES."
    found = read(place)
    unknown = [one for one in pages if one not in found.pages]
    if unknown:
        return found, f"There is no page {', '.join(unknown)} in {place}."
    if not found.pages:
        return found, f"There is no page in {place}: pages are files *.json with a list `exchanges`."
    if not found.exchanges and not found.unreadable:
        return found, f"No page in {place} has an exchange: there is nothing to compare."
    if pages:
        mine: list[Unreadable] = [one for one in found.unreadable if one.page in pages]
        found = Samples(pages, [one for one in found.exchanges if one.page in pages], mine)
    return found, ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
