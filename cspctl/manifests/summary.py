"""What a file says to other files: names, references, and what must be asked again although its content is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from cspctl.kinds.contract import Kind
from cspctl.manifests.envelope import HOLDS_TRUST, Record
from cspctl.manifests.references import follow, head_of, returning


class Summary(NamedTuple):
    """The documents of one kind in one file; plain lists, so that it goes through JSON unchanged.

    `used` holds the names at each reference path. `edges` are (document's name, kind, name) of the references that
    could be part of a ring. `trusts`: some text must be asked whether the trust file allows it.
    """

    kind: str
    names: list[str]
    used: dict[str, list[str]]
    edges: list[list[str]]
    trusts: bool
    renamed: bool


def summaries(records: Sequence[Record], kinds: Mapping[str, Kind]) -> list[Summary]:
    """One for each kind, in the order in which they appear."""
    by_kind: dict[str, list[Record]] = {}
    for record in records:
        by_kind.setdefault(record.kind, []).append(record)
    leads = returning(kinds.values())
    return [_summary(kinds[name], mine, leads) for name, mine in by_kind.items()]


def _summary(kind: Kind, records: Sequence[Record], leads: Callable[[str, str], bool]) -> Summary:
    used: dict[str, list[str]] = {}
    edges: list[list[str]] = []
    for reference in kind.references:
        head = head_of(reference)
        holders = [r for r in records if head in r.spec]
        found = [(r.name, name) for r in holders for _, name in follow(r.spec, reference.path)]
        if found:
            used[reference.path] = sorted({name for _, name in found})
            if leads(kind.name, reference.kind):
                edges += [[own, reference.kind, name] for own, name in found]
    trusts = any(r.flags & HOLDS_TRUST for r in records)
    return Summary(kind.name, [r.name for r in records], used, edges, trusts, any(r.previous_names for r in records))
