"""What must be true of partner, reseller and customer before anything is bought: at checkout and for an order.

Source: Partner Center docs, page error-codes (Oct 2023). Which markets a partner sells in and who has signed the
partner agreement is seeded: `sellsIn` and `agreementSigned` of a partner, `enrolled` and `agreementSigned` of a
reseller.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cspctl.emulator.context import Context
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner.account_status import require_allowed
from cspctl.emulator.partner.customers import partner_of, require_agreement
from cspctl.emulator.terms import parse_moment

UPGRADE = "product_upgrade"


def require_may_buy(ctx: Context, customer: dict[str, Any]) -> None:
    """Raises 403/800073, 403/800075, 403/900124, 403/2030, 403/13605."""
    require_allowed(ctx, customer)
    partner = partner_of(ctx)
    if partner.get("agreementSigned") is False:
        text = "Your company hasn't accepted the Microsoft Partner Agreement (MPA)."
        raise ApiError(403, 900124, f"{text} The global admin of the CSP account must accept it.")
    markets = [str(one).upper() for one in partner.get("sellsIn") or []]
    if markets and customer["_market"] not in markets:
        raise ApiError(403, 2030, f"Partner isn't onboarded to sell in country/region {customer['_market']}.")
    require_agreement(ctx, customer)


def require_resellers(ctx: Context, numbers: Iterable[str]) -> None:
    """The resellers of record of a purchase. Raises 400/900154 (no active account), 403/900123 (not signed)."""
    for number in numbers:
        reseller = ctx.store.get("reseller", ctx.partner, number) or {}
        if reseller.get("enrolled") is False:
            text = f"Reseller PLA (MPN) id {number} is not linked to an active CSP indirect reseller tenant."
            raise ApiError(400, 900154, text)
        if reseller.get("agreementSigned") is False:
            raise ApiError(403, 900123, "Microsoft Partner Agreement hasn't been accepted by the indirect reseller.")


def require_room(ctx: Context, customer: dict[str, Any], more: int) -> None:
    """Raises 400/900419 when a customer would have more subscriptions than the settings allow."""
    most = ctx.settings.customer_subscriptions
    if not most:
        return
    held = ctx.store.list("subscription", ctx.partner, parent=customer["id"])
    if sum(one["status"] != "deleted" for one in held) + more > most:
        raise ApiError(400, 900419, "Customer tenant has exceeded the limit for the number of subscriptions.")


def require_no_upgrade(ctx: Context, customer: dict[str, Any], items: Iterable[object]) -> None:
    """Raises 409/900113 for Azure items while the customer's Azure subscriptions move to the Azure plan."""
    if not any(_is_azure(ctx, str(item or "")) for item in items):
        return
    now = ctx.clock.now()
    for upgrade in ctx.store.list(UPGRADE, ctx.partner, parent=customer["id"]):
        if parse_moment(upgrade["due"]) > now:
            text = f"This purchase isn't allowed as the upgrade request {upgrade['id']} is in progress."
            raise ApiError(409, 900113, text)


def _is_azure(ctx: Context, item: str) -> bool:
    """By the product or traditional offer alone: the line may have other faults as well."""
    product = ctx.store.get("product", "", item.split(":")[0].upper())
    if product is not None:
        return bool(product["productType"]["id"] == "Azure")
    return (ctx.store.get("offer", "", item.lower()) or {}).get("billing") == "usage"
