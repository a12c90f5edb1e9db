"""Suspending, reactivating, and what stays locked meanwhile.

Source: Partner Center docs, subscription-lifecycle (Oct 2023): suspending keeps billing, switches auto-renew off and
deletes scheduled changes; reactivating restores neither.
"""

from __future__ import annotations

from cspctl.kinds.subscription import phases
from cspctl.kinds.subscription.blocks import blocked
from cspctl.kinds.subscription.case import Case
from cspctl.model.change import Action, Step


def propose_state(case: Case) -> None:
    if not case.differs("state"):
        return
    status = case.live.facts.get("status")
    if case.want["state"] == "suspended":
        step = case.patch({"status": "suspended"}, "suspend", "suspend")
        effects = (
            "billing goes on unchanged",
            "auto-renew is switched off",
            "scheduled changes are deleted",
        )
        case.add_now(Action.SUSPEND, phases.CANCEL, [step], ["state"], side_effects=effects)
    elif status == "suspended":
        _reactivate(case)
    else:
        case.proposals.append(blocked("E-STATE", f"a subscription that is {status} cannot become {case.want['state']}"))


def _reactivate(case: Case) -> None:
    steps: list[Step] = [case.patch({"status": "active"}, "reactivate", "reactivate")]
    keys = ["state"]
    if case.want.get("autoRenew"):
        steps.append(case.patch({"autoRenewEnabled": True}, "switch auto-renew on again", "reactivate"))
        keys.append("autoRenew")
    steps += case.restoration("reactivate")
    case.add_now(Action.REACTIVATE, phases.REACTIVATE, steps, keys)


def propose_locked(case: Case) -> None:
    """While it is suspended only its name can be changed."""
    locked = case.changes([k for k in ("quantity", "term", "billing") if case.differs(k)])
    if locked:
        message = "nothing but the name can be changed while the subscription is suspended"
        case.proposals.append(blocked("E-SUSPENDED", message, hint="set state: active first", attributes=locked))
