"""Apply a seed document: partners, resellers, customers, catalogue, prices, promotions, subscriptions, a fleet.

Upsert and idempotent: what is described again is updated in what the document says; a subscription that exists
already is left alone, because its state belongs to whoever called the API since. Raises ValueError for a document
that cannot be applied; the caller wraps the call in a transaction or gets one here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

from cspctl.emulator.billing import seeding
from cspctl.emulator.clock import format_instant
from cspctl.emulator.errors import ApiError
from cspctl.emulator.payouts.rows import EARNINGS, PAYMENTS
from cspctl.emulator.seeding import fleet
from cspctl.emulator.seeding import more as seed_more
from cspctl.emulator.seeding import partner as seed_partner
from cspctl.emulator.seeding.documents import (
    AGREEMENT_TYPE,
    Entry,
    agreement_document,
    customer_document,
    guid,
    need,
    partner_document,
    price_document,
    product_document,
    reseller_document,
    segment_of,
    sku_code,
)
from cspctl.emulator.seeding.subscriptions import aged, order_id_of, put_order, subscription_id
from cspctl.emulator.settings import DEFAULTS
from cspctl.emulator.store import Store
from cspctl.emulator.subscription.document import Purchase
from cspctl.emulator.subscription.windows import RUNNING
from cspctl.emulator.switches import effective
from cspctl.emulator.terms import cycle_of, parse_moment
from cspctl.emulator.trade.offers import check_term, generation, offer_in
from cspctl.emulator.trade.pricing import unit_price

Counts = dict[str, int]
_DATED = ("effectiveStartDate", "effectiveEndDate", "view")  # a row with one of them is one of several of its key
SECTIONS = (
    "partners", "resellers", "catalogue", "prices", "promotions", "offers", "meters", "fxRates", "margins",
    "customers", "subscriptions", "legacySubscriptions", "usage", "invoices", "credits",
    "referrals", "searches", "earnings", "payments",
)  # fmt: skip  # the order in which they need each other


def apply(store: Store, document: dict[str, Any], now: datetime) -> Counts:
    """Apply a document at the virtual instant `now`; answers how many entries each section had an effect on."""
    unknown = sorted(set(document) - set(SECTIONS) - {"fleet"})
    if unknown:
        raise ValueError(f"unknown section {', '.join(unknown)}; known are {', '.join(SECTIONS)}, fleet")
    counts: Counts = {}
    with store.transaction():
        for section in SECTIONS:
            entries = document.get(section) or []
            if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
                raise ValueError(f"{section} must be a list of objects")
            if entries:
                counts[section] = _STEPS[section](store, entries, now)
        if document.get("fleet"):
            for name, number in fleet.generate(store, document["fleet"], now).items():
                counts[name] = counts.get(name, 0) + number
    return counts


def _partners(store: Store, entries: list[Entry], now: datetime) -> int:
    for entry in entries:
        found = partner_document(entry)
        store.put("partner", "", found["accountId"], found)
    return len(entries)


def _partner(store: Store, entry: Entry, where: str) -> Entry:
    """The partner an entry belongs to; an entry that names none belongs to the only one there is."""
    if entry.get("partner"):
        found = store.get("partner", "", guid(entry, "partner", where))
        if found is None:
            raise ValueError(f"{where}: partner {entry['partner']} is not seeded")
        return found
    partners = store.list("partner", "", limit=2)
    if len(partners) != 1:
        raise ValueError(f"{where} names no partner and there is not exactly one")
    return partners[0]


def _resellers(store: Store, entries: list[Entry], now: datetime) -> int:
    for entry in entries:
        partner = _partner(store, entry, f"reseller {entry.get('mpnId')}")
        found = reseller_document(entry)
        store.put("reseller", partner["accountId"], found["mpnId"], found)
    return len(entries)


def _customers(store: Store, entries: list[Entry], now: datetime) -> int:
    for entry in entries:
        where = f"customer {entry.get('domain')}"
        partner = _partner(store, entry, where)
        reseller = None
        if entry.get("reseller"):
            reseller = store.get("reseller", partner["accountId"], str(entry["reseller"]))
            if reseller is None:
                raise ValueError(f"{where}: reseller {entry['reseller']} is not seeded")
        found = customer_document(entry, partner, reseller)
        before = store.get("customer", partner["accountId"], found["id"])
        if before is not None:  # what the API may have changed stays
            profile = {**found["companyProfile"], "address": before["companyProfile"].get("address")}
            found = {**found, "companyProfile": profile, "billingProfile": before["billingProfile"]}
        put_customer(store, partner["accountId"], found, bool(entry.get("agreement", True)), now)
    return len(entries)


def put_customer(store: Store, partner: str, customer: Entry, agreement: bool, now: datetime) -> None:
    before = store.get("customer", partner, customer["id"]) or {}
    since = before.get("_gdapSince") or format_instant(now)
    customer = {**customer, "_gdapSince": since if customer["_gdap"] else None, "_vetted": before.get("_vetted")}
    store.put("customer", partner, customer["id"], customer)
    key = f"{customer['id']}:{AGREEMENT_TYPE}"
    if not agreement:
        store.delete("agreement", partner, key)
    elif store.get("agreement", partner, key) is None:
        store.put("agreement", partner, key, agreement_document(customer, now), parent=customer["id"])


def _catalogue(store: Store, entries: list[Entry], now: datetime) -> int:
    for entry in entries:
        key = need(entry, "productId", "catalogue entry").upper()
        store.put("product", "", key, product_document(entry, store.get("product", "", key)))
    return len(entries)


def _prices(store: Store, entries: list[Entry], now: datetime) -> int:
    for entry in entries:
        key, row = price_document(entry)
        parent = f"{row['productId']}:{row['skuId']}"
        dated = {name: str(entry[name]) for name in _DATED if entry.get(name)}
        if not dated:
            store.put("price", "", key, row, parent=parent)
            continue
        for name in _DATED[:2]:
            parse_moment(dated.get(name, "9999-12-30T23:59:59Z"))
        store.put("price_row", "", ":".join((key, *dated.values())), {**row, **dated}, parent=parent)
    return len(entries)


def _promotions(store: Store, entries: list[Entry], now: datetime) -> int:
    for entry in entries:
        where = f"promotion {entry.get('id')}"
        for key in ("startDate", "endDate"):
            parse_moment(need(entry, key, where))
        store.put("promotion", "", need(entry, "id", where).lower(), entry)
    return len(entries)


def _subscriptions(store: Store, entries: list[Entry], now: datetime) -> int:
    twins: Counter[str] = Counter()
    created = 0
    for entry in entries:
        where = f"subscription {entry.get('friendlyName') or entry.get('productId')}"
        partner = _partner(store, entry, where)["accountId"]
        customer = _customer(store, partner, need(entry, "customer", where), where)
        first = subscription_id(entry, partner, customer["id"], 0)
        id = guid(entry, "id", where) if entry.get("id") else subscription_id(
            entry, partner, customer["id"], twins[first]
        )  # fmt: skip  # a given id, or the derived one
        twins[first] += 1
        if store.get("subscription", partner, id) is not None:
            continue
        bought = _purchase(store, entry, customer, now, where)
        started = parse_moment(str(entry["startedAt"])) if entry.get("startedAt") else now
        if started > now:
            raise ValueError(f"{where}: startedAt lies after the emulator's clock")
        status = str(entry.get("status") or "active")
        if status not in RUNNING:
            raise ValueError(f"{where}: status {status!r} is none of {', '.join(RUNNING)}")
        document = aged(bought, id, order_id_of(id), started, now, status=status)
        put_order(store, partner, customer, [(bought, document)], started)
        created += 1
    return created


def _customer(store: Store, partner: str, name: str, where: str) -> Entry:
    """A customer by id or domain."""
    found = store.get("customer", partner, name.lower())
    if found is None:
        wanted = name.lower()
        every = store.list("customer", partner)
        found = next((one for one in every if one["companyProfile"]["domain"].lower() == wanted), None)
    if found is None:
        raise ValueError(f"{where}: customer {name} is not seeded")
    return found


def _purchase(store: Store, entry: Entry, customer: Entry, now: datetime, where: str) -> Purchase:
    duration, billing = str(entry.get("term") or "").upper(), cycle_of(need(entry, "billing", where))
    product_id, sku_id = need(entry, "productId", where), sku_code(need(entry, "skuId", where))
    try:
        number = generation(store, effective(store, DEFAULTS), now)
        offer = offer_in(store, product_id, sku_id, segment_of(entry.get("segment")), number)
        check_term(offer, duration, billing)
    except ApiError as error:
        raise ValueError(f"{where}: {error.description}") from None
    return Purchase(
        customer=customer,
        offer=offer,
        quantity=int(entry.get("quantity") or offer.sku["minimumQuantity"]),
        duration=duration,
        billing=billing,
        friendly_name=entry.get("friendlyName"),
        partner_id=str(entry.get("reseller") or customer.get("_reseller") or ""),
        auto_renew=bool(entry.get("autoRenew", True)),
        unit_price=unit_price(store, offer, duration, billing, customer["_market"], customer["_currency"], now),
    )


def _own_customer(store: Store, entry: Entry, where: str) -> Entry:
    return _customer(store, str(entry["partner"]), need(entry, "customer", where), where)


_STEPS: dict[str, Callable[[Store, list[Entry], datetime], int]] = {
    "partners": _partners,
    "resellers": _resellers,
    "catalogue": _catalogue,
    "prices": _prices,
    "promotions": _promotions,
    "customers": _customers,
    "subscriptions": _subscriptions,
    "offers": lambda store, entries, now: seed_more.offers(store, entries),
    "meters": lambda store, entries, now: seed_more.meters(store, entries),
    "fxRates": lambda store, entries, now: seed_more.fx_rates(store, entries),
    "margins": lambda store, entries, now: seed_more.margins(store, entries, _partner),
    "legacySubscriptions": lambda store, entries, now: seed_more.legacy_subscriptions(
        store, entries, now, _partner, _own_customer
    ),
    "usage": lambda store, entries, now: seed_more.usage(store, entries, _partner),
    "invoices": lambda store, entries, now: seeding.invoices(store, entries, _partner),
    "credits": lambda store, entries, now: seeding.credits(store, entries, now, _partner),
    "referrals": lambda store, entries, now: seed_partner.referrals(store, entries, now, _partner),
    "searches": lambda store, entries, now: seed_partner.searches(store, entries, now, _partner),
    "earnings": lambda store, entries, now: seed_partner.payouts(store, entries, EARNINGS, _partner),
    "payments": lambda store, entries, now: seed_partner.payouts(store, entries, PAYMENTS, _partner),
}
