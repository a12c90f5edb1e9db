"""What the provisioning context of a reservation or savings plan must say: its scope and its Azure subscription.

The subscription is looked at where the SKU lists AzureSubscriptionRegistration among its prerequisites.
Source: Partner Center docs, pages cart-resources, register-a-subscription, azure-purchase-savings-plan, error-codes
(Oct 2023).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cspctl.emulator.azure.plan_status import entitlements_of, is_azure_plan
from cspctl.emulator.context import Context
from cspctl.emulator.errors import ApiError
from cspctl.emulator.subscription.document import Purchase
from cspctl.emulator.terms import parse_moment
from cspctl.emulator.trade.line_errors import LineError, fault
from cspctl.emulator.trade.offers import Offer
from cspctl.emulator.trade.product_views import MICROSOFT_AZURE, SAVINGS_PLAN, in_scope, is_benefit, sub_type_of

Document = dict[str, Any]
_DURATIONS = {"1year": "P1Y", "3years": "P3Y"}  # page product-resources writes 1Year and 3Years
_SCOPES = frozenset({"shared", "single"})
_WIDER = frozenset({"managementgroup", "resourcegroup"})  # of savings plans


def benefit_term(offer: Offer, line: Document) -> str:
    """The term of a line that names none: the Duration of its context, else the one term of the SKU; "" if unknown."""
    if not is_benefit(offer.product):
        return ""
    context = line.get("provisioningContext")
    given = {key.lower(): str(value) for key, value in context.items()} if isinstance(context, dict) else {}
    terms = {duration for duration, _ in offer.pairs()}
    return _DURATIONS.get(given.get("duration", "").lower()) or (terms.pop() if len(terms) == 1 else "")


def context_error(ctx: Context, bought: Purchase, owned: Sequence[Document]) -> LineError | None:
    """Why the line cannot be provisioned; None when it can, and for everything that is no Azure benefit."""
    if not is_benefit(bought.offer.product):
        return None
    given = {key.lower(): str(value) for key, value in (bought.context or {}).items() if value}
    wrong = _scope_error(bought, given) or _partner_error(bought, owned)
    return wrong or _subscription_error(ctx, bought, given, owned)


def partner_of_plan(bought: Purchase, owned: Sequence[Document]) -> str | None:
    """A savings plan has the partner on record of the Azure plan it is for; None without one."""
    if sub_type_of(bought.offer.product) != SAVINGS_PLAN:
        return None
    given = {key.lower(): str(value).lower() for key, value in (bought.context or {}).items()}
    return next((str(one["partnerId"]) for one in owned if one["id"] == given.get("subscriptionid")), None)


def _partner_error(bought: Purchase, owned: Sequence[Document]) -> LineError | None:
    inherited = partner_of_plan(bought, owned)
    if inherited is None or bought.partner_id in ("", inherited):
        return None
    text = "Azure savings plan purchases will inherit the partner on record of the associated Azure Plan. The provided"
    text += f" partner on record does not match the value ({inherited}) on the associated Azure Plan."
    return fault(10004, ApiError(403, 900323, text))


def _scope_error(bought: Purchase, given: dict[str, str]) -> LineError | None:
    scope = given.get("scope", "").lower()
    allowed = _SCOPES | _WIDER if sub_type_of(bought.offer.product) == SAVINGS_PLAN else _SCOPES
    if scope and scope not in allowed:
        text = f"The selected scope '{given['scope']}' in the provisioning context is not supported."
        return fault(10010, ApiError(400, 900312, text))
    if scope == "single" and not given.get("entitlementid") and not given.get("subscriptionid"):
        text = "Entitlement ID (Azure subscription ID) in the provisioning context is required for the transaction."
        return fault(10010, ApiError(400, 900313, text))
    return None


def _subscription_error(
    ctx: Context, bought: Purchase, given: dict[str, str], owned: Sequence[Document]
) -> LineError | None:
    if "AzureSubscriptionRegistration" not in bought.offer.sku["purchasePrerequisites"]:
        return None
    wanted = given.get("subscriptionid", "").lower()
    if not wanted:
        text = "Subscription ID (Azure plan ID) in the provisioning context is required for the transaction."
        return fault(10007, ApiError(400, 900317, text))
    found = next((one for one in owned if one["id"] == wanted and one["billingType"] == "usage"), None)
    if found is None:
        return fault(10007, ApiError(400, 800011, "This subscription isn't a valid Azure subscription."))
    if found["status"] != "active":
        return fault(10007, ApiError(400, 800012, "This subscription isn't an active subscription."))
    if not is_azure_plan(found):
        return _legacy_error(bought)
    return _entitlement_error(ctx, found, given) or _registration_error(ctx, found)


def _legacy_error(bought: Purchase) -> LineError | None:
    """A subscription of MS-AZR-0145P buys what is listed without reservationScope, and needs no registration."""
    if in_scope(bought.offer.product, MICROSOFT_AZURE):
        return None
    return fault(10008, ApiError(400, 800013, "This subscription isn't enabled for RI purchase."))


def _entitlement_error(ctx: Context, plan: Document, given: dict[str, str]) -> LineError | None:
    wanted = given.get("entitlementid", "").lower()
    active = [one["id"] for one in entitlements_of(ctx.store, ctx.partner, plan) if one["status"] == "active"]
    if not wanted or wanted in active:
        return None
    text = "The Azure subscription associated with the entitlement ID is not active."
    return fault(10007, ApiError(400, 900314, f"{text} An active Azure subscription is required."))


def _registration_error(ctx: Context, plan: Document) -> LineError | None:
    kept = ctx.store.get("registration", ctx.partner, plan["id"])
    if kept is not None and parse_moment(kept["due"]) <= ctx.clock.now():
        return None
    return fault(10011, ApiError(400, 800030, "This subscription isn't registered."))
