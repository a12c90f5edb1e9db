"""Seats of a running subscription: more at any time, fewer out of the batches that are still refundable.

Source: Partner Center docs, pages update-a-subscription-by-id, create-a-new-subscription, error-codes 800090, 800095,
900214, 900257 (2023); rules 22, 34, 35 and 36.
"""

from __future__ import annotations

from cspctl.emulator.context import Context
from cspctl.emulator.errors import ApiError
from cspctl.emulator.market.promotion_rules import require_room
from cspctl.emulator.partner.customers import require_counting_agreement
from cspctl.emulator.subscription.document import Document, record
from cspctl.emulator.subscription.windows import RUNNING, is_renewing, open_batches, window_of
from cspctl.emulator.terms import stamp
from cspctl.emulator.trade.cart_lines import seat_error
from cspctl.emulator.trade.coterm import customer_subscriptions
from cspctl.emulator.trade.offers import check_quantity, sold_offer
from cspctl.emulator.trade.sandbox import check_seats


def set_quantity(ctx: Context, after: Document, wanted: object) -> None:
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
    check_quantity(sold_offer(ctx, after), quantity)
    if quantity > before:
        _add_seats(ctx, after, quantity - before)
    else:
        _return_seats(ctx, after, before - quantity)
    after["scheduledNextTermInstructions"] = None  # any quantity change deletes scheduled changes


def _add_seats(ctx: Context, after: Document, more: int) -> None:
    """Rule 36: a batch of its own with its own window; the end of the term stays."""
    now, before = ctx.clock.now(), int(after["quantity"])
    key = after["offerId"].split(":")[:2]
    owned = customer_subscriptions(ctx, after["_customer"])
    others = [one for one in owned if one["status"] in RUNNING and one["offerId"].split(":")[:2] == key]
    error = seat_error(sold_offer(ctx, after), more, sum(one["quantity"] for one in others))
    if error is not None:
        raise error.http
    check_seats(ctx, before + more)
    require_room(ctx.store, after, more, owned)
    window, batches = window_of(after, ctx.settings), open_batches(after, now)
    if window is not None and window.seats:
        batches.append({"quantity": more, "until": stamp(now + window.length)})
    after["_batches"] = batches
    after["quantity"] = before + more
    if not is_renewing(after, now):  # else the renewal charges them
        record(after, "addQuantity", now, before=before)


def _return_seats(ctx: Context, after: Document, fewer: int) -> None:
    """Rule 34 and 35: only out of open batches; the settings say which batch goes first."""
    now, before = ctx.clock.now(), int(after["quantity"])
    batches = open_batches(after, now)
    if fewer > sum(batch["quantity"] for batch in batches):
        raise _too_late(ctx, after)
    newest_first = ctx.settings.decrease_consumes != "oldest"
    left, kept = fewer, []
    for batch in reversed(batches) if newest_first else batches:
        taken = min(left, batch["quantity"])
        left -= taken
        if batch["quantity"] > taken:
            kept.append({**batch, "quantity": batch["quantity"] - taken})
    after["_batches"] = kept[::-1] if newest_first else kept
    after["quantity"] = before - fewer
    if not is_renewing(after, now):  # else the renewal does not charge them
        record(after, "removeQuantity", now, before=before, returned=fewer)


def _too_late(ctx: Context, document: Document) -> ApiError:
    """800090 by the documented sample; by switch the newer wording, which counts days or hours."""
    window = window_of(document, ctx.settings)
    if ctx.settings.late_decrease_code == 800090 or window is None or not window.seats:
        return ApiError(400, 800090, "Subscription quantity can't be decreased.")
    text = f"You have passed your {window.words} window for reducing seats for this subscription."
    return ApiError(400, 900214 if window.in_hours else 900257, text)
