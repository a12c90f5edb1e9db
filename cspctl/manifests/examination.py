"""Many files: from the cache where they are unchanged, else read and validated, by several processes if it pays."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from cspctl.kinds.contract import Kind
from cspctl.manifests.cache import Cache, decode, encode
from cspctl.manifests.reader import MAX_BYTES, oversized
from cspctl.manifests.structure import Examined, Held, examine
from cspctl.model.diagnostic import error
from cspctl.model.positions import Origin

# Below some 200 changed files, starting processes costs more than it saves (measured with 100 documents each).
PARALLEL_FROM = 200
_MAX_WORKERS = 8
_NO_OVERLAY: Mapping[str, bytes] = {}


def examine_files(
    root: Path,
    files: Sequence[str],
    kinds: Mapping[str, Kind],
    cache: Cache | None,
    *,
    parallel_from: int = PARALLEL_FROM,
    overlay: Mapping[str, bytes] = _NO_OVERLAY,
) -> tuple[list[Held], str]:
    """What each file holds, in order, and a key for all of them (empty without cache or with errors).

    A file of `overlay` holds that, whatever stands on the disk.
    """
    results: dict[str, Held] = {}
    keys: list[tuple[str, str]] = []
    cold: list[str] = []
    for file in files:
        raw = overlay[file] if file in overlay else _read(root, file)
        if isinstance(raw, Examined):
            results[file] = raw
            continue
        if cache is not None:
            key = cache.key(raw)
            keys.append((file, key))
            kept = cache.get(key)
            if kept is not None:
                results[file] = kept
                continue
        cold.append(file)
    if len(cold) >= parallel_from and _may_fork():
        _in_parallel(root, [f for f in cold if f not in overlay], kinds, cache, results)
    for file in cold:
        if file not in results:
            results[file] = _examine(root, file, kinds, cache, overlay.get(file))[0]
    examined = [results[file] for file in files]
    clean = cache is not None and not any(result.diagnostics for result in examined)
    return examined, cache.key_of_all(keys) if cache is not None and clean else ""


def _read(root: Path, file: str) -> bytes | Examined:
    try:
        with open(f"{root}/{file}", "rb", buffering=0) as source:  # noqa: PTH123 # measured: half the time of Path
            raw = source.read(MAX_BYTES + 1)
    except OSError as exc:
        reason = exc.strerror or type(exc).__name__
        return Examined(diagnostics=[error("E-READ", f"cannot read this file: {reason}", origin=Origin(file, 0))])
    return raw if len(raw) <= MAX_BYTES else Examined(diagnostics=[oversized(file, len(raw))])


def _examine(
    root: Path, file: str, kinds: Mapping[str, Kind], cache: Cache | None, given: bytes | None = None
) -> tuple[Examined, bytes | None]:
    raw = _read(root, file) if given is None else given
    if isinstance(raw, Examined):
        return raw, None
    result = examine(raw, file, kinds)
    entry = encode(result) if result.clean else None
    if cache is not None and entry is not None:
        cache.put(cache.key(raw), entry)
    return result, entry


def _may_fork() -> bool:
    """Forking is safe where no other thread runs; elsewhere than on Linux it is not offered or not sound."""
    return sys.platform == "linux" and (os.cpu_count() or 1) > 1 and threading.active_count() == 1


_job: tuple[Path, Mapping[str, Kind], Cache | None] | None = None  # what forked workers inherit


def _in_parallel(
    root: Path, cold: Sequence[str], kinds: Mapping[str, Kind], cache: Cache | None, results: dict[str, Held]
) -> None:
    """Fill in the clean files; those with errors, and everything after a lost worker, are left to the caller."""
    global _job
    _job = (root, kinds, cache)
    workers = min(os.cpu_count() or 1, _MAX_WORKERS)
    chunk = max(1, len(cold) // (workers * 8))
    try:
        with ProcessPoolExecutor(workers, multiprocessing.get_context("fork"), _ignore_interrupts) as pool:
            for file, entry in zip(cold, pool.map(_work, cold, chunksize=chunk), strict=True):
                kept = decode(entry) if entry is not None else None
                if kept is not None:
                    results[file] = kept
    except (BrokenProcessPool, OSError):
        return
    finally:
        _job = None


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent drains; a worker's traceback would only confuse


def _work(file: str) -> bytes | None:
    assert _job is not None, "set before the workers are forked"
    root, kinds, cache = _job
    return _examine(root, file, kinds, cache)[1]
