"""Which keys a spec knows at a path: the source of "did you mean"."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

_UNIONS = (Union, types.UnionType)
_LISTS = (list, tuple, set, frozenset, Sequence)
_MAPS = (dict, Mapping)


def known_keys(model: type[BaseModel], path: Iterable[str | int]) -> list[str]:
    """The keys that the model, or any variant of it, accepts in the map at `path`; sorted."""
    keys: set[str] = set()
    for found in _models(model, tuple(path)):
        keys.update(wire_name(name, info) for name, info in found.model_fields.items())
    return sorted(keys)


def nearest(wrong: str, names: Iterable[str]) -> str | None:
    """The name that was probably meant."""
    ordered = sorted(names)
    folded = {n.lower().replace("_", "").replace("-", ""): n for n in reversed(ordered)}
    same = folded.get(wrong.lower().replace("_", "").replace("-", ""))
    if same is not None:
        return same
    near = get_close_matches(wrong, ordered, n=1, cutoff=0.6)
    return near[0] if near else None


def did_you_mean(wrong: str, names: Iterable[str]) -> str | None:
    """A hint, or None when nothing is near."""
    near = nearest(wrong, names)
    return f"did you mean {near}?" if near else None


def wire_name(name: str, info: FieldInfo) -> str:
    """The key as it is written in a manifest."""
    alias = info.validation_alias
    return alias if isinstance(alias, str) else info.alias or name


def _models(annotation: Any, path: tuple[str | int, ...]) -> Iterator[type[BaseModel]]:
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _models(get_args(annotation)[0], path)
    elif origin in _UNIONS:
        for arm in get_args(annotation):
            yield from _models(arm, path)
    elif origin in _LISTS and path:
        for arm in get_args(annotation):
            yield from _models(arm, path[1:])
    elif origin in _MAPS and path:
        yield from _models(get_args(annotation)[-1], path[1:])
    elif hasattr(annotation, "__value__"):  # a `type X = …` alias
        yield from _models(annotation.__value__, path)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from _fields(annotation, path)


def _fields(model: type[BaseModel], path: tuple[str | int, ...]) -> Iterator[type[BaseModel]]:
    root = model.model_fields.get("root")
    if root is not None and model.__pydantic_root_model__:
        yield from _models(root.annotation, path)
    elif not path:
        yield model
    else:
        for name, info in model.model_fields.items():
            if path[0] in (name, wire_name(name, info)):
                yield from _models(info.annotation, path[1:])
