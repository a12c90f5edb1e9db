"""Which products a targetView shows, and which of them a reservationScope leaves.

Source: Partner Center docs, pages get-a-list-of-products and get-a-list-of-products-by-customer (Oct 2023): the
products of traditional licences are in OnlineServices too, by customer also those of the marketplace. Reservations are
listed for the Azure plan with `reservationScope=AzurePlan` and for MS-AZR-0145P without.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cspctl.emulator.errors import ApiError

Product = dict[str, Any]
AZURE_PLAN, MICROSOFT_AZURE, SAVINGS_PLAN = "AzurePlan", "MicrosoftAzure", "SavingsPlan"


def type_of(product: Product) -> str:
    return str(product["productType"]["id"])


def sub_type_of(product: Product) -> str:
    return str((product["productType"].get("subType") or {}).get("id", ""))


def is_benefit(product: Product) -> bool:
    """Reservations and savings plans: Azure goods that are not the plan itself."""
    if type_of(product) == "Azure":
        return sub_type_of(product) not in ("", AZURE_PLAN)
    return "Reservation" in type_of(product)


def _reservation(word: str = "") -> Callable[[Product], bool]:
    """Reservations whose kind holds the word; savings plans are none."""

    def match(product: Product) -> bool:
        kind = (sub_type_of(product) or type_of(product)).lower()
        return is_benefit(product) and kind != SAVINGS_PLAN.lower() and word in kind

    return match


def _software(product: Product) -> bool:
    return type_of(product).startswith("Software")


def _suse(product: Product) -> bool:
    return "suse" in sub_type_of(product).lower()


def _has_term(product: Product, *, dated: bool) -> bool:
    return any(bool(term.get("duration")) is dated for sku in product["_skus"] for term in sku["_terms"])


_VIEWS: dict[str, Callable[[Product], bool]] = {
    "onlineservices": lambda product: type_of(product) in ("OnlineServicesNCE", "OnlineServices"),
    "azure": lambda product: type_of(product) == "Azure" or is_benefit(product),
    "microsoftazure": lambda product: type_of(product) == "Azure" and not is_benefit(product),
    "azurereservations": _reservation(),
    "azurereservationsvm": _reservation("virtualmachine"),
    "azurereservationssql": _reservation("sql"),
    "azurereservationscosmosdb": _reservation("cosmos"),
    "software": _software,
    "softwaresuselinux": lambda product: _software(product) and _suse(product),
    "softwareperpetual": lambda product: _software(product) and not _suse(product) and _has_term(product, dated=False),
    "softwaresubscriptions": lambda product: (
        _software(product) and not _suse(product) and _has_term(product, dated=True)
    ),
    "specializedoffers": lambda product: sub_type_of(product) == "SpecializedOffers",
    "marketplacesaas": lambda product: type_of(product) == "SaaS",
}


def view_of(wanted: str, partner: dict[str, Any], *, by_customer: bool) -> Callable[[Product], bool]:
    """What a targetView shows. Raises 403/400036 for an unknown one and for SpecializedOffers without leave."""
    name = wanted.lower()
    found = _VIEWS.get(name)
    if found is None or (name == "specializedoffers" and not partner.get("specializedOffers")):
        raise ApiError(403, 400036, f"Access to the requested targetView is not allowed: {wanted}.")
    if name == "onlineservices" and by_customer:
        return lambda product: found(product) or _VIEWS["marketplacesaas"](product)
    return found


def scope_of(wanted: str | None) -> str:
    """The Azure offer that reservations are listed for. Raises 400/900126 for anything but AzurePlan or nothing."""
    if not wanted:
        return MICROSOFT_AZURE
    if wanted.lower() != AZURE_PLAN.lower():
        raise ApiError(400, 900126, f"Unable to parse enum: {wanted}.")
    return AZURE_PLAN


def in_scope(product: Product, scope: str) -> bool:
    """Everything that is not a reservation or savings plan is in every scope."""
    return not is_benefit(product) or scope in product.get("_reservationScopes", (AZURE_PLAN, MICROSOFT_AZURE))
