"""Seed sections beside customers and subscriptions: legacy offers, legacy subscriptions, margins, meters, rates, usage.

{"offers": [{"id", "name", "isAddOn", "prerequisiteOffers", "conversionTargetOffers", "upgradeTargetOffers",
  "equivalent": "P:S", "billing": "usage", "unitPrice": "8.30" per seat and month}],
 "legacySubscriptions": [{"partner", "customer", "offerId", "quantity", "billing", "startedAt", "id"?, "parent"?}],
 "margins": [{"partner", …the documented fields}], "meters": […the documented fields of a rate card meter],
 "fxRates": [{"currency", "usdPerUnit", "month": "202601"}],
 "usage": [{"partner", "customer"?, "subscription", "date", "quantity", "cost", "usd"?, "partnerEarnedCredit"?,
  "meter"?, "resource"?, …}]}
Every function raises ValueError for an entry that cannot be applied.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from cspctl.emulator.azure.usage import KIND as USAGE
from cspctl.emulator.azure.usage import usage_document
from cspctl.emulator.billing.charges import skip_history
from cspctl.emulator.legacy.documents import LegacyPurchase, legacy_order, legacy_subscription
from cspctl.emulator.legacy.offers import find_offer, offer_document
from cspctl.emulator.store import Store
from cspctl.emulator.terms import cycle_of, parse_moment, term_end
from cspctl.emulator.wire.shapes import stable_guid

Entry = dict[str, Any]
Find = Callable[[Store, Entry, str], Entry]  # (store, entry, where) → partner or customer document


def offers(store: Store, entries: list[Entry]) -> int:
    for entry in entries:
        key, document = offer_document(entry)
        store.put("offer", "", key, document)
    return len(entries)


def meters(store: Store, entries: list[Entry]) -> int:
    for entry in entries:
        id = _need(entry, "id", "meter")
        defaults: Entry = {
            "rates": {"0": 0.0}, "tags": [], "category": "", "subcategory": "", "region": "", "unit": "",
            "includedQuantity": 0.0, "effectiveDate": "2024-01-01T00:00:00Z",
        }  # fmt: skip  # one document
        store.put("meter", "", id.lower(), {**defaults, "name": id, **entry})
    return len(entries)


def fx_rates(store: Store, entries: list[Entry]) -> int:
    for entry in entries:
        currency, month = _need(entry, "currency", "rate").upper(), _need(entry, "month", "rate")
        rate = _need(entry, "usdPerUnit", "rate")
        store.put("fx_rate", "", f"{month}:{currency}", {"currency": currency, "usdPerUnit": rate}, parent=month)
    return len(entries)


def margins(store: Store, entries: list[Entry], partner_of: Find) -> int:
    for entry in entries:
        where = f"margin of {entry.get('productId')}"
        partner = partner_of(store, entry, where)["accountId"]
        id = str(entry.get("id") or stable_guid("margin", partner, _need(entry, "productId", where)))
        document = {key: value for key, value in entry.items() if key != "partner"}
        store.put("margin", partner, id, {"status": "live", **document, "id": id})
    return len(entries)


def legacy_subscriptions(store: Store, entries: list[Entry], now: datetime, partner_of: Find, customer_of: Find) -> int:
    """What exists already is left alone."""
    created = 0
    for number, entry in enumerate(entries):
        where = f"legacy subscription {number}"
        partner = partner_of(store, entry, where)["accountId"]
        customer = customer_of(store, {**entry, "partner": partner}, where)
        offer = find_offer(store, _need(entry, "offerId", where))
        if offer is None:
            raise ValueError(f"{where}: offer {entry['offerId']} is not seeded")
        name = str(entry.get("friendlyName") or "")
        id = str(entry.get("id") or stable_guid("legacy", partner, customer["id"], offer["id"], name)).lower()
        if store.get("subscription", partner, id) is not None:
            continue
        started = parse_moment(str(entry["startedAt"])) if entry.get("startedAt") else now
        bought = LegacyPurchase(
            customer=customer,
            offer=offer,
            quantity=int(entry.get("quantity") or offer["minimumQuantity"]),
            billing=cycle_of(str(entry.get("billing") or "monthly")),
            friendly_name=entry.get("friendlyName"),
            partner_id=str(entry.get("reseller") or ""),
            parent_id=str(entry["parent"]).lower() if entry.get("parent") else None,
        )
        order_id = stable_guid("legacy order", id)
        document = legacy_subscription(bought, id, order_id, started)
        if entry.get("status"):
            document["status"] = str(entry["status"])
        age_legacy(document, now)
        order = legacy_order(order_id, customer, [document], bought.billing, started)
        store.put("order", partner, order_id, order, parent=customer["id"])
        store.put("subscription", partner, id, document, parent=customer["id"])
        created += 1
    return created


def age_legacy(document: Entry, now: datetime) -> None:
    """Renew what was bought years ago up to today; its bills of earlier months are history nobody kept."""
    if parse_moment(document["creationDate"]) >= now.replace(day=1, hour=0, minute=0, second=0, microsecond=0):
        return
    if document["termDuration"] == "P1Y" and document["autoRenewEnabled"]:
        while document["_end"] < now.date().isoformat():
            anchor = date.fromisoformat(document["_end"]) + timedelta(days=1)
            end = term_end(anchor, "P1Y").isoformat()
            document.update(_anchor=anchor.isoformat(), _end=end, commitmentEndDate=f"{end}T00:00:00Z",
                            commitmentEndDateTime=f"{end}T00:00:00Z")  # fmt: skip  # one term
    skip_history(document, now)
    if document["status"] == "suspended":
        document["_nextCharge"] = None


def usage(store: Store, entries: list[Entry], partner_of: Find) -> int:
    """`subscription` is an id, or the friendly name of one of the partner's subscriptions."""
    for number, entry in enumerate(entries):
        where = f"usage record {number}"
        partner = partner_of(store, entry, where)["accountId"]
        wanted = _need(entry, "subscription", where)
        found = store.get("subscription", partner, wanted.lower())
        if found is None:
            every = store.list("subscription", partner)
            found = next((one for one in every if one["friendlyName"] == wanted), None)
        if found is None:
            raise ValueError(f"{where}: subscription {wanted} is not seeded")
        document = usage_document(entry, found, number)
        store.put(USAGE, partner, document["id"], document, parent=found["id"])
    return len(entries)


def _need(entry: Entry, key: str, where: str) -> str:
    value = entry.get(key)
    if value is None or not str(value).strip():
        raise ValueError(f"{where} has no {key}")
    return str(value)
