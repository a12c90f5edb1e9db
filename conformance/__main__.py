"""`python -m conformance [PAGE…]`: exit 1 below 98 %; the table is written when all pages are sent."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from conformance import exceptions, report
from conformance.outcome import Outcome, judge
from conformance.samples import Exchange, load
from conformance.service import Service

_ROOT = Path(__file__).parents[1]


def folder() -> Path:
    """The sample folder: CSPCTL_SAMPLES, relative to the repository."""
    return (_ROOT / os.environ.get("CSPCTL_SAMPLES", "../shared/partner-center/samples")).resolve()


def run(exchanges: list[Exchange]) -> list[Outcome]:
    with Service() as service:
        return [judge(service, one) for one in exchanges]


def main(pages: list[str]) -> int:
    samples = folder()
    if not samples.is_dir():
        print(f"The sample folder {samples} is not there; set CSPCTL_SAMPLES.", file=sys.stderr)  # noqa: T201 - a tool
        return 2
    exchanges = [one for one in load(samples) if not pages or one.page in pages]
    accepted = exceptions.load()
    found = report.tally(run(exchanges), accepted)
    print(report.text(found))  # noqa: T201 - a command line tool
    if not pages:
        report.write(_ROOT / "docs" / "emulator.md", report.table(found, accepted))
    return 0 if found.passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
