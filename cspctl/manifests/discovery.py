"""Which files are manifests."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from cspctl.model.diagnostic import Diagnostic, error
from cspctl.model.positions import Origin

PROJECT_FILE = "cspctl.yaml"
SUFFIXES = (".yaml", ".yml")


def discover(root: Path, manifests: Path) -> tuple[list[str], list[Diagnostic]]:
    """Paths relative to `root` with forward slashes, sorted; hidden files and folders are passed over.

    A link is followed only to a file inside the project: what it shows ends up in messages.
    """
    found = sorted(_walk(str(manifests), _prefix(root, manifests)))
    real_root = root.resolve()
    files: list[str] = []
    problems: list[Diagnostic] = []
    for name, is_link in found:
        if is_link:
            target = (root / name).resolve()
            if not target.is_relative_to(real_root):
                problems.append(_outside(name))
                continue
            if not _regular(target):
                continue
        files.append(name)
    return files, problems


def _walk(folder: str, prefix: str) -> Iterator[tuple[str, bool]]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path, f"{prefix}{entry.name}/")
        elif entry.name.endswith(SUFFIXES) and entry.name != PROJECT_FILE:
            if entry.is_symlink():
                yield prefix + entry.name, True
            elif entry.is_file(follow_symlinks=False):
                yield prefix + entry.name, False


def _prefix(root: Path, manifests: Path) -> str:
    relative = manifests.relative_to(root).as_posix()
    return "" if relative == "." else relative + "/"


def _regular(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False


def _outside(name: str) -> Diagnostic:
    message = f"{name} is a link to a file outside the project"
    return error("E-TRUST-PATH", message, origin=Origin(name, 0), hint="copy the file into the project")
