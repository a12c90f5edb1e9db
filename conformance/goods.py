"""Which kind of our goods stands for a documented catalogue item: its family and what the line says of its term.

Ids of the catalogue begin with CFQ7 for licences, DG7G for software and DZH3 for Azure, reservations, savings plans
and the marketplace; a legacy offer is a GUID. Source: API conventions and samples of the catalogue pages.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Any

from conformance import seeds
from conformance.samples import Exchange

# kind: (product, sku, term, billing cycle, quantity)
GOODS: dict[str, tuple[str, str, str | None, str, int]] = {
    "suite": (seeds.SUITE, "0001", "P1Y", "monthly", 10),
    "azure": (seeds.AZURE, "0001", None, "one_time", 1),
    "software": (seeds.SOFTWARE, "0002", "P3Y", "one_time", 1),
    "perpetual": (seeds.SOFTWARE, "0001", None, "one_time", 1),
    "long reservation": (seeds.RESERVATION, "0002", "P3Y", "one_time", 1),
    "reservation": (seeds.RESERVATION, "0001", "P1Y", "one_time", 1),
    "savings": (seeds.SAVINGS, "0001", "P1Y", "monthly", 1),
    "long savings": (seeds.SAVINGS, "0002", "P3Y", "monthly", 1),
    "marketplace": (seeds.MARKETPLACE, "0001", "P1M", "monthly", 1),
    "monthly": (seeds.SUITE, "0001", "P1M", "monthly", 10),
    "coterm": (seeds.SUITE, "0002", "P1Y", "monthly", 3),
    "trial": (seeds.SUITE, "0004", "P1M", "none", 25),
    "school": (seeds.SUITE, "0005", "P1Y", "monthly", 1),
}
_LICENCES, _SOFTWARE, _AZURE = "CFQ7", "DG7G", "DZH3"


def last_month_end(start: str, term: str) -> str:
    """The last end of a month inside the term that begins after `start` (an ISO moment)."""
    day = date.fromisoformat(start[:10])
    year, month = divmod(day.year * 12 + day.month - 1 + {"P1M": 1, "P3Y": 36}.get(term, 12), 12)
    if day.day < monthrange(year, month + 1)[1]:  # the month in which the term ends is not complete
        year, month = divmod(year * 12 + month - 1, 12)
    return date(year, month + 1, monthrange(year, month + 1)[1]).isoformat()


def documented_quantity(exchange: Exchange | None) -> int | None:
    """The seats a whole-resource update shows: a change of seats would undo the other changes of the page."""
    body = exchange.request_body if exchange else None
    found = body.get("quantity", body.get("Quantity")) if isinstance(body, dict) else None
    return found if isinstance(found, int) and found > 0 else None


def documented_term(exchange: Exchange | None, kind: str) -> tuple[str | None, str] | None:
    """Term and billing cycle of the documented subject, where goods of this kind are printed."""
    bodies = [exchange.request_body, exchange.body] if exchange else []
    whole = [body for body in bodies if isinstance(body, dict)]
    if kind not in family(next((found for body in whole if (found := offer(body))), "")):
        return None
    lower = {key.lower(): text for body in whole for key, text in body.items() if text is not None}
    cycle = lower.get("billingcycle")
    return (lower.get("termduration"), str(cycle).lower()) if cycle else None


def offer(body: Any) -> str:
    """The first catalogue item or product a body names, in reading order."""
    inner = body.values() if isinstance(body, dict) else body if isinstance(body, list) else ()
    for key, text in body.items() if isinstance(body, dict) else ():
        if isinstance(text, str) and text and key.lower() in ("offerid", "catalogitemid", "productid"):
            return text
    return next((found for one in inner if (found := offer(one))), "")


def family(item: str) -> tuple[str, ...]:
    """The kinds of subject a documented offer can stand for, the likeliest first."""
    if not item:
        return ()
    if item.startswith(_LICENCES):
        return ("suite", "coterm", "trial")
    if item.startswith(_SOFTWARE):
        return ("software", "perpetual")
    if item.startswith(_AZURE):
        return ("azure",) if item.startswith(seeds.AZURE) else ("marketplace", "reservation", "savings", "azure")
    if item.upper().startswith("MS-AZR"):
        return ("legacy azure",)
    return ("legacy", "legacy add-on", "legacy base")


def goods(item: str, line: dict[str, Any], order_cycle: str = "") -> str:
    """The kind to buy for a line: of its family, the first that is sold for its term and billing cycle.

    `line` has lower-case names; in an order the billing cycle is that of the order.
    """
    cycle = str(line.get("billingcycle") or order_cycle or "one_time").lower().replace("onetime", "one_time")
    term = str(line.get("termduration") or _by_context(line) or "").upper() or None
    kinds = _kinds(item, line, cycle)
    return next((kind for kind in kinds if seeds.sells(*GOODS[kind][:2], term, cycle)), kinds[0])


def _by_context(line: dict[str, Any]) -> str | None:
    """Old pages give the term of a reservation in its provisioning context."""
    context = {str(key).lower(): str(text) for key, text in (line.get("provisioningcontext") or {}).items()}
    return {"1year": "P1Y", "3years": "P3Y"}.get(context.get("duration", "").lower())


def _kinds(item: str, line: dict[str, Any], cycle: str) -> tuple[str, ...]:
    if cycle == "none":
        return ("trial",)
    if item.startswith(seeds.AZURE):
        return ("azure",)
    if line.get("purchasecommitment"):
        return ("savings", "long savings")
    reserved = ("reservation", "long reservation")
    if _by_context(line):  # an old page has a reservation below an id of software
        return reserved
    if item.startswith(_SOFTWARE):
        return ("software", "perpetual") if line.get("termduration") else ("perpetual", "software")
    if item.startswith(_AZURE):
        return reserved if line.get("provisioningcontext") else ("marketplace", *reserved)
    return ("suite", "perpetual", "software", *family(f"{_AZURE}…"))
