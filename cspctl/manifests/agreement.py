"""Whether files that are each in order also agree, told from their summaries alone.

A yes is final. A no says only that someone must look closer (cspctl.manifests.references does, over the resources).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from cspctl.kinds.contract import Kind
from cspctl.manifests.references import Edges, cycles
from cspctl.manifests.summary import Summary
from cspctl.model.address import Address
from cspctl.model.resource import ResourceIndex


def names_of(summaries: Iterable[Summary]) -> dict[str, set[str]]:
    """By kind."""
    names: dict[str, set[str]] = {}
    for summary in summaries:
        names.setdefault(summary.kind, set()).update(summary.names)
    return names


def agree(summaries: Sequence[Summary], names: Mapping[str, set[str]], kinds: Mapping[str, Kind]) -> bool:
    """Every name once and none renamed, every reference to a name that is there, and no rings."""
    counts: Counter[str] = Counter()
    for summary in summaries:
        if summary.renamed:
            return False
        counts[summary.kind] += len(summary.names)
    if any(counts[kind] != len(mine) for kind, mine in names.items()):
        return False
    return _all_lead_somewhere(summaries, names, kinds) and not _has_ring(summaries)


def _all_lead_somewhere(summaries: Iterable[Summary], names: Mapping[str, set[str]], kinds: Mapping[str, Kind]) -> bool:
    nothing: set[str] = set()
    for summary in summaries:
        for reference in kinds[summary.kind].references:
            used = summary.used.get(reference.path)
            if used and not names.get(reference.kind, nothing).issuperset(used):
                return False
    return True


def _has_ring(summaries: Iterable[Summary]) -> bool:
    edges: Edges = {}
    for summary in summaries:
        for own, kind, name in summary.edges:
            edges.setdefault(Address(summary.kind, own), []).append((Address(kind, name), ()))
    return next(cycles(ResourceIndex({}), edges), None) is not None
