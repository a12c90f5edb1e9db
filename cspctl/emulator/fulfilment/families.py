"""Product families as the cancel matrix tells them apart.

Source: Partner Center docs, page cancel-an-order-from-the-integration-sandbox (Oct 2023).
"""

from __future__ import annotations

from cspctl.emulator.store import Store
from cspctl.emulator.wire.shapes import split_catalog_item

LEGACY, LICENCE, MARKETPLACE, AZURE_PLAN = "legacy", "licence", "marketplace", "azure plan"
SOFTWARE, PERPETUAL, RESERVATION = "software subscription", "perpetual software", "reservation"


def family_of(store: Store, offer_id: str, duration: str | None) -> str:
    """The family of a catalogue item or legacy offer; software without a term is perpetual."""
    parts = split_catalog_item(offer_id)
    if parts is None:
        return LEGACY
    kind = (store.get("product", "", parts[0].upper()) or {}).get("productType") or {"id": "OnlineServicesNCE"}
    name = str(kind["id"])
    if name.startswith("Software"):
        return SOFTWARE if duration else PERPETUAL
    if name == "SaaS":
        return MARKETPLACE
    if name == "Azure":
        sub = str((kind.get("subType") or {}).get("id", ""))
        return RESERVATION if sub and sub != "AzurePlan" else AZURE_PLAN
    return RESERVATION if "Reservation" in name else LICENCE
