"""PATHS, --target, --exclude and --selector: which changes are shown and applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from cspctl.model.address import Address
from cspctl.model.resource import Resource


@dataclass(frozen=True, slots=True)
class Narrowing:
    """`paths` are project-relative files or folders; targets and excludes are address patterns (`*` allowed)."""

    paths: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    selector: Mapping[str, str] | None = None

    @property
    def active(self) -> bool:
        return bool(self.paths or self.targets or self.excludes or self.selector)

    def shows(self, address: Address, resource: Resource | None) -> bool:
        text = str(address)
        if self.targets and not any(fnmatchcase(text, t) for t in self.targets):
            return False
        if any(fnmatchcase(text, e) for e in self.excludes):
            return False
        if resource is None:
            return not self.paths and not self.selector
        if self.paths and not any(_under(resource.origin.file, p) for p in self.paths):
            return False
        return all(resource.labels.get(k) == v for k, v in (self.selector or {}).items())

    def describe(self) -> dict[str, object]:
        """For the plan's `scope`."""
        said: dict[str, object] = {
            "paths": list(self.paths),
            "targets": list(self.targets),
            "excludes": list(self.excludes),
            "selector": dict(self.selector or {}),
        }
        return {k: v for k, v in said.items() if v}


def _under(file: str, path: str) -> bool:
    return file == path or file.startswith(path.rstrip("/") + "/")
