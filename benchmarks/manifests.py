"""Validating 100,000 documents: with an empty cache, with a full one, and against ruamel.yaml's round-trip reader.

Each measurement runs in a process of its own. ruamel.yaml only reads, it validates nothing, and by default it reads
a sample of the files; the rest is extrapolated by bytes.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.fleet import write_fleet
from benchmarks.report import fact, heading, ratio, timed

NAME = "manifests"


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--files", type=int, default=1_000)
    parser.add_argument("--sample", type=int, default=10, help="files that ruamel.yaml reads")
    parser.add_argument("--full", action="store_true", help="let ruamel.yaml read every file; takes minutes")
    parser.add_argument("--repeats", type=int, default=3, help="warm runs; the median counts")


def run(chosen: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="cspctl-benchmark-") as name:
        project, cache = Path(name) / "project", Path(name) / "cache"
        documents = write_fleet(project, documents=chosen.documents, files=chosen.files)
        files = sorted((project / "fleet").iterdir())
        size = sum(f.stat().st_size for f in files)
        heading(NAME, f"{documents:,} documents in {len(files):,} files, {size / 1e6:.1f} MB")
        # Everything has just been written, so both readers find the files in memory.
        cold = _validated(project, cache, documents)
        warm = [_validated(project, cache, documents) for _ in range(chosen.repeats)]
        sample = files if chosen.full else files[:: max(1, len(files) // chosen.sample)]
        round_trip = _round_trip(sample)
    _print(cold, warm, round_trip, sample, size)


def _validated(project: Path, cache: Path, documents: int) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.one_load", str(project)],
        env={**os.environ, "CSPCTL_CACHE_DIR": str(cache)},
        stdout=subprocess.PIPE,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    if answer["errors"] or answer["resources"] != documents:
        raise SystemExit(f"the benchmark's own project is not valid: {answer}")
    return answer


def _round_trip(sample: Sequence[Path]) -> dict[str, float]:
    from ruamel.yaml import YAML

    reader, read = YAML(typ="rt"), 0
    with timed() as watch:
        for path in sample:
            documents = list(reader.load_all(path.read_bytes()))
            read += path.stat().st_size
            assert documents, "an empty file would make the comparison worthless"
    return {"seconds": watch.seconds, "bytes": read}


def _print(
    cold: dict[str, Any],
    warm: Sequence[dict[str, Any]],
    round_trip: dict[str, float],
    sample: Sequence[Path],
    size: int,
) -> None:
    warm_seconds = statistics.median(w["validate"] for w in warm)
    all_of_it = round_trip["seconds"] * size / round_trip["bytes"]
    exact = round_trip["bytes"] == size
    how = "all files" if exact else f"extrapolated from {len(sample)} files in {round_trip['seconds']:.2f} s"
    fact("validate, cache empty", f"{cold['validate']:.2f} s")
    fact("validate, cache full", f"{warm_seconds:.2f} s (median of {len(warm)})")
    fact("  of that reading alone", f"{statistics.median(w['warmLoad'] for w in warm):.2f} s")
    built = statistics.median(w["build"] for w in warm)
    fact("  and what a plan adds", f"{built:.2f} s, building every resource, which validating needs no more")
    fact("ruamel.yaml round-trip, reading only", f"{all_of_it:.1f} s ({how})")
    ratio("ruamel.yaml / cold validate", all_of_it / cold["validate"], "at least 12")
    ratio("cold validate / warm validate", cold["validate"] / warm_seconds, "at least 5")
