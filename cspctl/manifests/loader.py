"""Text to resources: the whole project, or everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache as cached
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from typing import Any

from cspctl.garbage import without_collector
from cspctl.kinds.contract import Kind
from cspctl.manifests import defaults as merging
from cspctl.manifests import trust_rules
from cspctl.manifests.agreement import agree, names_of
from cspctl.manifests.cache import Cache, Memory, cache_directory, schema_version
from cspctl.manifests.defaults import Defaults
from cspctl.manifests.discovery import discover
from cspctl.manifests.envelope import DIGEST_SIZE, HOLDS_NULL, HOLDS_TRUST, Record, meaning_bytes
from cspctl.manifests.examination import examine_files
from cspctl.manifests.locate import position
from cspctl.manifests.names import duplicate, renames
from cspctl.manifests.project import ProjectFile, project_problems
from cspctl.manifests.references import Connections, connect
from cspctl.manifests.structure import Held
from cspctl.model.address import Address
from cspctl.model.diagnostic import Diagnostic, error
from cspctl.model.positions import Origin
from cspctl.model.resource import DEFAULT_LIFECYCLE, NO_LABELS, Lifecycle, Resource, ResourceIndex
from cspctl.model.trust import Trust

Records = dict[str, dict[str, tuple[str, Record]]]  # kind -> name -> (file, record)
Effective = Callable[..., Mapping[str, Any]]
_NO_OVERLAY: Mapping[str, bytes] = {}


@dataclass(frozen=True, slots=True)
class LoadResult:
    """`files` are relative to the root and sorted; `digest` is that of the meaning, over all resources.

    `unready` resources have references that lead nowhere or into a ring. `memory` is for what else can be said of
    exactly these manifests, where nothing about them is wrong.
    Diagnostics have no positions yet (cspctl.manifests.locate adds them), but those of broken YAML.
    """

    resources: ResourceIndex
    diagnostics: list[Diagnostic]
    files: list[str]
    digest: str
    unready: frozenset[Address] = frozenset()
    memory: Memory | None = field(default=None, repr=False, compare=False)

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
        return LoadResult(ResourceIndex({}), [*diagnostics, problem], [], _digest([], project, "", None))
    files, problems = discover(root, folder)
    files = sorted({*files, *overlay}) if overlay else files
    diagnostics += problems
    if not files and not problems:
        where = project.manifests if project.manifests != "." else "this folder"
        hint = f"write one, or set manifests: in {root.name}/cspctl.yaml"
        diagnostics.append(error("E-NO-MANIFESTS", f"no *.yaml or *.yml below {where}", hint=hint))
    store = Cache(cache_directory(), schema_version(kinds)) if cache else None
    examined, key = examine_files(root, files, table, store, overlay=overlay)
    for result in examined:
        diagnostics += result.diagnostics
    diagnostics += _trust(root, trust, files, examined)
    place = store.key(key.encode() + meaning_bytes(project.defaults)) if store is not None and key else ""
    digest = _digest(examined, project, place, store)
    summaries = list(chain.from_iterable(result.summaries for result in examined))
    names = names_of(summaries)
    if key and agree(summaries, names, table):
        index = _deferred(files, examined, names, project)
        return LoadResult(index, diagnostics, files, digest, memory=Memory(store, place))
    records, twice = _by_name(root, files, examined)
    index = _index(records, project)
    found = _connections(index, kinds, examined)
    diagnostics += [*twice, *found.diagnostics]
    return LoadResult(index, diagnostics, files, digest, frozenset(found.unready))


def _by_name(root: Path, files: Sequence[str], examined: Sequence[Held]) -> tuple[Records, list[Diagnostic]]:
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


def _connections(index: ResourceIndex, kinds: Sequence[Kind], examined: Sequence[Held]) -> Connections:
    """Renames, references and rings: asked anew each time, because they are about several files."""
    excused: set[str] = set().union(*(result.names for result in examined))
    found = connect(index, kinds, excused)
    found.diagnostics += renames(index)
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


def _deferred(
    files: Sequence[str], examined: Sequence[Held], names: Mapping[str, set[str]], project: ProjectFile
) -> ResourceIndex:
    """For files that agree: every name is there once, so that kinds can be built one by one."""

    def build(kind: str) -> dict[str, Resource]:
        with without_collector():
            held = zip(files, examined, strict=True)
            named = {record.name: (file, record) for file, each in held for record in each.of_kind(kind)}
            return _built(kind, named, effective() if kind == merging.KIND else None)

    @cached
    def effective() -> Effective:
        layers = {kind: {n: r.spec for n, r in index.of_kind(kind).items()} for kind in merging.LAYERS}
        return Defaults(layers, project.defaults).effective

    index = ResourceIndex.deferred({kind: len(mine) for kind, mine in names.items()}, build)
    return index


def _index(records: Records, project: ProjectFile) -> ResourceIndex:
    layers = {kind: {n: r.spec for n, (_, r) in records.get(kind, {}).items()} for kind in merging.LAYERS}
    effective = Defaults(layers, project.defaults).effective
    built = {kind: _built(kind, named, effective if kind == merging.KIND else None) for kind, named in records.items()}
    return ResourceIndex.deferred({kind: len(named) for kind, named in built.items()}, built.__getitem__)


def _built(kind: str, named: Mapping[str, tuple[str, Record]], effective: Effective | None) -> dict[str, Resource]:
    """The resources of one kind, sorted by name; `effective` merges the defaults of kinds that have them."""
    new = tuple.__new__  # for each of a hundred thousand; half of the time of the constructors
    built: dict[str, Resource] = {}
    for name in sorted(named):
        file, (_, _, spec, labels, previous, lifecycle, document, flags) = named[name]
        values = (
            new(Address, (kind, name)),
            spec,
            effective(spec, holds_null=flags & HOLDS_NULL != 0) if effective else spec,
            new(Origin, (file, document)),
            labels or NO_LABELS,
            tuple(previous) if previous else (),
            _lifecycle(lifecycle) if lifecycle is not None else DEFAULT_LIFECYCLE,
        )
        built[name] = new(Resource, values)
    return built


def _lifecycle(fields: list[Any]) -> Lifecycle:
    protect, ignore, allow_twin = fields
    return Lifecycle(protect, tuple(ignore), allow_twin)


def _trust(root: Path, trust: Trust, files: Sequence[str], examined: Sequence[Held]) -> Iterator[Diagnostic]:
    for file, held in zip(files, examined, strict=True):
        for kind in [summary.kind for summary in held.summaries if summary.trusts]:
            for record in held.of_kind(kind):
                if record.flags & HOLDS_TRUST:
                    origin, address = Origin(file, record.document), Address(kind, record.name)
                    yield from trust_rules.check(kind, record.spec, origin, address, root, trust)
        for origin, rejected, kind, spec in held.rejected:
            yield from trust_rules.check(kind, spec, origin, rejected, root, trust)


def _digest(examined: Sequence[Held], project: ProjectFile, place: str, store: Cache | None) -> str:
    """Of the meaning of all documents and of the project's defaults. Remembered for exactly these files."""
    memory = Memory(store, place)
    known = memory.recall("digest")
    if known:
        return known
    size = DIGEST_SIZE
    parts = [e.digests[at : at + size] for e in examined for at in range(0, len(e.digests), size)]
    text = blake2b(meaning_bytes(project.defaults) + b"".join(sorted(parts)), digest_size=32).hexdigest()
    memory.remember("digest", text)
    return text
