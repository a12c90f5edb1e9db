"""Azure plans and their Azure subscriptions, as far as the plan's own status depends on them.

Source: Partner Center docs, page error-codes (Oct 2023), code 900115.
"""

from __future__ import annotations

from typing import Any

from cspctl.emulator.context import Context
from cspctl.emulator.errors import ApiError
from cspctl.emulator.legacy.wire import is_legacy
from cspctl.emulator.store import Store
from cspctl.emulator.wire.shapes import stable_guid

Document = dict[str, Any]
KIND = "azure_entitlement"


def is_azure_plan(subscription: Document) -> bool:
    kind = subscription["productType"]
    return bool(kind["id"] == "Azure" and subscription["billingType"] == "usage" and not is_legacy(subscription))


def entitlements_of(store: Store, partner: str, plan: Document) -> list[Document]:
    """Stored entitlements of a plan; the implied first one is not stored before it changes."""
    kept = store.list(KIND, partner, parent=plan["id"])
    first = stable_guid("entitlement", plan["id"])
    if any(one["id"] == first for one in kept):
        return kept
    implied = {
        "id": first, "friendlyName": "Azure subscription 1", "status": "active", "subscriptionId": plan["id"],
    }  # fmt: skip  # one document
    return [implied, *kept]


def check_plan_status(ctx: Context, plan: Document, wanted: str) -> None:
    """Raises 403/900115 when a plan with active Azure subscriptions would be suspended or cancelled."""
    if wanted == "active":
        return
    if any(one["status"] == "active" for one in entitlements_of(ctx.store, ctx.partner, plan)):
        text = "Azure plan can't be moved to suspended state since you have one or more Azure Subscriptions in the"
        raise ApiError(403, 900115, text + " active state.")
