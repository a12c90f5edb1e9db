"""What PATHS, targets, excludes and selectors of a command narrow a run to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cspctl.engine.narrowing import Narrowing
from cspctl.errors import InputError
from cspctl.workspace.project import Place
from cspctl.workspace.run import relative_paths


def narrowing(
    place: Place,
    paths: Sequence[Path],
    target: Sequence[str] = (),
    exclude: Sequence[str] = (),
    selector: Sequence[str] = (),
) -> Narrowing:
    """A selector is `label=value`, several of them apart or with commas. Raises InputError E-SELECTOR."""
    labels = [label for each in selector for label in each.split(",") if label]
    return Narrowing(
        paths=relative_paths(place, tuple(paths)),
        targets=tuple(target),
        excludes=tuple(exclude),
        selector=dict(_label(text) for text in labels) or None,
    )


def _label(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise InputError(f"a selector is label=value, not {text!r}", code="E-SELECTOR")
    return key, value
