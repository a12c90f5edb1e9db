"""`python -m conformance [PAGE…]`: exit 1 below 98 %, 2 where nothing can be compared.

The table is written when all pages are sent; `--no-table` only prints.
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


def folder() -> Path:
    """The sample folder: CSPCTL_SAMPLES, relative to the repository."""
    return (_ROOT / (os.environ.get("CSPCTL_SAMPLES") or "../shared/partner-center/samples")).resolve()


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
    if not wanted.pages and wanted.table:
        report.write(wanted.table, report.table(found, [one for one in accepted if one.page in samples.pages]))
    return 0 if found.passed else 1


def _arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m conformance", description=__doc__)
    parser.add_argument("pages", nargs="*", metavar="PAGE", help="these pages only; no table is written")
    parser.add_argument("--table", type=Path, default=TABLE, help="the file with the table (default: docs/emulator.md)")
    parser.add_argument("--no-table", dest="table", action="store_const", const=None, help="print only")
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
    if pages:
        mine: list[Unreadable] = [one for one in found.unreadable if one.page in pages]
        found = Samples(pages, [one for one in found.exchanges if one.page in pages], mine)
    return found, ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
