"""Dated commercial rules: data files under `rulepacks/`, never constants in code."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Rule:
    """In force from `start` to `end`, both inclusive UTC days; `end` None is open."""

    id: str
    value: Any
    start: date
    end: date | None
    says: str
    source: str


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every entry of every pack, sorted by id and start."""
    rules: list[Rule] = []
    for pack in sorted((files(__package__) / "rulepacks").iterdir(), key=lambda p: p.name):
        if pack.name.endswith(".json"):
            rules += [_rule(entry) for entry in json.loads(pack.read_text("utf-8"))["rules"]]
    return tuple(sorted(rules, key=lambda r: (r.id, r.start)))


def _rule(entry: dict[str, Any]) -> Rule:
    end = date.fromisoformat(entry["to"]) if entry["to"] else None
    start = date.fromisoformat(entry["from"])
    return Rule(entry["id"], entry["value"], start, end, entry["says"], entry["source"])


def rule(rule_id: str, on: date) -> Rule:
    """The entry in force on that day; raises LookupError where no pack has one."""
    for candidate in all_rules():
        if candidate.id == rule_id and candidate.start <= on and (candidate.end is None or on <= candidate.end):
            return candidate
    raise LookupError(f"no rule {rule_id!r} is in force on {on}")
