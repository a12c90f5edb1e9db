"""Routes by segment, so that finding one of two hundred costs a few dictionary look-ups."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass
class _Node(Generic[T]):
    fixed: dict[str, _Node[T]] = field(default_factory=dict)
    variable: _Node[T] | None = None
    leaves: dict[str, tuple[T, tuple[str, ...]]] = field(default_factory=dict)


class Router(Generic[T]):
    """Templates such as `/v1/customers/{customer_id}`; fixed segments win over variables, in any case."""

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()

    def add(self, method: str, template: str, target: T) -> None:
        node, names = self._root, []
        for segment in _segments(template):
            if segment.startswith("{") or segment == "*":
                names.append(segment.strip("{}"))
                node.variable = node.variable or _Node()
                node = node.variable
            else:
                node = node.fixed.setdefault(segment.lower(), _Node())
        node.leaves.setdefault(method, (target, tuple(names)))

    def find(self, method: str, path: str) -> tuple[T, dict[str, str]] | None:
        """(target, path parameters), or None."""
        return self._walk(self._root, method, _segments(path), 0, ())

    def methods(self, path: str) -> list[str]:
        """Which methods the path knows, sorted."""
        known = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
        return sorted(method for method in known if self.find(method, path))

    def _walk(
        self, node: _Node[T], method: str, segments: list[str], index: int, values: tuple[str, ...]
    ) -> tuple[T, dict[str, str]] | None:
        if index == len(segments):
            leaf = node.leaves.get(method)
            return (leaf[0], dict(zip(leaf[1], values, strict=True))) if leaf else None
        segment = segments[index]
        branch = node.fixed.get(segment.lower())
        found = self._walk(branch, method, segments, index + 1, values) if branch else None
        if found is None and node.variable:
            found = self._walk(node.variable, method, segments, index + 1, (*values, segment))
        return found


def _segments(path: str) -> list[str]:
    return [segment for segment in path.split("/") if segment]
