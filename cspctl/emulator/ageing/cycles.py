"""The start of a charge cycle inside a term, and the billing plan that waits for it.

Source: Partner Center docs, pages create-a-new-subscription (nextChargeInstructions, 2023) and
common-billing-scenarios-onetime-recurring (charge cycles). Suspended subscriptions are charged too.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cspctl.emulator.ageing.conditions import price_now
from cspctl.emulator.settings import Settings
from cspctl.emulator.store import Store
from cspctl.emulator.subscription.document import record
from cspctl.emulator.terms import cycle_of, stamp

Document = dict[str, Any]


def begin_cycle(store: Store, settings: Settings, document: Document, at: datetime) -> None:
    """Charge the cycle that starts at `at`; a billing plan waiting in nextChargeInstructions takes effect first."""
    kind, waiting = "cycleCharge", document.get("nextChargeInstructions")
    if waiting:
        document["billingCycle"] = cycle_of(waiting["product"]["billingCycle"])
        document["nextChargeInstructions"] = None
        unit = price_now(store, document, at)
        if unit is not None:
            document["_unitPrice"] = str(unit)
        kind = "changeBillingPlan"
    document["_cycleAt"] = stamp(at)
    record(document, kind, at, before=document["quantity"], on=document["_nextCharge"])
