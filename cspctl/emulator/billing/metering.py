"""From rated usage to charges: what each meter of an Azure plan or legacy Azure subscription costs in a month.

Source: Partner Center docs, pages modern-invoice-reconciliation-file (usage is truncated to the cent, converted,
truncated again) and azure-plan-pricing, exchange rates of the month (2022, 2023). Usage is priced in US dollars where
the record says so and a rate of the month is known, else in the billing currency.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from cspctl.emulator.azure.usage import KIND as USAGE
from cspctl.emulator.billing.proration import converted_usage, plain
from cspctl.emulator.store import Store
from cspctl.emulator.subscription_document import record

Document = dict[str, Any]
_PRICING = "USD"
_PLACES = Decimal("0.0000000001")
EARNED_CREDIT = Decimal("0.15")  # of eligible usage; page partner-earned-credit
CREDIT_TEXT = '["15.0% Partner earned credit for services managed"]'


class Rate(NamedTuple):
    """The currency usage is priced in, and how much billing currency one unit of it is."""

    currency: str
    factor: Decimal


def bill_usage(store: Store, partner: str, period: str, end: datetime) -> None:
    """Charge the usage of a month (`YYYY-MM`), in the name of its last second: one event per subscription."""
    for id, records in _by(usage_of(store, partner, period), "subscriptionId").items():
        document = store.get("subscription", partner, id)
        if document is None:
            continue
        meters = [_charge(store, document["_currency"], period, mine) for mine in _groups(records)]
        record(
            document, "cycleCharge", end, before=document["quantity"], usage=meters, on=f"{period}-01",
            item=document["offerId"], title=document["offerName"], to=f"{end:%Y-%m-%d}",
        )  # fmt: skip  # one event
        store.put("subscription", partner, id, document)


def usage_of(store: Store, partner: str, period: str) -> list[Document]:
    """The rated records of a month."""
    return [one for one in store.list(USAGE, partner) if one["date"].startswith(period)]


def rate_of(store: Store, currency: str, period: str, used: Document) -> Rate:
    """How a record is priced; the seeded rate says how many dollars one unit of the currency is."""
    if used.get("pricing") == _PRICING and currency != _PRICING:
        kept = store.get("fx_rate", "", f"{period.replace('-', '')}:{currency}")
        if kept is not None and Decimal(str(kept["usdPerUnit"])) > 0:
            return Rate(_PRICING, (1 / Decimal(str(kept["usdPerUnit"]))).quantize(_PLACES, ROUND_HALF_UP))
    return Rate(currency, Decimal(1))


def price_of_record(used: Document, rate: Rate, currency: str) -> Decimal:
    """What a record costs in its pricing currency, after partner earned credit."""
    return Decimal(used["cost"] if rate.currency == currency else used["usd"])


def list_price(price: Decimal, quantity: Decimal, used: Document) -> Decimal:
    """Unit price before partner earned credit, which is decided per day."""
    if not quantity:
        return Decimal(0)
    whole = price / (1 - EARNED_CREDIT) if used.get("earnedCredit") else price
    return (whole / quantity).quantize(_PLACES, ROUND_HALF_UP)


def _groups(records: list[Document]) -> list[list[Document]]:
    """Per meter; days with and without partner earned credit, or priced otherwise, apart."""
    keyed = [{**one, "group": f"{one['meterId']}:{one.get('pricing')}:{one.get('earnedCredit')}"} for one in records]
    return list(_by(keyed, "group").values())


def _by(records: Iterable[Document], name: str) -> dict[str, list[Document]]:
    found: dict[str, list[Document]] = {}
    for one in records:
        found.setdefault(one[name], []).append(one)
    return found


def _charge(store: Store, currency: str, period: str, records: list[Document]) -> Document:
    """The part of a charge line that usage decides."""
    first, rate = records[0], rate_of(store, currency, period, records[0])
    price = sum((price_of_record(one, rate, currency) for one in records), Decimal(0))
    quantity = sum((Decimal(one["quantity"]) for one in records), Decimal(0))
    effective = (price / quantity).quantize(_PLACES, ROUND_HALF_UP) if quantity else Decimal(0)
    return {
        "unit": plain(list_price(price, quantity, first)),
        "effective": plain(effective),
        "quantity": plain(quantity),
        "subtotal": str(converted_usage(price, rate.factor)),
        "pricingCurrency": rate.currency,
        "rate": plain(rate.factor),
        "adjustment": CREDIT_TEXT if first.get("earnedCredit") else "",
        "meterDescription": f"{first['category']} - {first['meter']} - {first['region']}",
        "meter": first["meter"], "meterId": first["meterId"], "category": first["category"],
        "subcategory": first["subcategory"], "region": first["region"], "unitOfMeasure": first["unit"],
    }  # fmt: skip  # one shape
