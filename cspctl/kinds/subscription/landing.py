"""`endOfTerm.next` after its day: the change has landed, and the manifest may say so plainly.

Source: product contract, section 1.3: from then on `next` overrides the spec until a person edits it.
"""

from __future__ import annotations

from datetime import datetime

from cspctl.kinds.subscription import attributes as shape
from cspctl.model.change import Finding
from cspctl.model.document import Edit
from cspctl.model.live import LiveObject
from cspctl.model.resource import Resource

_ORDER = ("tenant", "plan", "item", "term", "billing", "quantity")


def has_landed(resource: Resource, live: LiveObject, now: datetime) -> bool:
    end = resource.effective.get("endOfTerm") or {}
    return bool(end.get("next")) and shape.scheduled_landed(shape.date_text(end.get("on")), live, now)


def folded(resource: Resource) -> tuple[Edit, ...]:
    """What `next` says moved to where it holds from now on; `next` and its day go."""
    end = resource.spec.get("endOfTerm") or {}
    following = end.get("next") or {}
    moved = [
        Edit(("spec", key), following[key], after=_ORDER[: _ORDER.index(key)])
        for key in ("item", "term", "billing", "quantity")
        if following.get(key) is not None and following[key] != resource.spec.get(key)
    ]
    gone = [Edit(("spec", "endOfTerm", key)) for key in ("next", "on") if key in end]
    return (*moved, *gone)


def remark(resource: Resource) -> Finding:
    end = resource.effective.get("endOfTerm") or {}
    message = (
        f"{resource.address}: endOfTerm.next of {shape.date_text(end.get('on'))} has landed and overrides the spec"
    )
    return Finding(code="W-LANDED", severity="warning", message=message, hint="fold it in: cspctl fmt --landed")
