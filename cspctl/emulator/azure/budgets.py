"""The spending budget of a customer, and the event when usage crosses it.

Source: Partner Center docs, pages get- and update-a-customer-s-usage-spending-budget,
partner-center-webhook-events (Oct 2023). An amount of null means no budget.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from starlette.requests import Request

from cspctl.emulator.azure.usage import period_of, records_of
from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.partner.customers import customer_of
from cspctl.emulator.settings import Settings
from cspctl.emulator.store import Store
from cspctl.emulator.webhooks.events import queue
from cspctl.emulator.wire.requests import invalid
from cspctl.emulator.wire.shapes import link

Document = dict[str, Any]
KIND = "budget"
EXCEEDED = "usagerecords-thresholdExceeded"


def budget_of(store: Store, partner: str, customer_id: str) -> float | None:
    return (store.get(KIND, partner, customer_id) or {}).get("amount")


def _wire(customer: Document, amount: float | None) -> Document:
    return {
        "amount": amount,
        "usageSpendingBudget": amount,
        "attributes": {"objectType": "SpendingBudget"},
        "links": {"self": link(f"/v1/customers/{customer['id']}/usagebudget")},
    }


async def get_budget(request: Request, ctx: Context) -> Answer:
    customer = customer_of(ctx, request.path_params["customer_id"])
    return Answer(200, _wire(customer, budget_of(ctx.store, ctx.partner, customer["id"])))


async def patch_budget(request: Request, ctx: Context) -> Answer:
    """Raises 400/800002 for an amount that is no number of at least 0."""
    customer = customer_of(ctx, request.path_params["customer_id"])
    body = body_of(request)
    amount = body.get("amount", body.get("usageSpendingBudget"))
    if amount is not None and (isinstance(amount, bool) or not isinstance(amount, int | float) or amount < 0):
        raise invalid(f"amount {amount!r} is no amount of money")
    before = budget_of(ctx.store, ctx.partner, customer["id"])
    ctx.store.put(KIND, ctx.partner, customer["id"], {"id": customer["id"], "amount": amount})
    ctx.audit.record(
        operation="update_customer_spending_budget",
        resource_type="spending_limit",
        customer_id=customer["id"],
        old={"amount": before},
        new={"amount": amount},
    )
    watch(ctx.store, ctx.settings, ctx.clock.now(), ctx.partner)
    return Answer(200, _wire(customer, amount))


def watch(store: Store, settings: Settings, now: datetime, partner: str) -> int:
    """Queue the event for every customer whose usage of this month crossed its budget; once per month and amount."""
    period, told = period_of(now), 0
    for budget in store.list(KIND, partner):
        mark = f"{period.start:%Y%m}:{budget['amount']}"
        if budget["amount"] is None or budget.get("_told") == mark:
            continue
        cost = Decimal(0)
        for subscription in store.list("subscription", partner, parent=budget["id"]):
            if subscription["billingType"] == "usage":
                records = records_of(store, partner, subscription["id"], period)
                cost += sum((Decimal(one["cost"]) for one in records), Decimal(0))
        if cost > Decimal(str(budget["amount"])):
            store.put(KIND, partner, budget["id"], {**budget, "_told": mark})
            uri = "/webhooks/v1/customers/usagerecords"
            queue(store, settings, now, partner, EXCEEDED, uri, "usagerecords")
            told += 1
    return told


_PATH = "/v1/customers/{customer_id}/usagebudget"
ROUTES: list[RouteSpec] = [
    RouteSpec("GET", _PATH, get_budget, name="get a customer's usage spending budget"),
    RouteSpec("PATCH", _PATH, patch_budget, name="update a customer's usage spending budget"),
]
