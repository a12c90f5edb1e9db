"""`cspctl --help` against a bare interpreter: what a person waits for before anything happens."""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys

from benchmarks.report import fact, heading, ratio, timed

NAME = "startup"
HELP = [sys.executable, "-m", "cspctl", "--help"]
BARE = [sys.executable, "-c", "pass"]


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--repeats", type=int, default=15)


def run(chosen: argparse.Namespace) -> None:
    heading(NAME, f"`cspctl --help` against a bare interpreter, median of {chosen.repeats}")
    if subprocess.run(HELP, capture_output=True, check=False).returncode:
        fact("not measured", "`cspctl --help` fails")
        return
    # In turns, so that a busy moment of the machine falls on both.
    pairs = [(_seconds(BARE), _seconds(HELP)) for _ in range(chosen.repeats)]
    bare, shown = (statistics.median(side) for side in zip(*pairs, strict=True))
    fact("bare interpreter", f"{bare * 1000:.0f} ms")
    fact("cspctl --help", f"{shown * 1000:.0f} ms")
    ratio("help / bare", shown / bare, "at most 5")


def _seconds(command: list[str]) -> float:
    with timed() as watch:
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return watch.seconds
