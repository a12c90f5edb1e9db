"""Fraud events of Azure subscriptions: list and answer them. They come by the emulator's control action.

Source: Partner Center docs, pages get-fraud-events and update-fraud-events-status (Oct 2023). The header
X-NewEventsModel asks for the larger form of 2023. No audit operation is documented for a change of status.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from starlette.requests import Request

from cspctl.emulator.clock import format_instant
from cspctl.emulator.context import Answer, Context, RouteSpec, body_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner.fraud_kinds import KINDS, details_of, kind_of
from cspctl.emulator.store import Store
from cspctl.emulator.wire.requests import invalid
from cspctl.emulator.wire.shapes import new_guid, query_value

KIND = "fraud_event"
STATUSES = ("Active", "Investigating", "Resolved")
_REASONS = ("Fraud", "Ignore")
_NEW_MODEL = (
    "eventType", "severity", "confidenceLevel", "displayName", "description", "country",
    "valueAddedResellerTenantId", "valueAddedResellerFriendlyName", "subscriptionName", "affectedResources",
    "additionalDetails", "IsTest", "activityLogs",
)  # fmt: skip  # one list


def raise_event(
    store: Store, partner: dict[str, Any], customer: dict[str, Any], entry: dict[str, Any], now: datetime
) -> dict[str, Any]:
    """A new Active event on a subscription of a customer. Raises ValueError for a kind or details that cannot be."""
    name, given = kind_of(entry.get("eventType")), entry.get("additionalDetails") or {}
    if not isinstance(given, dict):
        raise ValueError("additionalDetails is an object")
    kind = KINDS[name]
    stamp, subscription = format_instant(now), str(entry.get("subscriptionId") or new_guid(store, "azure"))
    entity = str(entry.get("entityId") or new_guid(store, "fraud-entity"))
    made = {
        "eventTime": stamp,
        "eventId": f"{subscription}_{entity}",
        "partnerTenantId": partner["accountId"],
        "partnerFriendlyName": partner.get("displayName"),
        "customerTenantId": customer["id"],
        "customerFriendlyName": customer["companyProfile"]["companyName"],
        "subscriptionId": subscription,
        "subscriptionType": "modern",
        "entityId": entity,
        "entityName": str(entry.get("entityName") or "virtual-machine-1"),
        "entityUrl": f"\\subscriptions\\{subscription}\\{entity}",
        "hitCount": str(entry.get("hitCount") or 1),
        "catalogOfferId": "ms-azr-17g",
        "eventStatus": "Active",
        "serviceName": str(entry.get("serviceName") or "compute"),
        "resourceName": str(entry.get("resourceName") or "virtual-machine-1"),
        "resourceGroupName": str(entry.get("resourceGroupName") or "group-1"),
        "firstOccurrence": stamp,
        "lastOccurrence": stamp,
        "eventType": name,
        "severity": kind.severity,
        "confidenceLevel": "high",
        "displayName": kind.title,
        "description": kind.text,
        "country": customer["_market"],
        "valueAddedResellerTenantId": customer.get("associatedPartnerId") or "",
        "valueAddedResellerFriendlyName": "",
        "subscriptionName": str(entry.get("subscriptionName") or "Azure subscription"),
        "affectedResources": [{"azureResourceId": f"\\{entity}", "type": kind.resource}],
        "additionalDetails": {**details_of(name, entity), **given},
        "IsTest": "false",
        "activityLogs": "[]",
    }
    store.put(KIND, partner["accountId"], made["eventId"], made, parent=customer["id"])
    return made


def _form(request: Request, event: dict[str, Any]) -> dict[str, Any]:
    if request.headers.get("x-neweventsmodel", "").lower() == "true":
        return event
    return {key: value for key, value in event.items() if key not in _NEW_MODEL}


async def list_events(request: Request, ctx: Context) -> Answer:
    status, subscription = query_value(request, "EventStatus"), query_value(request, "SubscriptionId")
    if status and status.lower() not in (one.lower() for one in STATUSES):
        raise invalid(f"EventStatus is one of {', '.join(STATUSES)}")
    found = [
        one
        for one in ctx.store.list(KIND, ctx.partner)
        if (not status or one["eventStatus"].lower() == status.lower())
        and (not subscription or one["subscriptionId"].lower() == subscription.lower())
    ]
    return Answer(200, [_form(request, one) for one in found])


async def update_status(request: Request, ctx: Context) -> Answer:
    """Named events, or all of the subscription when none is named. A resolution needs its reason."""
    wanted, body = request.path_params["subscription_id"].lower(), body_of(request)
    status = next((one for one in STATUSES if one.lower() == str(body.get("eventStatus") or "").lower()), None)
    reason = next((one for one in _REASONS if one.lower() == str(body.get("resolvedReason") or "").lower()), None)
    if status not in ("Investigating", "Resolved"):
        raise invalid("EventStatus becomes Investigating or Resolved")
    if status == "Resolved" and reason is None:
        raise invalid("ResolvedReason is Fraud or Ignore")
    ids = {str(one).lower() for one in body.get("eventIds") or []}
    every = [one for one in ctx.store.list(KIND, ctx.partner) if one["subscriptionId"].lower() == wanted]
    chosen = [one for one in every if not ids or one["eventId"].lower() in ids]
    if not chosen or len(chosen) < len(ids):
        raise ApiError(404, 1000, f"Not found: fraud events of the subscription {wanted}.")
    return Answer(200, [_form(request, _answered(ctx, one, status, reason)) for one in chosen])


def _answered(ctx: Context, event: dict[str, Any], status: str, reason: str | None) -> dict[str, Any]:
    now = format_instant(ctx.clock.now())
    log = {"statusFrom": event["eventStatus"], "statusTo": status, "updatedBy": ctx.principal, "dateTime": now}
    changed = {
        **event,
        "eventStatus": status,
        "activityLogs": json.dumps([*json.loads(event["activityLogs"]), log]),
    }
    if status == "Resolved":
        changed |= {"resolvedReason": reason, "resolvedOn": now, "resolvedBy": ctx.principal}
    ctx.store.put(KIND, ctx.partner, event["eventId"], changed)
    return changed


ROUTES: list[RouteSpec] = [
    RouteSpec("GET", "/v1/fraudEvents", list_events, auth="U", name="Get fraud events"),
    RouteSpec(
        "POST", "/v1/fraudEvents/subscription/{subscription_id}/status", update_status, auth="U",
        name="Azure fraud notification - Update fraud event status",
    ),
]  # fmt: skip  # one route, few lines
