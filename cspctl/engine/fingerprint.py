"""What a change relies on, hashed, so that a later apply can tell whether it still stands."""

from __future__ import annotations

from collections.abc import Collection

from cspctl.engine.canonical import digest
from cspctl.kinds.contract import RemoteKind
from cspctl.model.live import LiveObject


def of_object(kind: RemoteKind, live: LiveObject) -> str:
    return digest({"liveId": live.live_id, "relies": kind.fingerprint(live)})


def of_absence(kind: RemoteKind, twins: Collection[LiveObject], *, own: Collection[str] = ()) -> str:
    """For a create: the living objects of the tenant with the same twin key; `own` were made by this very plan."""
    return digest({"twins": sorted(o.live_id for o in twins if o.live_id not in own and kind.is_living(o))})
