"""Which process holds a lease, exactly enough to know that it is gone.

Only Linux tells a process from a later one of the same number, and one container's numbers from another's.
Elsewhere nothing is claimed, and a dead holder's lease ends by its clock.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

_PROC = Path("/proc")


class ProcessMark(NamedTuple):
    """`space` is boot and process namespace; `started` is in clock ticks after boot."""

    space: str
    pid: int
    started: str

    def __str__(self) -> str:
        return f"{self.space}|{self.pid}|{self.started}"

    @classmethod
    def parse(cls, text: str) -> ProcessMark:
        space, pid, started = text.rsplit("|", 2)
        return cls(space, int(pid), started)

    @classmethod
    def own(cls) -> ProcessMark | None:
        """This process; None where the system does not tell."""
        space, stat = _space(), _stat(os.getpid())
        return None if space is None or stat is None else cls(space, os.getpid(), stat[1])

    def is_gone(self) -> bool:
        """True only when it certainly ended: False also when it runs elsewhere or cannot be seen."""
        if self.space != _space():
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except OSError:
            return False  # it belongs to someone else, so it lives
        stat = _stat(self.pid)
        return stat is not None and (stat[0] in "ZX" or stat[1] != self.started)


def _space() -> str | None:
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{(_PROC / 'self/ns/pid').readlink()}"
    except OSError:
        return None


def _stat(pid: int) -> tuple[str, str] | None:
    """State letter and start time, fields 3 and 22 of proc(5) `stat`; the name between may hold anything."""
    try:
        text = (_PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return (fields[0], fields[19]) if len(fields) > 19 else None
