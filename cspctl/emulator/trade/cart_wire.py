"""Lines of a cart as they are answered: which order they go to, what they cost.

Source: Partner Center docs, pages create-a-cart, create-a-cart-with-add-ons and cart-resources (Oct 2023).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from cspctl.emulator.context import Context
from cspctl.emulator.subscription.document import Purchase
from cspctl.emulator.terms import cycle_of, day_stamp
from cspctl.emulator.trade.line_errors import Line
from cspctl.emulator.trade.pricing import line_pricing
from cspctl.emulator.trade.product_views import is_benefit, type_of
from cspctl.emulator.wire.shapes import split_catalog_item

_ECHOED = ("friendlyName", "promotionId", "participants", "renewsTo", "attestationAccepted", "purchaseCommitment")
_LICENCE, _GOODS = "licence", "goods"


def order_groups(lines: Sequence[Line]) -> list[str]:
    """The orderGroup of every line: one group per currency, billing cycle and product family (rule 25).

    A line without a known product counts as a licence. Groups of traditional offers are named `OMS-0`, as in the
    samples; those of the modern catalogue `0`.
    """
    names: dict[tuple[str, ...], str] = {}
    counts = {"": 0, "OMS-": 0}
    groups = []
    for line in lines:
        prefix, key = _key(line)
        if key not in names:
            names[key] = f"{prefix}{counts[prefix]}"
            counts[prefix] += 1
        groups.append(names[key])
    return groups


def _key(line: Line) -> tuple[str, tuple[str, ...]]:
    cycle = cycle_of(str(line.given.get("billingCycle") or ""))
    if is_legacy_line(line.given):
        return "OMS-", ("OMS-", cycle)
    return "", ("", line.currency, cycle, _family(line.purchase.offer.product) if line.purchase else _LICENCE)


def _family(product: dict[str, Any]) -> str:
    """Licences, the Azure plan and the marketplace each for themselves; the samples put reservations and software
    of one cycle into one order."""
    kind = type_of(product)
    if kind.startswith("Software") or is_benefit(product):
        return _GOODS
    return _LICENCE if kind.startswith("OnlineServices") else kind


def is_legacy_line(given: dict[str, Any]) -> bool:
    """Whether a line names an offer without the three parts of a catalogue item."""
    name = str(given.get("catalogItemId") or "")
    return bool(name) and split_catalog_item(name) is None


def wire_lines(ctx: Context, lines: Sequence[Line]) -> list[dict[str, Any]]:
    """The lines of the answer; the request's own lines are kept beside them for the checkout."""
    return [_wire(ctx, line, group) for line, group in zip(lines, order_groups(lines), strict=True)]


def _wire(ctx: Context, line: Line, group: str) -> dict[str, Any]:
    given, bought = line.given, line.purchase
    body = {
        "id": given["id"],
        "catalogItemId": given.get("catalogItemId"),
        "quantity": given["quantity"],
        "currencyCode": line.currency,
        "billingCycle": cycle_of(str(given.get("billingCycle") or "")),
        "termDuration": str(given.get("termDuration") or "").upper() or (bought.duration if bought else "") or None,
        "provisioningContext": given.get("provisioningContext") or {},
        "orderGroup": group,
        **{name: given[name] for name in _ECHOED if name in given},
    }
    if bought is not None:
        body["promotionId"] = bought.promotion_id
        body["customTermEndDate"] = day_stamp(bought.custom_end) if bought.custom_end else None
        body["pricing"] = pricing_of(bought, ctx.clock.now().date())
    if line.addons:
        body["addonItems"] = [_wire(ctx, addon, group) for addon in line.addons]
    if line.error is not None:
        body["error"] = line.error.wire(ctx.settings.cart_error_form)
    return body


def pricing_of(bought: Purchase, start: date) -> dict[str, Any] | None:
    """What a purchase on `start` costs. Absent when no price is seeded: an unknown price is not 0."""
    if bought.unit_price is None:
        return None
    return line_pricing(bought, bought.unit_price, start)
