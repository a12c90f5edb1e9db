"""What a sandbox partner may not exceed (rule 53).

Source: Partner Center docs, page test-and-debug (Oct 2023): 5 subscriptions per customer, 25 licences per subscription,
trials included; Azure plans after approval, 10 per partner and 1 per customer (3 for an indirect provider, each of
another reseller); 2 reserved instances per customer. The limits of 3 Azure subscriptions per plan and 2,000 USD a cycle
are Azure's own: nothing that is bought here could break them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cspctl.emulator.context import Context
from cspctl.emulator.errors import ApiError
from cspctl.emulator.fulfilment.families import AZURE_PLAN, PERPETUAL, RESERVATION, family_of
from cspctl.emulator.partner.customers import partner_of

_LIVE = ("active", "suspended")


@dataclass(frozen=True)
class Wish:
    """One line to be bought, or a subscription that is there; `family` is that of the cancel matrix."""

    family: str
    quantity: int
    reseller: str = ""


def quota_error(
    ctx: Context, wish: Wish, owned: Sequence[dict[str, Any]], earlier: Sequence[Wish] = ()
) -> ApiError | None:
    """Why a sandbox partner may not buy this line; `owned` is the customer's, `earlier` the lines before it."""
    partner = partner_of(ctx)
    if not partner.get("sandbox"):
        return None
    held = [*_wishes(ctx, owned), *earlier]
    if wish.family == AZURE_PLAN:
        return _azure_error(ctx, wish, held, direct=str(partner.get("tier", "direct")).startswith("direct"))
    if wish.family == RESERVATION:
        reserved = sum(one.quantity for one in held if one.family == RESERVATION)
        return _met() if reserved + wish.quantity > ctx.settings.sandbox_reservations else None
    others = sum(one.family not in (AZURE_PLAN, RESERVATION, PERPETUAL) for one in held)
    too_many = wish.quantity > ctx.settings.sandbox_licences
    return _met() if too_many or others >= ctx.settings.sandbox_subscriptions else None


def _azure_error(ctx: Context, wish: Wish, held: Sequence[Wish], *, direct: bool) -> ApiError | None:
    settings = ctx.settings
    if not settings.sandbox_azure_approved:
        return ApiError(403, 900322, "Azure plan is not available to purchase in the Sandbox environment.")
    mine = [one for one in held if one.family == AZURE_PLAN]
    every = [one for one in _wishes(ctx, ctx.store.list("subscription", ctx.partner)) if one.family == AZURE_PLAN]
    most = settings.sandbox_customer_plans_direct if direct else settings.sandbox_customer_plans
    same = not direct and any(one.reseller == wish.reseller for one in mine)
    if same or len(mine) >= most or len(every) >= settings.sandbox_azure_plans:
        text = "Unable to create order. There's a limit to how many Azure plans can be created under sandbox accounts."
        return ApiError(400, 900116, text)
    return None


def _wishes(ctx: Context, subscriptions: Sequence[dict[str, Any]]) -> list[Wish]:
    return [
        Wish(family_of(ctx.store, one["offerId"], one.get("termDuration")), one["quantity"], one.get("partnerId") or "")
        for one in subscriptions
        if one["status"] in _LIVE
    ]


def _met() -> ApiError:
    return ApiError(400, 800018, "The sandbox limit has been met.")


def check_seats(ctx: Context, quantity: int) -> None:
    """Raises 400/800018 when a subscription of a sandbox partner would get too many seats."""
    if partner_of(ctx).get("sandbox") and quantity > ctx.settings.sandbox_licences:
        raise _met()
