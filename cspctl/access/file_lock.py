"""A lock between processes that a crash always frees: it is held by the open file, not by its existence."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cspctl.errors import AccessError

PATIENCE_SECONDS = 15.0
POLL_SECONDS = 0.02


@contextmanager
def file_lock(path: Path, *, patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Hold `<path>.lock` exclusively; raises AccessError E-TOKEN-LOCK after `patience` seconds."""
    beside = path.with_name(path.name + ".lock")
    handle = os.open(beside, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + patience
        while not _try_lock(handle):
            if time.monotonic() > deadline:
                raise AccessError(
                    f"Another process keeps {path.name} locked.",
                    code="E-TOKEN-LOCK",
                    hint="Wait until the other cspctl process has finished, then run this again.",
                )
            time.sleep(POLL_SECONDS)
        yield
    finally:
        os.close(handle)  # closing frees the lock; the empty file stays, so that no one locks a deleted one


if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
