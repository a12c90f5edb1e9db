"""Why a value is what it is: the layer, file and line behind it, and whether it may be changed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cspctl.errors import InputError
from cspctl.kinds.contract import Kind, Mutability
from cspctl.manifests import defaults as merging
from cspctl.manifests.defaults import Defaults, Layer
from cspctl.manifests.discovery import PROJECT_FILE
from cspctl.manifests.fields import did_you_mean, known_keys
from cspctl.manifests.locate import find_position
from cspctl.manifests.project import ProjectFile
from cspctl.model.address import Address
from cspctl.model.positions import Origin, SourcePos
from cspctl.model.resource import Resource, ResourceIndex

_ABSENT: Final = object()
_PARTS = re.compile(r"([^.\[\]]+)|\[(\d+)\]")

Path_ = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """One layer that states the value; `layer` is `subscription`, `plan item`, `plan`, `tenant`, … or `manifest`.

    `wins` marks the one that counts; of a map every layer may give a part. `note` says how a value came about
    that nobody wrote.
    """

    layer: str
    owner: Address | None
    value: Any
    pos: SourcePos | None
    wins: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """`value` is the effective one, None where nothing gives any. `given` is nearest first."""

    address: Address
    path: str
    value: Any
    mutability: Mutability | None
    given: tuple[Given, ...]


def split_target(text: str) -> tuple[Address, str]:
    """`Subscription/contoso-e3.endOfTerm.action` to address and path (`spec.` may stand before it).

    Raises InputError for any other shape.
    """
    head, _, path = text.partition(".")
    try:
        address = Address.parse(head)
    except ValueError as exc:
        raise InputError(str(exc), code="E-ADDRESS", hint="write KIND/NAME.PATH") from exc
    return address, path.removeprefix("spec.") if path != "spec" else ""


def explain(
    target: str,
    resources: ResourceIndex,
    kinds: Sequence[Kind],
    *,
    project: ProjectFile,
    root: Path,
) -> Explanation:
    """Explain `KIND/NAME.PATH`. Raises InputError where no such resource or field exists."""
    address, path = split_target(target)
    resource = resources.at(address)
    if resource is None:
        hint = did_you_mean(address.name, resources.of_kind(address.kind))
        raise InputError(f"there is no {address}", code="E-ADDRESS", hint=hint)
    kind = next(k for k in kinds if k.name == address.kind)
    parts: Path_ = tuple(int(i) if i else name for name, i in _PARTS.findall(path))
    _known(kind, parts, resource)
    value = _follow(resource.effective, parts)
    given = _given(resource, parts, resources, project, root)
    return Explanation(address, path, None if value is _ABSENT else value, mutability_of(kind, parts), tuple(given))


def mutability_of(kind: Kind, path: Path_) -> Mutability | None:
    """That of the nearest field above `path`; None for a path that the kind says nothing about."""
    names = [str(part) for part in path if not isinstance(part, int)]
    for length in range(len(names), 0, -1):
        found = kind.mutability.get(".".join(names[:length]))
        if found is not None:
            return found
    return None


def _known(kind: Kind, parts: Path_, resource: Resource) -> None:
    for length, part in enumerate(parts):
        if isinstance(part, int) or _follow(resource.effective, parts[: length + 1]) is not _ABSENT:
            continue
        keys = known_keys(kind.spec, parts[:length])
        if keys and part not in keys:
            hint = did_you_mean(part, keys) or "fields: " + ", ".join(keys)
            raise InputError(f"{kind.name} has no field {part}", code="E-UNKNOWN-KEY", hint=hint)


def _given(resource: Resource, parts: Path_, resources: ResourceIndex, project: ProjectFile, root: Path) -> list[Given]:
    given: list[Given] = []
    decided = False
    for layer in _layers(resource, resources, project):
        value = _stated(layer.values, parts)
        if value is _ABSENT:
            continue
        origin = _origin(layer, resource, resources)
        pos = find_position(root, origin, layer.path if layer.sole else (*layer.path, *parts)) if origin else None
        note = "the only one on offer" if layer.sole else "unset here (null)" if value is None else ""
        given.append(Given(layer.label, layer.owner or resource.address, value, pos, not decided, note))
        decided = decided or not isinstance(value, Mapping)
    return given


def _layers(resource: Resource, resources: ResourceIndex, project: ProjectFile) -> list[Layer]:
    if resource.kind != merging.KIND:
        return [Layer("manifest", resource.address, ("spec",), resource.spec)]
    specs = {
        kind: {name: r.spec for name, r in resources.of_kind(kind).items()}
        for kind in ("Plan", "TenantMapping", "Reseller")
    }
    layers = Defaults(specs, project.defaults).layers(resource.spec)
    return [layers[0]._replace(owner=resource.address), *layers[1:]] if layers else []


def _origin(layer: Layer, resource: Resource, resources: ResourceIndex) -> Origin | None:
    if layer.label == "project":
        return Origin(PROJECT_FILE, 0)
    owner = resources.at(layer.owner) if layer.owner else resource
    return owner.origin if owner else None


def _stated(values: Any, parts: Path_) -> Any:
    """The value, None where it or a map around it is unset on purpose, _ABSENT where this layer is silent."""
    here = values
    for part in parts:
        if here is None:
            return None
        here = _follow(here, (part,))
        if here is _ABSENT:
            return _ABSENT
    return here


def _follow(value: Any, parts: Path_) -> Any:
    for part in parts:
        if isinstance(part, int):
            if not isinstance(value, list) or part >= len(value):
                return _ABSENT
        elif not isinstance(value, Mapping) or part not in value:
            return _ABSENT
        value = value[part]
    return value
