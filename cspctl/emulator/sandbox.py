"""What a sandbox partner may not exceed (rule 53).

Source: Partner Center docs, page test-and-debug (Oct 2023): 5 subscriptions per customer, 25 licences per
subscription, trials included, 10 Azure plans per partner and 1 per customer (3 for an indirect provider).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cspctl.emulator.context import Context
from cspctl.emulator.customers import partner_of
from cspctl.emulator.errors import ApiError

_LIVE = ("active", "suspended")


def quota_error(
    ctx: Context, family: str, quantity: int, owned: Sequence[dict[str, Any]], more: int
) -> ApiError | None:
    """Why a sandbox partner may not buy this line; `more` counts the lines of the same request before it."""
    partner = partner_of(ctx)
    if not partner.get("sandbox"):
        return None
    settings = ctx.settings
    live = [one for one in owned if one["status"] in _LIVE]
    if family == "Azure":
        mine = sum(one["productType"]["id"] == "Azure" for one in live)
        every = sum(
            one["productType"]["id"] == "Azure" and one["status"] in _LIVE
            for one in ctx.store.list("subscription", ctx.partner)
        )
        most = 1 if str(partner.get("tier", "direct")).startswith("direct") else 3
        if mine >= most or every >= settings.sandbox_azure_plans:
            text = "Unable to create order. There's a limit to how many Azure plans can be created under sandbox"
            return ApiError(400, 900116, text + " accounts.")
        return None
    if quantity > settings.sandbox_licences or len(live) + more >= settings.sandbox_subscriptions:
        return ApiError(400, 800018, "The sandbox limit has been met.")
    return None


def check_seats(ctx: Context, quantity: int) -> None:
    """Raises 400/800018 when a subscription of a sandbox partner would get too many seats."""
    if partner_of(ctx).get("sandbox") and quantity > ctx.settings.sandbox_licences:
        raise ApiError(400, 800018, "The sandbox limit has been met.")
