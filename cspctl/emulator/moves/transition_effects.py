"""What a transition does to the stored subscriptions.

Source: Partner Center docs, page create-a-new-subscription (2023): no cancellation window for an upgrade (a switch
lets it inherit the source's), scheduled changes are deleted, the end of the term stays.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cspctl.emulator.billing.charges import conditions
from cspctl.emulator.context import Context
from cspctl.emulator.subscription.document import Purchase, cycle_anchor, record, set_term, term_day
from cspctl.emulator.terms import stamp, term_end
from cspctl.emulator.trade.offers import Offer
from cspctl.emulator.trade.orders import place_order
from cspctl.emulator.trade.pricing import promotion_discount, unit_price
from cspctl.emulator.wire.shapes import stable_guid

Document = dict[str, Any]


@dataclass(frozen=True)
class Move:
    """A checked transition; `into` is an existing target."""

    source: Document
    offer: Offer
    quantity: int
    duration: str
    billing: str
    kind: str
    into: Document | None
    promotion: str | None = None

    @property
    def full(self) -> bool:
        return bool(self.quantity >= self.source["quantity"])

    @property
    def reference(self) -> str:
        """What the charge lines of both subscriptions share."""
        return stable_guid("transition", self.source["id"], str(self.source["_updates"]))


def execute(ctx: Context, customer: Document, move: Move) -> str:
    """Store the effect; answers the id of the subscription that has the seats now."""
    if move.into is not None:
        _give(ctx, move)
        return _take(ctx, move, move.into)
    if move.full:
        return _in_place(ctx, customer, move)
    _give(ctx, move)
    return _beside(ctx, customer, move)


def _price(ctx: Context, customer: Document, move: Move) -> str | None:
    found = unit_price(
        ctx.store, move.offer, move.duration, move.billing, customer["_market"], customer["_currency"], ctx.clock.now()
    )
    return None if found is None else str(found)


def _discount(ctx: Context, move: Move) -> tuple[str | None, Decimal]:
    """The promotion the request names, where it fits; none for the conversion of a trial."""
    if move.promotion is None or move.source["isTrial"]:
        return None, Decimal(0)
    return promotion_discount(
        ctx.store, move.offer, move.duration, move.billing, move.quantity, move.promotion, ctx.clock.now()
    )


def _in_place(ctx: Context, customer: Document, move: Move) -> str:
    now, source = ctx.clock.now(), move.source
    after = copy.deepcopy(source)
    promotion, discount = _discount(ctx, move)
    after.update(
        offerId=move.offer.catalog_item_id, offerName=move.offer.sku["title"], isTrial=False, promotionId=promotion,
        scheduledNextTermInstructions=None, _updates=source["_updates"] + 1, quantity=move.quantity,
        _unitPrice=_price(ctx, customer, move), _discount=str(discount),
    )  # fmt: skip  # one change
    if source["friendlyName"] == source["offerName"]:
        after["friendlyName"] = after["offerName"]
    if source["isTrial"] or (move.duration, move.billing) != (source["termDuration"], source["billingCycle"]):
        longer = source["isTrial"] or move.duration != source["termDuration"]
        after.update(termDuration=move.duration, billingCycle=move.billing)
        if longer:
            after["effectiveStartDate"] = stamp(now)
            set_term(after, now.date(), term_end(now.date(), move.duration))
    _close_window(ctx, after, source)
    record(after, "convert", now, before=source["quantity"], old=conditions(source))
    ctx.store.put("subscription", ctx.partner, source["id"], after)
    return str(source["id"])


def _close_window(ctx: Context, after: Document, source: Document) -> None:
    """None for what came by an upgrade, or by switch that of the source, for as many seats as still had it."""
    if not ctx.settings.transition_keeps_window:
        after.update(_until=None, _batches=[], refundOptions=None)
        return
    after.update(_until=source["_until"], refundOptions=source["refundOptions"])
    after["_batches"] = _at_most(source["_batches"], after["quantity"])


def _give(ctx: Context, move: Move) -> None:
    """The source without the seats; without any left it ends."""
    now, after = ctx.clock.now(), copy.deepcopy(move.source)
    left = move.source["quantity"] - move.quantity
    after.update(quantity=left, scheduledNextTermInstructions=None, _updates=move.source["_updates"] + 1)
    kind = "convert" if move.into is None else "moveQuantity"
    record(after, kind, now, before=move.source["quantity"], returned=move.quantity, reference=move.reference)
    if left == 0:
        after.update(status="deleted", autoRenewEnabled=False, quantity=move.source["quantity"], _batches=[])
    else:
        after["_batches"] = _at_most(after["_batches"], left)
    ctx.store.put("subscription", ctx.partner, move.source["id"], after)


def _at_most(batches: list[Document], seats: int) -> list[Document]:
    """The batches, oldest first, cut down to a number of seats."""
    found, room = [], seats
    for batch in batches:
        kept = min(room, batch["quantity"])
        room -= kept
        if kept:
            found.append({**batch, "quantity": kept})
    return found


def _take(ctx: Context, move: Move, target: Document) -> str:
    now, after = ctx.clock.now(), copy.deepcopy(target)
    after.update(
        quantity=target["quantity"] + move.quantity, scheduledNextTermInstructions=None,
        _updates=target["_updates"] + 1,
    )  # fmt: skip  # one change
    record(after, "moveQuantity", now, before=target["quantity"], reference=move.reference)
    ctx.store.put("subscription", ctx.partner, target["id"], after)
    return str(target["id"])


def _beside(ctx: Context, customer: Document, move: Move) -> str:
    """A second subscription that ends on the same day and is charged on the same days, by an order of its own.

    The published example bills both halves for the same days of one cycle, up to the source's next charge.
    """
    price, same_term = _price(ctx, customer, move), move.duration == move.source["termDuration"]
    promotion, discount = _discount(ctx, move)
    bought = Purchase(
        customer=customer,
        offer=move.offer,
        quantity=move.quantity,
        duration=move.duration,
        billing=move.billing,
        partner_id=move.source["partnerId"],
        custom_end=term_day(move.source) if same_term else None,
        cycles_from=cycle_anchor(move.source) if same_term else None,
        auto_renew=move.source["autoRenewEnabled"],
        unit_price=None if price is None else Decimal(price),
        promotion_id=promotion,
        discount=discount,
        charge_type="convert",
        reference=move.reference,
    )
    order = place_order(ctx, customer, [bought])
    id = str(order["lineItems"][0]["subscriptionId"])
    document = ctx.store.get("subscription", ctx.partner, id) or {}
    document.pop("customTermEndDate", None)  # nobody asked for the date: it is the source's
    _close_window(ctx, document, move.source)
    ctx.store.put("subscription", ctx.partner, id, document)
    return id
