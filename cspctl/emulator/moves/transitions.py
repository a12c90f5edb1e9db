"""Transitions of new-commerce subscriptions: eligibility, execution, history (rule 44).

A full transition into a new subscription happens in place and keeps the id; a partial one makes a second
subscription that ends on the same day; into an existing one the seats are added.
Source: Partner Center docs, pages transition-a-new-commerce-subscription, get-transitions (2023). The samples write
the key `Events` with a capital, and in the history also `FromCatalogItemId` and `ToCatalogItemId`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.moves.transition_effects import Move, execute
from cspctl.emulator.moves.transition_rules import (
    ONLY,
    WITH_LICENCES,
    conflicts,
    eligibilities,
    existing_targets,
    require_modern,
    target_code,
    targets_of,
)
from cspctl.emulator.partner.customers import customer_of
from cspctl.emulator.subscription.subscriptions import subscription_of
from cspctl.emulator.subscription.update_gate import require_free, require_renewed
from cspctl.emulator.subscription.windows import is_renewing
from cspctl.emulator.terms import MONTHS, cycle_of, parse_moment, stamp
from cspctl.emulator.trade.offers import Offer, check_quantity, check_term, generation, offer_by_item
from cspctl.emulator.wire.requests import invalid, text_of, whole
from cspctl.emulator.wire.shapes import collection, new_guid, query_value, stable_guid

Document = dict[str, Any]
KIND = "transition"
_BLOCKED = {
    1: (900258, "Target subscription must be active."),
    2: (900261, "The target subscription is not ready to be upgraded. Please try again after sometime."),
    4: (900236, "Target subscription CommitmentEndDate must be later than source subscription"),
}


def _source(request: Request, ctx: Context) -> tuple[Document, Document]:
    customer = customer_of(ctx, request.path_params["customer_id"])
    source = subscription_of(ctx, customer, request.path_params["subscription_id"])
    require_modern(source)
    return customer, source


async def list_eligibilities(request: Request, ctx: Context) -> Answer:
    _, source = _source(request, ctx)
    kind = (query_value(request, "eligibilityType") or "immediate").lower()
    if kind not in ("immediate", "scheduled"):
        raise ApiError(400, 900126, f"Unable to parse enum: {kind}.")
    operation = stable_guid("transition", source["id"], stamp(ctx.clock.now()))
    alone = source["isTrial"] or kind == "scheduled"
    items = [
        {
            "operationId": operation,
            "catalogItemId": offer.catalog_item_id,
            "title": offer.sku["title"],
            "description": offer.sku["description"],
            "quantity": source["quantity"],
            "subscriptionEligibilities": [] if alone else existing_targets(ctx, source, offer),
            "eligibilities": eligibilities(source, offer, ctx.clock.now()),
            "attributes": {"objectType": "TransitionEligibility"},
        }
        for offer in targets_of(ctx, source)
    ]
    return Answer(200, collection(items))


async def create(request: Request, ctx: Context) -> Answer:
    customer, source = _source(request, ctx)
    body = body_of(request)
    move = _read(ctx, customer, source, body)
    target_id = execute(ctx, customer, move)
    now = ctx.clock.now()
    kept: Document = {
        "id": new_guid(ctx.store, KIND),
        "from": source["offerId"],
        "fromSubscriptionId": source["id"],
        "to": move.offer.catalog_item_id,
        "toSubscriptionId": target_id,
        "quantity": move.quantity,
        "termDuration": move.duration,
        "billingCycle": str(body.get("billingCycle") or move.billing),
        "transitionType": move.kind,
        "promotionId": body.get("promotionId"),
        "_started": stamp(now),
        "_done": stamp(now + timedelta(seconds=ctx.settings.transition_seconds)),
        "_moves": move.kind == WITH_LICENCES or move.full,
        "_conflicts": conflicts(move.offer),
    }
    ctx.store.put(KIND, ctx.partner, kept["id"], kept, parent=source["id"])
    ctx.audit.record(
        operation="upgrade_subscription",
        resource_type="subscription",
        customer_id=customer["id"],
        old={"id": source["id"], "offerId": source["offerId"], "quantity": source["quantity"]},
        new={"id": target_id, "offerId": move.offer.catalog_item_id, "quantity": move.quantity},
        customized=[{"key": "SubscriptionId", "value": source["id"]}],
    )
    return Answer(200, {"fromCatalogItemId": kept["from"], "toCatalogItemId": kept["to"], **_wire(ctx, kept)})


def _read(ctx: Context, customer: Document, source: Document, body: Document) -> Move:
    """Everything that can be wrong with a request. Raises the documented 400s, 403/800020, 404s."""
    given = str(body.get("fromSubscriptionId") or source["id"]).lower()
    item = str(body.get("fromCatalogItemId") or source["offerId"]).upper()
    if given != source["id"] or item != source["offerId"].upper():
        raise invalid("fromSubscriptionId and fromCatalogItemId must be those of the subscription")
    kind = text_of(body, "transitionType").lower()
    if kind not in (ONLY, WITH_LICENCES):
        raise ApiError(400, 900126, f"Unable to parse enum: {kind}.")
    if source["status"] != "active":
        raise ApiError(400, 800012, "This subscription isn't an active subscription.")
    require_free(source, ctx.settings)
    require_renewed(source, ctx.clock.now())
    offer = _target(ctx, source, text_of(body, "toCatalogItemId"))
    quantity = whole(body.get("quantity"), "of the transition")
    _check_quantity(source, offer, quantity, alone=not body.get("toSubscriptionId"))
    promotion = body.get("promotionId")
    if promotion and ctx.store.get("promotion", "", str(promotion).lower()) is None:
        raise ApiError(400, 27007, f"Invalid promotion code: {promotion}.")
    into = _existing(ctx, customer, source, offer, body.get("toSubscriptionId"))
    duration, billing = _term(source, offer, body, into)
    return Move(source, offer, quantity, duration, billing, kind, into, str(promotion) if promotion else None)


def _check_quantity(source: Document, offer: Offer, quantity: int, *, alone: bool) -> None:
    """A part of the seats or all of them; a trial moves as a whole, and alone it may grow. Raises 400/2002."""
    held = int(source["quantity"])
    fits = quantity <= held
    if source["isTrial"]:
        fits = quantity >= held if alone else quantity == held
    if not fits:
        raise ApiError(400, 2002, "Subscription quantity isn't within minimum and maximum allowed quantity.")
    if alone:
        check_quantity(offer, quantity)


def _target(ctx: Context, source: Document, item: str) -> Offer:
    offer = offer_by_item(ctx.store, item, generation(ctx.store, ctx.settings, ctx.clock.now()))
    if (offer.product_id, offer.sku_id) not in {(one.product_id, one.sku_id) for one in targets_of(ctx, source)}:
        raise ApiError(403, 800020, "The catalog item isn't eligible for purchase: it is no upgrade of this one.")
    return offer


def _term(source: Document, offer: Offer, body: Document, into: Document | None) -> tuple[str, str]:
    """The existing target's term; else what was asked for, the source's without; a trial becomes P1Y monthly."""
    if into is not None:
        return into["termDuration"], into["billingCycle"]
    trial = source["isTrial"]
    duration = str(body.get("termDuration") or ("P1Y" if trial else source["termDuration"])).upper()
    billing = cycle_of(str(body.get("billingCycle") or ("monthly" if trial else source["billingCycle"])))
    if duration not in MONTHS:
        raise ApiError(400, 900268, "The term duration on the target transition is invalid.")
    if not trial and MONTHS[duration] < MONTHS.get(source["termDuration"], 0):
        text = "Target transition can't have a term duration shorter than that of the source subscription."
        raise ApiError(400, 900267, text)
    check_term(offer, duration, billing)
    return duration, billing


def _existing(ctx: Context, customer: Document, source: Document, offer: Offer, wanted: object) -> Document | None:
    if not wanted:
        return None
    lead = "The target transition ToSubscriptionId field is invalid. "
    if str(wanted).lower() == source["id"]:
        raise ApiError(400, 900259, lead + "Target subscription id can't be the same as the source subscription ID.")
    target = subscription_of(ctx, customer, str(wanted))
    if target["offerId"].split(":")[:2] != [offer.product_id, offer.sku_id]:
        text = "Target subscription must have the same CatalogItemId as in the transition request."
        raise ApiError(400, 900260, lead + text)
    if target.get("_pending") or target.get("_transfer") or is_renewing(target, ctx.clock.now()):
        raise ApiError(400, 900261, lead + _BLOCKED[2][1])
    code = target_code(source, target, ctx.clock.now())
    if code == 3:
        text = "Target transition can't have a term duration shorter than that of the source subscription."
        raise ApiError(400, 900267, text)
    if code:
        raise ApiError(400, _BLOCKED[code][0], lead + _BLOCKED[code][1])
    return target


async def history(request: Request, ctx: Context) -> Answer:
    """Transitions of a subscription as their source; `operation-id` narrows."""
    _, source = _source(request, ctx)
    wanted = (query_value(request, "operation-id", "operationId", "operation_id") or "").lower()
    kept = ctx.store.list(KIND, ctx.partner, parent=source["id"])
    items = [
        {"operationId": one["id"], "FromCatalogItemId": one["from"], "ToCatalogItemId": one["to"], **_wire(ctx, one)}
        for one in kept
        if not wanted or one["id"] == wanted
    ]
    return Answer(200, {"transition": items, "attributes": {"objectType": "Collection"}})


def _wire(ctx: Context, kept: Document) -> Document:
    names = (
        "fromSubscriptionId", "toSubscriptionId", "quantity", "termDuration", "billingCycle", "transitionType",
        "promotionId",
    )  # fmt: skip  # the fields of the resource
    body = {name: kept[name] for name in names}
    done = parse_moment(kept["_done"]) <= ctx.clock.now()
    events = [_event("Conversion", "Started", kept["_started"])]
    if done:
        events.append(_event("Conversion", "Completed", kept["_done"]))
        if kept["_moves"]:
            failed = kept["_conflicts"] or None
            events.append(_event("LicenseReassignment", "Started", kept["_done"]))
            events.append(
                _event("LicenseReassignment", "Failed" if failed else "Completed", kept["_done"], errors=failed)
            )
    return {**body, "Events": events, "attributes": {"objectType": "Transition"}}


def _event(name: str, status: str, at: str, *, errors: list[Document] | None = None) -> Document:
    kind = {"objectType": "TransitionEvent"}
    return {"name": name, "status": status, "timestamp": at, "errors": errors, "attributes": kind}


_ONE = "/v1/customers/{customer_id}/subscriptions/{subscription_id}"
ROUTES: list[RouteSpec] = [
    RouteSpec("GET", f"{_ONE}/transitionEligibilities", list_eligibilities, name="get transition eligibilities"),
    RouteSpec("GET", f"{_ONE}/transitions", history, name="get transitions"),
    RouteSpec("POST", f"{_ONE}/transitions", create, name="transition a new commerce subscription"),
]
