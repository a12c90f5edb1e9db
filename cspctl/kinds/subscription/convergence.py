"""From what is live to what the manifest says, in legal steps.

Premises (Partner Center docs, create-a-new-subscription and update-a-subscription-by-id, Oct 2023):
one change per PATCH; any change of quantity or term, a suspension and auto-renew off delete scheduled
instructions, so they are restored right after in the same unit; seats go down only out of open refund tranches;
a term only gets longer; a cancellation only happens inside its window.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cspctl.commerce import rules as commercial
from cspctl.commerce.terms import term_months
from cspctl.kinds.contract import Desired, Proposal
from cspctl.kinds.subscription import attributes as shape
from cspctl.kinds.subscription.blocks import blocked
from cspctl.kinds.subscription.creation import schedule_step
from cspctl.kinds.subscription.steps import ClearSchedule, PatchSubscription, ScheduleNextTerm
from cspctl.model.change import Action, AttributeChange, Step, Timing, When
from cspctl.model.live import LiveObject

PHASE_REACTIVATE, PHASE_UPDATE, PHASE_TERM, PHASE_DECREASE, PHASE_CANCEL, PHASE_SCHEDULE = (
    45,
    50,
    60,
    70,
    80,
    90,
)


@dataclass(slots=True)
class _Case:
    """One comparison: what is wanted, what is there, and what has been proposed so far."""

    desired: Desired
    live: LiveObject
    now: datetime
    want: dict[str, Any]
    have: Mapping[str, Any]
    proposals: list[Proposal] = field(default_factory=list)
    restores: bool = False

    def differs(self, key: str) -> bool:
        return key in self.want and self.want[key] != self.have.get(key)

    def change(self, key: str) -> AttributeChange:
        return AttributeChange(path=key, before=self.have.get(key), after=self.want.get(key))

    def patch(self, changes: dict[str, Any], summary: str, unit: str) -> PatchSubscription:
        return PatchSubscription(
            scope=self.desired.scope,
            unit=unit,
            summary=summary,
            subscription=self.live.live_id,
            changes=changes,
        )

    def restoration(self, unit: str) -> list[Step]:
        """The scheduled instructions that the step before deletes, written again."""
        self.restores = True
        if self.want.get("next"):
            return [schedule_step(self.desired, self.live.live_id, unit)]
        if "next" not in self._unmanaged() or not self.have.get("next") or self.live.facts.get("isTrial"):
            return []
        return [self._keep(self.have["next"], unit)]

    def _unmanaged(self) -> set[str]:
        return {p.split(".")[0] for p in self.desired.memory.get("ignore") or ()}

    def _keep(self, standing: Mapping[str, Any], unit: str) -> ScheduleNextTerm:
        return ScheduleNextTerm(
            scope=self.desired.scope,
            unit=unit,
            summary="restore the scheduled change that this deletes",
            subscription=self.live.live_id,
            product=standing["product"],
            sku=standing["sku"],
            segment=self.desired.memory["segment"],
            term=standing["term"],
            billing=standing["billing"],
            quantity=standing["quantity"],
            end_date=standing.get("endDate"),
        )


def propose(desired: Desired, live: LiveObject, now: datetime) -> list[Proposal]:
    """Every row needed; empty when converged."""
    case = _Case(desired, live, now, _wanted(desired, live, now), live.attributes)
    if case.want.get("state") == "cancelled":
        return _cancel(case)
    _state(case)
    _identity(case)
    if live.facts.get("status") == "suspended" and case.want.get("state") == "suspended":
        _locked_while_suspended(case)
        _rename(case)
        return case.proposals
    _term(case)
    _update(case)
    _end_of_term(case)
    _next_term(case)
    return case.proposals


def _wanted(desired: Desired, live: LiveObject, now: datetime) -> dict[str, Any]:
    """The manifest's attributes; after a scheduled change landed its `next` overrides them."""
    want = dict(desired.attributes)
    following = want.get("next")
    if following and shape.scheduled_landed(desired.memory.get("on"), live, now):
        want |= {k: following[k] for k in ("product", "sku", "term", "billing", "quantity")} | {"next": None}
    return want


def _cancel(case: _Case) -> list[Proposal]:
    if case.live.facts.get("status") == "deleted":
        return []
    until = case.live.facts.get("cancelUntil")
    deadline = datetime.fromisoformat(until) if until else None
    if deadline and case.now <= deadline:
        step = case.patch({"status": "deleted"}, "cancel the subscription for good", "cancel")
        return [
            Proposal(
                action=Action.CANCEL,
                timing=Timing(when=When.NOW),
                attributes=(case.change("state"),),
                steps=(step,),
                side_effects=("cannot be undone; the licences stop working", "deletes scheduled changes"),
                phase=PHASE_CANCEL,
                valid_until=deadline,
            )
        ]
    end = shape.commitment_end(case.live)
    if case.desired.memory.get("whenCancelNotAllowed") == "end-of-term":
        return [_cancel_at_end(case, (case.change("state"),))]
    return [
        blocked(
            "E-CANCEL-WINDOW",
            f"the cancellation window closed {_when(deadline)}; the commitment runs until {end}",
            hint="use whenCancelNotAllowed: end-of-term, or endOfTerm.action",
            first_legal=end + timedelta(days=1) if end else None,
            attributes=(case.change("state"),),
        )
    ]


def _when(deadline: datetime | None) -> str:
    return f"on {deadline:%Y-%m-%d %H:%M} UTC" if deadline else "or never existed"


def _cancel_at_end(case: _Case, attributes: tuple[AttributeChange, ...]) -> Proposal:
    entry = commercial.rule("auto-renew-off", case.now.date())
    end = shape.commitment_end(case.live)
    if entry.value == "ends":
        step = case.patch({"autoRenewEnabled": False}, "switch auto-renew off", "end")
        return Proposal(
            action=Action.UPDATE,
            timing=Timing(when=When.AT_RENEWAL, on=end),
            attributes=attributes,
            steps=(step,),
            side_effects=(f"ends on {end}", "deletes scheduled changes"),
            phase=PHASE_CANCEL,
        )
    return blocked(
        "E-CANCEL-AT-END",
        f"{entry.says} Partner Center documents no call that ends it with the term",
        hint=f"cancel it by hand to the end of the term ({end}), then add lifecycle.ignore: [autoRenew]",
        first_legal=end + timedelta(days=1) if end else None,
        attributes=attributes,
    )


def _state(case: _Case) -> None:
    if not case.differs("state"):
        return
    suspended = case.live.facts.get("status") == "suspended"
    if case.want["state"] == "suspended":
        case.proposals.append(
            Proposal(
                action=Action.SUSPEND,
                timing=Timing(when=When.NOW),
                attributes=(case.change("state"),),
                steps=(case.patch({"status": "suspended"}, "suspend", "suspend"),),
                side_effects=(
                    "billing goes on unchanged",
                    "auto-renew is switched off",
                    "scheduled changes are deleted",
                ),
                phase=PHASE_CANCEL,
            )
        )
    elif suspended:
        case.proposals.append(_reactivation(case))
    else:
        status = case.live.facts.get("status")
        case.proposals.append(blocked("E-STATE", f"a subscription that is {status} cannot become {case.want['state']}"))


def _reactivation(case: _Case) -> Proposal:
    steps: list[Step] = [case.patch({"status": "active"}, "reactivate", "reactivate")]
    attributes = [case.change("state")]
    if case.want.get("autoRenew"):
        steps.append(case.patch({"autoRenewEnabled": True}, "switch auto-renew on again", "reactivate"))
        attributes.append(case.change("autoRenew"))
    steps += case.restoration("reactivate")
    return Proposal(
        action=Action.REACTIVATE,
        timing=Timing(when=When.NOW),
        attributes=tuple(attributes),
        steps=tuple(steps),
        phase=PHASE_REACTIVATE,
    )


def _identity(case: _Case) -> None:
    moved = tuple(case.change(k) for k in ("product", "sku") if case.differs(k))
    if moved:
        case.proposals.append(
            blocked(
                "E-TRANSITION",
                "another product or SKU is an upgrade, which this version does not carry out",
                hint="use endOfTerm.next.item to change at renewal, or upgrade in the portal and edit the manifest",
                attributes=moved,
            )
        )
    if case.differs("resellerMpn"):
        case.proposals.append(
            blocked(
                "E-RESELLER-OF-RECORD",
                "Partner Center documents no call that changes the reseller of record",
                hint="change it in the portal; the plan is empty afterwards",
                attributes=(case.change("resellerMpn"),),
            )
        )


def _locked_while_suspended(case: _Case) -> None:
    locked = tuple(case.change(k) for k in ("quantity", "term", "billing") if case.differs(k))
    if locked:
        message = "nothing but the name can be changed while the subscription is suspended"
        case.proposals.append(blocked("E-SUSPENDED", message, hint="set state: active first", attributes=locked))


def _rename(case: _Case) -> None:
    if case.differs("friendlyName"):
        case.proposals.append(_now(case, Action.UPDATE, PHASE_UPDATE, [_rename_step(case)], ("friendlyName",)))


def _rename_step(case: _Case) -> PatchSubscription:
    return case.patch({"friendlyName": case.want["friendlyName"]}, "rename", "update")


def _now(
    case: _Case,
    action: Action,
    phase: int,
    steps: list[Step],
    keys: tuple[str, ...],
    *,
    side_effects: tuple[str, ...] = (),
    valid_until: datetime | None = None,
) -> Proposal:
    return Proposal(
        action=action,
        timing=Timing(when=When.NOW),
        attributes=tuple(case.change(k) for k in keys),
        steps=tuple(steps),
        side_effects=side_effects,
        phase=phase,
        valid_until=valid_until,
    )


def _term(case: _Case) -> None:
    keys = tuple(k for k in ("term", "billing") if case.differs(k))
    if not keys:
        return
    changes = tuple(case.change(k) for k in keys)
    old, new = str(case.have.get("term")), str(case.want["term"])
    if case.live.facts.get("isTrial"):
        case.proposals.append(blocked("E-TRIAL-TERM", "a trial cannot change its term", attributes=changes))
    elif term_months(new) > term_months(old):
        body = {"termDuration": new, "billingCycle": case.want["billing"]}
        steps: list[Step] = [case.patch(body, f"change to {new} billed {case.want['billing']}", "term")]
        steps += case.restoration("term")
        effects = (
            "starts a new commitment at once; it cannot be shortened again",
            "deletes scheduled changes",
        )
        case.proposals.append(_now(case, Action.EXTEND_TERM, PHASE_TERM, steps, keys, side_effects=effects))
    else:
        case.proposals.append(_term_blocked(case, changes))


def _term_blocked(case: _Case, changes: tuple[AttributeChange, ...]) -> Proposal:
    end = shape.commitment_end(case.live)
    if case.differs("term"):
        code, message = "E-TERM-SHORTER", "a running term cannot become shorter"
    else:
        code, message = "E-BILLING-SWITCH", "the billing cycle of a running term cannot be changed"
        if case.want["term"] == "P3Y":
            message += f" ({commercial.rule('triennial-cycle-switch', case.now.date()).says})"
    hint = f"declare it under endOfTerm.next with on: {end}"
    first = end + timedelta(days=1) if end else None
    return blocked(code, message, hint=hint, first_legal=first, attributes=changes)


def _update(case: _Case) -> None:
    """Name, seats and auto-renew on: what can be done at once."""
    steps: list[Step] = []
    keys: list[str] = []
    effects: list[str] = []
    phase, valid_until = PHASE_UPDATE, None
    if case.differs("friendlyName"):
        steps.append(_rename_step(case))
        keys.append("friendlyName")
    if case.want.get("autoRenew") and case.differs("autoRenew") and case.want["state"] == case.have.get("state"):
        steps.append(case.patch({"autoRenewEnabled": True}, "switch auto-renew on", "update"))
        keys.append("autoRenew")
    if case.differs("quantity"):
        delta = int(case.want["quantity"]) - int(case.have.get("quantity") or 0)
        allowed, closes = shape.refundable_now(case.live, case.now)
        if delta < 0 and -delta > allowed:
            case.proposals += _decrease_later(case, allowed)
        else:
            summary = f"set {case.want['quantity']} seats ({delta:+d})"
            steps.append(case.patch({"quantity": case.want["quantity"]}, summary, "update"))
            steps += case.restoration("update")
            keys += ["quantity", "next"] if case.differs("next") else ["quantity"]
            effects.append("deletes scheduled changes")
            if delta < 0:
                phase, valid_until = PHASE_DECREASE, closes
            else:
                effects.append("opens a new refund window for the added seats")
    if steps:
        effective = tuple(effects)
        case.proposals.append(
            _now(
                case,
                Action.UPDATE,
                phase,
                steps,
                tuple(keys),
                side_effects=effective,
                valid_until=valid_until,
            )
        )


def _decrease_later(case: _Case, allowed: int) -> list[Proposal]:
    """Blocked with the first legal day, or scheduled where the manifest says so; empty where it already stands."""
    change = (case.change("quantity"),)
    end = shape.commitment_end(case.live)
    first = end + timedelta(days=1) if end else None
    have = int(case.have.get("quantity") or 0)
    message = f"only {allowed} of {have} seats can be given back now, {have - int(case.want['quantity'])} would have to"
    if case.desired.memory.get("whenDecreaseNotRefundable") != "schedule":
        hint = f"use endOfTerm.next with on: {end}, or whenDecreaseNotRefundable: schedule"
        return [blocked("E-DECREASE-WINDOW", message, hint=hint, first_legal=first, attributes=change)]
    if case.want.get("next"):
        message += "; endOfTerm.next already says what follows"
        return [blocked("E-DECREASE-NEXT", message, first_legal=first, attributes=change)]
    following = {k: case.want[k] for k in ("product", "sku", "term", "billing", "quantity")} | {"endDate": None}
    case.restores = True
    return [] if case.have.get("next") == following else [_scheduled(case, following, message)]


def _scheduled(case: _Case, following: Mapping[str, Any], reason: str) -> Proposal:
    desired = case.desired
    step = ScheduleNextTerm(
        scope=desired.scope,
        unit="schedule",
        summary=f"schedule {following['quantity']} seats for the next term",
        subscription=case.live.live_id,
        product=following["product"],
        sku=following["sku"],
        segment=desired.memory["segment"],
        term=following["term"],
        billing=following["billing"],
        quantity=following["quantity"],
        end_date=following.get("endDate"),
        on=desired.memory.get("on"),
    )
    return Proposal(
        action=Action.SCHEDULE,
        timing=Timing(when=When.AT_RENEWAL, on=shape.commitment_end(case.live)),
        attributes=(AttributeChange(path="next", before=case.have.get("next"), after=dict(following)),),
        steps=(step,),
        reason=reason,
        side_effects=(f"all seats stay billed until {shape.commitment_end(case.live)}",),
        phase=PHASE_SCHEDULE,
    )


def _end_of_term(case: _Case) -> None:
    if case.want.get("autoRenew") is not False:
        return
    change = (case.change("autoRenew"),)
    if case.desired.memory.get("endOfTerm") == "cancel":
        case.proposals.append(_cancel_at_end(case, change))
    elif case.differs("autoRenew"):
        end = shape.commitment_end(case.live)
        step = case.patch({"autoRenewEnabled": False}, "switch auto-renew off", "end")
        entry = commercial.rule("auto-renew-off", case.now.date())
        case.proposals.append(
            Proposal(
                action=Action.UPDATE,
                timing=Timing(when=When.AT_RENEWAL, on=end),
                attributes=change,
                steps=(step,),
                side_effects=(entry.says, "deletes scheduled changes"),
                phase=PHASE_CANCEL,
            )
        )


def _next_term(case: _Case) -> None:
    """The scheduled instructions last, because everything before may delete them."""
    ignored = "next" in {p.split(".")[0] for p in case.desired.memory.get("ignore") or ()}
    if case.restores or ignored or case.live.facts.get("isTrial"):
        return
    want, have = case.want.get("next"), case.have.get("next")
    if want == have or case.want.get("autoRenew") is False:
        return
    if want is None:
        step = ClearSchedule(
            scope=case.desired.scope,
            unit="schedule",
            summary="remove the scheduled change",
            subscription=case.live.live_id,
        )
        case.proposals.append(_now(case, Action.UPDATE, PHASE_SCHEDULE, [step], ("next",)))
        return
    on, end = case.desired.memory.get("on"), shape.commitment_end(case.live)
    if on and end and on != end.isoformat():
        message = f"endOfTerm.on is {on}, but the commitment ends on {end}"
        hint = f"set endOfTerm.on: {end}"
        case.proposals.append(blocked("E-NEXT-ON", message, hint=hint, attributes=(case.change("next"),)))
        return
    case.proposals.append(_scheduled(case, want, ""))
