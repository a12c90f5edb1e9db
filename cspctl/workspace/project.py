"""A loaded project: resources, prices, and everything that is wrong with them, with positions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cspctl.errors import InputError
from cspctl.kinds.contract import ProjectView
from cspctl.kinds.registry import KINDS
from cspctl.kinds.registry import kind as registered
from cspctl.manifests.loader import load
from cspctl.manifests.locate import find_position, locate
from cspctl.manifests.project import ProjectFile, find_project
from cspctl.manifests.references import follow
from cspctl.manifests.trust_file import load_trust
from cspctl.model.address import Address
from cspctl.model.diagnostic import Diagnostic, DocPath, Severity, has_errors
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
    digest: str

    @property
    def resources(self) -> ResourceIndex:
        return self.view.resources

    @property
    def complete(self) -> bool:
        return not has_errors(self.diagnostics)

    def locate(self, origin: Origin, path: DocPath) -> SourcePos | None:
        """Position of a value, by re-reading that one file."""
        return find_position(self.place.root, origin, path)


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


def load_project(place: Place, *, now: datetime, cache: bool = True) -> LoadedProject:
    """Reads the whole root, whatever part of it a command is about."""
    loaded = load(place.root, KINDS, project=place.file, trust=place.trust, cache=cache)
    diagnostics = list(loaded.diagnostics)
    prices, problems = load_price_books(loaded.resources, place.root, trust=place.trust)
    said = {d.origin for d in diagnostics if d.code == "E-TRUST-PATH"}
    diagnostics += [d for d in problems if d.origin not in said]
    view = ProjectView(loaded.resources, prices, now)
    diagnostics += _checked(view, sound(view.resources, diagnostics))
    return LoadedProject(place, view, tuple(locate(diagnostics, place.root)), loaded.digest)


def _checked(view: ProjectView, usable: frozenset[Address] | None) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    for kind in KINDS:
        for resource in view.resources.of_kind(kind.name).values():
            if usable is None or resource.address in usable:
                found += kind.check(resource, view)
    return found


def sound(resources: ResourceIndex, diagnostics: Sequence[Diagnostic]) -> frozenset[Address] | None:
    """What rules may be asked about: no error of its own, and everything it refers to is sound too.

    None stands for everything, which is the usual case and costs nothing.
    """
    if not has_errors(diagnostics):
        return None
    usable = {r.address for r in resources} - {d.address for d in diagnostics if d.severity is Severity.ERROR}
    while True:
        lost = {a for a in usable if not _rests_on(resources, a, usable)}
        if not lost:
            return frozenset(usable)
        usable -= lost


def _rests_on(resources: ResourceIndex, address: Address, usable: set[Address]) -> bool:
    resource, kind = resources.at(address), registered(address.kind)
    assert resource is not None and kind is not None, "only loaded resources are asked about"
    named = (Address(ref.kind, name) for ref in kind.references for _, name in follow(resource.effective, ref.path))
    return all(target in usable for target in named)
