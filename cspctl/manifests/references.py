"""References by metadata.name: each must lead somewhere, none may lead back to itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cspctl.kinds.contract import Kind, Reference
from cspctl.manifests.fields import did_you_mean
from cspctl.manifests.text import shown
from cspctl.model.address import Address
from cspctl.model.diagnostic import Diagnostic, DocPath, error
from cspctl.model.resource import Resource, ResourceIndex

Edges = dict[Address, list[tuple[Address, DocPath]]]


@dataclass(slots=True)
class Connections:
    """What is wrong with references. `unready` resources have one that leads nowhere or into a ring."""

    diagnostics: list[Diagnostic] = field(default_factory=list)
    unready: set[Address] = field(default_factory=set)


def connect(index: ResourceIndex, kinds: Sequence[Kind], excused: set[str]) -> Connections:
    """E-REFERENCE for each name that no document has, E-CYCLE for each ring.

    `excused` names belong to documents with errors of their own: missing them is not reported on top.
    """
    found = Connections()
    edges: Edges = {}
    dangling = list(_walk(index, kinds, edges))
    renamed = _renamed(index) if dangling else {}
    for resource, reference, path, name in dangling:
        found.unready.add(resource.address)
        if name not in excused:
            targets = index.of_kind(reference.kind)
            found.diagnostics.append(_unknown(resource, reference, name, path, targets, renamed))
    for ring, diagnostic in cycles(index, edges):
        found.unready.update(ring)
        found.diagnostics.append(diagnostic)
    return found


def _walk(
    index: ResourceIndex, kinds: Sequence[Kind], edges: Edges
) -> Iterator[tuple[Resource, Reference, DocPath, str]]:
    """What leads nowhere; fills in the edges that can be part of a ring. One walk: the way to a spec is what costs."""
    leads_back = returning(kinds)
    for kind in kinds:
        rows = [(r, index.of_kind(r.kind), leads_back(kind.name, r.kind)) for r in kind.references]
        flat = [(r.path, r, targets, rings) for r, targets, rings in rows if _is_flat(r)]
        deep = [(head_of(r), r, targets, rings) for r, targets, rings in rows if not _is_flat(r)]
        for resource in index.of_kind(kind.name).values():
            spec = resource.spec
            for path, reference, targets, rings in flat:
                name = spec.get(path)
                if name is None or type(name) is not str:
                    continue
                if name not in targets:
                    yield resource, reference, ("spec", path), name
                if rings:
                    edges.setdefault(resource.address, []).append((Address(reference.kind, name), ("spec", path)))
            for head, reference, targets, rings in deep:
                for where, name in follow(spec, reference.path) if head in spec else ():
                    if name not in targets:
                        yield resource, reference, ("spec", *where), name
                    if rings:
                        edges.setdefault(resource.address, []).append((Address(reference.kind, name), ("spec", *where)))


def cycles(index: ResourceIndex, edges: Edges) -> Iterator[tuple[list[Address], Diagnostic]]:
    """Once per ring, at the first document of it. Only kinds that can lead back to themselves matter."""
    state: dict[Address, int] = {}
    for start in sorted(edges):
        trail: list[Address] = []
        stack: list[Iterator[tuple[Address, DocPath]]] = []
        if state.get(start):
            continue
        state[start] = 1
        trail.append(start)
        stack.append(iter(edges[start]))
        while stack:
            target, _ = next(stack[-1], (None, ()))
            if target is None:
                stack.pop()
                state[trail.pop()] = 2
            elif state.get(target) == 1:
                ring = trail[trail.index(target) :]
                yield ring, _ring(ring, edges, index)
            elif not state.get(target) and target in edges:
                state[target] = 1
                trail.append(target)
                stack.append(iter(edges[target]))


def follow(spec: Any, path: str) -> Iterator[tuple[DocPath, str]]:
    """Every text at a reference path (`a.b`, `a[].b`), with its place."""
    if "." not in path and "[" not in path:
        value = spec.get(path) if isinstance(spec, dict) else None
        return iter([((path,), value)] if isinstance(value, str) else [])
    found: list[tuple[DocPath, Any]] = [((), spec)]
    for part in path.split("."):
        name, lists = part.removesuffix("[]"), part.endswith("[]")
        found = [((*w, name), v[name]) for w, v in found if isinstance(v, Mapping) and name in v]
        if lists:
            found = [((*w, n), e) for w, v in found if isinstance(v, list) for n, e in enumerate(v)]
    return ((where, value) for where, value in found if isinstance(value, str))


def _unknown(
    resource: Resource,
    reference: Reference,
    name: str,
    path: DocPath,
    targets: Mapping[str, Resource],
    renamed: Mapping[tuple[str, str], str],
) -> Diagnostic:
    now = renamed.get((reference.kind, name))
    hint = f"it was renamed: write {now}" if now else did_you_mean(name, targets)
    message = f"there is no {reference.kind} named {shown(name)}"
    return error("E-REFERENCE", message, path=path, address=resource.address, origin=resource.origin, hint=hint)


def _is_flat(reference: Reference) -> bool:
    """Whether it is one key of the spec."""
    return "." not in reference.path and "[]" not in reference.path


def head_of(reference: Reference) -> str:
    """The key of the spec that its path begins with."""
    return reference.path.partition(".")[0].removesuffix("[]")


def _renamed(index: ResourceIndex) -> dict[tuple[str, str], str]:
    return {(r.kind, old): r.name for r in index for old in r.previous_names}


def returning(kinds: Iterable[Kind]) -> Callable[[str, str], bool]:
    """Whether a reference from one kind to another can be part of a ring."""
    leads = {kind.name: {r.kind for r in kind.references} for kind in kinds}
    reach: dict[str, set[str]] = {}
    for name in leads:
        seen: set[str] = set()
        todo = list(leads[name])
        while todo:
            step = todo.pop()
            if step not in seen:
                seen.add(step)
                todo.extend(leads.get(step, ()))
        reach[name] = seen
    return lambda source, target: target == source or source in reach.get(target, ())


def _ring(ring: list[Address], edges: Edges, index: ResourceIndex) -> Diagnostic:
    place = ring.index(min(ring))
    ring = ring[place:] + ring[:place]
    first, second = ring[0], ring[1 % len(ring)]
    path = next(p for target, p in edges[first] if target == second)
    resource = index.at(first)
    names = " → ".join(str(a) for a in [*ring, first])
    return error(
        "E-CYCLE",
        f"these need each other in a ring: {names}",
        path=path,
        address=first,
        origin=resource.origin if resource else None,
        hint="remove one of the references",
    )
