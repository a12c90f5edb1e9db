"""What a PATCH of a legacy subscription may change (rules 42 and 43).

Source: Partner Center docs, pages update-a-subscription-by-id, suspend-a-subscription,
reactivate-a-suspended-a-subscription, error-codes (Oct 2023): seats at any time, suspend instead of cancel.
"""

from __future__ import annotations

import copy
from typing import Any

from cspctl.emulator.context import Context
from cspctl.emulator.errors import ApiError
from cspctl.emulator.legacy.checks import require_active_parent
from cspctl.emulator.legacy.offers import find_offer
from cspctl.emulator.subscription.document import record
from cspctl.emulator.terms import cycle_of, stamp
from cspctl.emulator.wire.requests import whole

Document = dict[str, Any]


def legacy_changed(ctx: Context, current: Document, body: Document) -> Document:
    """The document after the PATCH. Raises 400/2054, 400/800096, 400/2001, 400/2002, 409/27009."""
    after = copy.deepcopy(current)
    billing = body.get("billingCycle")
    if billing and cycle_of(str(billing)) != current["billingCycle"]:
        text = "The billing cycle for an existing subscription can't be updated using update-subscription operation."
        raise ApiError(400, 2054, text + " Use update-Order operation.")
    status = str(body.get("status") or current["status"]).lower()
    if status != current["status"]:
        _set_status(ctx, after, status)
        return after
    quantity = body.get("quantity", current["quantity"])
    if quantity != current["quantity"]:
        _set_quantity(ctx, after, quantity)
    if body.get("friendlyName") is not None:
        after["friendlyName"] = str(body["friendlyName"])
    after["autoRenewEnabled"] = body.get("autoRenewEnabled") is True and current["billingType"] != "usage"
    return after


def _set_status(ctx: Context, after: Document, wanted: str) -> None:
    """Suspending a base takes its add-ons along; an add-on comes back only under an active base."""
    before = after["status"]
    if (before, wanted) not in (("active", "suspended"), ("suspended", "active")):
        raise ApiError(400, 800096, f"Can't update the status for this subscription: {before} to {wanted}.")
    now = ctx.clock.now()
    parent_id = after.get("parentSubscriptionId")
    if wanted == "active" and parent_id:
        parent = ctx.store.get("subscription", ctx.partner, parent_id)
        if parent is not None:
            require_active_parent(parent)
    after["status"], after["_suspended"] = wanted, stamp(now) if wanted == "suspended" else None
    _charge_status(ctx, after, wanted)
    if wanted == "suspended":
        for child in ctx.store.list("subscription", ctx.partner, parent=after["_customer"]):
            if child.get("parentSubscriptionId") == after["id"] and child["status"] == "active":
                changed = {**child, "status": "suspended", "_suspended": stamp(now), "_updates": child["_updates"] + 1}
                _charge_status(ctx, changed, wanted)
                ctx.store.put("subscription", ctx.partner, child["id"], changed)


def _charge_status(ctx: Context, after: Document, wanted: str) -> None:
    """Suspending is the cancellation of legacy goods: the rest of the cycle is given back until they are active."""
    if not ctx.settings.legacy_suspension_refunds or after["billingType"] == "usage":
        return
    seats = after["quantity"]
    if wanted == "suspended":
        record(after, "cancelImmediate", ctx.clock.now(), before=seats, returned=seats)
    else:
        record(after, "activate", ctx.clock.now(), before=0)


def _set_quantity(ctx: Context, after: Document, wanted: object) -> None:
    if after["status"] == "suspended":
        text = "Subscription quantity can't be increased or decreased while subscription is being suspended."
        raise ApiError(400, 2001, text)
    quantity, before = whole(wanted, "of the subscription"), int(after["quantity"])
    offer = find_offer(ctx.store, after["offerId"]) or {"minimumQuantity": 1, "maximumQuantity": 10_000_000}
    if not offer["minimumQuantity"] <= quantity <= offer["maximumQuantity"]:
        raise ApiError(400, 2002, "Subscription quantity isn't within minimum and maximum allowed quantity.")
    after["quantity"] = quantity
    record(after, "addQuantity" if quantity > before else "removeQuantity", ctx.clock.now(), before=before)
