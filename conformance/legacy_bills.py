"""A legacy invoice, of licences and of Azure, with more lines than a short page holds."""

from __future__ import annotations

from conformance import seeds
from conformance.plan import Plan
from conformance.world import World

_SOLD = (seeds.OLD_BASE, seeds.OLD_BIGGER, seeds.OLD_SINGLE)
_METERS = ("Disk Delete Operations", "Page Blob Write Operations", "Compute Hours")


def legacy_billed(world: World) -> Plan:
    """Bought and used in March, billed in April."""
    priced = [{**one, "unitPrice": "10.00"} for one in seeds.SEED["offers"] if one["id"] in _SOLD]
    world.seed(offers=priced)
    lines = [{"lineItemNumber": index, "offerId": id, "quantity": 5} for index, id in enumerate(_SOLD)]
    world.post("/orders", {"billingCycle": "monthly", "lineItems": lines})
    world.old_azure()
    record = {"partner": world.partner, "subscription": seeds.AZURE_SUB, "date": "2026-03-03T00:00:00Z"}
    world.seed(usage=[{**record, "quantity": "745", "cost": "63.33", "meter": meter} for meter in _METERS])
    world.advance("P35D")
    found = world.get("/v1/invoices?size=50&offset=0")["items"]
    return Plan(values={"invoices": next(str(one["id"]) for one in found if str(one["id"]).startswith("D"))})
