"""Field-wise comparison; deepdiff only where something nested is already known to differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cspctl.engine.canonical import plain
from cspctl.model.change import AttributeChange


def attribute_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[AttributeChange, ...]:
    """What differs, leaf by leaf, sorted by path (dots and [index]). Absent and None are the same."""
    changes: list[AttributeChange] = []
    for key in sorted(set(before) | set(after)):
        old, new = plain(before.get(key)), plain(after.get(key))
        if old == new:
            continue
        if (isinstance(old, dict) and isinstance(new, dict)) or (isinstance(old, list) and isinstance(new, list)):
            changes += _nested(key, old, new)
        else:
            changes.append(AttributeChange(path=key, before=old, after=new))
    return tuple(changes)


def _nested(key: str, old: Any, new: Any) -> list[AttributeChange]:
    from deepdiff import DeepDiff  # 150 ms to import, and seldom needed

    tree = DeepDiff(old, new, view="tree", ignore_order=False)
    found = {
        key + _dotted(level.path(output_format="list")): (_side(level.t1), _side(level.t2))
        for levels in tree.values()
        for level in levels
    }
    return [AttributeChange(path=p, before=found[p][0], after=found[p][1]) for p in sorted(found)]


def _side(value: Any) -> Any:
    """deepdiff marks a missing side with an object of its own."""
    return value if value is None or isinstance(value, bool | int | float | str | list | dict) else None


def _dotted(parts: list[Any]) -> str:
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in parts)


def same(before: Mapping[str, Any], after: Mapping[str, Any], keys: Mapping[str, Any]) -> bool:
    """Whether the two agree on `keys`."""
    return all(plain(before.get(k)) == plain(after.get(k)) for k in keys)
