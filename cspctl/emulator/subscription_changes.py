"""What a PATCH of a subscription may change, one function per intent (rules 31 to 37, 39, 41).

Every function takes a working copy of the stored document and changes it, or raises the documented error.
Source: Partner Center docs, pages update-a-subscription-by-id, create-a-new-subscription, subscription-lifecycle,
create-scheduled-changes, error-codes (2023).
"""

from __future__ import annotations

import copy
from datetime import date, timedelta
from typing import Any

from cspctl.emulator.ageing.conditions import reprice
from cspctl.emulator.azure.plan_status import check_plan_status, is_azure_plan
from cspctl.emulator.cart_lines import seat_error
from cspctl.emulator.context import Context
from cspctl.emulator.coterm import customer_subscriptions
from cspctl.emulator.customers import require_counting_agreement
from cspctl.emulator.errors import ApiError
from cspctl.emulator.next_term import check_instructions, same_instructions
from cspctl.emulator.offers import Offer, check_quantity, check_term, find_product, find_sku, generation
from cspctl.emulator.sandbox import check_seats
from cspctl.emulator.subscription_document import RUNNING, Document, cancellable, open_batches, record, set_term
from cspctl.emulator.terms import MONTHS, cycle_of, longer_cycle_than_term, stamp, term_end

_SETTABLE = ("active", "suspended", "deleted")


def changed(ctx: Context, current: Document, body: dict[str, Any]) -> Document:
    """The document after the PATCH. `body` is the full resource as the caller sends it back."""
    after = copy.deepcopy(current)
    status = str(body.get("status") or current["status"]).lower()
    if status != current["status"]:
        _set_status(ctx, after, current["status"], status)
        return after
    if current["status"] == "suspended":
        _refuse_while_suspended(ctx, current, body)
        return after
    if not body.get("nextChargeInstructions"):
        after["nextChargeInstructions"] = None  # left out means deleted (rule 32)
    _set_term_and_cycle(ctx, after, body)
    _rename(after, body)
    _set_auto_renew(after, body)
    _set_instructions(ctx, after, current.get("scheduledNextTermInstructions"), body)
    _set_quantity(ctx, after, body.get("quantity", current["quantity"]))
    return after


def _set_status(ctx: Context, after: Document, before: str, wanted: str) -> None:
    if after["isTrial"] or wanted not in _SETTABLE:
        raise ApiError(400, 800096, f"Can't update the status for this subscription: {before} to {wanted}.")
    now = ctx.clock.now()
    if is_azure_plan(after):
        check_plan_status(ctx, after, wanted)
        after.update(status=wanted, _suspended=stamp(now) if wanted == "suspended" else None)
        return
    if wanted == "deleted":
        if not cancellable(after, now):
            days = ctx.settings.window_days
            text = f"You have passed your {days}-day cancellation window. We are unable to cancel your purchase."
            raise ApiError(400, 900117, text)
        seats = after["quantity"]
        after.update(status="deleted", autoRenewEnabled=False, scheduledNextTermInstructions=None)
        after.update(nextChargeInstructions=None, _batches=[])
        record(after, "cancelImmediate", now, before=seats, returned=seats)
        return
    after["status"] = wanted
    if wanted == "suspended":
        # auto-renew and schedules go, pending charge changes and billing stay (page subscription-lifecycle)
        after.update(autoRenewEnabled=False, scheduledNextTermInstructions=None, _suspended=stamp(now))
    else:
        after["_suspended"] = None


def _refuse_while_suspended(ctx: Context, current: Document, body: dict[str, Any]) -> None:
    """Rule 33 and 37: a suspended subscription takes nothing but reactivation and, in its window, cancellation."""
    code = ctx.settings.suspended_update_code
    if body.get("quantity", current["quantity"]) != current["quantity"]:
        text = "Subscription quantity can't be increased or decreased while subscription is being suspended."
        raise ApiError(400, code, text)
    renamed = body.get("friendlyName", current["friendlyName"]) != current["friendlyName"]
    instructed = not same_instructions(body.get("scheduledNextTermInstructions"), None)
    other_term = any(_differs(current, body, name) for name in ("termDuration", "billingCycle"))
    if renamed or instructed or other_term or body.get("autoRenewEnabled") is True:
        raise ApiError(400, 800091, "Can't update a subscription with suspended status.")


def _differs(current: Document, body: dict[str, Any], name: str) -> bool:
    given = body.get(name)
    return given is not None and cycle_of(str(given)) != cycle_of(str(current[name]))


def _rename(after: Document, body: dict[str, Any]) -> None:
    name = body.get("friendlyName")
    if name is not None:
        after["friendlyName"] = str(name)


def _set_auto_renew(after: Document, body: dict[str, Any]) -> None:
    """Left out means off (rule 32); off deletes scheduled changes."""
    wanted = body.get("autoRenewEnabled") is True
    if wanted and after["billingType"] == "usage":
        raise ApiError(400, 800093, "The subscription isn't eligible to be auto-renewed.")
    after["autoRenewEnabled"] = wanted
    if not wanted and not after["isTrial"]:
        after["scheduledNextTermInstructions"] = None


def _set_instructions(ctx: Context, after: Document, before: Document | None, body: dict[str, Any]) -> None:
    """Left out means deleted (rule 32); on trials they are always present. New ones need auto-renew."""
    given = body.get("scheduledNextTermInstructions")
    if not given:
        if not after["isTrial"]:
            after["scheduledNextTermInstructions"] = None
        return
    if same_instructions(given, before):
        return
    if not after["autoRenewEnabled"]:
        text = "Invalid request input: scheduledNextTermInstructions need an active subscription with auto-renew."
        raise ApiError(400, 800002, text)
    after["scheduledNextTermInstructions"] = check_instructions(ctx, after, given)


def _set_quantity(ctx: Context, after: Document, wanted: object) -> None:
    if wanted == after["quantity"]:
        return
    if after["isTrial"]:
        raise ApiError(400, 800095, "Can't update the seat quantity for this subscription.")
    if isinstance(wanted, bool) or not isinstance(wanted, int | float) or wanted != int(wanted):
        raise ApiError(400, 2002, f"Subscription quantity isn't within minimum and maximum: {wanted!r}.")
    if after.get("_extended"):
        raise ApiError(400, 900280, "Update operations are currently not allowed for this subscription.")
    require_counting_agreement(ctx, after["_customer"])
    quantity, before = int(wanted), int(after["quantity"])
    check_quantity(_offer(ctx, after), quantity)
    if quantity > before:
        _add_seats(ctx, after, quantity - before)
    else:
        _return_seats(ctx, after, before - quantity)
    after["scheduledNextTermInstructions"] = None  # any quantity change deletes scheduled changes


def _add_seats(ctx: Context, after: Document, more: int) -> None:
    """Rule 36: a batch of its own with its own window; the end of the term stays."""
    now, before = ctx.clock.now(), int(after["quantity"])
    key = after["offerId"].split(":")[:2]
    others = [
        one
        for one in customer_subscriptions(ctx, after["_customer"])
        if one["status"] in RUNNING and one["offerId"].split(":")[:2] == key
    ]
    error = seat_error(_offer(ctx, after), more, sum(one["quantity"] for one in others))
    if error is not None:
        raise error.http
    check_seats(ctx, before + more)
    until = stamp(now + timedelta(days=ctx.settings.window_days))
    after["_batches"] = [*open_batches(after, now), {"quantity": more, "until": until}]
    after["quantity"] = before + more
    record(after, "addQuantity", now, before=before)


def _return_seats(ctx: Context, after: Document, fewer: int) -> None:
    """Rule 34 and 35: only out of open batches; the settings say which batch goes first."""
    now, before = ctx.clock.now(), int(after["quantity"])
    batches = open_batches(after, now)
    if fewer > sum(batch["quantity"] for batch in batches):
        code = ctx.settings.late_decrease_code
        days = ctx.settings.window_days
        late = f"You have passed your {days}-day window for reducing seats for this subscription."
        raise ApiError(400, code, late if code == 900257 else "Subscription quantity can't be decreased.")
    newest_first = ctx.settings.decrease_consumes != "oldest"
    left, kept = fewer, []
    for batch in reversed(batches) if newest_first else batches:
        taken = min(left, batch["quantity"])
        left -= taken
        if batch["quantity"] > taken:
            kept.append({**batch, "quantity": batch["quantity"] - taken})
    after["_batches"] = kept[::-1] if newest_first else kept
    after["quantity"] = before - fewer
    record(after, "removeQuantity", now, before=before, returned=fewer)


def _set_term_and_cycle(ctx: Context, after: Document, body: dict[str, Any]) -> None:
    """Rule 39: a longer term at once, with any cycle it has; of cycles alone only the P3Y monthly/annual switch."""
    duration = str(body.get("termDuration") or after["termDuration"]).upper()
    billing = cycle_of(str(body.get("billingCycle") or after["billingCycle"]))
    if (duration, billing) == (after["termDuration"], after["billingCycle"]):
        return
    if after["isTrial"]:
        raise ApiError(400, 800107, "Term changes are not supported for trial offers.")
    if duration not in MONTHS:
        raise ApiError(400, 800121, f"The term duration provided is invalid: {duration}.")
    if longer_cycle_than_term(billing, duration):
        raise ApiError(400, 900270, "The billing cycle cannot be longer than the term.")
    if not ctx.settings.mid_term_changes:
        raise ApiError(400, 900280, "Update operations are currently not allowed for this subscription.")
    if duration == after["termDuration"]:
        _plan_cycle(ctx, after, billing)
        return
    if MONTHS[duration] < MONTHS.get(after["termDuration"], 0):
        text = "The target term duration cannot be shorter than the current term duration."
        raise ApiError(400, ctx.settings.shorter_term_code, text)
    check_term(_offer(ctx, after), duration, billing)
    now = ctx.clock.now()
    before = after["quantity"]
    after.update(termDuration=duration, billingCycle=billing, effectiveStartDate=stamp(now), _extended=None)
    set_term(after, now.date(), term_end(now.date(), duration))
    reprice(ctx.store, ctx.settings, after, now, promotion=after.get("promotionId"))  # it may be lost by the change
    record(after, "extendTerm", now, before=before, term=duration, billing=billing)


def _plan_cycle(ctx: Context, after: Document, billing: str) -> None:
    """A switch of the cycle alone waits for the next charge, visible in nextChargeInstructions."""
    until = date.fromisoformat(ctx.settings.triennial_cycle_change_until)
    pair = {after["billingCycle"], billing}
    if after["termDuration"] != "P3Y" or pair != {"monthly", "annual"} or ctx.clock.now().date() > until:
        raise ApiError(400, 800097, "Can't update the billing cycle for this subscription.")
    check_term(_offer(ctx, after), "P3Y", billing)
    product_id, sku_id, availability = after["offerId"].split(":")
    product = {
        "productId": product_id, "skuId": sku_id, "availabilityId": availability,
        "billingCycle": billing, "termDuration": "P3Y",
    }  # fmt: skip  # one shape
    after["nextChargeInstructions"] = {"product": product, "quantity": after["quantity"]}


def _offer(ctx: Context, document: Document) -> Offer:
    """The subscription's SKU today, under whatever availability id it has now."""
    product_id, sku_id, _ = document["offerId"].split(":")
    product = find_product(ctx.store, product_id)
    number = generation(ctx.store, ctx.settings, ctx.clock.now())
    return Offer(product, find_sku(product, sku_id), document["_segment"], number)
