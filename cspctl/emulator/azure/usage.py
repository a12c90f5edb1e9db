"""Azure usage: seeded records, and the sums every usage call is made of.

A record is one meter of one resource on one day. The running period is the calendar month of the virtual clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from cspctl.emulator.clock import format_instant
from cspctl.emulator.context import Context
from cspctl.emulator.sheets.tables import month_after
from cspctl.emulator.store import Store
from cspctl.emulator.terms import parse_moment
from cspctl.emulator.trade.coterm import customer_subscriptions
from cspctl.emulator.wire.shapes import stable_guid

Document = dict[str, Any]
KIND = "usage"


def usage_document(entry: Document, subscription: Document, number: int) -> Document:
    """A stored record of a seed entry. Raises ValueError for one without date, quantity or cost.

    `cost` is in billing currency; with `usd` the bill converts that instead, at the seeded rate of the month. Both are
    after partner earned credit, which the record has where `partnerEarnedCredit` says so.
    """
    try:
        day = parse_moment(str(entry["date"]))
        quantity, cost = Decimal(str(entry["quantity"])), Decimal(str(entry["cost"]))
    except (KeyError, ArithmeticError) as error:
        raise ValueError(f"usage record {number} needs date, quantity and cost ({error})") from None
    name = str(entry.get("meter") or "Compute Hours")
    resource = str(entry.get("resource") or "vm-1")
    group, kind = str(entry.get("resourceGroup") or "rg-1"), str(entry.get("resourceType") or "Microsoft.Compute")
    entitlement = str(entry.get("entitlementId") or stable_guid("entitlement", subscription["id"])).lower()
    sub = str(entry.get("subcategory") or "Standard")
    uri = f"/subscriptions/{entitlement}/resourceGroups/{group}/providers/{kind}/{entry.get('kind', 'resources')}"
    return {
        "id": stable_guid("usage", subscription["id"], day.isoformat(), name, resource, str(number)),
        "date": format_instant(day),
        "subscriptionId": subscription["id"],
        "entitlementId": entitlement,
        "meterId": str(entry.get("meterId") or stable_guid("meter", name, sub)),
        "meter": name,
        "category": str(entry.get("category") or "Virtual Machines"),
        "subcategory": sub,
        "region": str(entry.get("region") or "EU West"),
        "unit": str(entry.get("unit") or "Hours"),
        "resource": resource,
        "resourceGroup": group,
        "resourceType": kind,
        "resourceUri": f"{uri}/{resource}",
        "quantity": str(quantity),
        "cost": str(cost),
        "usd": str(entry.get("usd") or cost),
        "pricing": "USD" if entry.get("usd") is not None else None,
        "earnedCredit": bool(entry.get("partnerEarnedCredit")),
        "additionalInfo": _more(entry, day),
    }


def _more(entry: Document, day: datetime) -> Document:
    """`additionalInfo` of an entry; usage of Azure Stack says by itself where on premises it came from.

    Source: Partner Center docs, page get-a-customer-s-utilization-record-for-azure (2017). Raises ValueError.
    """
    given = entry.get("additionalInfo") or {}
    if not isinstance(given, dict):
        raise ValueError("additionalInfo is an object")
    if str(entry.get("region") or "").replace(" ", "").lower() != "azurestack":
        return given
    name = str(entry.get("resource") or "")
    return {
        "azureStack.MeterId": stable_guid("stack meter", str(entry.get("meter") or "")).upper(),
        "azureStack.SubscriptionId": stable_guid("stack subscription", name),
        "azureStack.Location": "local",
        "azureStack.EventDateTime": f"{day:%m/%d/%Y %H:%M:%S}",
        **given,
    }


@dataclass(frozen=True)
class Period:
    """[start, end) of a month, and the instant up to which usage is known."""

    start: datetime
    end: datetime
    now: datetime

    def holds(self, record: Document) -> bool:
        return self.start <= parse_moment(record["date"]) <= self.now

    @property
    def first(self) -> str:
        return _offset(self.start)

    @property
    def last(self) -> str:
        return _offset(self.end)


def _offset(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def period_of(now: datetime) -> Period:
    start = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return Period(start, month_after(start), now)


def records_of(store: Store, partner: str, subscription_id: str, period: Period) -> list[Document]:
    return [one for one in store.list(KIND, partner, parent=subscription_id) if period.holds(one)]


def usage_subscriptions(ctx: Context, customer_id: str) -> list[Document]:
    return [one for one in customer_subscriptions(ctx, customer_id) if one["billingType"] == "usage"]


def total(records: Iterable[Document], name: str = "cost") -> float:
    """The exact sum as the JSON double of the wire."""
    return float(sum((Decimal(one[name]) for one in records), Decimal(0)))


def grouped(records: Iterable[Document], key: Callable[[Document], str]) -> dict[str, list[Document]]:
    groups: dict[str, list[Document]] = {}
    for one in records:
        groups.setdefault(key(one), []).append(one)
    return groups


def modified(records: Iterable[Document], period: Period) -> str:
    """When the newest of the records was taken in; the start of the period without any."""
    return max((_offset(parse_moment(one["date"])) for one in records), default=period.first)
