"""`plan --refresh none` over a large fleet, warm, against octoDNS with as many records in the same run.

Manifests, bindings and snapshots of the ledger are generated; twenty subscriptions differ. Warm: the manifest cache is
full and the files have just been written. Each measurement runs in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import octodns_peer
from benchmarks.fleet import BLOCK, write_fleet
from benchmarks.report import fact, heading, ratio

NAME = "planning"
GOAL, GOAL_FROM = "at least 5", 10_000
SUBSCRIPTIONS_PER_BLOCK = 16
BLOCKS_PER_FILE = 10


@dataclass(frozen=True, slots=True)
class Measured:
    subscriptions: int
    seconds: float
    bytes_each: float


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000], metavar="SUBSCRIPTIONS")
    parser.add_argument("--repeats", type=int, default=3, help="warm runs; the median counts")
    parser.add_argument("--alone", action="store_true", help="without octoDNS")


def run(chosen: argparse.Namespace) -> None:
    heading(NAME, f"plan without reading, warm, median of {chosen.repeats}; net of interpreter and imports")
    with tempfile.TemporaryDirectory(prefix="cspctl-benchmark-") as name:
        folder = Path(name)
        peer = None if chosen.alone else octodns_peer.install(folder)
        fact("octodns", octodns_peer.version(peer) if peer else "not measured" if chosen.alone else "not available")
        found = [_one_size(folder, size, chosen.repeats, peer) for size in sorted(chosen.sizes)]
    _growth(found)


def _one_size(folder: Path, size: int, repeats: int, peer: Path | None) -> Measured:
    from benchmarks.known_fleet import DIFFERENT, fill_ledger

    project = folder / f"fleet-{size}"
    blocks = max(BLOCKS_PER_FILE, size // SUBSCRIPTIONS_PER_BLOCK)
    write_fleet(project, documents=blocks * BLOCK, files=blocks // BLOCKS_PER_FILE)
    subscriptions = fill_ledger(project, now=datetime.now(UTC))
    _planned(project, folder, DIFFERENT)  # fills the manifest cache
    runs = [_planned(project, folder, DIFFERENT) for _ in range(repeats)]
    ours = Measured(
        subscriptions,
        statistics.median(r["seconds"] for r in runs),
        statistics.median(r["kilobytes"] for r in runs) * 1024 / subscriptions,
    )
    fact(f"{subscriptions:,} subscriptions", f"{ours.seconds:.2f} s, peak {ours.bytes_each / 1024:.1f} KiB each")
    if peer is not None:
        theirs = octodns_peer.seconds_to_plan(peer, folder, round(subscriptions, -1), DIFFERENT)
        fact("octodns, as many records", f"{theirs:.2f} s")
        goal = GOAL if size >= GOAL_FROM else "none at this size"
        ratio("octodns / cspctl", theirs / ours.seconds, goal)
    return ours


def _planned(project: Path, folder: Path, different: int) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.one_plan", str(project)],
        env={**os.environ, "CSPCTL_CACHE_DIR": str(folder / "cache")},
        stdout=subprocess.PIPE,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    if answer["actions"] != {"update": different} or answer["gaps"]:
        raise SystemExit(f"the plan is not what the benchmark made: {answer}")
    return answer


def _growth(found: list[Measured]) -> None:
    if len(found) > 1:
        small, large = found[0], found[-1]
        times = large.subscriptions / small.subscriptions
        grown = large.seconds / small.seconds
        fact(f"time for {times:.0f} times as many", f"{grown:.0f} times as long ({grown / times:.2f} of linear)")
