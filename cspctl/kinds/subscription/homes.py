"""Where subscriptions live: what their tenant and its reseller say, worked out once per tenant of a project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cspctl.kinds.contract import ProjectView
from cspctl.kinds.memo import ProjectMemo
from cspctl.kinds.reseller import attributes as reseller_attributes
from cspctl.kinds.tenant_mapping import attributes as tenant_attributes


class Home(NamedTuple):
    """`scope` is the tenant's GUID, `account` the reseller's; `mpn` that of the indirect reseller, if any."""

    scope: str
    label: str
    account: str
    cloud: str
    mpn: str | None


def _homes(project: ProjectView) -> Mapping[str, Home]:
    resellers = project.resources.of_kind(reseller_attributes.KIND)
    found = {}
    for name, tenant in project.resources.of_kind(tenant_attributes.KIND).items():
        reseller = resellers.get(str(tenant.effective.get("reseller")))
        indirect = resellers.get(str(tenant.effective.get("indirectReseller")))
        mpn = indirect.effective.get("mpnId") if indirect is not None else None
        if reseller is not None:
            found[name] = Home(
                tenant_attributes.customer_id(tenant),
                name,
                reseller_attributes.account_id(reseller),
                reseller_attributes.cloud(reseller),
                str(mpn) if mpn else None,
            )
    return found


HOMES = ProjectMemo(_homes)
