"""What a charge line says of the thing sold, as the catalogue calls it on the day of the charge.

Source: Partner Center docs, pages get-invoiceline-items (productQualifiers: AddOn, Trial) and
common-billing-scenarios-onetime-recurring (products with a telephony part are charged in two lines).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cspctl.emulator.store import Store

Document = dict[str, Any]
_MICROSOFT = "Microsoft Corporation"


@dataclass(frozen=True)
class Goods:
    """`telephony` is the part of the price that is taxed as telephony, 0 to 1."""

    product: str
    publisher: str = _MICROSOFT
    qualifiers: tuple[str, ...] = ()
    telephony: Decimal = Decimal(0)


def goods_of(store: Store, terms: Document) -> Goods:
    """By the offer of the conditions; what is no longer in the catalogue keeps its own name."""
    product_id, sku_id, _ = [*str(terms["offerId"]).split(":"), "", ""][:3]
    product = store.get("product", "", product_id.upper())
    trial = ("Trial",) if terms["isTrial"] else ()
    if product is None:
        return Goods(str(terms["offerName"]), qualifiers=trial)
    sku: Document = next((one for one in product["_skus"] if one["id"].upper() == sku_id.upper()), {})
    addon = ("AddOn",) if sku.get("dynamicAttributes", {}).get("isAddon") else ()
    share = Decimal(str(sku.get("_telephonyShare") or "0"))
    return Goods(product["title"], product["publisherName"], addon + trial, share)
