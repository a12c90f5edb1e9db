"""Facts about a whole project, computed once for all of its rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from cspctl.kinds.contract import ProjectView
from cspctl.model.ports import PriceSource
from cspctl.model.resource import ResourceIndex

T = TypeVar("T")


class ProjectMemo(Generic[T]):
    """`build(project)` for the first resource that asks, then the same value, so rules stay linear.

    Kept as long as the project's resources live; computed anew for other prices or another instant.
    `build` must not keep the ResourceIndex itself, or the memory would never be given back.
    """

    def __init__(self, build: Callable[[ProjectView], T]) -> None:
        self._build = build
        self._kept: WeakKeyDictionary[ResourceIndex, tuple[PriceSource, datetime, T]] = WeakKeyDictionary()

    def of(self, project: ProjectView) -> T:
        kept = self._kept.get(project.resources)
        if kept is not None and kept[0] is project.prices and kept[1] == project.now:
            return kept[2]
        value = self._build(project)
        self._kept[project.resources] = (project.prices, project.now, value)
        return value
