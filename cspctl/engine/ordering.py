"""The order of an apply: what enables comes first, scheduled instructions last.

customer 10, agreement 20, subscriptions 30, dependants 40, reactivations 45, increases 50, transitions 60,
decreases 70, cancellations 80, scheduled instructions 90: any mid-term change may delete those.
"""

from __future__ import annotations

from collections.abc import Sequence

from cspctl.model.change import Change


def in_order(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Stable: by phase, then requirement depth within the phase, then tenant and address."""
    by_address: dict[str, Change] = {}
    for change in changes:
        by_address.setdefault(change.address, change)
    return tuple(
        sorted(
            changes,
            key=lambda c: (c.phase, _depth(c, by_address, ()), c.scope_label, c.address, c.action.value),
        )
    )


def _depth(change: Change, by_address: dict[str, Change], seen: tuple[str, ...]) -> int:
    """How long the chain of required changes is; cycles are refused while manifests are read."""
    if change.address in seen:
        return 0
    above = [by_address[a] for a in change.requires if a in by_address]
    return 1 + max((_depth(a, by_address, (*seen, change.address)) for a in above), default=-1)
