"""A made-up fleet: many customers with many subscriptions, deterministic in its random seed, untidy on purpose.

The names, states and dates are as mixed as real portfolios: double blanks, quotes, other scripts, formulas, duplicate
friendly names, suspended and run-out subscriptions, customers without an agreement.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from cspctl.emulator.seeding.documents import (
    AGREEMENT_TYPE,
    Entry,
    agreement_document,
    customer_document,
    partner_document,
    price_document,
    product_document,
)
from cspctl.emulator.seeding.subscriptions import aged, order_id_of, put_order
from cspctl.emulator.settings import DEFAULTS
from cspctl.emulator.store import Store
from cspctl.emulator.subscription.document import Document, Purchase
from cspctl.emulator.switches import effective
from cspctl.emulator.trade.offers import Offer, generation, offers_of
from cspctl.emulator.trade.pricing import unit_price
from cspctl.emulator.wire.shapes import stable_guid, text_code

_NAMES = ("Contoso", "Fabrikam", "Northwind", "Tailspin", "Wingtip", "Adatum", "Litware", "Proseware", "Lucerne")
_FORMS = (
    "{} GmbH", "{} AG & Co. KG", "{}  Ltd.", "Müller & {}", '{} "West"', "株式会社{}", "=cmd|{}", "{} S.A.", " {} ",
)  # fmt: skip  # a table reads better packed
_LABELS = (None, None, "Standard", "standard ", "HQ - floor 3", "-", "do not touch!", "Büro", "{{placeholder}}")
_CATALOGUE = (
    ("Demo Suite Basic", 300, "60.00"), ("Demo Suite Standard", 300, "126.00"), ("Demo Suite Premium", 300, "246.60"),
    ("Demo Desk E3", 0, "432.00"), ("Demo Desk E5", 0, "684.00"), ("Demo Mail Plan 1", 0, "48.00"),
    ("Demo Mail Plan 2", 0, "96.00"), ("Demo Shield P1", 0, "72.00"), ("Demo Board Pro", 0, "120.00"),
    ("Demo Draw Plan 2", 0, "180.00"),
)  # fmt: skip  # a table reads better packed
_FACTORS = (("P1M", "monthly", "0.1"), ("P1Y", "monthly", "1"), ("P1Y", "annual", "0.95"))


@dataclass
class _Shelf:
    """What the fleet buys, with the price of each (offer, term, cycle)."""

    choices: list[tuple[Offer, str, str, Decimal | None]]

    def pick(self, rng: random.Random) -> tuple[Offer, str, str, Decimal | None]:
        return self.choices[rng.randrange(len(self.choices))]


def generate(store: Store, wanted: Entry, now: datetime) -> dict[str, int]:
    """Create what is missing of a fleet; answers how many customers and subscriptions were created.

    `wanted`: {"customers", "subscriptionsPerCustomer", "randomSeed", "partner"}. Raises ValueError.
    """
    customers, each = _count(wanted, "customers", 10), _count(wanted, "subscriptionsPerCustomer", 3)
    seed = str(wanted.get("randomSeed", 0))
    partner = _partner(store, wanted.get("partner"), seed)
    shelf = _shelf(store, partner, now)
    made = {"customers": 0, "subscriptions": 0}
    for index in range(customers):
        rng = random.Random(f"{seed}:{index}")  # noqa: S311  # made-up data, no secret
        customer = _customer(store, partner, seed, index, rng, now)
        made["customers"] += customer[1]
        made["subscriptions"] += _fill(store, partner, customer[0], shelf, rng, each, now, fresh=customer[1])
    return made


def _count(wanted: Entry, key: str, default: int) -> int:
    value = wanted.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"fleet: {key} {value!r} is not a number of things")
    return value


def _partner(store: Store, account: object, seed: str) -> Entry:
    if account:
        found = store.get("partner", "", str(account).lower())
        if found is None:
            raise ValueError(f"fleet: partner {account} is not seeded")
        return found
    made = partner_document(
        {
            "accountId": stable_guid("fleet", "partner", seed),
            "domain": f"fleet{seed}.onmicrosoft.com",
            "displayName": "Fleet Provider",
            "market": "DE",
            "currency": "EUR",
            "mpnId": "9000001",
        }
    )
    store.put("partner", "", made["accountId"], made)
    return made


def _shelf(store: Store, partner: Entry, now: datetime) -> _Shelf:
    """Every paid licence of the catalogue; a store without one gets a made-up catalogue with prices."""
    if not _paid(store, now):
        _stock(store, partner)
    market, currency = partner["market"], partner["currency"]
    choices = [
        (offer, duration, billing, unit_price(store, offer, duration, billing, market, currency))
        for offer in _paid(store, now)
        for duration, billing in sorted(offer.pairs())
    ]
    return _Shelf(choices)


def _paid(store: Store, now: datetime) -> list[Offer]:
    number = generation(store, effective(store, DEFAULTS), now)
    return [
        offer
        for product in store.list("product", "")
        for sku in product["_skus"]
        for offer in offers_of(product, sku, number)
        if offer.is_licence and not offer.is_trial and offer.segment == "commercial"
    ]


def _stock(store: Store, partner: Entry) -> None:
    for title, most, amount in _CATALOGUE:
        product_id = f"CFQ7TT{text_code(6, 'fleet', title)}"
        sku = {"id": "0001", "title": title, "maximumQuantity": most}
        store.put(
            "product", "", product_id, product_document({"productId": product_id, "title": title, "skus": [sku]}, None)
        )
        for term, billing, factor in _FACTORS:
            unit = (Decimal(amount) * Decimal(factor)).quantize(Decimal("0.01"))
            key, row = price_document(
                {
                    "productId": product_id, "skuId": "0001", "term": term, "billing": billing,
                    "market": partner["market"], "currency": partner["currency"],
                    "unitPrice": str(unit), "erpPrice": str((unit * Decimal("1.25")).quantize(Decimal("0.01"))),
                }
            )  # fmt: skip  # one row
            store.put("price", "", key, row, parent=f"{product_id}:0001")


def _customer(
    store: Store, partner: Entry, seed: str, index: int, rng: random.Random, now: datetime
) -> tuple[Entry, bool]:
    """(customer, whether it is new). The random numbers drawn are the same in both cases."""
    name = rng.choice(_FORMS).format(f"{rng.choice(_NAMES)} {index}")
    agreed = rng.random() > 0.03
    account = partner["accountId"]
    id = stable_guid("fleet", seed, account, str(index))
    entry = {"id": id, "domain": f"fleet{seed}-{index:06d}.onmicrosoft.com", "companyName": name}
    found = store.get("customer", account, id)
    if found is not None:
        return found, False
    customer = customer_document(entry, partner, None)
    store.put("customer", account, id, customer)
    if agreed:
        key = f"{id}:{AGREEMENT_TYPE}"
        store.put("agreement", account, key, agreement_document(customer, now), parent=id)
    return customer, True


def _fill(
    store: Store,
    partner: Entry,
    customer: Entry,
    shelf: _Shelf,
    rng: random.Random,
    each: int,
    now: datetime,
    *,
    fresh: bool,
) -> int:
    """Give a customer its subscriptions; those bought in one go with one cycle share an order."""
    account, id = partner["accountId"], customer["id"]
    days = [rng.randrange(1200) for _ in range(3)]
    orders: dict[tuple[int, str], list[tuple[Purchase, Document]]] = {}
    starts: dict[tuple[int, str], datetime] = {}
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for number in range(each):
        offer, duration, billing, unit = shelf.pick(rng)
        visit, roll, label = rng.randrange(3), rng.random(), rng.choice(_LABELS)
        quantity = min(offer.sku["maximumQuantity"], max(1, int(rng.paretovariate(0.9))), 5000)
        sub_id = stable_guid("fleet", id, str(number))
        if not fresh and store.get("subscription", account, sub_id) is not None:
            continue
        started = midnight - timedelta(days=days[visit], seconds=-36_000 if days[visit] else 0)
        bought = Purchase(
            customer=customer, offer=offer, quantity=quantity, duration=duration, billing=billing,
            friendly_name=label, auto_renew=roll > 0.12, unit_price=unit,
        )  # fmt: skip  # one line that was bought
        key = (visit, billing)
        first = orders[key][0][1]["orderId"] if key in orders else order_id_of(sub_id)
        status = "suspended" if roll < 0.03 else "active"
        orders.setdefault(key, []).append((bought, aged(bought, sub_id, first, started, now, status=status)))
        starts[key] = started
    for key, lines in orders.items():
        put_order(store, account, customer, lines, starts[key])
    return sum(len(lines) for lines in orders.values())
