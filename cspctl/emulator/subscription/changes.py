"""What a PATCH of a subscription may change, one function per intent (rules 31 to 37, 39, 41).

Every function takes a working copy of the stored document and changes it, or raises the documented error. Seats and
terms have modules of their own.
Source: Partner Center docs, pages update-a-subscription-by-id, create-a-new-subscription, subscription-lifecycle,
create-scheduled-changes, error-codes (2023).
"""

from __future__ import annotations

import copy
from typing import Any

from cspctl.emulator.azure.plan_status import check_plan_status, is_azure_plan
from cspctl.emulator.context import Context
from cspctl.emulator.errors import ApiError
from cspctl.emulator.subscription.document import Document, record
from cspctl.emulator.subscription.next_term import check_instructions, same_instructions
from cspctl.emulator.subscription.seat_changes import set_quantity
from cspctl.emulator.subscription.term_changes import set_term_and_cycle
from cspctl.emulator.subscription.windows import cancellable, window_of
from cspctl.emulator.terms import cycle_of, stamp
from cspctl.emulator.trade.participants import check_reseller

_SETTABLE = ("active", "suspended", "deleted")


def changed(ctx: Context, current: Document, body: dict[str, Any]) -> Document:
    """The document after the PATCH. `body` is the full resource as the caller sends it back."""
    after = copy.deepcopy(current)
    status = str(body.get("status") or current["status"]).lower()
    if status != current["status"]:
        _set_status(ctx, after, status, body)
        return after
    if current["status"] == "suspended":
        _refuse_while_suspended(ctx, current, body)
        return after
    _drop_charge_instructions(after, body)
    set_term_and_cycle(ctx, after, body)
    _rename(after, body)
    _set_reseller(ctx, after, body)
    _set_auto_renew(ctx, after, body)
    _set_instructions(ctx, current, after, body)
    wanted = body.get("quantity")
    set_quantity(ctx, after, current["quantity"] if wanted is None else wanted)
    return after


def _drop_charge_instructions(after: Document, body: dict[str, Any]) -> None:
    """Left out means deleted (rule 32)."""
    if not body.get("nextChargeInstructions"):
        after["nextChargeInstructions"] = None


def _set_status(ctx: Context, after: Document, wanted: str, body: dict[str, Any]) -> None:
    before = after["status"]
    if after["isTrial"] or wanted not in _SETTABLE:
        raise ApiError(400, 800096, f"Can't update the status for this subscription: {before} to {wanted}.")
    if is_azure_plan(after):
        check_plan_status(ctx, after, wanted)
    if wanted == "deleted":
        _cancel(ctx, after)
        return
    if body.get("quantity", after["quantity"]) != after["quantity"]:
        raise _locked_quantity(ctx)
    _drop_charge_instructions(after, body)
    after["status"] = wanted
    if wanted == "active":
        after["_suspended"] = None
        return
    if after.get("_extended"):
        raise ApiError(400, 900280, "Update operations are currently not allowed for this subscription.")
    # auto-renew and schedules go, pending charge changes and billing stay (page subscription-lifecycle)
    after.update(autoRenewEnabled=False, scheduledNextTermInstructions=None, _suspended=stamp(ctx.clock.now()))


def _cancel(ctx: Context, after: Document) -> None:
    """Rule 35. Raises 400/900117 when the window counts days, 400/900213 when it counts hours."""
    now, window = ctx.clock.now(), window_of(after, ctx.settings)
    if not cancellable(after, now) and not is_azure_plan(after):
        in_hours = window is not None and window.in_hours
        if in_hours and ctx.settings.marketplace_late_cancel == "at_renewal":
            after["autoRenewEnabled"] = False
            return
        words = window.words if window else f"{ctx.settings.window_days}-day"
        text = f"You have passed your {words} cancellation window. We are unable to cancel your purchase."
        raise ApiError(400, 900213 if in_hours else 900117, text)
    seats = after["quantity"]
    after.update(status="deleted", autoRenewEnabled=False, scheduledNextTermInstructions=None)
    after.update(nextChargeInstructions=None, _batches=[])
    if after["billingType"] != "usage":  # what was used is billed, nothing is given back
        record(after, "cancelImmediate", now, before=seats, returned=seats)


def _locked_quantity(ctx: Context) -> ApiError:
    text = "Subscription quantity can't be increased or decreased while subscription is being suspended."
    return ApiError(400, ctx.settings.suspended_update_code, text)


def _refuse_while_suspended(ctx: Context, current: Document, body: dict[str, Any]) -> None:
    """Rule 33 and 37: a suspended subscription takes nothing but reactivation and, in its window, cancellation."""
    if body.get("quantity", current["quantity"]) != current["quantity"]:
        raise _locked_quantity(ctx)
    renamed = body.get("friendlyName", current["friendlyName"]) != current["friendlyName"]
    instructed = not same_instructions(body.get("scheduledNextTermInstructions"), None)
    other_term = any(changes_cycle(current, body, name) for name in ("termDuration", "billingCycle"))
    if renamed or instructed or other_term or body.get("autoRenewEnabled") is True:
        raise ApiError(400, 800091, "Can't update a subscription with suspended status.")


def changes_cycle(current: Document, body: dict[str, Any], name: str) -> bool:
    """Whether a body asks for another `termDuration` or `billingCycle`, in whatever spelling."""
    given = body.get(name)
    return given is not None and cycle_of(str(given)) != cycle_of(str(current[name]))


def _rename(after: Document, body: dict[str, Any]) -> None:
    name = body.get("friendlyName")
    if name is not None:
        after["friendlyName"] = str(name)


def _set_reseller(ctx: Context, after: Document, body: dict[str, Any]) -> None:
    """No page says how the reseller of record is changed; what the emulator does is a setting. Raises 400/800098."""
    wanted, rule = body.get("partnerId"), ctx.settings.reseller_change
    if wanted is None or str(wanted) == after["partnerId"] or rule == "ignore":
        return
    if rule == "refuse":
        raise ApiError(400, 800098, "Can't update the partner on record for this subscription.")
    after["partnerId"] = check_reseller(ctx, wanted)


def _set_auto_renew(ctx: Context, after: Document, body: dict[str, Any]) -> None:
    """Left out means off (rule 32); off deletes scheduled changes."""
    wanted = body.get("autoRenewEnabled") is True
    if after["isTrial"] and ctx.settings.trial_auto_renew_fixed:
        return
    if wanted and after["billingType"] == "usage":
        raise ApiError(400, 800093, "The subscription isn't eligible to be auto-renewed.")
    after["autoRenewEnabled"] = wanted
    if wanted:
        after["_cancelAtEnd"] = None  # whoever wants the next term no longer wants the end
    if not wanted and not after["isTrial"]:
        after["scheduledNextTermInstructions"] = None


def _set_instructions(ctx: Context, current: Document, after: Document, body: dict[str, Any]) -> None:
    """Left out means deleted (rule 32); on trials they are always present. New ones need auto-renew.

    A longer term deletes them, as any immediate change does (page create-scheduled-changes, live text). Where a switch
    lets them stay they are checked again: an end date may no longer fit the next term.
    """
    given = body.get("scheduledNextTermInstructions")
    if not given:
        if not after["isTrial"]:
            after["scheduledNextTermInstructions"] = None
        return
    other_term = after["termDuration"] != current["termDuration"]
    if other_term and not ctx.settings.term_change_keeps_schedule:
        after["scheduledNextTermInstructions"] = None
        return
    same = same_instructions(given, current.get("scheduledNextTermInstructions"))
    if same and not (other_term and given.get("customTermEndDate")):
        return
    if not after["autoRenewEnabled"]:
        text = "Invalid request input: scheduledNextTermInstructions need an active subscription with auto-renew."
        raise ApiError(400, 800002, text)
    after["scheduledNextTermInstructions"] = check_instructions(ctx, after, given)
