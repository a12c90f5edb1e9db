"""Who serves a data file: a lock the system frees when its holder dies, and a note that says where to reach it."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from cspctl.emulator.serving.tls import write_private


@dataclass(frozen=True)
class Note:
    """The lock file's content; `ca` is the path of the authority's certificate, `token` opens the control API."""

    pid: int
    port: int
    tlsPort: int  # noqa: N815 # the name in the file, which is JSON
    proxyPort: int  # noqa: N815 # the name in the file, which is JSON
    token: str
    data: str
    ca: str

    def __repr__(self) -> str:
        return f"Note(pid={self.pid}, port={self.port}, data={self.data!r})"  # never the token


def note_path(data: Path) -> Path:
    """`emulator.lock` beside `emulator.db`."""
    return data.with_suffix(".lock")


def write_note(data: Path, note: Note) -> None:
    write_private(note_path(data), json.dumps(asdict(note)).encode())


def read_note(data: Path) -> Note | None:
    """None when there is none, or it is not readable, or it speaks of another data file."""
    try:
        note = Note(**json.loads(note_path(data).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return note if note.data == str(data) else None


def remove_note(data: Path) -> None:
    with contextlib.suppress(OSError):
        note_path(data).unlink()


class Claim:
    """An exclusive lock on `<data>.flock`, held until `release` or the end of the process."""

    def __init__(self, data: Path) -> None:
        data.parent.mkdir(parents=True, exist_ok=True)
        self._handle = os.open(data.with_name(data.name + ".flock"), os.O_RDWR | os.O_CREAT, 0o600)

    def acquire(self) -> bool:
        """Whether this process holds the lock now. Does not wait."""
        try:
            _lock(self._handle)
        except OSError:
            return False
        return True

    def release(self) -> None:
        """Free the lock; the file stays, since removing it would race with the next holder."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
