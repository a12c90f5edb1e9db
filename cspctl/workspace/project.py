"""A loaded project: resources, prices, and everything that is wrong with them, with positions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cspctl.errors import InputError
from cspctl.garbage import without_collector
from cspctl.kinds.contract import ProjectView
from cspctl.kinds.registry import KINDS
from cspctl.manifests.loader import LoadResult, load
from cspctl.manifests.locate import Positions, locate
from cspctl.manifests.project import ProjectFile, find_project
from cspctl.manifests.trust_file import load_trust
from cspctl.manifests.verdicts import check_rules
from cspctl.model.diagnostic import Diagnostic, DocPath, has_errors
from cspctl.model.positions import Origin, SourcePos
from cspctl.model.resource import ResourceIndex
from cspctl.model.trust import Trust
from cspctl.sheets.price_sheets import load_price_books
from cspctl.workspace.settings import WorkspaceSettings


@dataclass(frozen=True, slots=True)
class Place:
    """Where the project is, before any manifest is read."""

    root: Path
    file: ProjectFile
    trust: Trust

    @property
    def name(self) -> str:
        return self.file.project


@dataclass(frozen=True, slots=True)
class LoadedProject:
    """`diagnostics` are located and sorted; `complete` means that nothing in the whole root is wrong."""

    place: Place
    view: ProjectView
    diagnostics: tuple[Diagnostic, ...]
    loaded: LoadResult = field(repr=False)
    positions: Positions = field(repr=False, compare=False)

    @property
    def digest(self) -> str:
        return self.loaded.digest

    @property
    def resources(self) -> ResourceIndex:
        return self.view.resources

    @property
    def complete(self) -> bool:
        return not has_errors(self.diagnostics)

    def at(self, now: datetime) -> LoadedProject:
        """The same files asked at another instant; nothing is read again."""
        view = ProjectView(self.resources, self.view.prices, now)
        return _checked(self.place, self.loaded, view)

    def locate(self, origin: Origin, path: DocPath) -> SourcePos | None:
        """Position of a value, by reading its file again, once."""
        return self.positions.find(origin, path)


def find(settings: WorkspaceSettings, paths: Sequence[Path]) -> Place:
    """The project of the paths (or of the working directory). Raises InputError where paths disagree."""
    trust = load_trust(settings.trust) if settings.trust else Trust()
    if settings.config is not None:
        root, file = find_project(settings.config)
        return Place(root, file, trust)
    found = [find_project(path) for path in paths or [Path.cwd()]]
    roots = {root.resolve() for root, _ in found}
    if len(roots) > 1:
        listed = ", ".join(sorted(str(r) for r in roots))
        raise InputError(f"the paths belong to different projects: {listed}", code="E-PATH", hint="name one of them")
    return Place(found[0][0], found[0][1], trust)


def load_project(
    place: Place, *, now: datetime, cache: bool = True, overlay: Mapping[str, bytes] | None = None
) -> LoadedProject:
    """Reads the whole root, whatever part of it a command is about. `overlay`: files as they are to be written."""
    loaded = load(place.root, KINDS, project=place.file, trust=place.trust, cache=cache, overlay=overlay or {})
    prices, problems = load_price_books(loaded.resources, place.root, trust=place.trust)
    said = {d.origin for d in loaded.diagnostics if d.code == "E-TRUST-PATH"}
    loaded.diagnostics.extend(d for d in problems if d.origin not in said)
    return _checked(place, loaded, ProjectView(loaded.resources, prices, now))


def _checked(place: Place, loaded: LoadResult, view: ProjectView) -> LoadedProject:
    with without_collector():
        found = check_rules(loaded, KINDS, view)
    diagnostics = tuple(locate([*loaded.diagnostics, *found], place.root))
    return LoadedProject(place, view, diagnostics, loaded, Positions(place.root))
