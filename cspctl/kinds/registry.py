"""The one tuple of kinds. Adding a kind means one folder and one entry here."""

from __future__ import annotations

from cspctl.kinds.alert_rule.kind import AlertRuleKind
from cspctl.kinds.contract import Kind
from cspctl.kinds.notification_channel.kind import NotificationChannelKind
from cspctl.kinds.plan.kind import PlanKind
from cspctl.kinds.price_sheet.kind import PriceSheetKind
from cspctl.kinds.reseller.kind import ResellerKind
from cspctl.kinds.subscription.kind import SubscriptionKind
from cspctl.kinds.tenant_mapping.kind import TenantMappingKind

KINDS: tuple[Kind, ...] = (
    ResellerKind(),
    TenantMappingKind(),
    PriceSheetKind(),
    PlanKind(),
    SubscriptionKind(),
    AlertRuleKind(),
    NotificationChannelKind(),
)

# In the product contract, not available yet: a manifest of one of them is told so, not "unknown kind".
LATER: tuple[str, ...] = ("Budget", "Customer", "GdapRelationship", "LicensePolicy", "Policy")

_BY_NAME = {each.name: each for each in KINDS}


def kind(name: str) -> Kind | None:
    """The kind of that name, or None."""
    return _BY_NAME.get(name)
