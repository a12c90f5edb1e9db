"""Everything that can be checked without network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cspctl.model.diagnostic import Diagnostic
from cspctl.model.resource import ResourceIndex
from cspctl.workspace.project import LoadedProject
from cspctl.workspace.run import relative_paths


@dataclass(frozen=True, slots=True)
class ValidationResult:
    diagnostics: tuple[Diagnostic, ...]
    resources: ResourceIndex


def validated(loaded: LoadedProject, paths: Sequence[Path]) -> ValidationResult:
    """The whole project is checked; PATHS narrow which files are spoken of. What has no file is always said."""
    shown = relative_paths(loaded.place, tuple(paths))
    kept = tuple(d for d in loaded.diagnostics if not shown or d.pos is None or _is_below(d.pos.file, shown))
    return ValidationResult(kept, loaded.resources)


def _is_below(file: str, paths: Sequence[str]) -> bool:
    return any(file == path or file.startswith(path.rstrip("/") + "/") for path in paths)
