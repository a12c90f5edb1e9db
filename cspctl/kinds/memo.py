"""Facts about a whole project, computed once for all of its rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from cspctl.kinds.contract import ProjectView

T = TypeVar("T")


class ProjectMemo(Generic[T]):
    """`build(project)` for the first resource that asks, then the same value, so rules stay linear.

    Kept by the view itself and as long as it: another view has other prices or another instant.
    """

    def __init__(self, build: Callable[[ProjectView], T]) -> None:
        self._build = build

    def of(self, project: ProjectView) -> T:
        memory = project.memory
        if self not in memory:
            memory[self] = self._build(project)
        value: T = memory[self]
        return value
