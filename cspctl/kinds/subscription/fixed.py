"""What this version cannot change on a running subscription: its product, and its reseller of record."""

from __future__ import annotations

from cspctl.kinds.subscription.blocks import blocked
from cspctl.kinds.subscription.case import Case


def propose_fixed(case: Case) -> None:
    moved = [k for k in ("product", "sku") if case.differs(k)]
    if moved:
        case.proposals.append(
            blocked(
                "E-TRANSITION",
                "another product or SKU is an upgrade, which this version does not carry out",
                hint="use endOfTerm.next.item to change at renewal, or upgrade in the portal and edit the manifest",
                attributes=case.with_seats(moved),
            )
        )
    if case.differs("resellerMpn"):
        case.proposals.append(
            blocked(
                "E-RESELLER-OF-RECORD",
                "Partner Center documents no call that changes the reseller of record",
                hint="change it in the portal; the plan is empty afterwards",
                attributes=case.changes(["resellerMpn"]),
            )
        )
