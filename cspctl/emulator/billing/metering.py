"""From rated usage to charges: what each meter of an Azure plan or legacy Azure subscription costs in a month.

Source: Partner Center docs, pages modern-invoice-reconciliation-file (usage is truncated to the cent, converted,
truncated again) and azure-plan-pricing, exchange rates of the month (2022, 2023). Usage is priced in US dollars where
the record says so and a rate of the month is known, else in the billing currency.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from cspctl.emulator.azure.usage import KIND as USAGE
from cspctl.emulator.billing.proration import converted_usage, plain
from cspctl.emulator.store import Store
from cspctl.emulator.subscription.document import record
from cspctl.emulator.terms import month_end

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
    """Charge the usage up to the end of a month (`YYYY-MM`), in the name of its last second.

    One event per subscription. Usage of earlier months that became known too late comes with its own dates.
    """
    waiting = [one for one in store.list(USAGE, partner) if not one.get("billed") and one["date"][:7] <= period]
    for id, records in _by(waiting, "subscriptionId").items():
        document = store.get("subscription", partner, id)
        if document is None:
            continue
        meters = [_charge(store, document["_currency"], mine) for mine in _groups(records)]
        record(
            document, "cycleCharge", end, before=document["quantity"], usage=meters, on=f"{period}-01",
            item=document["offerId"], title=document["offerName"], to=f"{end:%Y-%m-%d}",
        )  # fmt: skip  # one event
        store.put("subscription", partner, id, document)
        for one in records:
            store.put(USAGE, partner, one["id"], {**one, "billed": period})


def usage_of(store: Store, partner: str, period: str) -> list[Document]:
    """The rated records on the bill of a month, or of that month while it is not billed."""
    return [one for one in store.list(USAGE, partner) if (one.get("billed") or one["date"][:7]) == period]


def rate_of(store: Store, currency: str, used: Document) -> Rate:
    """How a record is priced; the seeded rate of its month says how many dollars one unit of the currency is."""
    if used.get("pricing") == _PRICING and currency != _PRICING:
        kept = store.get("fx_rate", "", f"{used['date'][:7].replace('-', '')}:{currency}")
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
    """Per meter and month; days with and without partner earned credit, or priced otherwise, apart."""
    kinds = ("meterId", "pricing", "earnedCredit")
    keyed = [{**one, "group": ":".join([one["date"][:7], *(str(one.get(kind)) for kind in kinds)])} for one in records]
    return list(_by(keyed, "group").values())


def _by(records: Iterable[Document], name: str) -> dict[str, list[Document]]:
    found: dict[str, list[Document]] = {}
    for one in records:
        found.setdefault(one[name], []).append(one)
    return found


def _charge(store: Store, currency: str, records: list[Document]) -> Document:
    """The part of a charge line that usage decides."""
    first, rate = records[0], rate_of(store, currency, records[0])
    begin = date.fromisoformat(f"{first['date'][:7]}-01")
    days = {"from": begin.isoformat(), "to": month_end(begin).isoformat()}
    price = sum((price_of_record(one, rate, currency) for one in records), Decimal(0))
    quantity = sum((Decimal(one["quantity"]) for one in records), Decimal(0))
    effective = (price / quantity).quantize(_PLACES, ROUND_HALF_UP) if quantity else Decimal(0)
    return {
        **days,
        "begins": days["from"],
        "ends": days["to"],
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
