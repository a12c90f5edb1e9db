"""Suspending, reactivating, and what stays locked meanwhile.

Source: Partner Center docs, subscription-lifecycle (Oct 2023): suspending keeps billing, switches auto-renew off and
deletes scheduled changes; reactivating restores neither.
"""

from __future__ import annotations

from cspctl.kinds.subscription import phases
from cspctl.kinds.subscription.blocks import blocked
from cspctl.kinds.subscription.case import Case
from cspctl.model.change import Action, Step


def changeable(case: Case) -> bool:
    """Whether anything can be done at all; where not, the row that says so is added."""
    status = case.live.facts.get("status")
    if status not in ("active", "suspended"):
        message = f"nothing can be changed while the subscription is {status}"
        case.proposals.append(blocked("E-STATE", message, attributes=case.changes(["state"])))
        return False
    return True


def propose_state(case: Case) -> None:
    if not case.differs("state"):
        return
    if case.live.facts.get("isTrial"):
        message = "the status of a trial cannot be changed"
        case.proposals.append(blocked("E-TRIAL-STATE", message, attributes=case.changes(["state"])))
    elif case.want["state"] == "suspended":
        step = case.patch({"status": "suspended"}, "suspend", "suspend")
        effects = (
            "billing goes on unchanged",
            "auto-renew is switched off",
            "scheduled changes are deleted",
        )
        case.add_now(Action.SUSPEND, phases.CANCEL, [step], ["state"], side_effects=effects)
    else:
        _reactivate(case)


def _reactivate(case: Case) -> None:
    steps: list[Step] = [case.patch({"status": "active"}, "reactivate", "reactivate")]
    keys = ["state"]
    if case.want.get("autoRenew"):
        steps.append(case.patch({"autoRenewEnabled": True}, "switch auto-renew on again", "reactivate"))
        keys.append("autoRenew")
    restored = case.restoration("reactivate")
    if restored and case.differs("next"):
        keys.append("next")
    steps += restored
    case.add_now(Action.REACTIVATE, phases.REACTIVATE, steps, keys)


def propose_locked(case: Case) -> None:
    """Source: Partner Center docs, create-a-new-subscription (Oct 2023): only reactivate, or cancel in the window."""
    locked = case.changes([k for k in ("quantity", "term", "billing", "friendlyName") if case.differs(k)])
    if locked:
        message = "nothing can be changed while the subscription is suspended"
        case.proposals.append(blocked("E-SUSPENDED", message, hint="set state: active first", attributes=locked))
