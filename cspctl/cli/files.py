"""Files a command writes: whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from cspctl.errors import InputError


def write_file(path: Path, text: str, *, mode: int = 0o644) -> None:
    """Write UTF-8 with line feeds to a temporary name, flush it to the disk, and rename it.

    Raises InputError where the folder cannot be written to; an existing file is then as it was.
    """
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise InputError(f"cannot write {path}: {error.strerror or error}", code="E-WRITE") from error
