"""What the API answers at the end: invoices, their lines, what is not invoiced yet, and the audit log."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from money_model import Charge
from money_trade import Trade


@dataclass
class Lived:
    """What was done, and what the API answers at the end."""

    trades: list[Trade]
    invoices: dict[str, list[dict[str, Any]]]  # by partner
    lines: dict[str, list[dict[str, Any]]]  # new-commerce lines by partner, with the month of their bill
    legacy: dict[str, list[dict[str, Any]]]
    audit: Counter[str]
    end: datetime


def audited(trade: Trade, *, last: bool = False) -> Counter[str]:
    """Operations since the last reading, each once; an answer spans 30 days and reaches back 90 at most."""
    if trade.now - trade.read < timedelta(days=9) and not last:
        return Counter()
    path, seen = f"/auditrecords?startDate={trade.read:%Y-%m-%d}&endDate={trade.now:%Y-%m-%d}", trade.recorded
    trade.read = trade.now
    found: Counter[str] = Counter()
    page = trade.call("GET", path)
    while True:
        for record in page["items"]:
            if record["id"] not in seen:
                seen.add(record["id"])
                found[record["operationType"]] += 1
        following = page["links"].get("next")
        if following is None:
            return found
        page = trade.call("GET", following["uri"].removeprefix("/v1"), headers=_headers(following))


def _headers(link: dict[str, Any]) -> dict[str, str]:
    return {one["key"]: one["value"] for one in link.get("headers") or []}


def read(trades: list[Trade], audit: Counter[str], end: datetime) -> Lived:
    result = Lived(trades, {}, {}, {}, audit, end)
    for trade in trades:
        id, currency = trade.partner.id, trade.partner.currency
        invoices = result.invoices[id] = trade.call("GET", "/invoices?size=500&offset=0")["items"]
        modern: list[dict[str, Any]] = []
        legacy: list[dict[str, Any]] = []
        for invoice in invoices:
            whole = trade.call("GET", f"/invoices/{invoice['id']}")
            month = whole["billingPeriodStartDate"][:7]
            for detail in whole["invoiceDetails"]:
                if detail["invoiceLineItemType"] == "billing_line_items":
                    found = list(pages(trade, detail["links"]["self"]["uri"] + "?size=100"))
                    (legacy if whole["invoiceType"] == "Recurring" else modern).extend(
                        {**line, "month": month, "invoice": invoice["id"]} for line in found
                    )
        base = "/invoices/unbilled/lineitems?provider=onetime&invoicelineitemtype=billinglineitems"
        for period, day in (("current", end), ("previous", end.replace(day=1) - timedelta(days=1))):
            found = list(pages(trade, f"{base}&currencycode={currency}&period={period}&size=100"))
            modern.extend({**line, "month": f"{day:%Y-%m}", "invoice": ""} for line in found)
        result.lines[id], result.legacy[id] = modern, legacy
    return result


def pages(trade: Trade, uri: str) -> Any:
    """Every item behind a link, page after page."""
    headers: dict[str, str] = {}
    while uri:
        page = trade.call("GET", uri, headers=headers)
        yield from page["items"]
        following = page["links"].get("next") or {}
        uri, headers = following.get("uri", ""), _headers(following)


def charge_of(line: dict[str, Any]) -> Charge:
    return Charge(
        line["chargeType"], int(line["billableQuantity"]), date.fromisoformat(line["chargeStartDate"][:10]),
        date.fromisoformat(line["chargeEndDate"][:10]), Fraction(line["unitPrice"]), Decimal(line["subtotal"]),
        line["month"],
    )  # fmt: skip  # one shape


def is_usage(line: dict[str, Any]) -> bool:
    return bool(line["meterDescription"])
