"""Text to resources: the whole project, or everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from typing import Any

from cspctl.garbage import without_collector
from cspctl.kinds.contract import Kind
from cspctl.manifests import defaults as merging
from cspctl.manifests import trust_rules
from cspctl.manifests.cache import Cache, cache_directory, schema_version
from cspctl.manifests.defaults import Defaults
from cspctl.manifests.discovery import discover
from cspctl.manifests.envelope import HOLDS_NULL, HOLDS_TRUST, Record, meaning_bytes
from cspctl.manifests.examination import examine_files
from cspctl.manifests.locate import position
from cspctl.manifests.names import duplicate, renames
from cspctl.manifests.project import ProjectFile, project_problems
from cspctl.manifests.references import Connections, connect
from cspctl.manifests.structure import Examined
from cspctl.model.address import Address
from cspctl.model.diagnostic import Diagnostic, error
from cspctl.model.positions import Origin
from cspctl.model.resource import Lifecycle, Resource, ResourceIndex
from cspctl.model.trust import Trust

Records = dict[str, dict[str, tuple[str, Record]]]  # kind -> name -> (file, record)
_NO_LABELS: Mapping[str, str] = {}
_NO_OVERLAY: Mapping[str, bytes] = {}
_DEFAULT_LIFECYCLE = Lifecycle()


@dataclass(frozen=True, slots=True)
class LoadResult:
    """`files` are relative to the root and sorted; `digest` is that of the meaning, over all resources.

    `unready` resources have references that lead nowhere or into a ring.
    Diagnostics have no positions yet (cspctl.manifests.locate adds them), but those of broken YAML.
    """

    resources: ResourceIndex
    diagnostics: list[Diagnostic]
    files: list[str]
    digest: str
    unready: frozenset[Address] = frozenset()

    def of_kind(self, kind: Kind) -> Iterator[Resource]:
        """The resources that `kind.check` may be asked about: their references resolve."""
        for resource in self.resources.of_kind(kind.name).values():
            if resource.address not in self.unready:
                yield resource


def load(
    root: Path,
    kinds: Sequence[Kind],
    *,
    project: ProjectFile,
    trust: Trust,
    cache: bool = True,
    overlay: Mapping[str, bytes] = _NO_OVERLAY,
) -> LoadResult:
    """Read, validate, merge and resolve every manifest below `root`. Raises nothing for what is in files.

    `overlay`: what files relative to the root are to hold, as if it stood there already.
    """
    with without_collector():
        return _load(root, kinds, project, trust, cache, overlay)


def _load(
    root: Path,
    kinds: Sequence[Kind],
    project: ProjectFile,
    trust: Trust,
    cache: bool,
    overlay: Mapping[str, bytes],
) -> LoadResult:
    table = {kind.name: kind for kind in kinds}
    diagnostics = project_problems(project, root, trust, kinds)
    folder, problem = _manifests_folder(root, project)
    if problem is not None:
        return LoadResult(ResourceIndex({}), [*diagnostics, problem], [], _digest({}, project))
    files, problems = discover(root, folder)
    files = sorted({*files, *overlay}) if overlay else files
    diagnostics += problems
    if not files and not problems:
        where = project.manifests if project.manifests != "." else "this folder"
        hint = f"write one, or set manifests: in {root.name}/cspctl.yaml"
        diagnostics.append(error("E-NO-MANIFESTS", f"no *.yaml or *.yml below {where}", hint=hint))
    store = Cache(cache_directory(), schema_version(kinds)) if cache else None
    examined, key = examine_files(root, files, table, store, overlay=overlay)
    records, twice = _by_name(root, files, examined)
    for result in examined:
        diagnostics += result.diagnostics
    diagnostics += twice
    index = _index(records, project)
    found = _connections(index, kinds, examined, key, store)
    diagnostics += found.diagnostics
    diagnostics += _trust(root, trust, records, examined)
    return LoadResult(index, diagnostics, files, _digest(records, project), frozenset(found.unready))


def _by_name(root: Path, files: Sequence[str], examined: Sequence[Examined]) -> tuple[Records, list[Diagnostic]]:
    """Records by kind and name, with the files they stand in; the first of two with one name is kept."""
    records: Records = {}
    twice: list[Diagnostic] = []
    for file, result in zip(files, examined, strict=True):
        for record in result.records:
            named = records.get(record.kind)
            if named is None:
                named = records[record.kind] = {}
            first = named.setdefault(record.name, (file, record))
            if first[1] is not record:
                before = position(root, Origin(first[0], first[1].document), ("metadata", "name"))
                address = Address(record.kind, record.name)
                twice.append(duplicate(address, before, Origin(file, record.document)))
    return records, twice


def _connections(
    index: ResourceIndex, kinds: Sequence[Kind], examined: Sequence[Examined], key: str, store: Cache | None
) -> Connections:
    """Renames, references and rings. That all is well is remembered for exactly these files."""
    if store is not None and key and store.agreed(key):
        return Connections()
    excused: set[str] = set().union(*(result.names for result in examined))
    found = connect(index, kinds, excused)
    found.diagnostics += renames(index)
    if store is not None and key and not found.diagnostics:
        store.agree(key)
    return found


def _manifests_folder(root: Path, project: ProjectFile) -> tuple[Path, Diagnostic | None]:
    folder = root / project.manifests
    origin = Origin("cspctl.yaml", 0)
    if not folder.resolve().is_relative_to(root.resolve()):
        message = f"the manifests folder {project.manifests} is outside the project"
        return folder, error("E-TRUST-PATH", message, path=("manifests",), origin=origin)
    if not folder.is_dir():
        message = f"the manifests folder {project.manifests} does not exist"
        return folder, error("E-NO-MANIFESTS", message, path=("manifests",), origin=origin)
    return root / folder.resolve().relative_to(root.resolve()), None


def _index(records: Records, project: ProjectFile) -> ResourceIndex:
    specs = {
        kind: {name: record.spec for name, (_, record) in records.get(kind, {}).items()}
        for kind in ("Plan", "TenantMapping", "Reseller")
    }
    effective = Defaults(specs, project.defaults).effective
    resources: dict[Address, Resource] = {}
    for kind in sorted(records):
        merged = kind == merging.KIND
        named = records[kind]
        for name in sorted(named):
            file, record = named[name]
            address, spec = Address(kind, name), record.spec
            resources[address] = Resource(
                address,
                spec,
                effective(spec, holds_null=record.flags & HOLDS_NULL != 0) if merged else spec,
                Origin(file, record.document),
                record.labels or _NO_LABELS,
                tuple(record.previous_names) if record.previous_names else (),
                _lifecycle(record.lifecycle) if record.lifecycle is not None else _DEFAULT_LIFECYCLE,
            )
    return ResourceIndex(resources)


def _lifecycle(fields: list[Any]) -> Lifecycle:
    protect, ignore, allow_twin = fields
    return Lifecycle(protect, tuple(ignore), allow_twin)


def _trust(root: Path, trust: Trust, records: Records, examined: Sequence[Examined]) -> Iterator[Diagnostic]:
    for kind, named in records.items():
        for name, (file, record) in named.items():
            if record.flags & HOLDS_TRUST:
                origin = Origin(file, record.document)
                yield from trust_rules.check(kind, record.spec, origin, Address(kind, name), root, trust)
    for origin, rejected, kind, spec in chain.from_iterable(e.rejected for e in examined):
        yield from trust_rules.check(kind, spec, origin, rejected, root, trust)


def _digest(records: Records, project: ProjectFile) -> str:
    """Of the meaning of all documents and of the project's defaults."""
    digest = blake2b(digest_size=32)
    digest.update(meaning_bytes(project.defaults))
    for kind in sorted(records):
        digest.update("".join(sorted(record.digest for _, record in records[kind].values())).encode())
    return digest.hexdigest()
